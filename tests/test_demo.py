import asyncio
import json
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import FrameLocator, Locator, Page, async_playwright, expect
from simcord import ChannelHandle
from sqlalchemy import func, make_url, select

from bot import demo, migrate, texts
from bot.db import Database
from bot.demo import community
from bot.demo.community import Community
from bot.errors import UserError
from bot.tables import Guild, Recap, Section
from tests.community import shown
from tests.conftest import START
from tests.contract import published

ROOT = Path(demo.__file__).parents[2]
SAMPLES = Path(__file__).with_name("samples")
VOICE = texts.load()["fr"]
PRIVATE = VOICE("demo.private_messages")
CHROMIUM = shutil.which("chromium")
# Milliseconds for what takes one, on a machine that has much else to do.
PATIENCE = 15_000
expect.set_options(timeout=PATIENCE)
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@asynccontextmanager
async def running(*options: str) -> AsyncGenerator[tuple[str, asyncio.subprocess.Process]]:
    """The command line's demonstration, and the address that it prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", "--port", "0", *options),
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "fr_FR.UTF-8"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        line = (await process.stdout.readline()).decode()
        address = re.search(r"http://\S+/", line)
        yield address.group() if address else line, process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def end(process: asyncio.subprocess.Process, how: signal.Signals) -> None:
    """End it as a person or a machine does; it leaves without a word."""
    process.send_signal(how)
    out, err = await process.communicate()
    assert (process.returncode, out, err) == (0, b"", b"")


async def get(address: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        assert answer.status == 200
        return await answer.text()


async def rooms(address: str) -> list[str]:
    world = json.loads(await get(f"{address}rooms"))
    return [room["name"] for room in world["rooms"]]


def said(channel: ChannelHandle) -> list[str]:
    return [shown(message) for message in channel.history()]


def everything_posted(sample: Community) -> list[list[str]]:
    return [said(sample.general), said(sample.announcements), said(sample.recaps)]


@pytest.mark.slow
class TestProcess:
    @pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
    async def test_the_printed_address_serves_the_page_until_told_to_end(
        self, how: signal.Signals
    ) -> None:
        async with running() as (address, process):
            assert "Les Tablées du Delta" in await get(address)
            assert await rooms(address) == ["général", "annonces", "comptes-rendus", PRIVATE]
            await end(process, how)

    async def test_the_same_file_serves_twice(self, tmp_path: Path) -> None:
        kept = ("--database", str(tmp_path / "kept.db"))
        async with running(*kept) as (address, process):
            first = await rooms(address)
            await end(process, signal.SIGTERM)
        async with running(*kept) as (address, process):
            assert await rooms(address) == first
            await end(process, signal.SIGTERM)

    async def test_a_taken_port_is_told_in_a_sentence(self) -> None:
        async with running() as (address, _):
            port = str(make_url(address).port)
            async with running("--port", port) as (said, other):
                _, err = await other.communicate()
        assert (said, other.returncode) == ("", 2)
        assert err.decode() == f"{VOICE('demo.port_taken', port=port)}\n"


class TestSample:
    @pytest.mark.slow
    async def test_the_archive_is_filled_and_its_newest_recaps_are_posted(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "demo.db"
        async with demo.opened(path, VOICE) as sample:
            posted = [m.embeds[0].title for m in sample.recaps.history()]
        assert len(posted) == community.POSTED
        assert "Atelier des métiers #2" in (posted[-1] or "")
        database = Database(make_url(f"sqlite+aiosqlite:///{path}"))
        async with database.reading() as session:
            recaps = await session.scalar(select(func.count(Recap.id)))
            headings = await session.scalar(select(func.count(Section.heading)))
        await database.close()
        assert (recaps or 0) >= 12
        assert (headings or 0) >= 40

    async def test_one_event_is_full_with_a_waiting_list_and_one_has_seats(
        self, tmp_path: Path
    ) -> None:
        async with demo.opened(tmp_path / "demo.db", VOICE) as sample:
            evening, breakfast = said(sample.announcements)
            contract = published()
            assert contract is None or contract.check_log(sample.env.http_requests) == []
        assert "16 / 120" in evening
        assert "⏳" not in evening
        assert "24 / 24" in breakfast
        assert VOICE("events.waiting", count=5) in breakfast

    @pytest.mark.slow
    async def test_a_file_used_again_shows_the_same_and_what_was_answered_since(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "demo.db"
        async with demo.opened(path, VOICE) as sample:
            await sample.members[-1].react(sample.announcements.history()[0], "✅")
            first = everything_posted(sample)
        async with demo.opened(path, VOICE) as sample:
            assert everything_posted(sample) == first
            assert "17 / 120" in first[1][0]
            reply = await sample.members[0].slash(sample.general, "ask", question="mistral")
            assert reply.response is not None
            assert reply.response.embeds

    async def test_a_real_community_is_left_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "real.db"
        database = Database(make_url(f"sqlite+aiosqlite:///{path}"))
        await migrate.to_newest(database, now=START)
        async with database.writing() as session:
            session.add(Guild(id=7, name="Une vraie communauté", zone="Europe/Paris"))
        await database.close()
        with pytest.raises(UserError, match=r"demo\.real_community"):
            async with demo.opened(path, VOICE):
                pass

    @pytest.mark.parametrize("name", ["absent/demo.db", "notes.txt"])
    async def test_a_file_that_cannot_be_a_database_is_told(
        self, tmp_path: Path, name: str
    ) -> None:
        (tmp_path / "notes.txt").write_text("Rien qu’un texte." * 100)
        with pytest.raises(UserError, match=r"demo\.bad_file"):
            async with demo.opened(tmp_path / name, VOICE):
                pass


class Visitor:
    """Somebody at the browser, who is one member at a time."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    async def visit(self, member: str, room: str) -> FrameLocator:
        """Be a member in a channel."""
        world = await (await self.page.request.get(f"{self.address}rooms")).json()
        who = next(one["id"] for one in world["members"] if one["name"].startswith(member))
        where = next(one["id"] for one in world["rooms"] if one["name"] == room)
        await self.page.goto("about:blank")
        await self.page.goto(f"{self.address}#{where}-{who}")
        frame = self.page.frame_locator("#room")
        await expect(frame.locator("#channel-name")).to_have_text(room)
        await frame.locator("#preview-app[aria-busy=false]").wait_for()
        return frame

    async def command(self, room: FrameLocator, name: str) -> None:
        """Choose a command by its French name."""
        await room.locator("#channel-composer-input").press_sequentially(f"/{name}")
        await room.locator(".command-entry.is-active", has_text=f"/{name}").wait_for()
        await self.page.keyboard.press("Enter")


def card(room: FrameLocator, title: str) -> Locator:
    """The newest message that bears a title."""
    return room.locator("[data-message-id]", has_text=title).last


@pytest.fixture
async def visitor() -> AsyncGenerator[Visitor]:
    async with running() as (address, _), async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = await browser.new_page(locale="fr-FR", viewport={"width": 1280, "height": 800})
        page.set_default_timeout(PATIENCE)
        yield Visitor(page, address)
        await browser.close()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is absent")
class TestBrowser:
    async def test_members_answer_and_ask(self, visitor: Visitor) -> None:
        room = await visitor.visit("Baptiste", "annonces")
        breakfast, evening = card(room, "Petit-déjeuner"), card(room, "Les Tablées du Delta")
        await breakfast.get_by_role("button", name="Je viens").click()
        await expect(card(room, VOICE("rsvp.noted_waiting", place=6))).to_be_visible()
        await expect(breakfast).to_contain_text(VOICE("events.waiting", count=6))
        await evening.locator(".reaction-chip", has_text="✅").click()
        await expect(evening).to_contain_text("17 / 120")

        await visitor.command(room, "demander")
        question = room.locator(".command-option-input[data-option=question]")
        await question.fill("combien de tonnes de déchets sur un tournage ?")
        await question.press("Enter")
        await expect(card(room, VOICE("ask.verbatim"))).to_contain_text("4,8 tonnes")

    async def test_a_seat_given_back_is_told_in_private(self, visitor: Visitor) -> None:
        room = await visitor.visit("Amina", "annonces")
        await card(room, "Petit-déjeuner").get_by_role("button", name="Non").click()
        await expect(card(room, VOICE("rsvp.noted_no"))).to_be_visible()
        await visitor.page.select_option("#member", label="Farid Haddad")
        await visitor.page.get_by_role("link", name=PRIVATE).click()
        await expect(card(room, "Petit-déjeuner")).to_contain_text("🎉")

    async def test_an_organiser_announces_an_event(self, visitor: Visitor) -> None:
        room = await visitor.visit("Solène", "général")
        await visitor.command(room, "rencontre creer")
        await room.locator("#send-message").click()
        await room.locator(".modal-root").wait_for()
        title, when, *_ = await room.locator(".modal-root").get_by_role("textbox").all()
        await title.fill("Apéro du montage")
        await when.fill("jeudi prochain à 18h30")
        await room.get_by_role("button", name=VOICE("demo.submit")).click()
        preview = card(room, "Apéro du montage")
        await expect(preview).to_contain_text(re.compile("jeudi .* à 18.h.30, heure de Paris"))
        await preview.get_by_role("button", name=VOICE("events.publish")).click()
        room = await visitor.visit("Baptiste", "annonces")
        await expect(card(room, "Apéro du montage")).to_be_visible()

    async def test_a_recap_is_published_and_read_in_private(self, visitor: Visitor) -> None:
        room = await visitor.visit("Bertille", "général")
        await visitor.command(room, "retour publier")
        await room.locator(".command-suggestion", has_text="fichier").click()
        await room.locator("input[type=file]").set_input_files(SAMPLES / "retour-assises-5.txt")
        await room.locator("#send-message").click()
        preview = card(room, "Assises du Phare")
        await preview.get_by_role("button", name=VOICE("recaps.publish")).click()
        room = await visitor.visit("Baptiste", "comptes-rendus")
        await card(room, "Assises du Phare").get_by_role("button", name="2", exact=True).click()
        page = card(room, "Page 3/4")
        await expect(page).to_contain_text("Salles d’écoute")
        await expect(page).to_contain_text(VOICE("demo.only_you"))
