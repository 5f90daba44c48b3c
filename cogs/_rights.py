"""What the bot may do, from what Discord last said: what is forbidden is not tried."""

from collections.abc import Iterable

import discord

from bot.errors import UserError

# As Discord calls them in its API. Where the bot posts, and where it posts what is answered to.
POSTING = ("view_channel", "send_messages", "embed_links", "read_message_history")
ANNOUNCING = ("view_channel", "send_messages", "embed_links", "add_reactions", POSTING[-1])
# In a channel whose events have threads.
THREADS = ("create_public_threads", "send_messages_in_threads", "manage_threads")
# Rights that no answer to an event may give, beside all whose names begin with "manage".
POWERS = ("administrator", "mention_everyone", "kick_members", "ban_members", "moderate_members")


def missing(channel: discord.abc.GuildChannel, rights: Iterable[str]) -> list[str]:
    """Those of these rights that the bot lacks in a channel."""
    has = channel.permissions_for(channel.guild.me)
    return [right for right in rights if not getattr(has, right)]


def may_mirror(guild: discord.Guild) -> bool:
    """Whether the bot may make scheduled events, and change its own."""
    rights = guild.me.guild_permissions
    return rights.create_events or rights.manage_events


def require_grantable(role: discord.Role, organiser_role: int | None) -> None:
    """Check that the bot can give a role to whoever signs up, and that nobody is empowered by it.

    Raises:
        UserError: saying what is in the way, and what to do about it.
    """
    me = role.guild.me
    if role.is_default():
        raise UserError("belongings.everyone")
    if role.managed:
        raise UserError("belongings.managed", role=role.mention)
    if role.id == organiser_role or powerful(role):
        raise UserError("belongings.powerful", role=role.mention)
    if not me.guild_permissions.manage_roles:
        raise UserError("belongings.no_right")
    if role >= me.top_role:
        raise UserError("belongings.too_high", role=role.mention, mine=me.top_role.mention)


def powerful(role: discord.Role) -> bool:
    """Whether a role lets its members do what only some should."""
    return any(
        has and (right in POWERS or right.startswith("manage_")) for right, has in role.permissions
    )
