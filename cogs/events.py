"""Organisers' events, each written down and changed in one guided private message."""

from typing import Any

import discord
from discord import app_commands

from bot import drafts, guilds
from bot.app import Bot, Interaction, reply
from bot.errors import UserError
from bot.events import proposal, publishing
from bot.events import series as series_
from bot.events.proposal import Fields
from bot.tables import Draft, Guild
from cogs import _labels
from cogs._arguments import EventId, SeriesId
from cogs._doors import here, organises
from cogs._event_buttons import DraftButton, DraftSelect, TableSelect
from cogs._event_desk import Desk, require_channel
from cogs._event_drafts import listed
from cogs._event_forms import NewForm
from cogs._event_pages import show, show_tables


class Events(_labels.Branch):
    """`/event create`, `edit`, `parts`, `duplicate`, `drafts` and `announce`."""

    async def cog_load(self) -> None:
        """Let guided messages answer after a restart."""
        await super().cog_load()
        self.bot.add_dynamic_items(DraftButton, DraftSelect, TableSelect)

    @_labels.subcommand("event.create")
    async def create(  # noqa: PLR0917 # each is an option of the command
        self,
        interaction: Interaction,
        title: str | None = None,
        when: str | None = None,
        place: str | None = None,
        capacity: app_commands.Range[int, 1, proposal.MOST_SEATS] | None = None,
        series: SeriesId | None = None,
    ) -> None:
        """Propose an event from its options; without title or date, open a form."""
        given = {"title": title, "when": when, "place": place, "capacity": capacity}
        guild = await self._organising(interaction)
        fields = await self._next_edition(guild.id, series)
        fields |= {name: str(value) for name, value in given.items() if value is not None}
        if fields.get("title") and when:
            await self._begin(interaction, fields)
            return
        if not fields:
            guilds.require(guild, "announcements_channel")

        async def begin(sent: Interaction, typed: Fields) -> None:
            await self._begin(sent, {**fields, **typed})

        voice = await self.bot.voice(interaction)
        await interaction.response.send_modal(NewForm(voice, fields, begin))

    async def _next_edition(self, guild_id: int, series_id: int | None) -> dict[str, Any]:
        """What the next edition of a series begins with."""
        if series_id is None:
            return {}
        async with self.bot.db.reading() as session:
            found = await series_.find(session, series_id, guild_id=guild_id)
            return dict(await series_.defaults(session, found, now=self.bot.clock()))

    @_labels.subcommand("event.edit")
    async def edit(self, interaction: Interaction, event: EventId) -> None:
        """Open an announced event in the guided message."""
        await show(await self._reopened(interaction, event))

    @_labels.subcommand("event.parts")
    async def parts(self, interaction: Interaction, event: EventId) -> None:
        """Open an announced event at its round tables."""
        await show_tables(await self._reopened(interaction, event))

    @_labels.subcommand("event.duplicate")
    async def duplicate(self, interaction: Interaction, event: EventId) -> None:
        """Begin the next edition of an event: all of it but the date."""
        guild = await self._organising(interaction)
        voice = await self.bot.voice(interaction)
        async with self.bot.db.writing(guild.id) as session:
            draft = await publishing.duplicate(
                session,
                event,
                guild_id=guild.id,
                user_id=interaction.user.id,
                locale=voice.language,
                now=self.bot.clock(),
            )
        await show(Desk(interaction, guild, draft, voice))

    @_labels.subcommand("event.drafts")
    async def drafts(self, interaction: Interaction) -> None:
        """List what was begun: one's own, and for organisers everybody's."""
        guild_id = here(interaction)
        async with self.bot.db.reading() as session:
            guild = await guilds.settings(session, guild_id)
            user, role = interaction.user, guild.organiser_role
            mine = None if organises(user, interaction.permissions, role) else user.id
            found = await drafts.begun(session, "event", guild_id=guild_id, user_id=mine)
        if not found:
            raise UserError("drafting.no_drafts", days=drafts.KEPT.days)
        content, view = listed(found, await self.bot.voice(interaction))
        await reply(interaction, content, view=view)

    @_labels.subcommand("event.announce")
    async def announce(
        self,
        interaction: Interaction,
        event: EventId,
        channel: discord.TextChannel | None = None,
    ) -> None:
        """Post an event's card again: where it was lost, or in another channel."""
        guild = await self._organising(interaction)
        async with self.bot.db.reading() as session:
            standing = await publishing.standing(session, event, guild_id=guild.id)
        target = channel.id if channel else standing.channel_id or guild.announcements_channel
        require_channel(self.bot, guild.id, target)
        assert target is not None  # noqa: S101 # it was just required
        if target == standing.channel_id and await self._stands(standing):
            raise UserError("drafting.announced_already", link=standing.link)
        async with self.bot.db.writing(guild.id) as session:
            await publishing.announce_again(
                session, event, target, guild_id=guild.id, now=self.bot.clock()
            )
        self.bot.dispatch("delivery_due")
        voice = await self.bot.voice(interaction)
        await reply(interaction, voice("drafting.on_its_way", channel=f"<#{target}>"))

    async def _stands(self, standing: publishing.Standing) -> bool:
        """Whether an event's card is still there; what cannot be seen counts as there."""
        if standing.channel_id is None or standing.message_id is None:
            return False
        channel = self.bot.get_partial_messageable(standing.channel_id)
        try:
            await channel.fetch_message(standing.message_id)
        except discord.NotFound:
            return False
        except discord.Forbidden:
            return True
        return True

    async def _begin(self, interaction: Interaction, fields: Fields) -> None:
        """Keep what was written, and show privately what it gives or what to change in it."""
        guild = await self._organising(interaction)
        draft = await self._kept(interaction, fields)
        await show(Desk(interaction, guild, draft, await self.bot.voice(interaction)))

    async def _kept(self, interaction: Interaction, fields: Fields) -> Draft:
        guild_id = here(interaction)
        async with self.bot.db.writing(guild_id) as session:
            return await drafts.keep(
                session,
                "event",
                fields,
                guild_id=guild_id,
                user_id=interaction.user.id,
                now=self.bot.clock(),
            )

    async def _reopened(self, interaction: Interaction, event: int) -> Desk:
        """The draft in which an announced event is changed."""
        guild = await self._organising(interaction)
        voice = await self.bot.voice(interaction)
        async with self.bot.db.writing(guild.id) as session:
            draft = await publishing.begin_again(
                session,
                event,
                guild_id=guild.id,
                user_id=interaction.user.id,
                locale=voice.language,
                now=self.bot.clock(),
            )
        return Desk(interaction, guild, draft, voice)

    async def _organising(self, interaction: Interaction) -> Guild:
        """The community's settings."""
        async with self.bot.db.reading() as session:
            return await guilds.settings(session, here(interaction))


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Events(bot))
