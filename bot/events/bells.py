"""Who wants to be reminded of an event in private."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.tables import Bell, Event


async def toggle(session: AsyncSession, guild_id: int, event_id: int, user_id: int) -> bool:
    """Ask for reminders of an event, or no longer; give whether they are wanted now.

    Raises:
        UserError: if there is no such event in this community.
    """
    event = await session.get(Event, event_id)
    if event is None or event.guild_id != guild_id:
        raise UserError("rsvp.gone")
    bell = await session.get(Bell, (event_id, user_id))
    if bell is not None:
        await session.delete(bell)
        return False
    session.add(Bell(event_id=event_id, user_id=user_id, guild_id=guild_id))
    return True


async def of_event(session: AsyncSession, event_id: int) -> frozenset[int]:
    """The members who want to be reminded of an event."""
    return frozenset(await session.scalars(select(Bell.user_id).where(Bell.event_id == event_id)))
