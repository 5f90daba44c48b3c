"""An event cancelled, its answers closed and opened again."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.events import announcing, programme
from bot.events.changes.dates import OF_A_DATE
from bot.events.changes.ground import Change, call_off, coming, tell, worth_saying_until
from bot.tables import EventStatus

# What is worth nothing any more once nothing takes place. That somebody was refused or taken out
# is, and so is the card.
OF_A_SEAT = ("promotion", "unseated", "approved", "placed", "request", "question")


async def cancel(
    session: AsyncSession, event_id: int, *, now: datetime, reason: str | None = None
) -> Change:
    """Cancel an event for good; everybody who meant to come is told once.

    What was still to be said of it, a reminder or a promotion, is not said any more.

    Raises:
        UserError: if it is gone, cancelled already, or over.
    """
    event = await coming(session, event_id, now)
    until = await worth_saying_until(session, event, now)
    event.status = EventStatus.CANCELLED
    event.reason = reason
    announcing.touch(event, now)
    await call_off(session, event_id, (*OF_A_DATE, *OF_A_SEAT))
    told = await tell(session, event, "cancelled", "cancelled", now=now, until=until)
    return Change(event.id, event.title, told=told)


async def close(session: AsyncSession, event_id: int, *, now: datetime) -> Change:
    """Take no more answers; leaving stays possible. Closing what is closed changes nothing.

    Raises:
        UserError: if the event is gone, cancelled, or over.
    """
    event = await coming(session, event_id, now)
    changed = event.status is EventStatus.ANNOUNCED
    if changed:
        event.status = EventStatus.CLOSED
    return Change(event.id, event.title, changed=changed)


async def reopen(session: AsyncSession, event_id: int, *, now: datetime) -> Change:
    """Take answers again. Opening what is open changes nothing.

    Raises:
        UserError: if the event is gone, cancelled, over or without a date, or if its deadlines
            are past, so that nobody could answer anyway.
    """
    event = await coming(session, event_id, now)
    if event.status is EventStatus.POSTPONED:
        raise UserError("changes.no_date", event=event.title)
    changed = event.status is EventStatus.CLOSED
    event.status = EventStatus.ANNOUNCED
    (shown,) = await programme.of_events(session, [event])
    if not any(shown.is_open(part, now) for part in shown.parts):
        raise UserError("changes.deadline_passed", event=event.title)
    return Change(event.id, event.title, changed=changed)
