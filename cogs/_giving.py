"""Asks Discord to give and take back what belongs to an answer; keeps what came of it."""

from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Literal, TypeAlias

import discord
import structlog

from bot import guilds
from bot.app import Bot
from bot.errors import UserError
from bot.events import belongings
from bot.events.belongings import Gift, Key, Mark, Opening
from cogs import _rights
from cogs._event_cards import fitted

# A place that refused so often is left alone until rights change: Discord counts refusals.
MOST_REFUSALS = 3
# Minutes without a word after which Discord puts a thread away by itself: the longest there is.
QUIET: Literal[10080] = 10080
NAME_LENGTH = 100
# Discord's codes.
HAS_THREAD = 160004
ARCHIVED = 50083
NO_CHANNEL = 10003
NO_MEMBER = frozenset({10007, 10013})
# From here on it is Discord's own trouble, and no refusal.
TROUBLE = 500
# What beginning a thread takes; one that nothing can be said in would swallow the reminders.
BEGINNING = (
    "view_channel",
    "read_message_history",
    "create_public_threads",
    "send_messages_in_threads",
)

Step: TypeAlias = Callable[[], Awaitable[None]]

log = structlog.get_logger()


class Giving:
    """Changes threads and roles, each change asked for first and then noted: all may be repeated.

    What Discord refuses is told in the log, and not asked for again before something changed.
    """

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self._skipped: set[Key] = set()
        self._refusals: Counter[int] = Counter()

    def anew(self) -> None:
        """Try again what was refused: rights may have changed."""
        self._skipped.clear()
        self._refusals.clear()

    def welcome(self, user_ids: set[int]) -> None:
        """Try again what was refused for these members: they are there, for they answered."""
        self._skipped = {key for key in self._skipped if key[1] not in user_ids}

    async def steps(self, guild: discord.Guild) -> list[Step]:
        """What is to be done in a guild, as far as it is allowed."""
        async with self.bot.db.reading() as session:
            plan = await belongings.plan(session, guild.id, self.bot.clock())
            organisers = (await guilds.settings(session, guild.id)).organiser_role
        openings = [it for it in plan.openings if self._may_open(guild, it)]
        returns = [it for it in plan.returns if self._may(guild, it, "manage_threads")]
        gifts = [
            it
            for it in plan.gifts
            if self._may(guild, it, "send_messages_in_threads")
            and (it.kind == "thread" or _grantable(guild, it.place_id, organisers))
        ]
        return [
            *(partial(self._open, guild, it) for it in openings),
            *(partial(self._close, guild, thread_id) for thread_id in plan.closings),
            *(partial(self._take, guild, it) for it in returns),
            *(partial(self._give, guild, it) for it in gifts),
        ]

    async def lost(self, guild_id: int, thread_id: int) -> None:
        """Note that a thread was deleted."""
        async with self.bot.db.writing(guild_id) as session:
            await belongings.deleted(session, guild_id, thread_id)

    def _may_open(self, guild: discord.Guild, opening: Opening) -> bool:
        channel = guild.get_channel(opening.channel_id)
        if channel is None or self._refusals[opening.message_id]:
            return False
        return not _rights.missing(channel, BEGINNING)

    def _may(self, guild: discord.Guild, gift: Gift, right: str) -> bool:
        """Whether a change may be tried; a thread that was put away is unknown, and is asked."""
        if gift.mark is Mark.OWN:
            return True
        if self._left_alone(gift):
            return False
        if gift.kind == "role":
            return guild.me.guild_permissions.manage_roles
        thread = guild.get_thread(gift.place_id)
        return thread is None or bool(getattr(thread.permissions_for(guild.me), right))

    def _left_alone(self, gift: Gift) -> bool:
        return gift.key in self._skipped or self._refusals[gift.place_id] >= MOST_REFUSALS

    async def _open(self, guild: discord.Guild, opening: Opening) -> None:
        """Begin the thread under a card. A message has one at most: one that is there is it."""
        channel = self.bot.get_partial_messageable(opening.channel_id, guild_id=guild.id)
        message = channel.get_partial_message(opening.message_id)
        try:
            name = fitted(opening.title, NAME_LENGTH, str)
            await message.create_thread(name=name, auto_archive_duration=QUIET)
        except discord.HTTPException as refusal:
            if refusal.code != HAS_THREAD:
                self._count(opening.message_id, refusal)
                return
        async with self.bot.db.writing(guild.id) as session:
            await belongings.opened(session, opening.event_id, opening.message_id)

    async def _close(self, guild: discord.Guild, thread_id: int) -> None:
        """Put a thread away; whoever writes in it opens it again."""
        try:
            await self.bot.http.edit_channel(thread_id, archived=True)
        except discord.HTTPException as refusal:
            self._count(thread_id, refusal)
        async with self.bot.db.writing(guild.id) as session:
            await belongings.forget(session, thread_id)

    async def _give(self, guild: discord.Guild, gift: Gift) -> None:
        """Give a member what is theirs, unless they have it of their own."""
        if self._left_alone(gift):
            return
        try:
            if gift.mark is None and await self._has(guild, gift):
                await self._mark(guild, gift, Mark.OWN)
                return
            # Before it is asked for: after a crash it is asked for again, and stays the bot's.
            await self._mark(guild, gift, Mark.DUE)
            if gift.kind == "thread":
                await self.bot.http.add_user_to_thread(gift.place_id, gift.user_id)
            else:
                await self.bot.http.add_role(guild.id, gift.user_id, gift.place_id)
        except discord.HTTPException as refusal:
            await self._refused(guild, gift, refusal)
            await self._returned(guild, gift)
        else:
            del self._refusals[gift.place_id]
            await self._mark(guild, gift, Mark.GIVEN)

    async def _take(self, guild: discord.Guild, gift: Gift) -> None:
        """Take back what the bot gave; what was a member's before stays theirs."""
        if self._left_alone(gift):
            return
        try:
            if gift.mark is Mark.OWN:
                pass
            elif gift.kind == "thread":
                await self.bot.http.remove_user_from_thread(gift.place_id, gift.user_id)
            elif guild.get_role(gift.place_id) is not None:
                await self.bot.http.remove_role(guild.id, gift.user_id, gift.place_id)
        except discord.HTTPException as refusal:
            await self._refused(guild, gift, refusal)
            if refusal.code not in NO_MEMBER:
                return
        await self._returned(guild, gift)

    async def _has(self, guild: discord.Guild, gift: Gift) -> bool:
        """Whether a member has something already."""
        if gift.kind == "role":
            member = await self.bot.http.get_member(guild.id, gift.user_id)
            return str(gift.place_id) in map(str, member["roles"])
        try:
            await self.bot.http.get_thread_member(gift.place_id, gift.user_id)
        except discord.NotFound as absence:
            if absence.code == NO_CHANNEL:
                raise
            return False
        return True

    async def _refused(
        self, guild: discord.Guild, gift: Gift, refusal: discord.HTTPException
    ) -> None:
        """Do what a refusal asks for: wake a thread, or leave a member or a place alone."""
        if refusal.code in NO_MEMBER:
            self._skipped.add(gift.key)
            return
        self._count(gift.place_id, refusal)
        if refusal.code == ARCHIVED:
            # Discord puts quiet threads away; people join them all the same.
            await self._wake(gift.place_id)
        elif refusal.code == NO_CHANNEL:
            self._refusals[gift.place_id] = MOST_REFUSALS
            await self.lost(guild.id, gift.place_id)
        else:
            self._skipped.add(gift.key)

    async def _wake(self, thread_id: int) -> None:
        try:
            await self.bot.http.edit_channel(thread_id, archived=False)
        except discord.HTTPException as refusal:
            self._count(thread_id, refusal)

    def _count(self, place_id: int, refusal: discord.HTTPException) -> None:
        """Count a refusal of Discord's; its own trouble is none."""
        if refusal.status >= TROUBLE:
            raise refusal
        self._refusals[place_id] += 1
        log.warning("not given", place=place_id, code=refusal.code)

    async def _mark(self, guild: discord.Guild, gift: Gift, how: Mark) -> None:
        async with self.bot.db.writing(guild.id) as session:
            await belongings.mark(session, guild.id, gift, how)

    async def _returned(self, guild: discord.Guild, gift: Gift) -> None:
        async with self.bot.db.writing(guild.id) as session:
            await belongings.returned(session, gift)


def _grantable(guild: discord.Guild, role_id: int, organiser_role: int | None) -> bool:
    """Whether a role that was chosen is still one to give to whoever signs up."""
    role = guild.get_role(role_id)
    if role is None:
        return False
    try:
        _rights.require_grantable(role, organiser_role)
    except UserError:
        return False
    return True
