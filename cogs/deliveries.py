"""Sends what is owed, once; everything the bot says of its own accord goes out through here."""

import asyncio
from typing import TypeAlias

import discord
import structlog
from discord.ext import commands, tasks

from bot import deliveries
from bot.app import Bot
from bot.deliveries import Recipient
from bot.tables import Delivery, Guild
from cogs import _drawings
from cogs._drawings import Drawing

Destination: TypeAlias = "discord.abc.Messageable"

# A REST call that hangs longer has an outcome nobody knows.
PATIENCE = 10
# How far back a channel is searched for a post whose fate a crash has hidden.
LOOK_BACK = 50
# Discord's codes after which trying again is useless, and the sentence that says so.
FINAL = {
    10003: "deliveries.no_channel",
    10013: "deliveries.no_member",
    50001: "deliveries.no_access",
    50007: "deliveries.closed_messages",
    50013: "deliveries.no_right",
}

log = structlog.get_logger()


class Deliveries(commands.Cog):
    """Drains the deliveries that are due: when told of one, and every few seconds."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self._task: asyncio.Task[None] | None = None

    async def cog_load(self) -> None:
        """Start looking; before the first connection, the loop waits."""
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
        try:
            while True:
                async with self.bot.db.writing() as session:
                    due = await deliveries.claim(session, now=self.bot.clock())
                if not due:
                    return
                for delivery in due:
                    await self._deliver(delivery)
        except Exception as error:  # noqa: BLE001 # a door: the next look tries again
            await self.bot.tell(error)

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
            await self._refused(delivery, refusal)
        except (TimeoutError, OSError):
            await self._later(delivery, "deliveries.no_answer")
        else:
            async with self.bot.db.writing(delivery.guild_id) as session:
                await deliveries.sent(session, delivery, message_id, self.bot.clock())
                await _drawings.posted(session, delivery, message_id)
            self.bot.dispatch("delivered", delivery.kind, delivery.subject)

    async def _draw(self, delivery: Delivery) -> Drawing | None:
        """Draw it from the database, as things stand now; None if there is nothing to say."""
        async with self.bot.db.reading() as session:
            guild = await session.get(Guild, delivery.guild_id)
            if guild is None:
                return None
            return await _drawings.draw(session, delivery, self.bot.public_voice(guild))

    async def _send(self, delivery: Delivery, drawing: Drawing) -> int:
        """Post, unless a crash hides that it was posted already; give the message's id."""
        destination = await self._destination(Recipient.read(delivery.recipient))
        if delivery.attempts > 1:
            earlier = await self._find(destination, drawing.mark)
            if earlier is not None:
                return earlier
        message = await destination.send(
            drawing.content,
            embeds=drawing.embeds,
            view=drawing.view or discord.utils.MISSING,
            nonce=delivery.nonce,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        return message.id

    async def _destination(self, recipient: Recipient) -> Destination:
        if recipient.kind == "user":
            return await self.bot.create_dm(discord.Object(recipient.id))
        return self.bot.get_partial_messageable(recipient.id)

    async def _find(self, destination: Destination, mark: str | None) -> int | None:
        """Look for a post by the mark it carries: a nonce is forgotten within minutes."""
        if mark is None or self.bot.user is None:
            return None
        async for message in destination.history(limit=LOOK_BACK):
            if message.author.id == self.bot.user.id and _carries(message, mark):
                return message.id
        return None

    async def _refused(self, delivery: Delivery, refusal: discord.HTTPException) -> None:
        if refusal.code in FINAL:
            await self._fail(delivery, FINAL[refusal.code])
        elif refusal.status in {400, 401, 403, 404}:
            log.error("delivery refused", delivery=delivery.id, code=refusal.code)
            await self._fail(delivery, "deliveries.refused")
        else:
            await self._later(delivery, "deliveries.no_answer")

    async def _fail(self, delivery: Delivery, reason: str) -> None:
        async with self.bot.db.writing(delivery.guild_id) as session:
            await deliveries.failed(session, delivery, reason)
        log.warning("not delivered", delivery=delivery.id, kind=delivery.kind, reason=reason)

    async def _later(self, delivery: Delivery, reason: str) -> None:
        async with self.bot.db.writing(delivery.guild_id) as session:
            await deliveries.later(session, delivery, reason, self.bot.clock())


def _carries(message: discord.Message, mark: str) -> bool:
    """Whether one of a message's buttons has an id that begins with the mark."""
    rows = (row for row in message.components if isinstance(row, discord.ActionRow))
    ids = (getattr(item, "custom_id", None) for row in rows for item in row.children)
    return any(custom_id and custom_id.startswith(mark) for custom_id in ids)


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Deliveries(bot))
