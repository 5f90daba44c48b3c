"""A series as an organiser wrote it down, field by field, read and checked.

A draft of a series holds texts as they were typed: `name`, `place`, `contact`, `capacity`,
`usual_time`, `colour`, `reminders`, `rule`, `lead`; `channel` (an id of Discord) and `parts`, as a
draft of an event does.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bot import moments, plain
from bot.errors import UserError
from bot.events import drafting, proposal
from bot.events.proposal import Fields, Problem
from bot.moments import Recurrence

# A name and the number of an edition are a title, and a name is a choice in a list of Discord's.
NAME_LENGTH = 100
USUAL_LENGTH = 40
MOST_REMINDERS = 10
# Days before an edition at which it is prepared, where an organiser chose none.
LEAD_DAYS = 14
MOST_LEAD_DAYS = 60
# As they are written in both languages; anything else is six hexadecimal digits.
COLOURS = {
    name: colour
    for names, colour in (
        ("bleu blue", 0x3498DB),
        ("vert green", 0x2ECC71),
        ("jaune yellow", 0xF1C40F),
        ("orange", 0xE67E22),
        ("rouge red", 0xE74C3C),
        ("rose pink", 0xE91E63),
        ("violet mauve purple", 0x9B59B6),
        ("gris grey gray", 0x95A5A6),
    )
    for name in names.split()
}
HEX_DIGITS = 6
ANY_HOUR = "12:00"
NEVER = frozenset({"non", "no", "jamais", "never", "aucun", "aucune", "none"})
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Plan:
    """A series as an organiser described it, read and checked."""

    name: str
    place: str | None
    contact: str | None
    capacity: int | None
    usual_time: str | None
    channel_id: int | None
    colour: int | None
    parts: tuple[Fields, ...]
    # Minutes before the start; None means the usual ones.
    reminders: tuple[int, ...] | None
    recurrence: Recurrence | None
    lead_days: int | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood of fields: a plan, or everything that keeps them from being one."""

    plan: Plan | None
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Reader:
    """Reads fields one after the other, and notes what cannot be read instead of stopping there."""

    fields: Fields
    problems: list[Problem] = field(default_factory=list[Problem])

    def take(self, name: str, read: Callable[[str], Read]) -> Read | None:
        """What `read` makes of a field; None if it refuses, which is noted."""
        try:
            return read(plain.line(str(self.fields.get(name) or "")))
        except UserError as error:
            self.problems.append(Problem(name, error))
            return None


def check(fields: Fields, *, now: datetime, zone: ZoneInfo) -> Reading:
    """Read what an organiser wrote of a series, and find all that is to be changed in it."""
    reader = _Reader(fields)
    # Only the hour counts; no clock changes there, and no deadline of a table is over.
    some_day = datetime(now.year + 2, 1, 15, 12, tzinfo=zone)
    name = reader.take("name", _name)
    place = reader.take("place", lambda text: _short(text, "place", proposal.PLACE_LENGTH))
    contact = reader.take("contact", lambda text: _short(text, "contact", proposal.CONTACT_LENGTH))
    usual = reader.take("usual_time", lambda text: _usual(text, some_day, zone))
    # A rule that goes by an hour that cannot be read is not to be changed as well.
    hour = ANY_HOUR if reader.problems and reader.problems[-1].field == "usual_time" else usual
    rest: dict[str, Any] = {
        "capacity": reader.take("capacity", proposal.seats),
        "colour": reader.take("colour", _colour),
        "reminders": reader.take("reminders", _reminders),
        "recurrence": reader.take("rule", lambda text: _recurrence(text, now, zone, hour)),
        "lead_days": reader.take("lead", _lead),
        "parts": _parts(reader, some_day, now, zone),
    }
    if reader.problems or name is None:
        return Reading(None, tuple(reader.problems))
    return Reading(
        Plan(
            name=name,
            place=place,
            contact=contact,
            usual_time=usual,
            channel_id=fields.get("channel"),
            **rest,
        )
    )


def _name(text: str) -> str:
    if not text:
        raise UserError("series.no_name")
    if len(text) > NAME_LENGTH:
        raise UserError("series.long_name", most=NAME_LENGTH)
    return text


def _short(text: str, name: str, most: int) -> str | None:
    if len(text) > most:
        raise UserError(f"events.long_{name}", most=most)
    return text or None


def _usual(text: str, some_day: datetime, zone: ZoneInfo) -> str | None:
    """An hour or two, and no day."""
    if not text:
        return None
    bad = UserError("series.bad_usual_time", text=plain.cut(text, USUAL_LENGTH))
    try:
        hours = moments.hours(text, on=some_day, zone=zone)
    except UserError as error:
        raise (error if error.key == "moments.end_before_start" else bad) from None
    if hours.start.date() != some_day.date() or len(text) > USUAL_LENGTH:
        raise bad
    return text


def _colour(text: str) -> int | None:
    if not text:
        return None
    if (named := COLOURS.get(plain.folded(text))) is not None:
        return named
    digits = text.removeprefix("#")
    if len(digits) == HEX_DIGITS and digits.isascii() and digits.isalnum():
        try:
            return int(digits, 16)
        except ValueError:
            pass  # it is told like everything else that is no colour
    raise UserError("series.bad_colour", text=plain.cut(text, 50))


def _reminders(text: str) -> tuple[int, ...] | None:
    if not text:
        return None
    found = moments.spans(text)
    if len(found) > MOST_REMINDERS:
        raise UserError("series.many_reminders", most=MOST_REMINDERS)
    return tuple(length // _MINUTE for length in found)


def _recurrence(text: str, now: datetime, zone: ZoneInfo, usual: str | None) -> Recurrence | None:
    if not text or plain.folded(text).strip(" .!") in NEVER:
        return None
    return moments.recurring(text, now=now, zone=zone, usual=usual)


def _lead(text: str) -> int | None:
    """Whole days: « 14 », « J-14 », « deux semaines »."""
    if not text:
        return None
    bad = UserError("series.bad_lead", text=plain.cut(text, 50), most=MOST_LEAD_DAYS)
    try:
        length = int(text) * _DAY if text.isdecimal() else moments.span(text)
    except (UserError, OverflowError):
        raise bad from None
    if length % _DAY or not _DAY <= length <= MOST_LEAD_DAYS * _DAY:
        raise bad
    return length // _DAY


def _parts(
    reader: _Reader, some_day: datetime, now: datetime, zone: ZoneInfo
) -> tuple[Fields, ...]:
    """The tables of every edition, as they are written; read only to see whether they can be."""
    tables = tuple(drafting.tables(reader.fields))
    if len(tables) > proposal.MOST_PARTS:
        error = UserError("parts.too_many", most=proposal.MOST_PARTS)
        reader.problems.append(Problem("parts", error))
    for number, table in enumerate(tables):
        try:
            proposal.part(table, on=some_day, now=now, zone=zone)
        except UserError as error:
            reader.problems.append(Problem("parts", error, number))
    return tables
