"""Members by name, asked of Discord a hundred at a time: the bot keeps no list of them.

Asking for members by their ids needs no privileged intent.
"""

import asyncio
from collections.abc import Iterable

import discord
import structlog

from bot import plain
from bot.app import LOST, Bot
from bot.events import people
from bot.texts import Voice

# Discord's limit for one request, and how many people are looked up at all.
AT_ONCE = 100
MOST = 1000
# So many who were not found are asked after one by one, before anybody counts as gone.
DOUBTFUL = 25
# Seconds: a name is a comfort, and who presses wants an answer within three.
PATIENCE = 2
# Discord's codes for who is no member, or nobody at all.
NOBODY = {10007, 10013}

log = structlog.get_logger()


async def names_of(bot: Bot, guild_id: int, user_ids: Iterable[int]) -> dict[int, str]:
    """The names shown here of those who are members now; whoever was not found is absent."""
    guild = bot.get_guild(guild_id)
    try:
        return await _found(guild, user_ids) if guild else {}
    except LOST:
        log.warning("names not found", guild=guild_id)
        return {}


def name_of(names: dict[int, str], user_id: int, voice: Voice) -> str:
    """Someone's name where only plain text is shown; the end of their id if there is none."""
    return names.get(user_id) or voice("people.someone", number=user_id % 10_000)


async def let_go(bot: Bot, guild_id: int, user_ids: Iterable[int]) -> None:
    """Take those of these members who have left out of every part to come."""
    gone = await _gone(bot, guild_id, set(user_ids))
    if not gone:
        return
    async with bot.db.writing(guild_id) as session:
        changed = await people.departed(session, guild_id, gone, bot.clock())
    for event_id in changed:
        bot.dispatch("event_changed", event_id)
    bot.dispatch("delivery_due")


async def _gone(bot: Bot, guild_id: int, user_ids: set[int]) -> list[int]:
    """Those of whom Discord says that they are no members; nobody while it says nothing."""
    guild = bot.get_guild(guild_id)
    if guild is None:
        return []
    try:
        doubtful = user_ids - (await _found(guild, user_ids)).keys()
        return [it for it in sorted(doubtful)[:DOUBTFUL] if not await _is_member(guild, it)]
    except (discord.HTTPException, *LOST):
        log.warning("departures not found", guild=guild_id)
        return []


async def _found(guild: discord.Guild, user_ids: Iterable[int]) -> dict[int, str]:
    """Members by name, as Discord answers to their ids."""
    wanted = sorted(set(user_ids))[:MOST]
    names: dict[int, str] = {}
    for start in range(0, len(wanted), AT_ONCE):
        async with asyncio.timeout(PATIENCE):
            found = await guild.query_members(
                user_ids=wanted[start : start + AT_ONCE], limit=AT_ONCE, cache=False
            )
        names |= {member.id: plain.line(member.display_name) for member in found}
    return names


async def _is_member(guild: discord.Guild, user_id: int) -> bool:
    try:
        await guild.fetch_member(user_id)
    except discord.NotFound as refusal:
        return refusal.code not in NOBODY
    return True
