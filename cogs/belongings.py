"""Threads and roles of events: given to those who come, taken back when they no longer do.

Nothing here hooks single acts: whenever anything changed, what people should have is compared
with what they were given, so that it does not matter through which door a change came.
"""

import asyncio
from collections.abc import Collection, Sequence

import discord
import structlog
from discord.ext import commands, tasks

from bot import guilds
from bot.app import LOST, Bot, Interaction, reply
from bot.events import belongings
from bot.events.rsvp import Outcome
from bot.latest import Latest
from cogs import _labels, _rights
from cogs._arguments import EventId, PartId
from cogs._doors import here
from cogs._event_cards import escaped
from cogs._giving import Giving

# Changes in the time between two drawings of a card: at most five a second, each of two requests,
# for Discord's limit of fifty a second is for everything that the bot does.
PER_PACE = 5
# After so many changes, what is wanted is read again.
AT_ONCE = 25
# Seconds: how long a change may take, rate limits included, and a pause when Discord is in trouble.
PATIENCE = 30
AFTER_TROUBLE = 30

log = structlog.get_logger()


class Belongings(_labels.Branch):
    """Keeps threads and roles in step with the answers; `/event role`."""

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        self.giving = Giving(bot)
        self.latest = Latest(self._sync, bot.tell)

    async def cog_load(self) -> None:
        """Start looking for threads to put away."""
        await super().cog_load()
        self.look.start()

    async def cog_unload(self) -> None:
        """Stop looking."""
        self.look.cancel()

    @tasks.loop(hours=1)
    async def look(self) -> None:
        """Compare everywhere: time passes without anybody doing anything."""
        for guild in self.bot.guilds:
            self._ask(guild.id)

    @look.before_loop
    async def connected(self) -> None:
        """Wait for the guilds: rights are known only then."""
        await self.bot.wait_until_ready()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Compare what changed while the bot was away, rights among it."""
        for guild in self.bot.guilds:
            self._ask_anew(guild.id)

    @commands.Cog.listener()
    async def on_answers(self, outcomes: Sequence[Outcome]) -> None:
        """Follow answers, however they came."""
        changed = [outcome for outcome in outcomes if outcome.changed]
        self.giving.welcome({outcome.user_id for outcome in changed})
        await self._ask_of({outcome.event_id for outcome in changed})

    @commands.Cog.listener()
    async def on_event_changed(self, event_id: int) -> None:
        """Follow an organiser's change, and the end of an event."""
        await self._ask_of({event_id})

    @commands.Cog.listener()
    async def on_delivered(self, kind: str, subject: str) -> None:
        """Begin the thread of a card that was just posted."""
        if kind == "event":
            await self._ask_of({int(subject.partition(":")[2])})

    @commands.Cog.listener()
    async def on_settings_changed(self, guild_id: int) -> None:
        """Begin threads where they are wanted from now on."""
        self._ask(guild_id)

    @commands.Cog.listener()
    async def on_guild_role_update(self, _before: discord.Role, after: discord.Role) -> None:
        """Try again: what the bot may do could be more now."""
        self._ask_anew(after.guild.id)

    @commands.Cog.listener()
    async def on_guild_channel_update(
        self, _before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        """Try again: what the bot may do in a channel could be more now."""
        self._ask_anew(after.guild.id)

    @commands.Cog.listener()
    async def on_member_update(self, _before: discord.Member, after: discord.Member) -> None:
        """Try again when the bot itself has other roles."""
        if after.id == after.guild.me.id:
            self._ask_anew(after.guild.id)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Leave a deleted thread deleted."""
        async with self.bot.db.reading() as session:
            ours = await belongings.has_thread(session, payload.thread_id)
        if ours:
            await self.giving.lost(payload.guild_id, payload.thread_id)

    @_labels.subcommand("event.role")
    async def role(
        self,
        interaction: Interaction,
        event: EventId,
        role: discord.Role | None = None,
        part: PartId | None = None,
    ) -> None:
        """Choose the role of those who have a seat; without a role, none."""
        guild_id = here(interaction)
        async with self.bot.db.reading() as session:
            guild = await guilds.settings(session, guild_id)
        if role is not None:
            _rights.require_grantable(role, guild.organiser_role)
        async with self.bot.db.writing(guild_id) as session:
            chosen = await belongings.assign(
                session, event, part, role.id if role else None, now=self.bot.clock()
            )
        self._ask_anew(guild_id)
        voice = await self.bot.voice(interaction)
        if role is None:
            said = voice("belongings.role_none", event=escaped(chosen.title))
        else:
            said = voice("belongings.role_set", event=escaped(chosen.title), role=role.mention)
        await reply(interaction, said)

    async def _ask_of(self, event_ids: Collection[int]) -> None:
        if not event_ids:
            return
        async with self.bot.db.reading() as session:
            found = await belongings.communities(session, event_ids)
        for guild_id in found:
            self._ask(guild_id)

    def _ask_anew(self, guild_id: int) -> None:
        self.giving.anew()
        self._ask(guild_id)

    def _ask(self, guild_id: int) -> None:
        self.latest.request(guild_id, group=guild_id, pause=self.bot.pace)

    async def _sync(self, guild_id: int) -> None:
        """Do some of what is to be done in a guild, and come back for the rest."""
        guild = self.bot.get_guild(guild_id)
        if guild is None or guild.unavailable:
            return
        steps = await self.giving.steps(guild)
        try:
            for step in steps[:AT_ONCE]:
                async with asyncio.timeout(PATIENCE):
                    await step()
                await asyncio.sleep(self.bot.pace / PER_PACE)
        except (discord.HTTPException, *LOST) as error:
            log.warning("belongings wait", guild=guild_id, error=str(error))
            self.latest.request(guild_id, group=guild_id, pause=AFTER_TROUBLE)
            return
        if steps:
            self._ask(guild_id)


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Belongings(bot))
