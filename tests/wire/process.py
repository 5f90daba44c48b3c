import asyncio
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals
from types import TracebackType
from typing import NamedTuple, Self

from tests.wire.bell import Bell
from tests.wire.server import WireDiscord

ROOT = Path(__file__).parents[2]
RUN = ("-m", "bot", "run")
LISTEN = ("-m", "tests.wire.listener")


class Exit(NamedTuple):
    """How a process ended: its exit code, negative for a signal, and how long that took."""

    code: int
    seconds: float


class BotProcess:
    """A bot in a process of its own, started and ended as an operator would.

    Its database is a SQLite file in `directory`, where it also runs, unless `environment` says
    otherwise. Leaving the context kills it if it still lives.
    """

    def __init__(
        self,
        server: WireDiscord,
        directory: Path,
        arguments: tuple[str, ...] = RUN,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._server = server
        self._directory = directory
        self._arguments = arguments
        self._environment = dict(environment or {})
        self._lines: list[str] = []
        self._bell = Bell()

    async def __aenter__(self) -> Self:
        environment = {
            **os.environ,
            **self._server.environment,
            "DATABASE_URL": f"sqlite:///{self._directory / 'tableronde.db'}",
            "PYTHONPATH": str(ROOT),
            **self._environment,
        }
        self._logins = self._server.gateway.identified
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._arguments,
            cwd=self._directory,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self,
        _error: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await self.kill()

    @property
    def output(self) -> str:
        """What it has written so far, to standard output and error alike."""
        return "".join(self._lines)

    async def logged_in(self, *, within: float = 20.0) -> None:
        """Wait until it has logged in and listens.

        Raises:
            AssertionError: with what it wrote, if it ends or takes longer.
        """
        gateway = self._server.gateway
        login = asyncio.ensure_future(
            self._server.until(lambda: gateway.identified > self._logins, within=within)
        )
        await asyncio.wait({login, self._reading}, return_when=asyncio.FIRST_COMPLETED)
        login.cancel()
        await asyncio.wait({login})
        assert gateway.identified > self._logins, f"it did not log in:\n{self.output}"

    async def wrote(self, text: str, *, within: float = 20.0) -> None:
        """Wait until its output holds a text.

        Raises:
            AssertionError: with what it wrote, if it ends without or takes longer.
        """
        with suppress(TimeoutError):
            await self._bell.until(
                lambda: text in self.output or self._reading.done(), within=within
            )
        assert text in self.output, f"it did not write {text!r}:\n{self.output}"

    async def ended(self, *, within: float = 30.0) -> Exit:
        """Wait until it ends by itself."""
        started = time.monotonic()
        async with asyncio.timeout(within):
            code = await self._process.wait()
            await self._reading
        return Exit(code, time.monotonic() - started)

    @property
    def pid(self) -> int:
        return self._process.pid

    def signal(self, number: Signals) -> None:
        """Send a signal: SIGSTOP and SIGCONT put it to sleep and wake it."""
        self._process.send_signal(number)

    async def terminate(self, *, within: float = 30.0) -> Exit:
        """Ask it to end, as a service manager does, and wait for it."""
        return await self._end(SIGTERM, within)

    async def kill(self) -> Exit:
        """End it in the middle of whatever it does; one that has ended stays as it is."""
        return await self._end(SIGKILL, 10.0)

    async def _end(self, number: Signals, within: float) -> Exit:
        with suppress(ProcessLookupError):
            self.signal(number)
        return await self.ended(within=within)

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self._lines.append(line.decode(errors="replace"))
            self._bell.ring()
        self._bell.ring()
