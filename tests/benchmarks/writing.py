"""Answers a second that are durable, alone or in bursts: `python -m tests.benchmarks.writing`.

SQLite on the disk of this machine, with synchronous=FULL: every commit waits for the disk.
"""

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from sqlalchemy import make_url

from bot import migrate
from bot.db import Database
from bot.events.intake import Intake
from tests.answering import open_part, yes

BURSTS = {1: 300, 100: 30, 1000: 5}
ROUNDS = 5


async def measure(folder: Path, burst: int, bursts: int) -> float:
    """Play bursts of answers one after the other; give the answers a second."""
    database = Database(make_url(f"sqlite+aiosqlite:///{folder / 'answers.db'}"))
    await migrate.to_newest(database, now=datetime.now(UTC))
    part_id = await open_part(database, capacity=50)
    intake = Intake(database, lambda _: None)
    started = time.perf_counter()
    for first in range(0, burst * bursts, burst):
        await asyncio.gather(
            *(intake.submit(yes(part_id, first + user_id + 1)) for user_id in range(burst))
        )
    seconds = time.perf_counter() - started
    await database.close()
    return burst * bursts / seconds


async def main() -> None:
    """Measure each size of burst several times, in turn, and print the medians."""
    found: dict[int, list[float]] = {burst: [] for burst in BURSTS}
    for _ in range(ROUNDS):
        for burst, bursts in BURSTS.items():
            with tempfile.TemporaryDirectory() as folder:
                found[burst].append(await measure(Path(folder), burst, bursts))
    for burst, speeds in found.items():
        print(f"bursts of {burst:>5}: {median(speeds):>7,.0f} durable answers/s")  # noqa: T201 # its result


if __name__ == "__main__":
    asyncio.run(main())
