"""Asking those for an answer who have said nothing about an event."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import deliveries
from bot.errors import UserError
from bot.events import reminders
from bot.tables import Answer, Delivery, Part

# Of a role, at most, who are asked: more would be a flood of messages.
MOST = 200
# A question that could not be asked for so long is left.
LASTS = timedelta(hours=6)


async def owe(
    session: AsyncSession,
    event_id: int,
    *,
    guild_id: int,
    role_id: int,
    members: Collection[int],
    now: datetime,
) -> int:
    """Ask these members of a role for an answer, where they have given none; once.

    Returns:
        How many are asked.

    Raises:
        UserError: if answers are closed, the role was asked already, all have answered, or too
            many have not.
    """
    shown = await reminders.live(session, event_id, guild_id)
    if not any(shown.is_open(part, now) for part in shown.parts):
        raise UserError("reminders.closed")
    subject = f"event:{event_id}:role:{role_id}"
    known = select(Delivery.id).where(
        Delivery.kind == "question", Delivery.subject == f"{subject}:0"
    )
    if await session.scalar(known) is not None:
        raise UserError("reminders.asked_already")
    silent = sorted(set(members) - await answerers(session, event_id))
    if not silent:
        raise UserError("reminders.all_answered")
    if len(silent) > MOST:
        raise UserError("reminders.too_many", count=len(silent), most=MOST)
    recipient = await reminders.place(session, shown)
    for number, first in enumerate(range(0, len(silent), reminders.TOGETHER)):
        await deliveries.owe(
            session,
            guild_id=guild_id,
            kind="question",
            subject=f"{subject}:{number}",
            recipient=recipient,
            now=now,
            expires_at=now + LASTS,
            detail=",".join(map(str, silent[first : first + reminders.TOGETHER])),
        )
    return len(silent)


async def answerers(session: AsyncSession, event_id: int) -> set[int]:
    """Who has said anything about any part of an event."""
    query = select(Answer.user_id).join(Part, Part.id == Answer.part_id)
    return set(await session.scalars(query.where(Part.event_id == event_id)))
