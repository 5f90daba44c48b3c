"""Sends what is owed, once; everything the bot says of its own accord goes out through here."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeAlias

import discord
import structlog
from discord.ext import commands, tasks

from bot import cards, deliveries, guilds, texts
from bot.app import LOST, Bot
from bot.deliveries import Recipient
from bot.tables import Delivery
from cogs import _drawings
from cogs._drawings import Drawing

Destination: TypeAlias = "discord.abc.Messageable"

# A REST call that hangs longer has an outcome nobody knows.
PATIENCE = 10
# How far back a channel is searched for a post whose fate a crash has hidden.
LOOK_BACK = 300
# By so much at most this machine's clock and Discord's are taken to disagree.
CLOCKS_DIFFER = timedelta(seconds=5)
# Discord's code for private messages that a member does not take.
CLOSED = 50007
# Its codes for a place that is gone, hidden, not to be written in, or a thread put away; and the
# sentences that say so.
SHUT = {
    10003: "deliveries.no_channel",
    50001: "deliveries.no_access",
    50013: "deliveries.no_right",
    50083: "deliveries.no_right",
}
# Its codes after which trying again in the same place is useless.
FINAL = {
    **SHUT,
    10013: "deliveries.no_member",
    CLOSED: "deliveries.closed_messages",
}

log = structlog.get_logger()


class Unknowable(Exception):  # noqa: N818 # nothing went wrong here that anybody could mend
    """A post may stand or not, and there is no way left to find out."""


class Deliveries(commands.Cog):
    """Drains the deliveries that are due: when told of one, and every few seconds."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self._task: asyncio.Task[None] | None = None

    async def cog_load(self) -> None:
        """Start looking; before the first connection, the loop waits."""
        if self.bot.db.sqlite:
            # Nobody else sends from this file: whoever claimed these rows died.
            async with self.bot.db.writing() as session:
                await deliveries.release(session, now=self.bot.clock())
        self.look.start()

    async def cog_unload(self) -> None:
        """Stop looking."""
        self.look.cancel()

    @tasks.loop(seconds=15)
    async def look(self) -> None:
        """Find what came due by itself: retries, and what another process wrote."""
        self._start()

    @look.before_loop
    async def connected(self) -> None:
        """Wait for the guilds: a channel is known only then."""
        await self.bot.wait_until_ready()

    @commands.Cog.listener()
    async def on_delivery_due(self) -> None:
        """Send at once what was just written."""
        self._start()

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        """Send what is due, a few to each community in turn."""
        try:
            while guild_ids := await self._owing():
                for guild_id in guild_ids:
                    await self._send_some(guild_id)
        except Exception as error:  # noqa: BLE001 # a door: the next look tries again
            await self.bot.tell(error)

    async def _owing(self) -> Sequence[int]:
        # Only a reading: most looks find nothing, and writing keeps others waiting.
        async with self.bot.db.reading() as session:
            return await deliveries.owing(session, self.bot.clock())

    async def _send_some(self, guild_id: int) -> None:
        async with self.bot.db.writing(guild_id) as session:
            claimed = await deliveries.claim(session, guild_id, now=self.bot.clock())
        for delivery in claimed:
            await self._try(delivery)

    async def _try(self, delivery: Delivery) -> None:
        """Deliver; a mistake of ours in one delivery does not hold up those behind it."""
        try:
            await self._deliver(delivery)
        except Exception as error:  # noqa: BLE001 # a door
            await self.bot.tell(error)
            await self._later(delivery, "deliveries.mistake")

    async def _deliver(self, delivery: Delivery) -> None:
        """Send one delivery, then mark what came of it."""
        drawing = await self._draw(delivery)
        if drawing is None:
            await self._fail(delivery, "deliveries.gone")
            return
        try:
            async with asyncio.timeout(PATIENCE):
                message_id = await self._send(delivery, drawing)
        except discord.HTTPException as refusal:
            await self._refused(delivery, drawing, refusal)
        except LOST:
            await self._later(delivery, "deliveries.no_answer")
        except Unknowable:
            await self._leave_to_organisers(delivery)
        else:
            async with self.bot.db.writing(delivery.guild_id) as session:
                await deliveries.sent(session, delivery, message_id, self.bot.clock())
                await _drawings.posted(session, delivery, message_id)
            self.bot.dispatch("delivered", delivery.kind, delivery.subject)

    async def _draw(self, delivery: Delivery) -> Drawing | None:
        """Draw it from the database, as things stand now; None if there is nothing to say."""
        async with self.bot.db.reading() as session:
            guild = await guilds.settings(session, delivery.guild_id)
            recipient = Recipient.read(delivery.recipient)
            voice = self.bot.public_voice(guild)
            if recipient.kind == "user":
                chosen = await guilds.languages(session, guild.id, recipient.id)
                voice = texts.pick(self.bot.voices, chosen.member, voice.language)
            return await _drawings.draw(session, delivery, voice)

    async def _send(self, delivery: Delivery, drawing: Drawing) -> int:
        """Post, unless a crash hides that it was posted already; give the message's id."""
        recipient = Recipient.read(delivery.recipient)
        destination = await self._destination(recipient)
        if delivery.attempts > 1:
            earlier = await self._find(destination, delivery, drawing)
            if earlier is not None:
                return earlier
        message = await destination.send(
            _said(recipient, drawing),
            embeds=drawing.embeds,
            view=drawing.view or discord.utils.MISSING,
            nonce=delivery.nonce,
            allowed_mentions=_pinging(recipient, drawing),
        )
        return message.id

    async def _destination(self, recipient: Recipient) -> Destination:
        if recipient.place is None:
            return await self.bot.create_dm(discord.Object(recipient.id))
        return self.bot.get_partial_messageable(recipient.place)

    def _can_look(self, recipient: Recipient) -> bool:
        """Whether the history there is shown: without the right Discord shows an empty one."""
        channel = self.bot.get_channel(recipient.place or recipient.id)
        if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
            return True
        return channel.permissions_for(channel.guild.me).read_message_history

    async def _find(
        self, destination: Destination, delivery: Delivery, drawing: Drawing
    ) -> int | None:
        """Look for a post of this delivery: its nonce is forgotten within minutes.

        Raises:
            Unknowable: if it may stand where the bot does not or cannot look, posted too long ago
                for the nonce to keep a second post away.
        """
        looked = 0
        since = delivery.created_at - CLOCKS_DIFFER
        async for message in destination.history(limit=LOOK_BACK, after=since, oldest_first=False):
            looked += 1
            ours = self.bot.user is not None and message.author.id == self.bot.user.id
            if ours and _is_of(message, delivery, drawing):
                return message.id
        whole = looked < LOOK_BACK and self._can_look(Recipient.read(delivery.recipient))
        if not whole and self.bot.clock() - delivery.created_at > deliveries.NONCE_LIVES:
            raise Unknowable
        return None

    async def _refused(
        self, delivery: Delivery, drawing: Drawing, refusal: discord.HTTPException
    ) -> None:
        if other := await self._elsewhere(delivery, drawing, refusal.code):
            reason, now = FINAL[refusal.code], self.bot.clock()
            async with self.bot.db.writing(delivery.guild_id) as session:
                await deliveries.elsewhere(session, delivery, other, reason, now)
        elif refusal.code in FINAL:
            await self._fail(delivery, FINAL[refusal.code])
        elif refusal.status in {400, 401, 403, 404}:
            log.error("delivery refused", delivery=delivery.id, code=refusal.code)
            await self._fail(delivery, "deliveries.refused")
        else:
            await self._later(delivery, "deliveries.no_answer")

    async def _elsewhere(self, delivery: Delivery, drawing: Drawing, code: int) -> Recipient | None:
        """Where to say what was refused here: in the thread, and if not there in its channel."""
        recipient = Recipient.read(delivery.recipient)
        if code == CLOSED:
            return recipient.moved(drawing.thread_id) if drawing.thread_id else None
        if code not in SHUT or recipient.place is None:
            return None
        async with self.bot.db.reading() as session:
            channel_id = await cards.above(session, recipient.place)
        return recipient.moved(channel_id) if channel_id else None

    async def _fail(self, delivery: Delivery, reason: str) -> None:
        async with self.bot.db.writing(delivery.guild_id) as session:
            await deliveries.failed(session, delivery, reason)
        log.warning("not delivered", delivery=delivery.id, kind=delivery.kind, reason=reason)

    async def _leave_to_organisers(self, delivery: Delivery) -> None:
        async with self.bot.db.writing(delivery.guild_id) as session:
            await deliveries.unknown(session, delivery, "deliveries.no_answer")
        log.warning("perhaps delivered", delivery=delivery.id, kind=delivery.kind)

    async def _later(self, delivery: Delivery, reason: str) -> None:
        async with self.bot.db.writing(delivery.guild_id) as session:
            await deliveries.later(session, delivery, reason, self.bot.clock())


def _said(recipient: Recipient, drawing: Drawing) -> str | None:
    """Its words; in a channel, after the name of the one they are for."""
    if recipient.channel_id is None:
        return drawing.content
    return f"<@{recipient.id}> {drawing.content or ''}"


def _pinging(recipient: Recipient, drawing: Drawing) -> discord.AllowedMentions:
    """Let a delivery reach those it is for, and nobody else."""
    pings = drawing.pings if recipient.channel_id is None else (recipient.id,)
    if not pings:
        return discord.AllowedMentions.none()
    users: list[discord.abc.Snowflake] = [discord.Object(user_id) for user_id in pings]
    return discord.AllowedMentions(everyone=False, roles=False, replied_user=False, users=users)


def _is_of(message: discord.Message, delivery: Delivery, drawing: Drawing) -> bool:
    """Whether a message is a delivery's post: by its mark or, without one, by its words."""
    if drawing.mark is None:
        return message.content == _said(Recipient.read(delivery.recipient), drawing)
    mark = drawing.mark
    rows = (row for row in message.components if isinstance(row, discord.ActionRow))
    ids = (getattr(item, "custom_id", None) for row in rows for item in row.children)
    return any(custom_id and custom_id.startswith(mark) for custom_id in ids)


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Deliveries(bot))
