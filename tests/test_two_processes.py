import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.db import Database
from bot.events import ledger
from tests.answering import A_TURN, Said, open_part

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
SEATS = 50
ROUNDS = 10


class Rush(NamedTuple):
    """What came of two processes that answered at once."""

    told: list[int]
    errors: list[str]
    seated: list[int]
    waiting: list[int]


async def rush(database: Database, *settings: str) -> Rush:
    """Let two processes answer for the same seats, again and again beginning at once."""
    part_id = await open_part(database, capacity=SEATS)
    url = database.url.render_as_string(hide_password=False)
    command = (sys.executable, "-m", "tests.answering", url, str(part_id))
    both = [
        await asyncio.create_subprocess_exec(
            *command, str(first), *settings, cwd=ROOT, stdin=PIPE, stdout=PIPE
        )
        for first in (1000, 2000)
    ]
    said = [one for _ in range(ROUNDS) for one in await asyncio.gather(*map(_answer, both))]
    for process in both:
        await process.communicate(b"")
    async with database.reading() as session:
        roster = (await ledger.rosters(session, [part_id]))[part_id]
    return Rush(
        told=[user for one in said for user in one["told"]],
        errors=[error for one in said for error in one["errors"]],
        seated=[answer.user_id for answer in roster.seated],
        waiting=[answer.user_id for answer in roster.waiting],
    )


async def _answer(process: Process) -> Said:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"go\n")
    said: Said = json.loads(await process.stdout.readline())
    return said


async def test_two_processes_seat_exactly_as_many_as_there_are_seats(database: Database) -> None:
    rushed = await rush(database)
    assert not rushed.errors
    assert len(rushed.seated) == SEATS
    assert sorted(rushed.told) == sorted(rushed.seated)
    # In order of arrival, as each process knows it, and nobody lost.
    line = rushed.seated + rushed.waiting
    for first in (1000, 2000):
        everybody = range(first, first + ROUNDS * A_TURN)
        assert [user for user in line if user in everybody] == [*everybody]


async def test_without_the_guard_they_do_not(database: Database) -> None:
    rushed = await rush(database, "unguarded")
    assert rushed.errors or sorted(rushed.told) != sorted(rushed.seated)
