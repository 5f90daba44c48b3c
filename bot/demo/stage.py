import asyncio
import signal
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import discord
import structlog
from discord.ext import commands
from simcord import ChannelHandle, Env, GuildHandle, MemberActor, Preview, UserHandle
from simcord.backend.access import can_access_channel

TIMEZONE = "Europe/Paris"
# Seconds between two looks at the clock.
BEAT = 1.0
# Seconds that the bot may take for what follows from an act, on a machine that has much to do.
PATIENCE = 20.0

World = TypeVar("World")

log = structlog.get_logger()


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def present(
    bot: commands.AutoShardedBot,
    name: str,
    found: Callable[[Env], World],
    clock: Callable[[], datetime] = _now,
) -> AsyncGenerator[World]:
    """Run the bot under this name in a simulated Discord in which it is now; close it at the end.

    `found` makes the servers and members there are, and gives what to hand on. The clock stands
    still until a `Stage` moves it.
    """
    env = Env(bot, check_errors=False, shard_count=bot.shard_count or 1, settle_timeout=PATIENCE)
    try:
        # On the simulator's first day: an id carries its time, and these are the same every time.
        world = found(env)
        vars(env.backend.clock)["_epoch"] = clock()
        await env.start()
        with env.time_context():
            assert bot.user is not None  # noqa: S101 # the bot has just logged in
            await bot.user.edit(username=name)
            yield world
    finally:
        try:
            await bot.close()
        finally:
            await env.shutdown()


async def stopped() -> None:
    """Wait for Ctrl-C, or to be told to end."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    # Not loop.add_signal_handler, which Windows lacks.
    signals = (signal.SIGINT, signal.SIGTERM)

    def end(_number: int, _frame: object) -> None:
        loop.call_soon_threadsafe(stop.set)

    before = {number: signal.signal(number, end) for number in signals}
    try:
        await stop.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass(frozen=True, slots=True)
class Room:
    """Somewhere to read and write: a channel, a thread, or the bot's private messages."""

    id: int
    name: str
    topic: str
    category: str
    kind: str  # "channel", "thread" or "private"
    last: int  # the id of its newest message; 0 if it has none


class Stage:
    """A simulated server that lives in the present and shows its channels.

    simcord shows one channel at a time; here each one that was asked for stays shown.
    """

    def __init__(
        self,
        env: Env,
        guild: GuildHandle,
        members: Mapping[str, MemberActor],
        locale: discord.Locale,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.env = env
        self.guild = guild
        self.members = members
        self.locale = locale
        # Whoever acts in the simulated Discord holds it: simcord refuses two acts at once.
        self.turn = asyncio.Lock()
        self._clock = clock
        self._shown: dict[int, Preview] = {}
        self._closing = AsyncExitStack()
        self._changed = False
        self._requests = 0

    @asynccontextmanager
    async def alive(self) -> AsyncGenerator[None]:
        """Let time pass, and show again what changes."""
        self.env.backend.subscribers.insert(0, self._witness)
        heart = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            heart.cancel()
            await asyncio.gather(heart, return_exceptions=True)
            self.env.backend.subscribers.remove(self._witness)
            await self._closing.aclose()
            self._shown.clear()

    def rooms(self, member: MemberActor) -> list[Room]:
        """Every place that a member can read, in the order of the server, private messages last."""
        private = member.user.dm_channel
        said = private.history(viewer=member.user)
        return [
            *(
                Room(
                    channel.id,
                    channel.name,
                    getattr(channel, "topic", None) or "",
                    channel.category.name if channel.category else "",
                    "thread" if isinstance(channel, discord.Thread) else "channel",
                    channel.last_message_id or 0,
                )
                for channel in self._channels()
                if can_access_channel(self.env, channel.id, member, history=True)
            ),
            Room(private.id, "", "", "", "private", said[-1].id if said else 0),
        ]

    def _channels(self) -> Iterator[discord.TextChannel | discord.Thread]:
        """The text channels as the server orders them, each followed by its threads."""
        guild = self.env.bot.get_guild(self.guild.id)
        for _category, channels in guild.by_category() if guild else []:
            for channel in channels:
                if isinstance(channel, discord.TextChannel):
                    yield channel
                if isinstance(channel, discord.TextChannel | discord.ForumChannel):
                    yield from channel.threads

    async def show(self, channel_id: int, member: MemberActor) -> Preview:
        """Show a place that a member can read, to everybody who can.

        Must be called in one's turn.

        Raises:
            LookupError: if there is no such place for this member.
        """
        if channel_id not in {room.id for room in self.rooms(member)}:
            raise LookupError(channel_id)
        if channel_id not in self._shown:
            self.act_in(None)
            self._shown[channel_id] = await self._closing.enter_async_context(
                self._preview(channel_id, member)
            )
        return self._shown[channel_id]

    def shown(self, channel_id: str) -> Preview | None:
        """What shows a place, if anything does; where no place is named, anything will do."""
        if not channel_id:
            return next(iter(self._shown.values()), None)
        return next((p for p in self._shown.values() if str(p.channel.id) == channel_id), None)

    def act_in(self, preview: Preview | None) -> None:
        """Tell simcord, which believes that there is one preview, where the next act happens."""
        vars(self.env)["_preview"] = preview

    def _preview(self, channel_id: int, member: MemberActor) -> Preview:
        """What shows one's private messages, or a channel to everybody who can read it."""
        channel = member.user.dm_channel
        viewers: list[MemberActor | UserHandle] = [member.user]
        if channel.id != channel_id:
            channel = ChannelHandle(self.env, self.guild, self.env.backend.get_channel(channel_id))
            viewers = [
                one
                for one in self.members.values()
                if can_access_channel(self.env, channel_id, one, history=True)
            ]
        return self.env.preview(
            channel,
            viewers=viewers,
            layout="channel",
            locale=self.locale.value,
            timezone=TIMEZONE,
        )

    def commands(self) -> dict[str, dict[str, Any]]:
        """The commands that the bot has sent, by id, with their names in every language."""
        return {
            command["id"]: command
            for scope in self.env.backend.commands.values()
            for command in scope.values()
        }

    def _witness(self, event: str, payload: Any) -> None:
        """Notice what changes; make every client speak our language, simcord's being American."""
        if event == "INTERACTION_CREATE":
            payload.update(locale=self.locale.value, guild_locale=self.locale.value)
        else:
            self._changed = True

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            async with self.turn:
                try:
                    await self._catch_up()
                except TimeoutError:
                    log.info("the bot is still busy")
                except Exception:
                    log.exception("the simulated clock is late")

    async def _catch_up(self) -> None:
        """Bring the clock to now, and show again whatever changed since the last time."""
        late = (self._clock() - self.env.now()).total_seconds()
        if late > 0:
            await self.env.advance_time(late)
        # A private reply that came late is no event.
        requests = self.env.http_requests
        late_replies = any(r.path.startswith("/webhooks/") for r in requests[self._requests :])
        self._requests = len(requests)
        if self._changed or late_replies:
            self._changed = False
            for preview in self._shown.values():
                await preview.refresh()
