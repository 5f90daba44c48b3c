"""How an event reads in a calendar: from its rows to an entry."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot import moments
from bot.events.ics import Entry, Status
from bot.events.seats import Roster
from bot.tables import Event, EventStatus, Part
from bot.texts import Voice

# Postponed means without a date: the old one is kept for want of another.
STATUSES = {EventStatus.POSTPONED: Status.TENTATIVE, EventStatus.CANCELLED: Status.CANCELLED}


@dataclass(frozen=True, slots=True)
class Edition:
    """An event with all that a calendar says of it."""

    event: Event
    parts: Sequence[Part]
    # Minutes before the start.
    alarms: Sequence[int]
    # Where its card stands.
    link: str | None

    @property
    def status(self) -> Status:
        """What becomes of it, for whoever has a seat."""
        return STATUSES.get(self.event.status, Status.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Attendance:
    """What a member takes part in."""

    user_id: int
    # Of the parts they said yes to.
    rosters: Mapping[int, Roster]
    # When they last said anything about a part, yes or no.
    said: Mapping[int, datetime]


def whole(edition: Edition, voice: Voice) -> Entry:
    """Show an event with all its parts; it does not ring, for who reads it may not come."""
    lines = [_with_theme(edition.event, part, voice) for part in edition.parts if part.title]
    return _entry(edition, edition.parts, lines, edition.status, voice)


def own(edition: Edition, attendance: Attendance, voice: Voice) -> Entry | None:
    """Show an event as far as a member takes part in it: seated, waiting, or not yet approved.

    It rings for who has a seat. None for who takes no part, or no longer.
    """
    standings = {
        part: standing
        for part in edition.parts
        if (standing := _standing(edition.event, part, attendance, voice))
    }
    if not standings:
        return None
    status = edition.status
    if status is Status.CONFIRMED and not any(_has_seat(part, attendance) for part in standings):
        status = Status.TENTATIVE
    lines = [line for line in standings.values() if line != edition.event.title]
    entry = _entry(edition, [*standings], lines, status, voice)
    # A change of mind is news of the entry too, though not of the event.
    said = [attendance.said[part.id] for part in edition.parts if part.id in attendance.said]
    return ringing(replace(entry, updated=max(entry.updated, *said)), edition.alarms)


def ringing(entry: Entry, alarms: Sequence[int]) -> Entry:
    """The same entry, ringing these minutes before its start if it takes place for certain."""
    if entry.status is not Status.CONFIRMED:
        return entry
    return replace(entry, alarms=tuple(timedelta(minutes=before) for before in alarms))


def _entry(
    edition: Edition, parts: Sequence[Part], lines: Iterable[str], status: Status, voice: Voice
) -> Entry:
    event = edition.event
    start, end = _span(event, parts)
    return Entry(
        uid=f"event-{event.id}-{event.guild_id}@tableronde",
        sequence=event.revision,
        status=status,
        title=_title(event, status, voice),
        start=start,
        end=end,
        zone=event.zone,
        created=event.created_at,
        updated=event.updated_at,
        description=_description(edition, lines, voice),
        place=_place(event, parts) or "",
        url=edition.link,
    )


def _span(event: Event, parts: Sequence[Part]) -> tuple[datetime, datetime | None]:
    """From the first of these parts' start to the last that is known of them.

    A part without times of its own has the event's. Nobody said an end: there is none.
    """
    starts = [part.starts_at or event.starts_at for part in parts] or [event.starts_at]
    ends = [part.ends_at or event.ends_at for part in parts] or [event.ends_at]
    start = min(starts)
    latest = max([*starts, *(end for end in ends if end is not None)])
    return start, latest if latest > start else None


def _title(event: Event, status: Status, voice: Voice) -> str:
    """The title; what most programs do not show by themselves stands before it."""
    if event.status in STATUSES:
        return voice(f"calendar.{event.status}", title=event.title)
    if status is Status.TENTATIVE:
        return voice("calendar.waiting", title=event.title)
    return event.title


def _place(event: Event, parts: Sequence[Part]) -> str | None:
    places = {part.place or event.place for part in parts}
    return places.pop() if len(places) == 1 else event.place


def _description(edition: Edition, lines: Iterable[str], voice: Voice) -> str:
    event = edition.event
    blocks = (
        event.reason if event.status in STATUSES else None,
        event.description,
        "\n".join(lines),
        voice("calendar.contact", contact=event.contact) if event.contact else None,
        voice("calendar.card", link=edition.link) if edition.link else None,
    )
    return "\n\n".join(block for block in blocks if block)


def _standing(event: Event, part: Part, attendance: Attendance, voice: Voice) -> str | None:
    """A part, with where a member stands in it; None if they take no part."""
    roster = attendance.rosters.get(part.id, Roster())
    line = _line(event, part, voice)
    if roster.has_seat(attendance.user_id):
        return line
    if (place := roster.place(attendance.user_id)) is not None:
        return voice("calendar.line_waiting", part=line, place=place)
    if any(said.user_id == attendance.user_id for said in roster.pending):
        return voice("calendar.line_pending", part=line)
    return None


def _has_seat(part: Part, attendance: Attendance) -> bool:
    return attendance.rosters[part.id].has_seat(attendance.user_id)


def _line(event: Event, part: Part, voice: Voice) -> str:
    """A part in one line: when, what, where, as far as it differs from the event."""
    said = (_hour(event, part, voice), part.title or event.title, part.place)
    return " · ".join(word for word in said if word)


def _with_theme(event: Event, part: Part, voice: Voice) -> str:
    """A part with its theme and speakers under it."""
    return "\n".join(word for word in (_line(event, part, voice), part.about) if word)


def _hour(event: Event, part: Part, voice: Voice) -> str | None:
    """When a part begins; on another day than the event, with its day."""
    if part.starts_at is None:
        return None
    zone = ZoneInfo(event.zone)
    local = part.starts_at.astimezone(zone)
    hour = voice("calendar.hour", hour=local.hour, minute=local.minute)
    if local.date() == event.starts_at.astimezone(zone).date():
        return hour
    return f"{moments.short(local, voice.language)} {hour}"
