import ast
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Enum,
    Inspector,
    Table,
    UniqueConstraint,
    insert,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.types import BigInteger, DateTime, Integer

from bot import migrate
from bot.db import Database
from bot.errors import UserError
from bot.migrate import MIGRATIONS
from bot.tables import Base
from tests.conftest import START

FIRST = "0001"


async def tables(database: Database) -> set[str]:
    async with database.writer.connect() as connection:
        found = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    return {*found} - {"alembic_version", "sqlite_sequence"}


def ours() -> set[str]:
    return {table.name for table in Base.metadata.sorted_tables}


def value(column: Column[Any]) -> object:
    """Something that the column takes; a foreign key points to row 1."""
    match column.type:
        case Enum(enums=members):
            return column.type.python_type(members[0])
        case Boolean():
            return True
        case BigInteger() | Integer():
            return 1
        case JSON():
            return {"title": "Petit-déjeuner"}
        case kind if isinstance(getattr(kind, "impl", kind), DateTime):
            return START
        case _:
            return "x"


def row(table: Table) -> dict[str, object]:
    """A row with everything that the table demands, and what hangs on an event."""
    return {
        column.name: value(column)
        for column in table.columns
        if not column.nullable or column.name == "event_id"
    }


async def fill(database: Database) -> None:
    """A row in each of our tables."""
    async with database.writing() as session:
        for table in Base.metadata.sorted_tables:
            await session.execute(insert(table).values(row(table)))


async def content(database: Database) -> dict[str, list[Any]]:
    async with database.reading() as session:
        return {
            table.name: [tuple(found) for found in await session.execute(select(table))]
            for table in Base.metadata.sorted_tables
        }


async def test_the_schema_is_that_of_the_tables(database: Database) -> None:
    await migrate.differences(database)
    assert ours() <= await tables(database)


async def test_down_to_nothing_and_up_again(database: Database) -> None:
    await migrate.to(database, "base")
    assert await tables(database) == set()
    await migrate.to_newest(database, now=START)
    await migrate.differences(database)


async def test_an_upgrade_keeps_every_row(database: Database) -> None:
    await migrate.to(database, FIRST)
    await fill(database)
    before = await content(database)
    assert all(len(rows) == 1 for rows in before.values())
    await migrate.to_newest(database, now=START)
    assert await content(database) == before


async def test_a_database_of_a_newer_program_is_left_alone(database: Database) -> None:
    async with database.writing() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UserError, match=r"config\.newer_database"):
        await migrate.to_newest(database, now=START)


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


async def test_every_key_and_index_is_there(database: Database) -> None:
    async with database.writer.connect() as connection:
        await connection.run_sync(check_constraints)


async def test_an_older_file_is_copied_before_it_is_changed(tmp_path: Path) -> None:
    database = Database(make_url(f"sqlite+aiosqlite:///{tmp_path / 'town.db'}"))
    assert await migrate.to_newest(database, now=START) is None, "a new file"
    assert await migrate.to_newest(database, now=START) is None, "a current file"
    await migrate.to(database, FIRST)
    await fill(database)
    before = await content(database)
    copy = await migrate.to_newest(database, now=START)
    await database.close()
    assert copy == tmp_path / "town.0001.20260101T000000.backup.db"
    old = Database(make_url(f"sqlite+aiosqlite:///{copy}"))
    assert await content(old) == before
    assert await tables(old) == ours()
    await old.close()


def imported(source: str) -> Iterable[str]:
    """The packages that a module imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize(
    "revision", sorted((MIGRATIONS / "versions").glob("*.py")), ids=lambda path: path.stem
)
def test_a_revision_imports_nothing_of_ours(revision: Path) -> None:
    assert {*imported(revision.read_text())} <= {"sqlalchemy", "alembic"}
