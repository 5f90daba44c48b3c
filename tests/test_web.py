"""What is served, asked for over real sockets."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest
import yarl
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.testing import capture_logs

from bot import web
from bot.db import Database
from bot.errors import UserError
from bot.events import feeds
from bot.tables import Event, EventStatus, Guild, Part
from tests.calendars import GUILD, VOICES, read
from tests.conftest import START

LOCAL = "127.0.0.1"
PUBLIC = "https://bot.example.org/tables"
UNKNOWN = "x" * 43


@dataclass
class Page:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Visitor:
    """A program that asks for pages."""

    session: aiohttp.ClientSession
    port: int

    async def asks(self, path: str, method: str = "GET", **headers: str) -> Page:
        """Ask for a path exactly as it is written."""
        url = yarl.URL(f"http://{LOCAL}:{self.port}{path}", encoded=True)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(
            method, url, headers=sent, allow_redirects=False
        ) as response:
            return Page(response.status, dict(response.headers), await response.read())

    async def says(self, request: bytes) -> bytes:
        """Send bytes that may be no request at all; give all that comes back."""
        reader, writer = await asyncio.open_connection(LOCAL, self.port)
        writer.write(request)
        await writer.drain()
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer


def now() -> datetime:
    return START


@asynccontextmanager
async def visiting(database: Database, public_url: str | None = PUBLIC) -> AsyncGenerator[Visitor]:
    serving = web.serving(database, VOICES, host=LOCAL, port=0, clock=now, public_url=public_url)
    async with serving as port, aiohttp.ClientSession() as session:
        yield Visitor(session, port)


@pytest.fixture
async def visitor(database: Database) -> AsyncGenerator[Visitor]:
    async with visiting(database) as visitor:
        yield visitor


@pytest.fixture
async def token(database: Database) -> str:
    """The token of the calendar of a community with one event in it."""
    async with database.writing() as session:
        session.add(Guild(id=GUILD, name="Les Tablées"))
        event = Event(
            guild_id=GUILD,
            title="Petit-déjeuner",
            starts_at=START + timedelta(days=14),
            local_start="2026-01-15T01:00:00",
            zone="Europe/Paris",
            status=EventStatus.ANNOUNCED,
            created_by=1,
            created_at=START,
            updated_at=START,
        )
        session.add(event)
        await session.flush()
        session.add(Part(guild_id=GUILD, event_id=event.id, position=0))
        return await feeds.address(session, guild_id=GUILD, now=START)


async def cancel(session: AsyncSession) -> None:
    event = await session.get_one(Event, 1)
    event.status, event.revision = EventStatus.CANCELLED, event.revision + 1


async def test_a_calendar_is_served_as_one(visitor: Visitor, token: str) -> None:
    page = await visitor.asks(f"/calendar/{token}.ics")
    assert page.status == 200
    assert page.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert page.headers["Cache-Control"] == "private, no-cache"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert [event.summary for event in read(page.body).events] == ["Petit-déjeuner"]


async def test_who_has_a_calendar_as_it_is_gets_nothing_again(
    visitor: Visitor, token: str, database: Database
) -> None:
    path = f"/calendar/{token}.ics"
    first = await visitor.asks(path)
    tag = first.headers["Etag"]
    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        page = await visitor.asks(path, If_None_Match=known)
        assert (page.status, page.body, page.headers["Etag"]) == (304, b"", tag)
        assert page.headers["Cache-Control"] == "private, no-cache"
    for stale in ('"other"', "no tag at all", '"'):
        assert (await visitor.asks(path, If_None_Match=stale)).status == 200
    async with database.writing(GUILD) as session:
        await cancel(session)
    page = await visitor.asks(path, If_None_Match=tag)
    assert page.status == 200
    assert page.headers["Etag"] != tag


async def test_only_the_head_may_be_asked_for(visitor: Visitor, token: str) -> None:
    whole = await visitor.asks(f"/calendar/{token}.ics")
    head = await visitor.asks(f"/calendar/{token}.ics", "HEAD")
    assert (head.status, head.body) == (200, b"")
    for name in ("Etag", "Content-Type", "Content-Length"):
        assert head.headers[name] == whole.headers[name]
    assert (await visitor.asks(f"/calendar/{token}.ics", "POST")).status == 405


SILLY = (
    "",
    "x",
    "x" * 44,
    "x" * 7000,
    "%00",
    f"%00{'x' * 42}",
    f"{'x' * 42}%0a",
    "é" * 43,
    "%C3%A9" * 43,
    "%ff" * 43,
    "..",
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e",
    "%",
    "'%20OR%201=1--",
)


async def test_nothing_tells_an_unknown_address_from_any_other(visitor: Visitor) -> None:
    unknown = await visitor.asks(f"/calendar/{UNKNOWN}.ics")
    assert unknown.status == 404
    elsewhere = await visitor.asks("/anything")
    assert (elsewhere.status, elsewhere.body) == (404, unknown.body)
    assert {**elsewhere.headers, "Date": ""} == {**unknown.headers, "Date": ""}


async def test_silly_addresses_find_nothing_and_break_nothing(visitor: Visitor) -> None:
    with capture_logs() as logs:
        for silly in SILLY:
            for path in (f"/calendar/{silly}.ics", f"/calendar/{silly}", f"/subscribe/{silly}"):
                assert (await visitor.asks(path)).status in {400, 404}, path
    assert logs == []


async def test_there_is_no_directory(visitor: Visitor, token: str) -> None:
    for path in ("/", "/calendar", "/calendar/", "/subscribe/", "/static"):
        page = await visitor.asks(path)
        assert page.status == 404
        assert token.encode() not in page.body


async def test_no_address_comes_into_the_log(
    visitor: Visitor, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    # As `bot.logs` does: its lines hold every parameter.
    caplog.set_level(logging.INFO, "aiosqlite")
    broken = (
        f"GET /calendar/{token}.ics HTTP/9.9.9\r\n\r\n",
        f"GET /calendar/{token}.ics{'x' * 20_000} HTTP/1.1\r\n\r\n",
        f"GET /calendar/{token}.ics HTTP/1.1\r\nHost: a\r\nContent-Length: x{token}\r\n\r\n",
        f"\x16\x03\x01{token}",
    )
    with capture_logs() as logs:
        await visitor.asks(f"/calendar/{token}.ics")
        for request in broken:
            assert b"200 OK" not in await visitor.says(request.encode())
    assert token not in caplog.text
    assert token not in str(logs)
    assert (await visitor.asks("/health")).status == 200


async def test_an_error_is_logged_once_without_the_address(
    database: Database, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> datetime:
        raise RuntimeError("no clock")

    serving = web.serving(database, VOICES, host=LOCAL, port=0, clock=broken)
    async with serving as port, aiohttp.ClientSession() as session:
        with capture_logs() as logs:
            page = await Visitor(session, port).asks(f"/calendar/{token}.ics")
    assert page.status == 500
    assert b"clock" not in page.body
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert [entry["event"] for entry in logs] == ["request failed"]
    assert token not in str(logs) + caplog.text


async def test_a_telephone_is_led_into_its_calendar(visitor: Visitor, token: str) -> None:
    page = await visitor.asks(f"/subscribe/{token}")
    assert page.status == 302
    assert page.headers["Location"] == f"webcal://bot.example.org/tables/calendar/{token}.ics"
    stranger = await visitor.asks(f"/subscribe/{UNKNOWN}")
    assert stranger.status == 302, "an address that leads nowhere looks like any other"


async def test_nobody_is_led_anywhere_without_a_public_address(
    database: Database, token: str
) -> None:
    async with visiting(database, public_url=None) as visitor:
        assert (await visitor.asks(f"/subscribe/{token}")).status == 404
        assert (await visitor.asks(f"/calendar/{token}.ics")).status == 200


def test_addresses_are_below_the_public_one() -> None:
    assert web.calendar_url(PUBLIC, "t") == f"{PUBLIC}/calendar/t.ics"
    assert web.webcal_url(PUBLIC, "t") == "webcal://bot.example.org/tables/calendar/t.ics"
    assert web.subscribe_url(PUBLIC, "t") == f"{PUBLIC}/subscribe/t"


async def test_health_is_the_databases(visitor: Visitor) -> None:
    page = await visitor.asks("/health")
    assert (page.status, page.body) == (200, b'{"status": "ok", "database": true}')
    assert page.headers["Cache-Control"] == "no-store"


async def test_a_database_that_does_not_answer_is_unwell(tmp_path: Any) -> None:
    database = Database(make_url(f"sqlite+aiosqlite:///{tmp_path / 'absent' / 'town.db'}"))
    with capture_logs() as logs:
        async with visiting(database) as visitor:
            page = await visitor.asks("/health")
    assert (page.status, page.body) == (503, b'{"status": "failing", "database": false}')
    assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == ["unwell"]


async def test_a_hundred_readers_at_once_are_served(visitor: Visitor, token: str) -> None:
    path = f"/calendar/{token}.ics"
    pages = await asyncio.gather(*(visitor.asks(path) for _ in range(100)))
    assert {page.status for page in pages} == {200}
    assert len({page.body for page in pages}) == 1


async def test_a_port_that_is_taken_is_named(database: Database) -> None:
    async with visiting(database) as visitor:
        with pytest.raises(UserError, match=r"config\.no_port") as refused:
            async with web.serving(database, VOICES, host=LOCAL, port=visitor.port, clock=now):
                pass
    assert str(visitor.port) in VOICES["fr"](refused.value.key, **refused.value.values)


async def test_it_stops_listening_when_it_leaves(database: Database) -> None:
    async with visiting(database) as visitor:
        assert (await visitor.asks("/health")).status == 200
    with pytest.raises(OSError, match="onnect"):
        await asyncio.open_connection(LOCAL, visitor.port)
