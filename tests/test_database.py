import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from bot.db import Database
from bot.tables import Guild, Series

GUILD = 1
SEATS = 10

Opens: TypeAlias = Callable[[], AbstractAsyncContextManager[AsyncSession]]


@pytest.fixture
async def guild(database: Database) -> int:
    """A guild for rows to belong to."""
    async with database.writing() as session:
        session.add(Guild(id=GUILD, name="Les Tablées"))
    return GUILD


async def names(database: Database) -> list[str]:
    async with database.reading() as session:
        return [*await session.scalars(select(Series.name).order_by(Series.id))]


async def write(database: Database, name: str) -> None:
    async with database.writing(GUILD) as session:
        session.add(Series(guild_id=GUILD, name=name))


@pytest.mark.usefixtures("guild")
async def test_two_hundred_at_once_are_all_written_first_come_first_served(
    database: Database,
) -> None:
    wanted = [str(number) for number in range(200)]
    await asyncio.gather(*(write(database, name) for name in wanted))
    found = await names(database)
    assert sorted(found) == sorted(wanted)
    if database.sqlite:  # PostgreSQL orders those who reach it; who reaches it first is a race
        assert found == wanted


@pytest.mark.usefixtures("guild")
async def test_another_process_may_write_meanwhile(database: Database) -> None:
    other = Database(database.url)
    await asyncio.gather(
        *(write(database, f"ours {number}") for number in range(30)),
        *(write(other, f"theirs {number}") for number in range(30)),
    )
    await other.close()
    assert len(await names(database)) == 60


async def take_a_seat(opens: Opens, name: str) -> None:
    """Count, then insert: right only if nobody comes in between."""
    async with opens() as session:
        taken = await session.scalar(select(func.count()).select_from(Series))
        if taken is not None and taken < SEATS:
            session.add(Series(guild_id=GUILD, name=name))
            await session.flush()


async def rush(opens: Opens) -> list[BaseException]:
    """Fifty people for ten seats, all at once; give what went wrong."""
    takers = (take_a_seat(opens, str(number)) for number in range(50))
    found = await asyncio.gather(*takers, return_exceptions=True)
    return [error for error in found if error is not None]


@pytest.mark.usefixtures("guild")
async def test_fifty_at_once_take_exactly_ten_seats(database: Database) -> None:
    assert await rush(lambda: database.writing(GUILD)) == []
    assert len(await names(database)) == SEATS


@pytest.mark.usefixtures("guild")
async def test_without_the_guard_the_same_rush_goes_wrong(database: Database) -> None:
    plain = create_async_engine(database.url)
    failures = await rush(async_sessionmaker(plain).begin)
    await plain.dispose()
    assert all(isinstance(failure, DBAPIError) for failure in failures)
    assert failures or len(await names(database)) > SEATS


async def test_a_reader_cannot_write(database: Database, guild: int) -> None:
    async with database.reading() as session:
        session.add(Series(guild_id=guild, name="never"))
        with pytest.raises(DBAPIError, match=r"(?i)read-?only"):
            await session.flush()
    assert await names(database) == []


@pytest.mark.usefixtures("guild")
async def test_a_reader_waits_for_no_writer_and_sees_only_what_is_committed(
    database: Database,
) -> None:
    async with database.writing(GUILD) as session:
        session.add(Series(guild_id=GUILD, name="soon"))
        await session.flush()
        async with asyncio.timeout(5):
            assert await names(database) == []
    assert await names(database) == ["soon"]


@pytest.mark.usefixtures("guild")
async def test_a_reader_sees_one_moment(database: Database) -> None:
    count = select(func.count()).select_from(Series)
    async with database.reading() as session:
        assert await session.scalar(count) == 0
        await write(database, "meanwhile")
        assert await session.scalar(count) == 0


async def fail_half_way(database: Database) -> None:
    async with database.writing(GUILD) as session:
        session.add(Series(guild_id=GUILD, name="half"))
        await session.flush()
        raise RuntimeError("half-way")


@pytest.mark.usefixtures("guild")
async def test_an_error_leaves_nothing_half_written_and_lets_the_next_in(
    database: Database,
) -> None:
    with pytest.raises(RuntimeError, match="half-way"):
        await fail_half_way(database)
    await write(database, "next")
    assert await names(database) == ["next"]


@pytest.mark.usefixtures("guild")
async def test_who_gives_up_waiting_holds_nobody_up(database: Database) -> None:
    async with database.writing(GUILD):
        impatient = asyncio.create_task(write(database, "impatient"))
        patient = asyncio.create_task(write(database, "patient"))
        await names(database)
        impatient.cancel()
    await patient
    assert await names(database) == ["patient"]


async def test_no_row_without_its_guild(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await write(database, "orphan")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("pragma", "writer", "reader"),
    [
        ("journal_mode", "wal", "wal"),
        ("synchronous", 2, 2),
        ("foreign_keys", 1, 1),
        ("secure_delete", 1, 1),
        ("query_only", 0, 1),
    ],
)
async def test_sqlite_is_durable_and_strict(
    database: Database, pragma: str, writer: object, reader: object
) -> None:
    for engine, expected in ((database.writer, writer), (database.reader, reader)):
        async with engine.connect() as connection:
            assert await connection.scalar(text(f"PRAGMA {pragma}")) == expected


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.usefixtures("guild")
async def test_on_postgresql_guilds_do_not_wait_for_each_other(database: Database) -> None:
    async with database.writing(2) as other:
        await other.execute(select(1))
        async with asyncio.timeout(5):
            await write(database, "meanwhile")
    assert await names(database) == ["meanwhile"]


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.usefixtures("guild")
async def test_on_postgresql_who_writes_for_all_waits_for_each(database: Database) -> None:
    order: list[str] = []

    async def write_for_all() -> None:
        async with database.writing() as session:
            order.append("all")
            await session.execute(select(1))

    async with database.writing(GUILD):
        everybody = asyncio.create_task(write_for_all())
        await names(database)
        order.append("one")
    await everybody
    assert order == ["one", "all"]
