"""Members who answer: an open part to try the intake on, and a process that plays their answers.

`python -m tests.answering URL PART FIRST_USER [unguarded]` answers yes for `A_TURN` members at
each line of its standard input, and writes a line of JSON: who was told of a seat, what failed.
"""

import asyncio
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict

from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import db, guilds
from bot.db import Database
from bot.events.intake import Intake
from bot.events.rsvp import Act
from bot.tables import Choice, Door, Event, EventStatus, Part

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GUILD = 1
A_TURN = 20


class Said(TypedDict):
    """What a process has to say: who was told of a seat, and what failed."""

    told: list[int]
    errors: list[str]


async def open_part(database: Database, capacity: int | None = None) -> int:
    """Make an announced event with one part, and give the part's id."""
    async with database.writing(GUILD) as session:
        await guilds.remember(session, {GUILD: "Rencontres"})
        event = Event(
            guild_id=GUILD,
            title="IA",
            starts_at=NOW + timedelta(days=14),
            local_start="2026-01-01T00:00:00",
            zone="UTC",
            status=EventStatus.ANNOUNCED,
            created_by=1,
            created_at=NOW,
            updated_at=NOW,
        )
        session.add(event)
        await session.flush()
        part = Part(guild_id=GUILD, event_id=event.id, position=0, capacity=capacity)
        session.add(part)
        await session.flush()
    return part.id


def yes(part_id: int, user_id: int) -> Act:
    """A member who presses "I’m coming"."""
    return Act(GUILD, user_id, ((part_id, Choice.YES),), Door.BUTTON, NOW)


async def answer(intake: Intake, part_id: int, users: Iterable[int]) -> Said:
    """Answer yes for these members, one after the other."""
    said = Said(told=[], errors=[])
    for user_id in users:
        try:
            outcome = await intake.submit(yes(part_id, user_id))
        except Exception as error:  # noqa: BLE001 # whatever it is, it is what the test asks about
            said["errors"].append(repr(error))
        else:
            said["told"] += [user_id] if outcome.standings[0].roster.has_seat(user_id) else []
    return said


def unguard() -> None:
    """Take away what makes writers wait for each other, to see what it is good for."""
    genuine: Any = getattr(db, "_sqlite")  # noqa: B009 # its guard is private, and rightly so

    async def wait_for_nobody(*_: object) -> None:
        pass

    def begin_late(url: URL, _begin: str, *, query_only: bool) -> AsyncEngine:
        engine: AsyncEngine = genuine(url, "BEGIN", query_only=query_only)
        return engine

    setattr(db, "_lock", wait_for_nobody)  # noqa: B010 # the same
    setattr(db, "_sqlite", begin_late)  # noqa: B010 # the same


async def _main(url: str, part_id: int, first: int) -> None:
    database = Database(make_url(url))
    intake = Intake(database, lambda _: None)
    while await asyncio.to_thread(sys.stdin.readline):
        said = await answer(intake, part_id, range(first, first + A_TURN))
        print(json.dumps(said), flush=True)  # noqa: T201 # its parent reads it
        first += A_TURN
    await database.close()


if __name__ == "__main__":
    if sys.argv[4:] == ["unguarded"]:
        unguard()
    asyncio.run(_main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
