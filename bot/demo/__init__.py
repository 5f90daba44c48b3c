"""A sample community to try the bot on, in the browser and without a token."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from bot import migrate, texts, web
from bot.alone import alone
from bot.app import Bot
from bot.db import Database
from bot.demo import community, memory
from bot.demo.community import Community
from bot.demo.site import serve
from bot.demo.stage import present, stopped
from bot.errors import UserError
from bot.texts import Voice

# Seconds between two drawings: nobody limits the pace here, but many at once still cost.
PACE = 0.2


async def show(database: Path | None, voice: Voice, *, host: str, port: int) -> None:
    """Serve the sample community to browsers until told to stop.

    With a `database`, the library, the events and the answers are found again the next time.
    What only Discord holds is not: people's own messages, private ones, their reactions.

    Raises:
        UserError: if the file or the port cannot be used.
    """
    # From the first moment on, even before there is anything to serve.
    ending = asyncio.create_task(stopped())
    serving = asyncio.create_task(_serve(database, voice, host, port))
    await asyncio.wait((ending, serving), return_when=asyncio.FIRST_COMPLETED)
    for task in (ending, serving):
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


async def _serve(database: Path | None, voice: Voice, host: str, port: int) -> None:
    """Serve, and say where, until cancelled."""
    with TemporaryDirectory() as folder:
        async with (
            opened(database or Path(folder, "demo.db"), voice) as sample,
            calendars(sample.bot, host),
            serve(sample.stage(voice), voice, host, port) as address,
        ):
            print(voice("demo.address", address=address), flush=True)  # noqa: T201 # the one line
            await asyncio.Event().wait()


@contextlib.asynccontextmanager
async def calendars(bot: Bot, host: str) -> AsyncGenerator[None]:
    """Serve the calendars on a free port of their own, and let the bot give their addresses."""
    with socket.create_server((host, 0)) as free:
        port = free.getsockname()[1]
    bot.public_url = f"http://{host}:{port}"
    async with web.serving(
        bot.db, bot.voices, host=host, port=port, clock=bot.clock, public_url=bot.public_url
    ):
        yield


@contextlib.asynccontextmanager
async def opened(path: Path, voice: Voice) -> AsyncGenerator[Community]:
    """Open the sample community that a file keeps, or make it there.

    Raises:
        UserError: if the file cannot be used.
    """
    url = URL.create("sqlite+aiosqlite", database=str(path))
    _touch(path)
    with alone(url):
        bot = Bot(await _woken(url), texts.load(), pace=0, shard_count=1)
        async with present(bot, "Tableronde", community.found) as sample:
            await community.fill(sample, bot, voice)
            bot.pace = PACE
            yield sample


def _touch(path: Path) -> None:
    """Check that there can be a file, before anything is done about it."""
    try:
        path.touch()
    except OSError as error:
        raise UserError("demo.bad_file", path=path) from error


async def _woken(url: URL) -> Database:
    """The database, in its newest schema and ready for a new Discord."""
    database = Database(url)
    now = datetime.now(UTC)
    try:
        await migrate.to_newest(database, now=now)
        async with database.writing() as session:
            await memory.wake(session, community.GUILD, community.NAME, now=now)
    except DBAPIError as error:
        await database.close()
        raise UserError("demo.bad_file", path=url.database) from error
    except BaseException:
        await database.close()
        raise
    return database
