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
import discord
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
from tests.organising import plain, preview_of

ROOT = Path(demo.__file__).parents[2]
EVENTS = 3
SAMPLES = Path(__file__).with_name("samples")
VOICE = texts.load()["fr"]
PRIVATE = VOICE("demo.private_messages")
PHONE, DESKTOP = 390, 1280
HEIGHT = 800
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


async def rooms(address: str, kind: str = "") -> list[str]:
    world = json.loads(await get(f"{address}rooms"))
    return [room["name"] for room in world["rooms"] if kind in {"", room["kind"]}]


def said(channel: ChannelHandle) -> list[str]:
    told = (message for message in channel.history() if not message.is_system())
    return [shown(message) for message in told]


def cards(sample: Community) -> list[discord.Message]:
    return [message for message in sample.announcements.history() if message.embeds]


def everything_posted(sample: Community) -> list[list[str]]:
    return [said(sample.general), said(sample.announcements), said(sample.recaps)]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample community's file: filling one takes longer than opening it."""
    path = tmp_path_factory.mktemp("demo") / "filled.db"

    async def fill() -> None:
        async with demo.opened(path, VOICE):
            pass

    asyncio.run(fill())
    return path


@pytest.fixture
def kept(filled: Path, tmp_path: Path) -> Path:
    """The same, for one test."""
    return Path(shutil.copy(filled, tmp_path / "kept.db"))


@pytest.mark.slow
class TestProcess:
    @pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
    async def test_the_printed_address_serves_the_page_until_told_to_end(
        self, how: signal.Signals
    ) -> None:
        async with running() as (address, process):
            assert "Les Tablées du Delta" in await get(address)
            assert await rooms(address, "channel") == ["général", "annonces", "comptes-rendus"]
            assert len(await rooms(address, "thread")) == EVENTS
            assert await rooms(address, "private") == [PRIVATE]
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

    async def test_three_events_are_announced_two_of_them_with_waiting_lists(
        self, tmp_path: Path
    ) -> None:
        async with demo.opened(tmp_path / "demo.db", VOICE) as sample:
            today, breakfast, evening = cards(sample)
            seated = {"1": "19 / 40", "2": "12 / 12", "3": "11 / 30", "4": "25"}
            fields = {field.name: plain(field.value or "") for field in evening.embeds[0].fields}
            contract = published()
            assert contract is None or contract.check_log(sample.env.http_requests) == []
        assert "10 / 15" in plain(shown(today))
        assert "24 / 24" in plain(shown(breakfast))
        assert VOICE("events.waiting", count=5) in shown(breakfast)
        for (number, counts), (name, value) in zip(seated.items(), fields.items(), strict=True):
            assert str(name).startswith(number)
            assert f"Présents {counts}" in value

    async def test_the_series_know_what_their_next_edition_is_like(self, kept: Path) -> None:
        async with demo.opened(kept, VOICE) as sample:
            solene, _ = sample.organisers
            reply = await solene.slash(sample.general, "series edit", series="Petit-déjeuner")
            assert "premier mardi" in shown(preview_of(reply).message)

    async def test_a_member_s_calendar_can_be_fetched_where_the_bot_says(self, kept: Path) -> None:
        async with (
            demo.opened(kept, VOICE) as sample,
            demo.calendars(sample.bot, "127.0.0.1"),
        ):
            amina = sample.members[0]
            reply = await amina.slash(sample.general, "events mine")
            assert reply.response is not None
            address = re.search(r"http://127\S+\.ics", reply.response.content)
            assert address is not None
            calendar = await get(address.group())
        assert calendar.count("BEGIN:VEVENT") == EVENTS

    @pytest.mark.slow
    async def test_a_file_used_again_shows_the_same_and_what_was_answered_since(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "demo.db"
        async with demo.opened(path, VOICE) as sample:
            await sample.members[4].react(cards(sample)[0], "✅")
            first = everything_posted(sample)
        async with demo.opened(path, VOICE) as sample:
            assert everything_posted(sample) == first
            assert "11 / 15" in plain(first[1][0])
            assert len(sample.announcements.threads) == EVENTS
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

    async def fill(self, room: FrameLocator, *values: str) -> None:
        """Fill in the first fields of the form that opens, and send it."""
        form = room.locator(".modal-root")
        await form.get_by_role("textbox").first.wait_for()
        fields = await form.get_by_role("textbox").all()
        for field, value in zip(fields, values, strict=False):
            await field.fill(value)
        await room.get_by_role("button", name=VOICE("demo.submit")).click()
        await form.get_by_role("textbox").first.wait_for(state="detached")


def card(room: FrameLocator, title: str) -> Locator:
    """The newest message that bears a title and is shown."""
    return room.locator("[data-message-id]:visible", has_text=title).last


@pytest.fixture
async def visitor(kept: Path) -> AsyncGenerator[Visitor]:
    """Somebody at the browser, in whose console nothing may go wrong."""
    async with running("--database", str(kept)) as (address, _), async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = await browser.new_page(locale="fr-FR", viewport={"width": DESKTOP, "height": HEIGHT})
        page.set_default_timeout(PATIENCE)
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        yield Visitor(page, address)
        await browser.close()
    assert wrong == []


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is absent")
class TestBrowser:
    async def test_members_answer_and_ask(self, visitor: Visitor) -> None:
        room = await visitor.visit("Baptiste", "annonces")
        breakfast, evening = card(room, "Petit-déjeuner"), card(room, "partager l’image")
        await breakfast.get_by_role("button", name="Je viens").click()
        await expect(card(room, VOICE("rsvp.noted_waiting", place=6))).to_be_visible()
        await expect(breakfast).to_contain_text(VOICE("events.waiting", count=6))
        await evening.locator(".reaction-chip", has_text="3️⃣").click()
        await expect(evening).to_contain_text("12 / 30")

        await visitor.command(room, "demander")
        question = room.locator(".command-option-input[data-option=question]")
        await question.fill("combien de tonnes de déchets sur un tournage ?")
        await question.press("Enter")
        await expect(card(room, VOICE("ask.verbatim"))).to_contain_text("4,8 tonnes")

    @pytest.mark.parametrize("width", [PHONE, DESKTOP])
    async def test_a_member_chooses_tables_and_sees_the_answer(
        self, visitor: Visitor, width: int
    ) -> None:
        await visitor.page.set_viewport_size({"width": width, "height": HEIGHT})
        room = await visitor.visit("Élodie", "annonces")
        evening = card(room, "partager l’image")
        await evening.get_by_role("button", name=VOICE("rsvp.button_tables")).click()
        menu = card(room, VOICE("rsvp.choose"))
        await expect(menu).to_be_in_viewport()
        await menu.get_by_role("combobox").click()
        for table in ("À qui sont les images", "Apéritif du delta"):
            await room.get_by_role("option", name=table).click()
        await room.get_by_role("button", name=VOICE("demo.apply")).click()
        answer = card(room, VOICE("rsvp.told_later"))
        await expect(answer).to_contain_text("Apéritif du delta")
        await expect(answer).to_be_in_viewport()
        await expect(evening).to_contain_text("6 en attente")

    async def test_on_a_phone_the_page_follows_to_a_private_answer(self, visitor: Visitor) -> None:
        await visitor.page.set_viewport_size({"width": PHONE, "height": HEIGHT})
        room = await visitor.visit("Élodie", "annonces")
        for tab in await visitor.page.locator("nav a").all():
            await expect(tab).to_be_in_viewport(ratio=1)
        first = card(room, "Projection surprise")
        await first.get_by_role("button", name="Je viens").click()
        await expect(card(room, VOICE("rsvp.noted_seated"))).to_be_in_viewport()

    async def test_an_event_s_thread_is_listed_and_opens(self, visitor: Visitor) -> None:
        room = await visitor.visit("Amina", "annonces")
        await visitor.page.get_by_role("link", name="Petit-déjeuner").click()
        await expect(room.locator("#channel-name")).to_contain_text("Petit-déjeuner")

    async def test_a_seat_given_back_is_told_in_private(self, visitor: Visitor) -> None:
        room = await visitor.visit("Amina", "annonces")
        await card(room, "Petit-déjeuner").get_by_role("button", name="Non").click()
        await expect(card(room, VOICE("rsvp.noted_no"))).to_be_visible()
        await visitor.page.select_option("#member", label="Farid Haddad")
        await visitor.page.get_by_role("link", name=PRIVATE).click()
        await expect(card(room, "Petit-déjeuner")).to_contain_text("🎉")

    async def test_an_organiser_announces_two_round_tables(self, visitor: Visitor) -> None:
        room = await visitor.visit("Bertille", "général")
        await visitor.command(room, "rencontre creer")
        await room.locator("#send-message").click()
        await visitor.fill(room, "Journée du son", "jeudi prochain de 14h à 18h")
        guided = card(room, "Journée du son")
        await expect(guided).to_contain_text(re.compile("jeudi .* à 14.h.00, heure de Paris"))
        await guided.get_by_role("button", name=VOICE("drafting.tables")).click()
        for title, about, hours in (
            ("Prise de son", "Avec Ulysse Gardanne", "14h-15h30"),
            ("Mixage", "Avec Zoé Lunel", "16h-17h30"),
        ):
            tables = card(room, VOICE("drafting.add"))
            await tables.get_by_role("button", name=VOICE("drafting.add")).click()
            await visitor.fill(room, title, about, hours)
            await expect(card(room, title)).to_contain_text(hours)
        tables = card(room, "Mixage")
        await tables.get_by_role("button", name=VOICE("drafting.back")).click()
        await (
            card(room, "Mixage")
            .get_by_role("button", name=VOICE("drafting.publish"), exact=True)
            .click()
        )
        room = await visitor.visit("Baptiste", "annonces")
        announced = card(room, "Journée du son")
        await expect(announced).to_contain_text(re.compile("Ulysse Gardanne.*Zoé Lunel"))
        await expect(announced).to_contain_text(VOICE("rsvp.button_tables"))

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
