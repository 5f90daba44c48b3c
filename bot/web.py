"""What is served to programs: calendars to subscribe to, and whether the bot is well."""

import asyncio
import contextlib
import hashlib
import logging
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from aiohttp import ETag, web
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.db import Database
from bot.errors import UserError
from bot.events import feeds
from bot.texts import Voice

TOKEN = re.compile(r"[\w-]{43}", re.ASCII)
# Seconds that the database may take to say that it is there.
PATIENCE = 5.0
# Seconds that those who are being answered are given when the bot leaves.
FAREWELL = 5.0

log = structlog.get_logger()
# What aiohttp says of broken requests may hold the address asked for, and so a token.
_silent = logging.getLogger(f"{__name__}.broken_requests")
_silent.disabled = True


@dataclass(frozen=True, slots=True)
class Site:
    """What the pages need to know."""

    database: Database
    voices: Mapping[str, Voice]
    clock: Callable[[], datetime]
    public_url: str | None

    async def health(self, _request: web.Request) -> web.Response:
        """Say whether the database answers."""
        try:
            async with asyncio.timeout(PATIENCE), self.database.reading() as session:
                await session.execute(select(1))
        except (OSError, SQLAlchemyError) as error:
            log.warning("unwell", why=type(error).__name__)
            return web.json_response({"status": "failing", "database": False}, status=503)
        return web.json_response({"status": "ok", "database": True})

    async def calendar(self, request: web.Request) -> web.Response:
        """Give the calendar that has this token, unless the reader has it as it is.

        There is no Last-Modified: a seat that someone else gave up carries no date of its own.
        """
        token = _token(request)
        async with self.database.reading() as session:
            content = await feeds.of_token(session, token, self.voices, self.clock())
        if content is None:
            raise web.HTTPNotFound
        tag = ETag(hashlib.sha256(content).hexdigest())
        if any(known.value in {tag.value, "*"} for known in request.if_none_match or ()):
            response = web.Response(status=304)
        else:
            response = web.Response(body=content, content_type="text/calendar", charset="utf-8")
        response.etag = tag
        response.headers["Cache-Control"] = "private, no-cache"
        return response

    async def subscribe(self, request: web.Request) -> web.Response:
        """Lead a telephone into its calendar program; Discord shows no webcal:// address."""
        if self.public_url is None:
            raise web.HTTPNotFound
        raise web.HTTPFound(webcal_url(self.public_url, _token(request)))


def calendar_url(public_url: str, token: str) -> str:
    """The address of a calendar, for programs that ask for one."""
    return f"{public_url}/calendar/{token}.ics"


def webcal_url(public_url: str, token: str) -> str:
    """The same, as telephones and computers open it in their calendar program."""
    return f"webcal://{calendar_url(public_url, token).partition('://')[2]}"


def subscribe_url(public_url: str, token: str) -> str:
    """An address for a button, which leads to the webcal:// one."""
    return f"{public_url}/subscribe/{token}"


@contextlib.asynccontextmanager
async def serving(
    database: Database,
    voices: Mapping[str, Voice],
    *,
    host: str,
    port: int,
    clock: Callable[[], datetime],
    public_url: str | None = None,
) -> AsyncGenerator[int]:
    """Serve until the block ends, then let those be answered who have asked.

    Yields:
        The port it listens on: any free one if 0 was asked for.

    Raises:
        UserError: if it cannot listen there.
    """
    application = _application(Site(database, voices, clock, public_url))
    runner = web.AppRunner(application, access_log=None, logger=_silent, shutdown_timeout=FAREWELL)
    await runner.setup()
    try:
        await _listen(runner, host, port)
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise UserError("config.no_port", host=host, port=port, why=error.strerror) from error
    log.info("serving", host=host, port=runner.addresses[0][1])


def _application(site: Site) -> web.Application:
    application = web.Application(middlewares=[_guarded])
    application.router.add_get("/health", site.health)
    application.router.add_get("/calendar/{token}.ics", site.calendar)
    application.router.add_get("/subscribe/{token}", site.subscribe)
    application.on_response_prepare.append(_secured)
    return application


def _token(request: web.Request) -> str:
    """What has not the form of a token never reaches the database."""
    token = request.match_info["token"]
    if not TOKEN.fullmatch(token):
        raise web.HTTPNotFound
    return token


@web.middleware
async def _guarded(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Log an error here, without the address that was asked for."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception:
        log.exception("request failed")
        raise web.HTTPInternalServerError from None


async def _secured(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "no-store")
