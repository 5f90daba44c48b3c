"""The doors through which people come in, each leading its errors to `Bot.tell()`."""

import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Self

import discord

from bot import guilds
from bot.app import Interaction, reply
from bot.errors import UserError
from bot.tables import Guild


class Told:
    """What a pressed item does when it fails: discord.py would only log it.

    Stands before `DynamicItem` among the bases of a button or menu, which then has `press()`
    instead of `callback()`.
    """

    # The parts of the id's template, each with what reads it; they are the arguments of the item.
    reads: ClassVar[tuple[tuple[str, Callable[[str], Any]], ...]]

    @classmethod
    async def from_custom_id(
        cls,
        _interaction: discord.Interaction[Any],
        _item: discord.ui.Item[Any],
        match: re.Match[str],
    ) -> Self:
        """Make the item again from its id, after any restart."""
        return cls(**{name: read(match[name]) for name, read in cls.reads})

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


async def put(
    interaction: Interaction,
    content: str,
    *,
    embeds: Sequence[discord.Embed],
    view: discord.ui.View,
) -> None:
    """Say something privately; what a button or its form was pressed on is put up to date."""
    if interaction.message is None or interaction.response.is_done():
        await reply(interaction, content, embeds=embeds, view=view)
    else:
        await interaction.response.edit_message(content=content, embeds=embeds, view=view)


def here(interaction: Interaction) -> int:
    """The guild in which something is done.

    Raises:
        UserError: in private messages, where no community is meant.
    """
    if interaction.guild_id is None:
        raise UserError("errors.not_here")
    return interaction.guild_id


def organises(
    user: discord.User | discord.Member, rights: discord.Permissions, organiser_role: int | None
) -> bool:
    """Whether someone with these rights has the organiser role, or Manage Events."""
    roles = user.roles if isinstance(user, discord.Member) else []
    return rights.manage_events or any(role.id == organiser_role for role in roles)


def require_organiser(interaction: Interaction, organiser_role: int | None) -> None:
    """Check that who presses an organisers' button or sends their form is one of them.

    Raises:
        UserError: if they have neither the organiser role nor Manage Events.
    """
    if not organises(interaction.user, interaction.permissions, organiser_role):
        raise UserError("errors.not_allowed")


async def organising(interaction: Interaction) -> Guild:
    """The settings of the community in which an organiser acts.

    Raises:
        UserError: if who acts is none there, or acts in private messages.
    """
    async with interaction.client.db.reading() as session:
        guild = await guilds.settings(session, here(interaction))
    require_organiser(interaction, guild.organiser_role)
    return guild


async def require_organiser_of(interaction: Interaction, guild: Guild) -> None:
    """Check that who acts organises in a community, whether there or in private messages.

    In private messages Discord says nothing of their roles: it is asked.

    Raises:
        UserError: if they do not, or are no longer a member.
    """
    if interaction.guild_id == guild.id:
        require_organiser(interaction, guild.organiser_role)
        return
    known = interaction.client.get_guild(guild.id)
    try:
        member = await known.fetch_member(interaction.user.id) if known else None
    except discord.NotFound:
        member = None
    if member is None or not organises(member, member.guild_permissions, guild.organiser_role):
        raise UserError("errors.not_allowed")
