"""Messages of the bot that show something that can change."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import String, cast, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from bot import deliveries
from bot.tables import Card, CardState, Delivery, DeliveryState, Event

Kind = Literal["event", "recap"]


async def owe(
    session: AsyncSession,
    kind: Kind,
    subject_id: int,
    *,
    guild_id: int,
    channel_id: int,
    now: datetime,
) -> bool:
    """Owe the card of an event or a recap to a channel; the same card there is owed once.

    Returns:
        Whether it is new.
    """
    new = await deliveries.owe(
        session,
        guild_id=guild_id,
        kind=kind,
        subject=f"{kind}:{subject_id}",
        recipient=deliveries.Recipient("channel", channel_id),
        now=now,
    )
    if new:
        card = Card(guild_id=guild_id, channel_id=channel_id, state=CardState.LIVE)
        setattr(card, f"{kind}_id", subject_id)
        session.add(card)
        await session.flush()
    return new


async def again(
    session: AsyncSession,
    kind: Kind,
    subject_id: int,
    *,
    guild_id: int,
    channel_id: int,
    now: datetime,
) -> bool:
    """Owe a card once more, in its channel or another; the one that stands answers until then.

    Returns:
        Whether it is new; False if it is on its way to that channel already.
    """
    if await _on_its_way(session, kind, subject_id, channel_id):
        return False
    await _set_aside(session, kind, subject_id)
    await session.execute(
        delete(Card).where(
            _subject(kind) == subject_id, Card.channel_id == channel_id, Card.message_id.is_(None)
        )
    )
    return await owe(session, kind, subject_id, guild_id=guild_id, channel_id=channel_id, now=now)


async def replaced(session: AsyncSession) -> Sequence[Card]:
    """Posted cards of events in whose place a newer one stands: their messages are to go."""
    newer = aliased(Card)
    stands = exists().where(
        newer.event_id == Card.event_id,
        newer.id > Card.id,
        newer.state == CardState.LIVE,
        newer.message_id.is_not(None),
    )
    query = select(Card).where(Card.state == CardState.CLOSED, Card.message_id.is_not(None), stands)
    return (await session.scalars(query)).all()


async def gone(session: AsyncSession, card_id: int) -> None:
    """Forget a card whose message was taken away; what people answered stays."""
    await session.execute(delete(Card).where(Card.id == card_id))


async def posted(
    session: AsyncSession, kind: Kind, subject_id: int, *, channel_id: int, message_id: int
) -> None:
    """Note where the card of an event or a recap stands in a channel; those before are closed."""
    ours = _subject(kind) == subject_id
    await session.execute(
        update(Card)
        .where(ours, Card.channel_id == channel_id, Card.message_id.is_(None))
        .values(message_id=message_id)
    )
    newest = select(func.max(Card.id)).where(ours, Card.message_id.is_not(None)).scalar_subquery()
    await session.execute(
        update(Card)
        .where(ours, Card.message_id.is_not(None), Card.id < newest)
        .values(state=CardState.CLOSED)
    )


async def find(session: AsyncSession, kind: Kind, subject_id: int) -> Card | None:
    """The card of an event or a recap, if it has been posted."""
    return await session.scalar(
        select(Card)
        .where(_subject(kind) == subject_id, Card.message_id.is_not(None))
        .order_by(Card.id.desc())
        .limit(1)
    )


async def links(session: AsyncSession, event_ids: Collection[int]) -> dict[int, str]:
    """Where the card of each of these events stands, where it has been posted; the newest."""
    found: dict[int, str] = {}
    query = select(Card).where(Card.event_id.in_(event_ids), Card.message_id.is_not(None))
    for card in await session.scalars(query.order_by(Card.id)):
        found[card.event_id or 0] = link(card.guild_id, card.channel_id, card.message_id)
    return found


def link(guild_id: int, channel_id: int | None, message_id: int | None) -> str:
    """The address of a message, for whoever can see its channel."""
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"


async def above(session: AsyncSession, thread_id: int) -> int | None:
    """The channel of the event whose thread this is, or was; None if it is no such thread."""
    channel_id = await session.scalar(select(Event.channel_id).where(Event.thread_id == thread_id))
    if channel_id is None:
        # Deleted, it is forgotten; a thread has the id of the message it was begun under.
        beneath = select(Card.channel_id).where(Card.message_id == thread_id)
        channel_id = await session.scalar(beneath)
    return channel_id


async def broken(session: AsyncSession, card_id: int, reason: str) -> None:
    """Note that a card can no longer be drawn; what people answered stays."""
    await session.execute(
        update(Card).where(Card.id == card_id).values(state=CardState.BROKEN, reason=reason)
    )


async def _on_its_way(session: AsyncSession, kind: Kind, subject_id: int, channel_id: int) -> bool:
    """Whether a card is still to be sent to a channel."""
    found = await session.scalar(
        select(Delivery.id).where(
            Delivery.kind == kind,
            Delivery.subject == f"{kind}:{subject_id}",
            Delivery.recipient == str(deliveries.Recipient("channel", channel_id)),
            Delivery.state.in_((DeliveryState.PENDING, DeliveryState.SENDING)),
        )
    )
    return found is not None


async def _set_aside(session: AsyncSession, kind: Kind, subject_id: int) -> None:
    """Let a card be owed anew: its deliveries are kept as a log, and none is sent any more."""
    ours = (Delivery.kind == kind, Delivery.subject == f"{kind}:{subject_id}")
    await session.execute(
        update(Delivery)
        .where(*ours, Delivery.state == DeliveryState.PENDING)
        .values(state=DeliveryState.MISSED, reason="deliveries.gone")
    )
    aside = Delivery.subject + ":" + cast(Delivery.id, String)
    await session.execute(update(Delivery).where(*ours).values(subject=aside))


def _subject(kind: Kind) -> InstrumentedAttribute[int | None]:
    return Card.event_id if kind == "event" else Card.recap_id
