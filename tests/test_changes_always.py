"""Seats added and taken away beside a model small enough to be read at a glance."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url

from bot import migrate
from bot.db import Database
from bot.tables import Choice
from tests.changing import resize, told
from tests.conftest import START
from tests.evenings import make_evening

PEOPLE = range(11, 17)


@pytest.fixture(scope="module")
def open_database(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[asyncio.Runner, Database]]:
    """One SQLite file for all examples, each with an event of its own."""
    path: Path = tmp_path_factory.mktemp("changes") / "changes.db"
    with asyncio.Runner() as runner:
        database = Database(make_url(f"sqlite+aiosqlite:///{path}"))
        runner.run(migrate.to_newest(database, now=START))
        yield runner, database
        runner.run(database.close())


async def compare(database: Database, sizes: Sequence[int | None]) -> None:
    evening = await make_evening(database, capacity=3)
    await evening.plays(*(evening.press(user, Choice.YES) for user in PEOPLE))
    subjects = f"part:{evening.part_id}:"
    line, seats = [*PEOPLE], 3
    lost: list[int] = []
    gained: list[int] = []
    for size in sizes:
        now = len(line) if size is None else min(size, len(line))
        lost += line[now:seats]
        gained += line[seats:now]
        done = await resize(evening, size, confirmed=True)
        assert (done.seated, done.unseated) == (max(0, now - seats), max(0, seats - now))
        seats = now
        # Never more seated than seats, and always the first of the line.
        assert await evening.line() == (line[:seats], line[seats:])
    assert await told(evening, "unseated", subjects) == lost
    assert await told(evening, "promotion", subjects) == gained


@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(sizes=st.lists(st.one_of(st.none(), st.integers(1, 8)), min_size=1, max_size=8))
@example(sizes=[1, 5, 1, 5])
def test_the_last_lose_their_seats_and_the_first_of_them_get_them_back(
    open_database: tuple[asyncio.Runner, Database], sizes: list[int | None]
) -> None:
    runner, database = open_database
    runner.run(compare(database, sizes))
