"""What members chose for themselves in a community."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.tables import Member


async def visible(session: AsyncSession, guild_id: int, user_ids: Iterable[int]) -> frozenset[int]:
    """Those of these members who agreed to be seen by name."""
    query = select(Member.user_id).where(Member.guild_id == guild_id, Member.visible)
    return frozenset(await session.scalars(query)) & frozenset(user_ids)


async def show(session: AsyncSession, guild_id: int, user_id: int, *, shown: bool) -> None:
    """Let a member be seen by name among those who come, or no longer."""
    member = await session.get(Member, (guild_id, user_id))
    if member is None:
        member = Member(guild_id=guild_id, user_id=user_id)
        session.add(member)
    member.visible = shown
