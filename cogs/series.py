"""Series: written down in one guided private message; their editions prepared as time passes."""

from collections.abc import Awaitable, Callable
from functools import partial

import discord
from discord.ext import tasks

from bot import drafts, guilds
from bot.app import Bot, Interaction
from bot.errors import UserError
from bot.events import drafting, editions, proposal, series
from bot.events.proposal import Fields
from bot.tables import Guild
from cogs import _labels
from cogs import _series_notices as _series_notices  # noqa: PLC0414 # it says how they are drawn
from cogs._arguments import SeriesId
from cogs._doors import here
from cogs._event_cards import escaped
from cogs._event_desk import Desk
from cogs._event_forms import TableForm, Then
from cogs._series_forms import LookForm, NameForm, RemindersForm, RuleForm
from cogs._series_pages import SeriesButton, SeriesTableSelect, act, button, show, show_tables


class Series(_labels.Branch):
    """`/series create`, `edit`; and looks once a minute which editions are to be prepared."""

    async def cog_load(self) -> None:
        """Let guided messages answer after a restart, and start looking."""
        await super().cog_load()
        self.bot.add_dynamic_items(SeriesButton, SeriesTableSelect)
        self.look.start()

    async def cog_unload(self) -> None:
        """Stop looking."""
        self.look.cancel()

    @tasks.loop(seconds=60)
    async def look(self) -> None:
        """Prepare what is due; what fails is tried again at the next look."""
        try:
            async with self.bot.db.reading() as session:
                due = await editions.due(session, self.bot.clock())
            for found in due:
                await self._prepare(found.guild_id, found.id)
        except Exception as error:  # noqa: BLE001 # a door
            await self.bot.tell(error)

    @look.before_loop
    async def connected(self) -> None:
        """Wait for the guilds: their languages are known only then."""
        await self.bot.wait_until_ready()

    async def _prepare(self, guild_id: int, series_id: int) -> None:
        """Prepare the editions of one series; its trouble does not hold up the others."""
        try:
            async with self.bot.db.writing(guild_id) as session:
                guild = await guilds.settings(session, guild_id)
                locale = self.bot.public_voice(guild).language
                now = self.bot.clock()
                await editions.prepare(session, series_id, locale=locale, now=now)
        except Exception as error:  # noqa: BLE001 # a door
            await self.bot.tell(error)
        else:
            self.bot.dispatch("delivery_due")

    @_labels.subcommand("series.create")
    async def create(self, interaction: Interaction) -> None:
        """Open the form of a new series, or the one that was begun and not saved."""
        guild = await self._guild(interaction)
        voice = await self.bot.voice(interaction)
        async with self.bot.db.reading() as session:
            draft = await series.begun(session, guild_id=guild.id, user_id=interaction.user.id)
        if draft is not None:
            await show(Desk(interaction, guild, draft, voice))
            return
        await interaction.response.send_modal(NameForm(voice, {}, self._begin))

    @_labels.subcommand("series.edit")
    async def edit(self, interaction: Interaction, which: SeriesId) -> None:
        """Open a series in the guided message."""
        guild = await self._guild(interaction)
        voice = await self.bot.voice(interaction)
        async with self.bot.db.writing(guild.id) as session:
            draft = await series.reopen(
                session,
                which,
                guild_id=guild.id,
                user_id=interaction.user.id,
                locale=voice.language,
                now=self.bot.clock(),
            )
        await show(Desk(interaction, guild, draft, voice))

    async def _begin(self, interaction: Interaction, fields: Fields) -> None:
        """Keep what was written, whatever it is worth, and show what it gives."""
        guild = await self._guild(interaction)
        async with self.bot.db.writing(guild.id) as session:
            draft = await drafts.keep(
                session,
                "series",
                fields,
                guild_id=guild.id,
                user_id=interaction.user.id,
                now=self.bot.clock(),
            )
        await show(Desk(interaction, guild, draft, await self.bot.voice(interaction)))

    async def _guild(self, interaction: Interaction) -> Guild:
        async with self.bot.db.reading() as session:
            return await guilds.settings(session, here(interaction))


def _keeping(
    draft_id: int,
    keep: Callable[[Fields, Fields], Fields] = drafting.written,
    then: Callable[[Desk], Awaitable[None]] = show,
) -> Then:
    """Keep what a form holds in a draft, whatever it is worth, before anything is made of it."""

    async def sent(interaction: Interaction, given: Fields) -> None:
        desk = await Desk.of(interaction, draft_id)
        await then(await desk.change(lambda fields: keep(fields, given)))

    return sent


async def _open(desk: Desk, form: discord.ui.Modal) -> None:
    await desk.interaction.response.send_modal(form)


@act("name")
async def _name(desk: Desk, _key: int) -> None:
    await _open(desk, NameForm(desk.voice, desk.fields, _keeping(desk.draft.id)))


@act("reminders")
async def _reminders(desk: Desk, _key: int) -> None:
    await _open(desk, RemindersForm(desk.voice, desk.fields, _keeping(desk.draft.id)))


@act("rule")
async def _rule(desk: Desk, _key: int) -> None:
    await _open(desk, RuleForm(desk.voice, desk.fields, _keeping(desk.draft.id)))


@act("look")
async def _look(desk: Desk, _key: int) -> None:
    guild = desk.interaction.guild
    if guild is None:
        raise UserError("errors.not_here")
    await _open(desk, LookForm(desk.voice, desk.fields, _keeping(desk.draft.id), guild))


@act("edit", "add")
async def _edit(desk: Desk, key: int) -> None:
    """Open the form of a table; the key 0 is that of a new one."""
    tables = drafting.tables(desk.fields)
    if not key and len(tables) >= proposal.MOST_PARTS:
        raise UserError("parts.too_many", most=proposal.MOST_PARTS)
    known = drafting.table(desk.fields, key) if key else drafting.blank(desk.fields)

    def keep(fields: Fields, given: Fields) -> Fields:
        return drafting.with_table(fields, key, given)

    async def then(kept: Desk) -> None:
        await show_tables(kept, key or int(drafting.tables(kept.fields)[-1]["key"]))

    await _open(desk, TableForm(desk.voice, known, _keeping(desk.draft.id, keep, then)))


@act("takeout")
async def _take_out(desk: Desk, key: int) -> None:
    await show_tables(await desk.change(partial(drafting.without_table, key=key)))


@act("up")
async def _up(desk: Desk, key: int) -> None:
    await show_tables(await desk.change(partial(drafting.moved, key=key, by=-1)), key)


@act("down")
async def _down(desk: Desk, key: int) -> None:
    await show_tables(await desk.change(partial(drafting.moved, key=key, by=1)), key)


@act("save")
async def _save(desk: Desk, _key: int) -> None:
    """Keep the series, or say what is to be changed first."""
    bot, guild_id = desk.bot, desk.guild.id
    async with bot.db.reading() as session:
        reading = await series.read(session, desk.draft, now=desk.now)
    if reading.plan is None:
        await show(desk)
        return
    async with bot.db.writing(guild_id) as session:
        saved = await series.save(
            session,
            desk.draft.id,
            guild_id=guild_id,
            by=desk.interaction.user.id,
            locale=desk.voice.language,
            now=desk.now,
        )
        locale = bot.public_voice(desk.guild).language
        await editions.follow(session, saved, locale=locale, now=desk.now)
    said = [desk.voice("series.saved", name=escaped(saved.name))]
    if saved.rule is not None:
        said.append(desk.voice("series.lead", count=editions.lead_days(saved)))
    await desk.put("\n".join(said))


@act("delete")
async def _delete(desk: Desk, _key: int) -> None:
    sure = desk.voice("series.delete_sure")
    await desk.put(sure, button(desk, "remove"), button(desk, "back"))


@act("remove")
async def _remove(desk: Desk, _key: int) -> None:
    """Delete the series with its draft; one that has editions stays."""
    async with desk.bot.db.writing(desk.guild.id) as session:
        name = await series.delete(session, desk.fields["id"], guild_id=desk.guild.id)
        draft = await drafts.find(session, desk.draft.id, guild_id=desk.guild.id)
        await drafts.drop(session, draft)
    await desk.put(desk.voice("series.deleted", name=escaped(name)))


@act("abandon")
async def _abandon(desk: Desk, _key: int) -> None:
    async with desk.bot.db.writing(desk.guild.id) as session:
        draft = await drafts.find(session, desk.draft.id, guild_id=desk.guild.id)
        await drafts.drop(session, draft)
    await desk.put(desk.voice("series.given_up"))


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Series(bot))
