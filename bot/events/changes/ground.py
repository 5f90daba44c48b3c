"""What all changes of an event stand on: whether it still can, and whom they concern."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import deliveries
from bot.errors import UserError
from bot.events import hours
from bot.tables import Answer, Approval, Choice, Delivery, DeliveryState, Event, EventStatus, Part

# How long a word about an event without a date is worth saying.
UNDATED_LASTS = timedelta(days=7)
# What an answer is by which a member means to come, or may.
MEANING_TO_COME = (
    Answer.choice.in_((Choice.YES, Choice.MAYBE)),
    Answer.approval != Approval.REFUSED,
)


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
        return now + UNDATED_LASTS
    parts = await session.scalars(select(Part).where(Part.event_id == event.id))
    return hours.end_of(event, parts.all())


async def concerned(
    session: AsyncSession, event_id: int, part_ids: Collection[int] | None = None
) -> Sequence[int]:
    """Who means to come: said yes or maybe, with a seat or not, and was not refused.

    Args:
        part_ids: to one of these parts; None means to any.
    """
    query = (
        select(Answer.user_id)
        .join(Part, Part.id == Answer.part_id)
        .where(Part.event_id == event_id, *MEANING_TO_COME)
    )
    if part_ids is not None:
        query = query.where(Part.id.in_(part_ids))
    return (await session.scalars(query.distinct().order_by(Answer.user_id))).all()


async def answered(session: AsyncSession, event_id: int, user_id: int) -> Sequence[int]:
    """The parts of an event to which a member means to come, in order."""
    query = (
        select(Part.id)
        .join(Answer, Answer.part_id == Part.id)
        .where(Part.event_id == event_id, Answer.user_id == user_id, *MEANING_TO_COME)
        .order_by(Part.position)
    )
    return (await session.scalars(query)).all()


async def tell(
    session: AsyncSession,
    event: Event,
    kind: str,
    subject: str,
    *,
    now: datetime,
    until: datetime,
    part_ids: Collection[int] | None = None,
) -> int:
    """Owe a private word to everybody concerned, all of it or some parts; give how many.

    With it go those parts or, where all of it is concerned, the event's reason.
    """
    whom = await concerned(session, event.id, part_ids)
    words = f"event:{event.id}:{subject}"
    await deliveries.owe_all(
        session,
        [(words, deliveries.Recipient("user", user_id)) for user_id in whom],
        guild_id=event.guild_id,
        kind=kind,
        now=now,
        expires_at=until,
        detail=event.reason if part_ids is None else ",".join(map(str, part_ids)),
    )
    return len(whom)


async def call_off(session: AsyncSession, event_id: int, kinds: Collection[str]) -> None:
    """Mark as missed what was still to be said, of these kinds, of an event and its parts."""
    part_ids = await session.scalars(select(Part.id).where(Part.event_id == event_id))
    subjects = [f"event:{event_id}:", *(f"part:{part_id}:" for part_id in part_ids)]
    query = update(Delivery).where(
        Delivery.state == DeliveryState.PENDING,
        Delivery.kind.in_(kinds),
        or_(*(Delivery.subject.startswith(subject, autoescape=True) for subject in subjects)),
    )
    await session.execute(query.values(state=DeliveryState.MISSED, reason="changes.called_off"))
