"""An event as an organiser wrote it down, field by field, read and checked."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from bot import moments, plain
from bot.errors import UserError

TITLE_LENGTH = 150
PLACE_LENGTH = 200
CONTACT_LENGTH = 200
ABOUT_LENGTH = 300
DESCRIPTION_LENGTH = 1500
MOST_SEATS = 10_000
MOST_GUESTS = 5
MOST_PARTS = 10
LONGEST_DEADLINE = timedelta(days=60)

_NUMBERED = re.compile(r"#\s?([0-9]{1,6})$")

# As a draft holds them: texts as they were typed, ids of Discord, and "parts", a list of the same.
Fields: TypeAlias = Mapping[str, Any]

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class ProposedPart:
    """What one will sign up for. Without a title it is the event itself."""

    title: str | None = None
    about: str | None = None
    place: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    capacity: int | None = None
    guests: int = 0
    needs_approval: bool = False
    roles: tuple[int, ...] = ()
    deadline: timedelta | None = None
    # Of an event being changed, the part that this is.
    part_id: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """An event as an organiser described it, read and checked, not yet announced."""

    title: str
    start: datetime
    end: datetime | None
    zone: str
    parts: tuple[ProposedPart, ...]
    place: str | None = None
    contact: str | None = None
    description: str | None = None
    channel_id: int | None = None
    colour: int | None = None
    series_id: int | None = None
    edition: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be changed in a field; `part` is the place of its table, from 0, if it has one."""

    field: str
    error: UserError
    part: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood of fields: a proposal, or everything that keeps them from being one."""

    proposal: Proposal | None
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Reader:
    """Reads fields one after the other, and notes what cannot be read instead of stopping there."""

    fields: Fields
    now: datetime
    zone: ZoneInfo
    part: int | None = None
    problems: list[Problem] = field(default_factory=list[Problem])

    def take(self, name: str, read: Callable[[], Read]) -> Read | None:
        """What `read` gives; None if it refuses, which is noted under the field's name."""
        try:
            return read()
        except UserError as error:
            self.problems.append(Problem(name, error, self.part))
            return None

    def text(self, name: str, most: int, missing: str | None = None) -> str | None:
        """A line of text; `missing` is the key of what is said if there is none."""
        return self.take(name, lambda: _text(self.fields, name, most, missing))


def propose(fields: Fields, *, now: datetime, zone: ZoneInfo) -> Proposal:
    """Read what an organiser wrote: `title`, `when`, `place`, `capacity`, …, as text.

    Without `parts` the event has one, on the terms written beside the event.

    Raises:
        UserError: naming what to change first.
    """
    reading = check(fields, now=now, zone=zone)
    if reading.proposal is None:
        raise reading.problems[0].error
    return reading.proposal


def check(fields: Fields, *, now: datetime, zone: ZoneInfo) -> Reading:
    """Read what an organiser wrote, as `propose` does, and find all that is to be changed in it."""
    reader = _Reader(fields, _seen_from(fields, now), zone)
    title = reader.text("title", TITLE_LENGTH, "events.no_title")
    moment = reader.take("when", lambda: _moment(reader))
    place = reader.text("place", PLACE_LENGTH)
    contact = reader.text("contact", CONTACT_LENGTH)
    description = reader.take("description", lambda: _paragraphs(fields))
    parts = _parts(reader, moment.start if moment else None)
    if reader.problems or title is None or moment is None:
        return Reading(None, tuple(reader.problems))
    proposal = Proposal(
        title=title,
        start=moment.start,
        end=moment.end,
        zone=zone.key,
        parts=parts,
        place=place,
        contact=contact,
        description=description,
        channel_id=fields.get("channel"),
        colour=fields.get("colour"),
        series_id=fields.get("series"),
        edition=_edition(fields, title),
    )
    return Reading(proposal)


def part(fields: Fields, *, on: datetime, now: datetime, zone: ZoneInfo) -> ProposedPart:
    """Read one round table of an event that begins at `on`; its hours are written alone.

    Raises:
        UserError: naming what to change first.
    """
    reader = _Reader(fields, now, zone)
    read = _part(reader, on)
    if reader.problems:
        raise reader.problems[0].error
    return read


def _edition(fields: Fields, title: str) -> int | None:
    """The number of an edition: as its title ends with it, « Rencontres #10 », else as proposed."""
    written = _NUMBERED.search(title)
    return int(written[1]) if written else fields.get("edition")


def seats(text: str) -> int | None:
    """Read a capacity; an empty field means no limit.

    Raises:
        UserError: if it is no number of seats.
    """
    text = plain.line(text)
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= MOST_SEATS:
        raise UserError("events.bad_capacity", text=plain.cut(text, 50), most=MOST_SEATS)
    return int(text)


def _seen_from(fields: Fields, now: datetime) -> datetime:
    """The moment from which dates are read: what has begun may be written as it stands."""
    if (starts := fields.get("starts")) is None:
        return now
    return min(now, datetime.fromisoformat(starts) - timedelta(minutes=1))


def _moment(reader: _Reader) -> moments.Moment:
    text = plain.line(reader.fields.get("when") or "")
    if not text:
        raise UserError("drafting.no_date")
    moment = moments.parse(text, now=reader.now, zone=reader.zone)
    if not moment.has_time:
        usual = reader.fields.get("usual_time")
        raise (
            UserError("drafting.usual_time", usual=usual) if usual else UserError("events.no_time")
        )
    if moment.start <= reader.now:
        raise UserError("moments.past")
    return moment


def _parts(reader: _Reader, on: datetime | None) -> tuple[ProposedPart, ...]:
    written: Sequence[Fields] = reader.fields.get("parts") or ()
    if not written:
        return (ProposedPart(part_id=reader.fields.get("id"), **_terms(reader, on)),)
    if len(written) > MOST_PARTS:
        reader.problems.append(Problem("parts", UserError("parts.too_many", most=MOST_PARTS)))
    read: list[ProposedPart] = []
    for number, one in enumerate(written):
        of_part = _Reader(one, reader.now, reader.zone, number, reader.problems)
        read.append(_part(of_part, on))
    return tuple(read)


def _part(reader: _Reader, on: datetime | None) -> ProposedPart:
    """Read one table; where the event's own date is not known, its hours are left alone."""
    title = reader.text("title", TITLE_LENGTH, "parts.no_title")
    hours = reader.take("when", lambda: _hours(reader, on)) if on else None
    return ProposedPart(
        title=title,
        about=reader.text("about", ABOUT_LENGTH),
        place=reader.text("place", PLACE_LENGTH),
        start=hours.start if hours else None,
        end=hours.end if hours else None,
        part_id=reader.fields.get("id"),
        **_terms(reader, hours.start if hours else on),
    )


def _hours(reader: _Reader, on: datetime) -> moments.Moment | None:
    text = plain.line(reader.fields.get("when") or "")
    return moments.hours(text, on=on, now=reader.now, zone=reader.zone) if text else None


def _terms(reader: _Reader, start: datetime | None) -> dict[str, Any]:
    """On what terms one signs up."""
    fields = reader.fields
    return {
        "capacity": reader.take("capacity", lambda: seats(str(fields.get("capacity") or ""))),
        "guests": reader.take("guests", lambda: _guests(str(fields.get("guests") or "0"))),
        "needs_approval": bool(fields.get("approval")),
        "roles": tuple(fields.get("roles") or ()),
        "deadline": reader.take("deadline", lambda: _deadline(reader, start)),
    }


def _guests(text: str) -> int:
    text = plain.line(text).removeprefix("+")
    if not text.isdecimal() or int(text) > MOST_GUESTS:
        raise UserError("parts.bad_guests", text=plain.cut(text, 50), most=MOST_GUESTS)
    return int(text)


def _deadline(reader: _Reader, start: datetime | None) -> timedelta | None:
    text = plain.line(reader.fields.get("deadline") or "")
    if not text:
        return None
    before = moments.span(text)
    if before > LONGEST_DEADLINE:
        raise UserError("parts.early_deadline", most=LONGEST_DEADLINE.days)
    is_new = "id" not in reader.fields
    if is_new and start is not None and start - before <= reader.now:
        raise UserError("drafting.closed_already")
    return before


def _text(fields: Fields, name: str, most: int, missing: str | None) -> str | None:
    text = plain.line(fields.get(name) or "")
    if not text and missing is not None:
        raise UserError(missing)
    if len(text) > most:
        raise UserError(f"events.long_{name}", most=most)
    return text or None


def _paragraphs(fields: Fields) -> str | None:
    text = plain.clean(fields.get("description") or "").strip()
    if len(text) > DESCRIPTION_LENGTH:
        raise UserError("events.long_description", most=DESCRIPTION_LENGTH)
    return text or None
