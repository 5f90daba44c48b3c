"""Messages of the bot that show something that can change."""

from datetime import datetime
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot import deliveries
from bot.tables import Card, CardState

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


async def posted(
    session: AsyncSession, kind: Kind, subject_id: int, *, channel_id: int, message_id: int
) -> None:
    """Note where the card of an event or a recap stands in a channel."""
    await session.execute(
        update(Card)
        .where(
            _subject(kind) == subject_id,
            Card.channel_id == channel_id,
            Card.message_id.is_(None),
        )
        .values(message_id=message_id)
    )


async def find(session: AsyncSession, kind: Kind, subject_id: int) -> Card | None:
    """The card of an event or a recap, if it has been posted."""
    return await session.scalar(
        select(Card)
        .where(_subject(kind) == subject_id, Card.message_id.is_not(None))
        .order_by(Card.id.desc())
        .limit(1)
    )


async def broken(session: AsyncSession, card_id: int, reason: str) -> None:
    """Note that a card can no longer be drawn; what people answered stays."""
    await session.execute(
        update(Card).where(Card.id == card_id).values(state=CardState.BROKEN, reason=reason)
    )


def _subject(kind: Kind) -> InstrumentedAttribute[int | None]:
    return Card.event_id if kind == "event" else Card.recap_id
