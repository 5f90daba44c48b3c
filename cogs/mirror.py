"""Shows events among Discord's own scheduled events: one way, and only those that are ours.

Making a scheduled event twice makes two: before one is made, those that stand are looked through
for one that a crash has hidden.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import datetime

import discord
import structlog
from discord.ext import commands, tasks

from bot import guilds
from bot.app import LOST, Bot
from bot.events import belongings, mirror
from bot.events.mirror import Reflection
from bot.latest import Latest
from bot.texts import Voice
from cogs import _rights
from cogs._event_cards import fitted, size

# Discord's limits: of a name and a place, of a description, and of events to come in a guild.
NAME_LENGTH = 100
DESCRIPTION_LENGTH = 1000
MOST = 100
# Discord's code for too many.
FULL = 30038
# From here on it is Discord's own trouble, and no refusal.
TROUBLE = 500
GAP = "\n\n"
STANDING = (discord.EventStatus.scheduled, discord.EventStatus.active)
# Seconds: how long a look at a guild may take, and a pause when Discord is in trouble.
PATIENCE = 60
AFTER_TROUBLE = 30

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Face:
    """What a scheduled event shows."""

    name: str
    description: str
    location: str
    start_time: datetime
    end_time: datetime


class Mirror(commands.Cog):
    """Makes, changes and takes away the scheduled events of what is announced."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.latest = Latest(self._sync, bot.tell)
        # Guilds of which the log has said that there is no room.
        self.full: set[int] = set()

    async def cog_load(self) -> None:
        """Start looking for room and for rights."""
        self.look.start()

    async def cog_unload(self) -> None:
        """Stop looking."""
        self.look.cancel()

    @tasks.loop(hours=1)
    async def look(self) -> None:
        """Compare everywhere: room is made, and rights are given, without our hearing of it."""
        for guild in self.bot.guilds:
            self._ask(guild.id)

    @look.before_loop
    async def connected(self) -> None:
        """Wait for the guilds."""
        await self.bot.wait_until_ready()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Compare what changed while the bot was away."""
        for guild in self.bot.guilds:
            self._ask(guild.id)

    @commands.Cog.listener()
    async def on_event_changed(self, event_id: int) -> None:
        """Follow an organiser's change."""
        await self._ask_of(event_id)

    @commands.Cog.listener()
    async def on_delivered(self, kind: str, subject: str) -> None:
        """Show an event whose card was just posted, with a link to where that stands now."""
        if kind != "event":
            return
        event_id = int(subject.split(":")[1])
        async with self.bot.db.reading() as session:
            found = await belongings.communities(session, {event_id})
        async with self.bot.db.writing(*found) as session:
            await mirror.outdated(session, event_id)
        await self._ask_of(event_id)

    @commands.Cog.listener()
    async def on_settings_changed(self, guild_id: int) -> None:
        """Show what is to come, or no longer."""
        self._ask(guild_id)

    async def _ask_of(self, event_id: int) -> None:
        async with self.bot.db.reading() as session:
            found = await belongings.communities(session, {event_id})
        for guild_id in found:
            self._ask(guild_id)

    def _ask(self, guild_id: int) -> None:
        self.latest.request(guild_id, group=guild_id, pause=self.bot.pace)

    async def _sync(self, guild_id: int) -> None:
        guild = self.bot.get_guild(guild_id)
        if guild is None or guild.unavailable or not _rights.may_mirror(guild):
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await self._reflect(guild)
        except (discord.HTTPException, *LOST) as error:
            log.warning("mirror waits", guild=guild_id, error=str(error))
            self.latest.request(guild_id, group=guild_id, pause=AFTER_TROUBLE)

    async def _reflect(self, guild: discord.Guild) -> None:
        """Do what is to be done in a guild; trouble with one event is not the others'."""
        async with self.bot.db.reading() as session:
            plan = await mirror.plan(session, guild.id, self.bot.clock())
            voice = self.bot.public_voice(await guilds.settings(session, guild.id))
        for event_id, scheduled_id in plan.removing:
            await self._try(event_id, self._remove(guild, event_id, scheduled_id))
        for reflection in plan.changing:
            await self._try(reflection.event_id, self._change(guild, reflection, voice))
        if plan.making:
            await self._make(guild, plan.making, voice)

    async def _try(self, event_id: int, change: Awaitable[None]) -> int | None:
        """Do one thing; give the code of Discord's refusal, if it refused."""
        try:
            await change
        except discord.HTTPException as refusal:
            if refusal.status >= TROUBLE:
                raise
            log.warning("not mirrored", event_id=event_id, code=refusal.code)
            return refusal.code
        return None

    async def _remove(self, guild: discord.Guild, event_id: int, scheduled_id: int) -> None:
        try:
            standing = await guild.fetch_scheduled_event(scheduled_id, with_counts=False)
            await standing.delete()
        except discord.NotFound:
            await self._deleted(guild, event_id)
            return
        async with self.bot.db.writing(guild.id) as session:
            await mirror.removed(session, event_id)

    async def _change(self, guild: discord.Guild, reflection: Reflection, voice: Voice) -> None:
        assert reflection.scheduled_event_id is not None  # noqa: S101 # the plan asked for it
        face = _face(reflection, voice)
        try:
            standing = await guild.fetch_scheduled_event(
                reflection.scheduled_event_id, with_counts=False
            )
            await standing.edit(
                name=face.name,
                description=face.description,
                start_time=face.start_time,
                end_time=face.end_time,
                location=face.location,
            )
        except discord.NotFound:
            await self._deleted(guild, reflection.event_id)
            return
        await self._reflected(guild, reflection, standing.id)

    async def _make(self, guild: discord.Guild, making: Sequence[Reflection], voice: Voice) -> None:
        """Make what is missing, as long as there is room."""
        every = await guild.fetch_scheduled_events(with_counts=False)
        standing = [it for it in every if it.status in STANDING]
        room = MOST - len(standing)
        for reflection in making:
            hidden = self._hidden(standing, reflection)
            if hidden is not None:
                await self._reflected(guild, reflection, hidden.id)
                continue
            made = self._make_one(guild, reflection, voice) if room > 0 else None
            if made is None or await self._try(reflection.event_id, made) == FULL:
                self._no_room(guild)
                return
            room -= 1
        self.full.discard(guild.id)

    async def _make_one(self, guild: discord.Guild, reflection: Reflection, voice: Voice) -> None:
        face = _face(reflection, voice)
        made = await guild.create_scheduled_event(
            name=face.name,
            description=face.description,
            start_time=face.start_time,
            end_time=face.end_time,
            location=face.location,
            entity_type=discord.EntityType.external,
            privacy_level=discord.PrivacyLevel.guild_only,
        )
        await self._reflected(guild, reflection, made.id)

    def _hidden(
        self, standing: Sequence[discord.ScheduledEvent], reflection: Reflection
    ) -> discord.ScheduledEvent | None:
        """A mirror made before a crash that hid it: the bot's own, ending in the card's address."""
        me = self.bot.user.id if self.bot.user else None
        for it in standing:
            if it.creator_id == me and (it.description or "").endswith(str(reflection.link)):
                return it
        return None

    def _no_room(self, guild: discord.Guild) -> None:
        """Say once that Discord takes no more; each look tries again."""
        if guild.id not in self.full:
            log.warning("no room for scheduled events", guild=guild.id, most=MOST)
        self.full.add(guild.id)

    async def _reflected(
        self, guild: discord.Guild, reflection: Reflection, scheduled_id: int
    ) -> None:
        async with self.bot.db.writing(guild.id) as session:
            await mirror.reflected(session, reflection, scheduled_id)

    async def _deleted(self, guild: discord.Guild, event_id: int) -> None:
        """Leave a mirror that somebody deleted deleted."""
        async with self.bot.db.writing(guild.id) as session:
            await mirror.deleted(session, event_id)


def _face(reflection: Reflection, voice: Voice) -> Face:
    """Draw an event within Discord's limits; its card's address comes last, always whole."""
    link = voice("belongings.answer_here", link=reflection.link) if reflection.link else ""
    room = DESCRIPTION_LENGTH - size(link) - len(GAP)
    about = fitted(reflection.description, room) if reflection.description else ""
    return Face(
        name=fitted(reflection.title, NAME_LENGTH, str),
        description=GAP.join(filter(None, (about, link))),
        location=fitted(reflection.place or voice("belongings.no_place"), NAME_LENGTH, str),
        start_time=reflection.start,
        end_time=reflection.end,
    )


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Mirror(bot))
