"""An event put off: to another date, or until there is one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import moments
from bot.errors import UserError
from bot.events import announcing
from bot.events.changes.ground import Change, call_off, coming, tell, worth_saying_until
from bot.tables import Event, EventStatus, Part

# What is not to be said any more once the date it speaks of does not hold.
OF_A_DATE = ("moved", "retimed", "postponed", "reminder", "bell")


@dataclass(frozen=True, slots=True)
class NewDate:
    """When an event is to take place instead."""

    start: datetime
    # None: as long after the start as before.
    end: datetime | None = None


async def new_date(
    session: AsyncSession, event_id: int, when: str | None, *, now: datetime
) -> NewDate | None:
    """Read what an organiser wrote for an event's new date; nothing written means none yet.

    A day without an hour keeps the hour that the event had.

    Raises:
        UserError: if the event can no longer be changed, or not to that.
    """
    event = await coming(session, event_id, now)
    if when is None:
        _check(event, None)
        return None
    zone = ZoneInfo(event.zone)
    moment = moments.parse(when, now=now, zone=zone)
    usual = f"{event.starts_at.astimezone(zone):%Hh%M}"
    moment = moments.complete(moment, usual, now=now, zone=zone)
    _check(event, moment.start)
    return NewDate(moment.start, moment.end)


async def postpone(
    session: AsyncSession,
    event_id: int,
    start: datetime | None,
    end: datetime | None = None,
    *,
    now: datetime,
    reason: str | None = None,
) -> Change:
    """Put an event off to another date, or until there is one; the answers stay as they were.

    Parts with hours of their own move along, and so does the end unless another is given, all by
    the same difference on the clocks of the event's zone. Everybody who meant to come is told
    once of each new date.

    Raises:
        UserError: if it is gone, cancelled or over, or if that changes nothing.
    """
    event = await coming(session, event_id, now)
    _check(event, start)
    if start is None:
        return await _put_off(session, event, now, reason)
    zone = ZoneInfo(event.zone)
    # Between two moments of one zone Python counts what its clocks show, not what passes.
    by = start.astimezone(zone) - event.starts_at.astimezone(zone)
    parts = await session.scalars(select(Part).where(Part.event_id == event_id))
    for part in parts:
        part.starts_at = _moved(part.starts_at, by, zone)
        part.ends_at = _moved(part.ends_at, by, zone)
    length = (event.ends_at or event.starts_at) - event.starts_at
    end = end or _moved(event.ends_at, by, zone)
    if end is not None and end <= start:
        # Where the clocks go back within it, the end may come to stand before the start.
        end = start + length
    event.starts_at, event.ends_at = start, end
    event.local_start = _local(start, zone)
    return Change(event.id, event.title, told=await redated(session, event, now, reason))


async def redated(
    session: AsyncSession, event: Event, now: datetime, reason: str | None = None
) -> int:
    """Make an event's new date known: open to answers, told to whom it concerns; give how many.

    Raises:
        UserError: if it is past.
    """
    if event.starts_at <= now:
        raise UserError("moments.past")
    event.status = EventStatus.ANNOUNCED
    event.reason = reason
    event.dated_at = now
    announcing.touch(event, now)
    await call_off(session, event.id, OF_A_DATE)
    # By the revision too: put off and back again, a date is news a second time.
    subject = f"moved:{int(event.starts_at.timestamp())}:{event.revision}"
    return await tell(session, event, "moved", subject, now=now, until=event.starts_at)


async def retimed(session: AsyncSession, event: Event, parts: Iterable[Part], now: datetime) -> int:
    """Make the new hours of these parts known to whom they concern; give how many.

    Without a date there is nothing to tell, nor of what has begun.
    """
    ahead = {part.id: start for part in parts if (start := part.starts_at or event.starts_at) > now}
    if not ahead or event.status is EventStatus.POSTPONED:
        return 0
    event.dated_at = now
    subject, until = f"retimed:{event.revision}", max(ahead.values())
    return await tell(session, event, "retimed", subject, now=now, until=until, part_ids=[*ahead])


async def _put_off(
    session: AsyncSession, event: Event, now: datetime, reason: str | None
) -> Change:
    until = await worth_saying_until(session, event, now)
    event.status = EventStatus.POSTPONED
    event.reason = reason
    announcing.touch(event, now)
    await call_off(session, event.id, OF_A_DATE)
    subject = f"postponed:{event.revision}"
    told = await tell(session, event, "postponed", subject, now=now, until=until)
    return Change(event.id, event.title, told=told)


def _check(event: Event, start: datetime | None) -> None:
    undated = event.status is EventStatus.POSTPONED
    if start is None and undated:
        raise UserError("changes.already_postponed", event=event.title)
    if start == event.starts_at and not undated:
        raise UserError("changes.same_date", event=event.title)


def _moved(moment: datetime | None, by: timedelta, zone: ZoneInfo) -> datetime | None:
    """A moment so much later on the zone's clocks: 15:30 stays 15:30 through a clock change."""
    return None if moment is None else moment.astimezone(zone) + by


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).replace(tzinfo=None).isoformat(timespec="seconds")
