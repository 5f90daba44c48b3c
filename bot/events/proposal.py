"""An event as an organiser wrote it down, field by field, read and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias
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

# As a draft holds them: texts as they were typed, ids of Discord, and "parts", a list of the same.
Fields: TypeAlias = Mapping[str, Any]


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


def propose(fields: Fields, *, now: datetime, zone: ZoneInfo) -> Proposal:
    """Read what an organiser wrote: `title`, `when`, `place`, `capacity`, …, as text.

    Without `parts` the event has one, on the terms written beside the event.

    Raises:
        UserError: naming what to change.
    """
    title = _text(fields, "title", TITLE_LENGTH)
    if title is None:
        raise UserError("events.no_title")
    moment = moments.parse(fields.get("when") or "", now=now, zone=zone)
    if not moment.has_time:
        raise UserError("events.no_time")
    if moment.start <= now:
        raise UserError("moments.past")
    written: Sequence[Fields] = fields.get("parts") or ()
    if len(written) > MOST_PARTS:
        raise UserError("parts.too_many", most=MOST_PARTS)
    parts = tuple(part(one, on=moment.start, now=now, zone=zone) for one in written)
    return Proposal(
        title=title,
        start=moment.start,
        end=moment.end,
        zone=zone.key,
        parts=parts or (ProposedPart(**_terms(fields)),),
        place=_text(fields, "place", PLACE_LENGTH),
        contact=_text(fields, "contact", CONTACT_LENGTH),
        description=_paragraphs(fields),
        channel_id=fields.get("channel"),
        colour=fields.get("colour"),
        series_id=fields.get("series"),
        edition=fields.get("edition"),
    )


def part(fields: Fields, *, on: datetime, now: datetime, zone: ZoneInfo) -> ProposedPart:
    """Read one round table of an event that begins at `on`; its hours are written alone.

    Raises:
        UserError: naming what to change.
    """
    title = _text(fields, "title", TITLE_LENGTH)
    if title is None:
        raise UserError("parts.no_title")
    hours = (fields.get("when") or "").strip()
    moment = moments.hours(hours, on=on, now=now, zone=zone) if hours else None
    return ProposedPart(
        title=title,
        about=_text(fields, "about", ABOUT_LENGTH),
        place=_text(fields, "place", PLACE_LENGTH),
        start=moment.start if moment else None,
        end=moment.end if moment else None,
        part_id=fields.get("id"),
        **_terms(fields),
    )


def seats(text: str) -> int | None:
    """Read a capacity; an empty field means no limit.

    Raises:
        UserError: if it is no number of seats.
    """
    text = plain.line(text)
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= MOST_SEATS:
        raise UserError("events.bad_capacity", text=text, most=MOST_SEATS)
    return int(text)


def _terms(fields: Fields) -> dict[str, Any]:
    """On what terms one signs up."""
    return {
        "capacity": seats(str(fields.get("capacity") or "")),
        "guests": _guests(str(fields.get("guests") or "0")),
        "needs_approval": bool(fields.get("approval")),
        "roles": tuple(fields.get("roles") or ()),
        "deadline": _deadline(fields.get("deadline") or ""),
    }


def _guests(text: str) -> int:
    text = plain.line(text).removeprefix("+")
    if not text.isdecimal() or int(text) > MOST_GUESTS:
        raise UserError("parts.bad_guests", text=text, most=MOST_GUESTS)
    return int(text)


def _deadline(text: str) -> timedelta | None:
    text = plain.line(text)
    if not text:
        return None
    before = moments.span(text)
    if before > LONGEST_DEADLINE:
        raise UserError("parts.early_deadline", most=LONGEST_DEADLINE.days)
    return before


def _text(fields: Fields, name: str, most: int) -> str | None:
    text = plain.line(fields.get(name) or "")
    if len(text) > most:
        raise UserError(f"events.long_{name}", most=most)
    return text or None


def _paragraphs(fields: Fields) -> str | None:
    text = plain.clean(fields.get("description") or "").strip()
    if len(text) > DESCRIPTION_LENGTH:
        raise UserError("events.long_description", most=DESCRIPTION_LENGTH)
    return text or None
