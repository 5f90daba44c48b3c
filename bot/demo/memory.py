"""What a demonstration finds again in its file."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import guilds
from bot.errors import UserError
from bot.tables import Card, Delivery, DeliveryState, Event, Granted, Guild, State


async def wake(session: AsyncSession, guild_id: int, name: str, *, now: datetime) -> None:
    """Make ready for a simulated Discord that is new while the community is not.

    Library, events and answers stay. Commands, cards, threads and roles went with the last Discord:
    the commands are to be sent again, and the cards are owed again, in their old order.

    Raises:
        UserError: if the file holds another community, whose cards stand in the real Discord.
    """
    if await session.scalar(select(Guild.id).where(Guild.id != guild_id).limit(1)) is not None:
        raise UserError("demo.real_community")
    # simcord does not tell a bot of the servers that it starts in.
    await guilds.remember(session, {guild_id: name})
    await session.execute(delete(State).where(State.key == "commands"))
    await session.execute(update(Card).values(message_id=None))
    await session.execute(
        update(Event).values(thread_id=None, scheduled_event_id=None, mirrored=None)
    )
    await session.execute(delete(Granted))
    await session.execute(
        update(Delivery)
        .where(Delivery.kind.in_(("event", "recap")), Delivery.state == DeliveryState.SENT)
        .values(state=DeliveryState.PENDING, attempts=0, due_at=now, message_id=None, sent_at=None)
    )
