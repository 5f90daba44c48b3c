"""The doors through which people come in, each leading its errors to `Bot.tell()`."""

from typing import Any

import discord

from bot.app import Interaction
from bot.errors import UserError


class Told:
    """What a pressed item does when it fails: discord.py would only log it.

    Stands before `DynamicItem` among the bases of a button or menu, which then has `press()`
    instead of `callback()`.
    """

    async def press(self, interaction: Interaction) -> None:
        """Do what the item is for."""
        raise NotImplementedError

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Press, and tell what went wrong."""
        try:
            await self.press(interaction)
        except Exception as error:  # noqa: BLE001 # a door: everything is told
            await interaction.client.tell(error, interaction)


class Form(discord.ui.Modal):
    """A form whose errors are told. Each opening has an id of its own."""

    async def on_error(  # type: ignore[override] # our client is a Bot
        self, interaction: Interaction, error: Exception, /
    ) -> None:
        """Tell what went wrong."""
        await interaction.client.tell(error, interaction)


def buttons(*items: discord.ui.Item[Any]) -> discord.ui.View:
    """A row of items that answer for ever: their state is their `custom_id`."""
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    return view


def here(interaction: Interaction) -> int:
    """The guild in which something is done.

    Raises:
        UserError: in private messages, where no community is meant.
    """
    if interaction.guild_id is None:
        raise UserError("errors.not_here")
    return interaction.guild_id


def require_organiser(interaction: Interaction, organiser_role: int | None) -> None:
    """Check that who presses an organisers' button or sends their form is one of them.

    Raises:
        UserError: if they have neither the organiser role nor Manage Events.
    """
    user = interaction.user
    roles = user.roles if isinstance(user, discord.Member) else []
    has_role = any(role.id == organiser_role for role in roles)
    if not (has_role or interaction.permissions.manage_events):
        raise UserError("errors.not_allowed")
