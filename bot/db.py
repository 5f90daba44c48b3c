import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import TypeAlias

from sqlalchemy import URL, Connection, event, func, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

# What the rules are given and the cogs pass on.
Session: TypeAlias = AsyncSession

# Advisory locks of PostgreSQL share one space of keys; Discord's ids are never this small.
EVERY_GUILD = 0


class Database:
    """The only place that commits.

    `writing()` gives one transaction at a time, first come first served; `reading()` gives a
    snapshot that waits for nobody and cannot write.
    """

    def __init__(self, url: URL) -> None:
        self.sqlite = url.get_backend_name() == "sqlite"
        self.url = url
        if self.sqlite:
            self.writer = _sqlite(url, "BEGIN IMMEDIATE", query_only=False)
            self.reader = _sqlite(url, "BEGIN", query_only=True)
        else:
            self.writer = create_async_engine(url, pool_pre_ping=True, hide_parameters=True)
            self.reader = self.writer
        # Without it, writers queue inside SQLite, which is neither fair nor patient.
        self._turn = asyncio.Lock() if self.sqlite else contextlib.nullcontext()
        self._open = 0
        self._at_rest = asyncio.Event()
        self._at_rest.set()

    @contextlib.asynccontextmanager
    async def writing(self, *guilds: int) -> AsyncGenerator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises.

        Args:
            guilds: whose rows are written, so that PostgreSQL lets other communities write
                meanwhile. None named means all of them. SQLite has one writer anyway.
        """
        async with (
            self._turn,
            self._counted(),
            AsyncSession(self.writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            if not self.sqlite:
                await _lock(session, guilds)
            yield session

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """One snapshot of what has been committed."""
        async with self._counted(), AsyncSession(self.reader, expire_on_commit=False) as session:
            if not self.sqlite:
                await session.connection(
                    execution_options={
                        "isolation_level": "REPEATABLE READ",
                        "postgresql_readonly": True,
                    }
                )
            yield session

    async def close(self) -> None:
        """Let go of every connection, once no transaction is open."""
        while self._open:
            await self._at_rest.wait()
        await self.writer.dispose()
        await self.reader.dispose()

    @contextlib.asynccontextmanager
    async def _counted(self) -> AsyncGenerator[None]:
        self._open += 1
        self._at_rest.clear()
        try:
            yield
        finally:
            self._open -= 1
            if not self._open:
                self._at_rest.set()


async def _lock(session: AsyncSession, guilds: tuple[int, ...]) -> None:
    """Wait for these guilds' turn, in sorted order so that nobody waits in a circle.

    READ COMMITTED alone seats 54 on 50, even as a single statement.
    """
    if not guilds:
        await session.execute(select(func.pg_advisory_xact_lock(EVERY_GUILD)))
        return
    await session.execute(select(func.pg_advisory_xact_lock_shared(EVERY_GUILD)))
    for guild in sorted(set(guilds)):
        await session.execute(select(func.pg_advisory_xact_lock(guild)))


def _sqlite(url: URL, begin: str, *, query_only: bool) -> AsyncEngine:
    """An engine that begins transactions by itself.

    Python's driver would begin them late, at the first change, and 23 people took 10 seats.
    """
    # An error's parameters would bring what people wrote into the log.
    engine = create_async_engine(url, pool_size=1 if begin != "BEGIN" else 5, hide_parameters=True)

    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 10000")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.execute(f"PRAGMA query_only = {'ON' if query_only else 'OFF'}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_now(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
