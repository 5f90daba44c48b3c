"""When an event and its parts begin, take no more answers, and are over: said here alone."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from bot.tables import Event, Part

# How long a part lasts whose end nobody wrote.
USUALLY = timedelta(hours=4)


def closes_at(start: datetime, deadline: timedelta | None) -> datetime:
    """Until when one may sign up for a part that begins then."""
    return start - (deadline or timedelta())


def part_end(start: datetime, end: datetime | None, event_end: datetime | None) -> datetime:
    """When a part is over: as it says itself, else with its event, else after the usual while."""
    if end is not None:
        return end
    if event_end is not None and event_end > start:
        return event_end
    return start + USUALLY


def over_at(
    start: datetime, end: datetime | None, parts: Iterable[tuple[datetime | None, datetime | None]]
) -> datetime:
    """When an event is over: not before its written end, nor before the last of its parts.

    Args:
        start: of the event.
        end: of the event, if it was written.
        parts: the start and the end of each; without a start of its own one begins with the event.
    """
    ends = [part_end(begins or start, finishes, end) for begins, finishes in parts]
    if end is not None:
        ends.append(end)
    return max(ends, default=start + USUALLY)


def end_of(event: Event, parts: Iterable[Part]) -> datetime:
    """When an event is over, with these parts."""
    spans = ((part.starts_at, part.ends_at) for part in parts)
    return over_at(event.starts_at, event.ends_at, spans)


def not_over(moment: datetime) -> ColumnElement[bool]:
    """Ask the database which events are over later than at a moment: the same rule."""
    part = aliased(Part)
    start = func.coalesce(part.starts_at, Event.starts_at)
    by_itself = or_(Event.ends_at.is_(None), Event.ends_at <= start)
    lasts = or_(
        part.ends_at > moment,
        and_(part.ends_at.is_(None), by_itself, start > moment - USUALLY),
    )
    lasting = select(part.id).where(part.event_id == Event.id, lasts)
    return or_(Event.ends_at > moment, lasting.exists())
