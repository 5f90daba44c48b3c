import ast
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Inspector,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    insert,
    inspect,
    make_url,
    select,
    text,
)

from bot import migrate
from bot.db import Database
from bot.errors import UserError
from bot.migrate import MIGRATIONS
from bot.tables import Base
from tests.conftest import START

REVISIONS = sorted((MIGRATIONS / "versions").glob("*.py"))
OLDER = [path.name[:4] for path in REVISIONS[:-1]]
# A card is of an event or of a recap.
EMPTY = {"card.recap_id"}
# What rows of before have, after an upgrade to the newest, in columns that may not be empty.
DEFAULTS: dict[str, object] = {
    "guild.threads": True,
    "guild.mirror": True,
    "series.parts": [],
    "part.cuts": 0,
    "part.walk_ins": 0,
    "draft.tries": 0,
}

Rows: TypeAlias = dict[str, list[dict[str, Any]]]


async def tables(database: Database) -> set[str]:
    async with database.writer.connect() as connection:
        found = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    return {*found} - {"alembic_version", "sqlite_sequence"}


def ours() -> set[str]:
    return {table.name for table in Base.metadata.sorted_tables}


async def make(database: Database, revision: str) -> None:
    """Bring a database to an older schema as the program of that time made it, from nothing."""

    def upgrade(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    await migrate.to(database, "base")
    async with database.writer.begin() as connection:
        await connection.run_sync(upgrade)


async def reflected(database: Database) -> list[Table]:
    """The tables as they stand, the search index among them, parents first."""
    metadata = MetaData()
    async with database.writer.connect() as connection:
        await connection.run_sync(metadata.reflect)
    return [table for table in metadata.sorted_tables if table.name != "alembic_version"]


def value(column: Column[Any]) -> object:
    """Something that the column takes; a key is 1, wherever it points."""
    match column.type:
        case Boolean():
            return True
        case Integer():
            return 1 if column.primary_key or column.foreign_keys else 2
        case JSON():
            return {"title": "Petit-déjeuner"}
        case DateTime():
            return START if column.type.timezone else START.replace(tzinfo=None)
        case Date():
            return START.date()
        case String(length=length):
            return column.name[:length]
        case kind:
            raise NotImplementedError(kind)


async def fill(database: Database) -> Rows:
    """Put a row in each table as it stands, in every column of it; give all that there is."""
    async with database.writing() as session:
        for table in await reflected(database):
            columns = [column for column in table.columns if str(column) not in EMPTY]
            row = {column.name: value(column) for column in columns}
            await session.execute(insert(table).values(row))
    return await content(database)


async def content(database: Database) -> Rows:
    """Every row of every table as it stands."""
    found: Rows = {}
    async with database.reading() as session:
        for table in await reflected(database):
            rows = (await session.execute(select(table))).mappings()
            found[table.name] = [dict(row) for row in rows]
    return found


def of_both(rows: Rows, other: Rows) -> Rows:
    """The rows in those tables and columns that the other has too."""
    return {
        name: [{column: row[column] for column in other[name][0]} for row in found]
        for name, found in rows.items()
        if name in other
    }


def foreign_keys(table: Table) -> set[tuple[str, ...]]:
    return {
        (constraint.ondelete or "", constraint.referred_table.name, *constraint.column_keys)
        for constraint in table.foreign_key_constraints
    }


def foreign_keys_there(inspector: Inspector, name: str) -> set[tuple[str, ...]]:
    return {
        (
            found.get("options", {}).get("ondelete", ""),
            found["referred_table"],
            *found["constrained_columns"],
        )
        for found in inspector.get_foreign_keys(name)
    }


def unique(table: Table) -> set[frozenset[str]]:
    return {
        frozenset(column.name for column in constraint.columns)
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    }


def unique_there(inspector: Inspector, name: str) -> set[frozenset[str]]:
    return {
        frozenset(column for column in found["column_names"] if column)
        for found in inspector.get_unique_constraints(name)
    }


def indexes(table: Table) -> set[str | None]:
    return {index.name for index in table.indexes}


def check_constraints(connection: Connection) -> None:
    inspector = inspect(connection)
    for table in Base.metadata.sorted_tables:
        assert foreign_keys_there(inspector, table.name) == foreign_keys(table), table.name
        assert unique_there(inspector, table.name) == unique(table), table.name
        there = {found["name"] for found in inspector.get_indexes(table.name)}
        assert indexes(table) <= there, table.name


async def no_orphans(database: Database) -> None:
    """Check that every key points to a row, as PostgreSQL does by itself, and still has to."""
    if database.sqlite:
        async with database.writer.connect() as connection:
            assert (await connection.execute(text("PRAGMA foreign_key_check"))).all() == []
            assert await connection.scalar(text("PRAGMA foreign_keys")) == 1


async def same_as_ours(database: Database) -> None:
    """Check that columns, keys and indexes are those of `bot.tables`."""
    await migrate.differences(database)
    async with database.writer.connect() as connection:
        await connection.run_sync(check_constraints)


async def test_the_schema_is_that_of_the_tables(database: Database) -> None:
    await same_as_ours(database)
    assert ours() <= await tables(database)


async def test_down_to_nothing_and_up_again(database: Database) -> None:
    await migrate.to(database, "base")
    assert await tables(database) == set()
    assert await migrate.to_newest(database, now=START) is None
    await same_as_ours(database)


@pytest.mark.parametrize("revision", OLDER)
async def test_an_upgrade_keeps_every_row(database: Database, revision: str) -> None:
    await make(database, revision)
    before = await fill(database)
    assert all(len(rows) == 1 for rows in before.values())
    await migrate.to_newest(database, now=START)
    after = await content(database)
    assert of_both(after, before) == before
    assert not any(rows for name, rows in after.items() if name not in before)
    gained = {
        f"{name}.{column}": found
        for name in before
        for column, found in after[name][0].items()
        if column not in before[name][0]
    }
    assert {name: found for name, found in gained.items() if found is not None} == DEFAULTS
    await no_orphans(database)
    await same_as_ours(database)


@pytest.mark.slow
@pytest.mark.parametrize("revision", OLDER)
async def test_a_downgrade_keeps_what_the_older_program_knew(
    database: Database, revision: str
) -> None:
    await make(database, revision)
    known = await fill(database)
    await make(database, "head")
    before = await fill(database)
    await migrate.to(database, revision)
    assert await content(database) == of_both(before, known)
    await no_orphans(database)


async def test_a_database_of_a_newer_program_is_left_alone(database: Database) -> None:
    async with database.writing() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UserError, match=r"config\.newer_database"):
        await migrate.to_newest(database, now=START)


@pytest.fixture
async def file(tmp_path: Path) -> AsyncGenerator[Database]:
    """A SQLite file that is yet to be made."""
    database = Database(make_url(f"sqlite+aiosqlite:///{tmp_path / 'town.db'}"))
    yield database
    await database.close()


async def test_a_new_file_and_a_current_one_need_no_copy(file: Database) -> None:
    assert await migrate.to_newest(file, now=START) is None
    await same_as_ours(file)
    assert await migrate.to_newest(file, now=START) is None


@pytest.mark.parametrize("revision", OLDER)
async def test_an_older_file_is_copied_before_it_is_changed(
    file: Database, tmp_path: Path, revision: str
) -> None:
    await make(file, revision)
    before = await fill(file)
    copy = await migrate.to_newest(file, now=START)
    assert copy == tmp_path / f"town.{revision}.20260101T000000.backup.db"
    old = Database(make_url(f"sqlite+aiosqlite:///{copy}"))
    try:
        assert await content(old) == before
    finally:
        await old.close()


def imported(source: str) -> Iterable[str]:
    """The packages that a module imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("revision", REVISIONS, ids=lambda path: path.stem)
def test_a_revision_imports_nothing_of_ours(revision: Path) -> None:
    assert {*imported(revision.read_text())} <= {"sqlalchemy", "alembic"}
