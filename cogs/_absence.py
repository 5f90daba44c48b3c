"""Reads the reactions that stand on a message, as whole lists or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import discord
import structlog

# More than any server has members.
EVERYBODY = 100_000_000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reactions:
    """Who shows which emoji.

    An emoji whose list could not be read whole is absent from `lists`. One that no longer bears
    the bot's own reaction was swept: it says nothing about who left.
    """

    lists: Mapping[str, frozenset[int]]
    swept: tuple[str, ...]


async def read_reactions(message: discord.PartialMessage, emojis: Sequence[str]) -> Reactions:
    """Read who shows each of these emojis on a message, bots left out.

    Raises:
        discord.HTTPException: if the message itself cannot be read.
    """
    whole = await message.fetch()
    standing = {str(reaction.emoji): reaction for reaction in whole.reactions}
    swept = tuple(emoji for emoji in emojis if emoji not in standing or not standing[emoji].me)
    lists: dict[str, frozenset[int]] = {}
    for emoji in emojis:
        try:
            lists[emoji] = await _users(standing.get(emoji))
        except discord.HTTPException as error:
            log.warning("list not read", message=message.id, emoji=emoji, status=error.status)
    return Reactions(lists, swept)


async def _users(reaction: discord.Reaction | None) -> frozenset[int]:
    if reaction is None:
        return frozenset()
    # Not None: that means the count of a moment ago, and whoever came since would cut off the last.
    found: dict[int, bool] = {}
    async for user in reaction.users(limit=EVERYBODY):
        if user.id in found:
            break  # a Discord that gives the whole list as every page (a simulated one does)
        found[user.id] = user.bot
    return frozenset(user_id for user_id, robot in found.items() if not robot)
