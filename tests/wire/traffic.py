"""What passes over REST: the log, the faults a test asks for, and Discord's rate limits."""

import asyncio
import re
import time
import zlib
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

import orjson
from aiohttp import web

TOO_MANY = 429


def answer(body: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")


def error(status: int, code: int, message: str) -> web.Response:
    return answer({"code": code, "message": message}, status)


def too_many(retry_after: float, *, everywhere: bool = False) -> web.Response:
    """Return a 429 as Discord sends it; without `Via`, discord.py takes it for Cloudflare's."""
    refusal = answer(
        {
            "code": 0,
            "message": "You are being rate limited.",
            "retry_after": retry_after,
            "global": everywhere,
        },
        TOO_MANY,
    )
    scope = "global" if everywhere else "user"
    refusal.headers.update(
        {"Via": "1.1 wire", "Retry-After": f"{retry_after:.0f}", "X-RateLimit-Scope": scope}
    )
    return refusal


@dataclass(eq=False)
class Request:
    """One request of the bot. Its `status` is 0 while no answer was given."""

    method: str
    path: str
    query: dict[str, str]
    json: Any
    files: list[tuple[str, bytes]]
    at: Mapping[str, str]
    started: float
    status: int = 0
    answer: Any = None
    seconds: float = 0.0

    def fits(self, method: str, pattern: str) -> bool:
        """Say whether it is such a request; `*` in the pattern is any one part of the path."""
        parts = map(re.escape, pattern.split("*"))
        return self.method == method and bool(re.fullmatch("[^/]+".join(parts), self.path))

    @property
    def place(self) -> str:
        """What Discord counts apart in a rate limit: the channel, guild or webhook."""
        return "/".join(self.path.split("/")[1:3])


@dataclass(eq=False)
class Fault:
    """Something that goes wrong with the next `times` requests of a kind, after `spared` of them.

    It happens before the request takes effect or, with `applied`, after, so that only the answer
    is lost. A `delay` or a `gate` alone makes an answer late; `reset` cuts the line; a `status`
    replaces the answer, with Discord's error `code` or with a page as a proxy shows it.
    """

    method: str
    pattern: str
    _: KW_ONLY
    times: int = 1
    spared: int = 0
    applied: bool = False
    delay: float = 0.0
    gate: asyncio.Event | None = None
    reset: bool = False
    status: int = 0
    code: int = 0
    retry_after: float = 0.0
    page: str = ""
    struck: int = 0

    def strikes(self, request: Request) -> bool:
        """Say whether it happens to this request, and count if it does."""
        if self.struck == self.times or not request.fits(self.method, self.pattern):
            return False
        if self.spared:
            self.spared -= 1
            return False
        self.struck += 1
        return True

    async def happen(self, request: web.Request) -> web.Response | None:
        """Wait, cut or answer; None if the true answer is to be given."""
        await asyncio.sleep(self.delay)
        if self.gate:
            await self.gate.wait()
        if self.reset:
            assert request.transport is not None
            request.transport.abort()
            return web.Response(status=500)  # that nobody reads
        if self.page:
            return web.Response(status=self.status, text=self.page, content_type="text/html")
        if self.status == TOO_MANY:
            return too_many(self.retry_after)
        return error(self.status, self.code, "as the test asked") if self.status else None


@dataclass(eq=False)
class Limit:
    """So many requests of a kind in so many seconds, counted for each channel, guild or webhook.

    Without a kind it is the global limit: it counts all requests but answers to interactions.
    """

    method: str = ""
    pattern: str = ""
    _: KW_ONLY
    count: int
    seconds: float
    _windows: dict[str, tuple[float, int]] = field(default_factory=dict[str, tuple[float, int]])

    @property
    def everywhere(self) -> bool:
        return not self.method

    def covers(self, request: Request) -> bool:
        if self.everywhere:
            return not request.path.startswith("/interactions/")
        return request.fits(self.method, self.pattern)

    def spend(self, request: Request) -> tuple[float, dict[str, str]]:
        """Count a request; return the seconds it is too early by, and what the headers say."""
        place = "" if self.everywhere else request.place
        ends, spent = self._windows.get(place, (0.0, 0))
        now = time.time()
        if now >= ends:
            ends, spent = now + self.seconds, 0
        self._windows[place] = (ends, spent + 1)
        headers = {
            "X-RateLimit-Limit": str(self.count),
            "X-RateLimit-Remaining": str(max(0, self.count - spent - 1)),
            "X-RateLimit-Reset": f"{ends:.3f}",
            "X-RateLimit-Reset-After": f"{ends - now + 0.001:.3f}",  # rounded up
            "X-RateLimit-Bucket": f"{zlib.crc32(repr((self.method, self.pattern)).encode()):032x}",
        }
        early = ends - now if spent >= self.count else 0.0
        return early, {} if self.everywhere else headers
