"""Calendars for other programs to read, as RFC 5545 and RFC 7986 want them."""

import enum
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import STATUS, Alarm, Calendar, Event, Timezone, vDuration, vText

from bot import plain

PRODID = "-//Tableronde//Tableronde//FR"
# How often a program is asked to come back.
REFRESH = timedelta(hours=1)


class Status(enum.StrEnum):
    """What a calendar says of an event."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as a calendar shows it. Its times stand on the clock of `zone`.

    The same `uid` with a higher `sequence`, or updated later, takes the older one's place.
    Without an end it has none, and lasts no time: nobody said how long.
    """

    uid: str
    sequence: int
    status: Status
    title: str
    start: datetime
    end: datetime | None
    zone: str
    created: datetime
    updated: datetime
    description: str = ""
    place: str = ""
    url: str | None = None
    # How long before the start.
    alarms: tuple[timedelta, ...] = ()


def file(entry: Entry) -> bytes:
    """Write one event, to be taken into a calendar once."""
    calendar = _calendar(entry.zone)
    calendar.add_component(_event(entry))
    return bytes(calendar.to_ical())


def feed(name: str, zone: str, entries: Sequence[Entry]) -> bytes:
    """Write a calendar to be subscribed to; the same entries give the same bytes."""
    calendar = _calendar(zone)
    calendar.calendar_name = _line(name)
    calendar["X-WR-TIMEZONE"] = vText(zone)
    calendar["REFRESH-INTERVAL"] = vDuration(REFRESH, {"VALUE": "DURATION"})
    calendar["X-PUBLISHED-TTL"] = vDuration(REFRESH)
    for entry in entries:
        calendar.add_component(_event(entry))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _calendar(zone: str) -> Calendar:
    """Begin a calendar with the rules of its zone, so that it holds something from the start.

    It has no METHOD: RFC 5546 wants an organiser's e-mail address with one.
    """
    calendar = Calendar()
    calendar.prodid = PRODID
    calendar.version = "2.0"
    calendar.add_component(_rules(zone))
    return calendar


@functools.cache
def _rules(zone: str) -> Timezone:
    """When the clocks of a zone change; finding that out takes longer than all the rest."""
    return Timezone.from_tzid(zone)


def _event(entry: Entry) -> Event:
    event = Event.new(
        uid=entry.uid,
        sequence=entry.sequence,
        status=STATUS(entry.status),
        summary=_line(entry.title),
        description=_text(entry.description) or None,
        location=_line(entry.place) or None,
        url=entry.url,
        start=_local(entry.start, entry.zone),
        created=entry.created.astimezone(UTC),
        last_modified=entry.updated.astimezone(UTC),
        # RFC 5545, 3.8.7.2: without a METHOD, when it was last revised.
        stamp=entry.updated.astimezone(UTC),
    )
    if entry.end is not None and entry.end > entry.start:
        event.end = _local(entry.end, entry.zone)
    for before in entry.alarms:
        event.add_component(_alarm(before, entry.title))
    return event


def _alarm(before: timedelta, title: str) -> Alarm:
    alarm = Alarm()
    alarm.ACTION = "DISPLAY"
    alarm.TRIGGER = -before
    alarm.description = _line(title)
    return alarm


def _local(moment: datetime, zone: str) -> datetime:
    """Put a moment on the zone's clock.

    RFC 5545, 3.3.5: an hour that comes twice means the first; the second is written in UTC.
    """
    local = moment.astimezone(ZoneInfo(zone))
    return moment.astimezone(UTC) if local.fold else local


def _line(text: str) -> str:
    return " ".join(_text(text).splitlines())


def _text(text: str) -> str:
    """Clean a text; icalendar would take a backslash before a capital N for a line break."""
    return plain.clean(text).replace(r"\N", r"\ N")
