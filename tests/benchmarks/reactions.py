"""Reactions a second, from the gateway to the disk: `python -m tests.benchmarks.reactions`.

The bot runs as a process of its own, on a loopback Discord, beside a listener that does nothing
with what it hears: discord.py's own speed, on this machine, in the same minutes. Both are sent the
same storm, written down beforehand, in turn. The bot's time ends when its database holds every
answer; the listener's, when it answers a command that was sent after the storm.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.wire.events import reacted
from tests.wire.gateway import Frame
from tests.wire.model import Message
from tests.wire.process import LISTEN, BotProcess
from tests.wire.server import WireDiscord
from tests.wire.town import Town

REACTIONS = 20_000
ROUNDS = 5
# Seconds between two looks at the database.
LOOK = 0.02


class Run(NamedTuple):
    """Seconds from the start of a process to its login, and reactions a second."""

    start: float
    speed: float


async def of_bot(town: Town) -> Run:
    """Measure the bot, from the first frame to the last durable answer."""
    await town.was_set_up()
    async with AsyncExitStack() as stack:
        start = await _start(stack, town.bot(LOG_LEVEL="WARNING"))
        storm = _storm(town, await town.announce(capacity=50))
        started = time.perf_counter()
        await town.server.storm(storm)
        while town.stored("SELECT count(*) FROM answer") != [(REACTIONS,)]:  # noqa: ASYNC110 # a file rings no bell
            await asyncio.sleep(LOOK)
        return Run(start, REACTIONS / (time.perf_counter() - started))


async def of_listener(town: Town) -> Run:
    """Measure the listener, from the first frame to the answer of a command after the last."""
    async with AsyncExitStack() as stack:
        start = await _start(stack, BotProcess(town.server, town.directory, LISTEN))
        card = town.server.world.write(town.channel, town.server.world.bot, {"content": "card"})
        storm = _storm(town, card)
        started = time.perf_counter()
        await town.server.storm(storm)
        await town.server.slash(town.organiser, town.channel, "ping")
        return Run(start, REACTIONS / (time.perf_counter() - started))


def _storm(town: Town, card: Message) -> Sequence[Frame]:
    return [reacted(card, member.user, "✅") for member in town.crowd(REACTIONS)]


async def _start(stack: AsyncExitStack, process: BotProcess) -> float:
    started = time.perf_counter()
    bot = await stack.enter_async_context(process)
    await bot.logged_in()
    return time.perf_counter() - started


async def _alone(measure: Callable[[Town], Awaitable[Run]]) -> Run:
    """Measure in a town of its own, on an empty database."""
    with tempfile.TemporaryDirectory() as folder:
        async with WireDiscord(strict=False) as server:
            return await measure(Town.found(server, Path(folder)))


async def main() -> None:
    """Measure both several times, in turn, and print the medians."""
    measures = {"listener": of_listener, "bot": of_bot}
    runs: dict[str, list[Run]] = {name: [] for name in measures}
    for _ in range(ROUNDS):
        for name, measure in measures.items():
            runs[name].append(await _alone(measure))
    speeds = {name: median(run.speed for run in found) for name, found in runs.items()}
    for name, found in runs.items():
        start = median(run.start for run in found)
        print(f"{name:<10} login {start:4.2f} s   {speeds[name]:>7,.0f} reactions/s")  # noqa: T201 # its result
    print(f"durable, of what is heard: {speeds['bot'] / speeds['listener']:.0%}")  # noqa: T201 # its result


if __name__ == "__main__":
    asyncio.run(main())
