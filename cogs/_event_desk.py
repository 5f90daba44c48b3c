"""A draft of an event as an organiser has it before them, wherever they opened it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import discord

from bot import drafts, guilds, texts
from bot.app import Bot, Interaction
from bot.errors import UserError
from bot.events import proposal
from bot.events.proposal import Fields, Reading
from bot.tables import Draft, Guild
from bot.texts import Voice
from cogs._doors import put, require_organiser_of

# Without these a card is not posted, or is empty.
RIGHTS = ("view_channel", "send_messages", "embed_links")


@dataclass(frozen=True, slots=True)
class Desk:
    """A draft, its guild, and the interaction with which an organiser came to it."""

    interaction: Interaction
    guild: Guild
    draft: Draft
    voice: Voice

    @classmethod
    async def of(cls, interaction: Interaction, draft_id: int) -> "Desk":
        """Open a draft, from its guild's channels or from private messages.

        Raises:
            UserError: if it is gone, or who asks is no organiser.
        """
        bot = interaction.client
        async with bot.db.reading() as session:
            draft = await drafts.find(session, draft_id, guild_id=interaction.guild_id)
            guild = await guilds.settings(session, draft.guild_id)
            chosen = await guilds.languages(session, guild.id, interaction.user.id)
        await require_organiser_of(interaction, guild)
        # In private messages only the draft tells whose language it is.
        voice = texts.pick(bot.voices, chosen.member, chosen.guild, str(interaction.locale))
        return cls(interaction, guild, draft, voice)

    @property
    def bot(self) -> Bot:
        """The bot."""
        return self.interaction.client

    @property
    def fields(self) -> Fields:
        """What the draft holds."""
        return self.draft.fields

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.bot.clock()

    @property
    def channel_id(self) -> int | None:
        """Where the event is, or is to be, announced."""
        return self.fields.get("channel") or self.guild.announcements_channel

    def read(self) -> Reading:
        """What the draft says, or what is to be changed in it."""
        return proposal.check(self.fields, now=self.now, zone=guilds.zone(self.guild))

    async def change(self, edit: Callable[[Fields], Fields]) -> "Desk":
        """Change what the draft holds."""
        async with self.bot.db.writing(self.guild.id) as session:
            draft = await drafts.change(
                session, self.draft.id, edit, guild_id=self.guild.id, now=self.now
            )
        return replace(self, draft=draft)

    async def set_hour(self, publish_at: datetime | None) -> "Desk":
        """Set when the draft publishes itself; None: not by itself."""
        async with self.bot.db.writing(self.guild.id) as session:
            draft = await drafts.set_hour(
                session, self.draft.id, publish_at, guild_id=self.guild.id
            )
        return replace(self, draft=draft)

    async def put(
        self,
        content: str,
        *items: discord.ui.Item[Any],
        embeds: Sequence[discord.Embed] = (),
    ) -> None:
        """Show something in the guided message, in place of what it showed."""
        view = discord.ui.View(timeout=None)
        for item in items:
            view.add_item(item)
        if self.interaction.response.is_done():
            await self.interaction.edit_original_response(content=content, embeds=embeds, view=view)
        else:
            await put(self.interaction, content, embeds=embeds, view=view)


def require_channel(bot: Bot, guild_id: int, channel_id: int | None) -> None:
    """Check that a card can be posted in a channel.

    Raises:
        UserError: if none was chosen, it is gone, or the bot may not post there.
    """
    if channel_id is None:
        raise UserError("setup.missing_announcements_channel")
    guild = bot.get_guild(guild_id)
    channel = guild.get_channel_or_thread(channel_id) if guild else None
    if guild is None or channel is None:
        raise UserError("drafting.no_channel")
    rights = channel.permissions_for(guild.me)
    if not all(getattr(rights, right) for right in RIGHTS):
        raise UserError("drafting.no_right", channel=f"<#{channel_id}>")
