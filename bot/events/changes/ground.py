"""What all changes of an event stand on: whether it still can, and whom they concern."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import deliveries
from bot.errors import UserError
from bot.tables import Answer, Approval, Choice, Delivery, DeliveryState, Event, EventStatus, Part

# How long a word about an event without a date is worth saying.
NOTICE_LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Change:
    """What came of a change: how many it seated and unseated, guests counted, and told.

    `changed` is false if everything was so already.
    """

    event_id: int
    # Of the event, or of the part of it that was changed.
    name: str
    seated: int = 0
    unseated: int = 0
    told: int = 0
    changed: bool = True


async def coming(session: AsyncSession, event_id: int, now: datetime) -> Event:
    """An announced event that can still be changed: until the end of its last part.

    Raises:
        UserError: if it is gone, cancelled or over.
    """
    event = await session.get(Event, event_id)
    if event is None or event.status is EventStatus.DRAFT:
        raise UserError("rsvp.gone")
    if event.status is EventStatus.CANCELLED:
        raise UserError("changes.is_cancelled", event=event.title)
    if event.status is EventStatus.PAST or await worth_saying_until(session, event, now) <= now:
        raise UserError("changes.is_over", event=event.title)
    return event


async def worth_saying_until(session: AsyncSession, event: Event, now: datetime) -> datetime:
    """Until when people want to hear that an event does not take place as they thought."""
    if event.status is EventStatus.POSTPONED:
        return now + NOTICE_LASTS
    parts = await session.scalars(select(Part).where(Part.event_id == event.id))
    ends = (part.ends_at or part.starts_at for part in parts)
    return max(event.ends_at or event.starts_at, *filter(None, ends), event.starts_at)


async def concerned(session: AsyncSession, event_id: int) -> Sequence[int]:
    """Who said yes or maybe to any part, with a seat or not, and was not refused."""
    rows = await session.scalars(
        select(Answer.user_id)
        .join(Part, Part.id == Answer.part_id)
        .where(
            Part.event_id == event_id,
            Answer.choice.in_((Choice.YES, Choice.MAYBE)),
            Answer.approval != Approval.REFUSED,
        )
        .distinct()
        .order_by(Answer.user_id)
    )
    return rows.all()


async def tell(
    session: AsyncSession,
    event: Event,
    kind: str,
    subject: str,
    *,
    now: datetime,
    until: datetime,
) -> int:
    """Owe a private word, with the event's reason, to everybody concerned; give how many."""
    whom = await concerned(session, event.id)
    for user_id in whom:
        await deliveries.owe(
            session,
            guild_id=event.guild_id,
            kind=kind,
            subject=f"event:{event.id}:{subject}",
            recipient=deliveries.Recipient("user", user_id),
            now=now,
            expires_at=until,
            detail=event.reason,
        )
    return len(whom)


async def call_off(
    session: AsyncSession, event_id: int, kinds: Collection[str] | None = None
) -> None:
    """Mark as missed what was still to be said of an event and its parts, of these kinds or all.

    Its card stands under the bare subject, and stays owed.
    """
    part_ids = await session.scalars(select(Part.id).where(Part.event_id == event_id))
    subjects = [f"event:{event_id}:", *(f"part:{part_id}:" for part_id in part_ids)]
    query = update(Delivery).where(
        Delivery.state == DeliveryState.PENDING,
        or_(*(Delivery.subject.startswith(subject, autoescape=True) for subject in subjects)),
    )
    if kinds is not None:
        query = query.where(Delivery.kind.in_(kinds))
    await session.execute(query.values(state=DeliveryState.MISSED, reason="changes.called_off"))
