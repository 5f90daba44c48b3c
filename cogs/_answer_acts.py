"""A member's press of a button or choice in a menu, as an act of theirs."""

from collections.abc import Iterable

import discord

from bot.app import Interaction
from bot.events.rsvp import Act, Saying
from bot.tables import Door
from cogs._doors import here


def act(interaction: Interaction, says: Iterable[Saying], *, guests: int | None = None) -> Act:
    """What a member says by a button, now; `guests` are those they bring in all."""
    return Act(
        guild_id=here(interaction),
        user_id=interaction.user.id,
        says=tuple(says),
        door=Door.BUTTON,
        at=interaction.client.clock(),
        guests=guests,
        roles=roles_of(interaction.user),
    )


def roles_of(user: discord.Member | discord.User | None) -> frozenset[int]:
    """The roles that a member has here."""
    return frozenset(role.id for role in getattr(user, "roles", ()))
