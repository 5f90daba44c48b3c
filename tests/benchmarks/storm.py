"""A thousand members want fifty seats at each of four tables: `python -m tests.benchmarks.storm`.

Half of them press a button, half react, as fast as events can be sent. The bot is a process of its
own on real sockets; the little Discord beside it takes about as much of the machine.
"""

import asyncio
import tempfile
from pathlib import Path
from statistics import quantiles

from tests.wire.process import RUN, BotProcess
from tests.wire.server import WireDiscord
from tests.wire.test_storm import MEMBERS, PATCH, begin, posted

ROUNDS = 3


async def measure(folder: Path) -> str:
    """Play the storm once; say when buttons were answered, and how often the card was edited."""
    async with WireDiscord(strict=False) as server:
        storm = await begin(server, folder)
        async with BotProcess(server, folder, RUN) as bot:
            await bot.logged_in()
            await posted(storm)
            before = len(server.sent("PATCH", PATCH))
            await storm.rage()
            edits = len(server.sent("PATCH", PATCH)) - before
    waits = sorted(it.seconds or 0.0 for it in storm.pressed)
    cuts = quantiles(waits, n=100)
    return (
        f"{MEMBERS} answers sent in {storm.seconds:.1f} s; buttons answered after "
        f"{cuts[49]:.2f} s (median), {cuts[98]:.2f} s (99 %), {waits[-1]:.2f} s (last); "
        f"{edits} edits; wrong: {storm.wrongs() or 'nothing'}"
    )


async def main() -> None:
    """Measure a few times, and print each."""
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            print(await measure(Path(folder)))  # noqa: T201 # its result


if __name__ == "__main__":
    asyncio.run(main())
