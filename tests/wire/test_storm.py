"""A thousand members want fifty seats at each of four tables within the same second."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot import guilds
from bot.db import Database
from bot.events import announcing
from bot.events.proposal import Proposal, ProposedPart
from tests.wire.interactions import Interaction
from tests.wire.model import Member, Message
from tests.wire.process import RUN, BotProcess
from tests.wire.server import WireDiscord
from tests.wire.town import Town

pytestmark = [pytest.mark.wire, pytest.mark.slow]

MEMBERS, SEATS, TABLES = 1000, 50, 4
# Seconds: how fast a machine is, is no matter here.
PATIENCE = 30
UNGUARDED = ("-m", "tests.wire.unguarded", "run")
PATCH = "/channels/*/messages/*"
OFFERED = TABLES + 2


@dataclass
class Storm:
    """What a thousand members did, and what came of it."""

    town: Town
    crowd: Sequence[Member]
    card: Message
    pressed: list[Interaction] = field(default_factory=list[Interaction])
    seconds: float = 0.0
    # Members who were answered before their answer was durable.
    early: list[int] = field(default_factory=list[int])
    unanswered: list[int] = field(default_factory=list[int])

    async def rage(self) -> None:
        """Let everybody answer, every other one by reacting, in one order."""
        server, loop = self.town.server, asyncio.get_running_loop()
        started = loop.time()
        watching = [
            asyncio.create_task(self._watch(member, await self._answer(server, number, member)))
            for number, member in enumerate(self.crowd)
        ]
        self.seconds = loop.time() - started
        await asyncio.gather(*watching)

    async def _answer(self, server: WireDiscord, number: int, member: Member) -> Interaction | None:
        if number % 2:
            await server.react(member, self.card, "✅")
            return None
        interaction = await server.press(member, self.card, f"rsvp:{self.event_id}:yes")
        self.pressed.append(interaction)
        return interaction

    async def _watch(self, member: Member, interaction: Interaction | None) -> None:
        if interaction is None:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await interaction.settled.wait()
        except TimeoutError:
            self.unanswered.append(member.id)
            return
        stored = self.town.stored("SELECT count(*) FROM answer WHERE user_id = ?", member.id)
        if stored != [(TABLES,)]:
            self.early.append(member.id)

    @property
    def event_id(self) -> int:
        return int(self.town.stored("SELECT id FROM event")[0][0])

    def lines(self) -> list[list[int]]:
        """Those who said yes at each table, in the order of their turns."""
        query = "SELECT part_id, user_id FROM answer WHERE choice = 'yes' ORDER BY part_id, turn"
        found: dict[int, list[int]] = {}
        for part_id, user_id in self.town.stored(query):
            found.setdefault(part_id, []).append(user_id)
        return [*found.values()]

    def told(self) -> list[int]:
        """Who was told by a button of a seat at every table."""
        return [it.member.id for it in self.pressed if "✅" in it.text and "⏳" not in it.text]

    def wrongs(self) -> list[str]:
        """What should not be, as sentences."""
        order = [member.id for member in self.crowd]
        first = {*order[:SEATS]}
        found = [f"table {n}: not in order" for n, it in enumerate(self.lines(), 1) if it != order]
        if len(self.lines()) != TABLES:
            found.append("not every table has a line")
        if {*self.told()} != first & {it.member.id for it in self.pressed}:
            found.append("told of seats they do not have, or not told")
        if any("⏳" not in it.text and it.member.id not in first for it in self.pressed):
            found.append("not told that they wait")
        if self.unanswered:
            found.append(f"{len(self.unanswered)} not answered")
        if self.early:
            found.append(f"{len(self.early)} answered before it was durable")
        return found

    def shows(self) -> list[str]:
        """What each table's field on the card says."""
        return [part["value"].replace("\u00a0", " ") for part in self.card.embeds[0]["fields"]]


async def begin(server: WireDiscord, directory: Path, crowd_size: int = MEMBERS) -> Storm:
    """Announce four tables of fifty seats, before any bot comes."""
    server.world.patience = PATIENCE
    town = Town.found(server, directory)
    crowd = town.crowd(crowd_size)
    await town.was_set_up()
    start = datetime.now(UTC) + timedelta(days=30)
    parts = tuple(ProposedPart(title=f"Table {n}", capacity=SEATS) for n in range(1, TABLES + 1))
    proposal = Proposal("Rencontres", start, None, "Europe/Paris", parts)
    database = Database(make_url(f"sqlite+aiosqlite:///{town.path}"))
    async with database.writing(town.guild.id) as session:
        guild = await guilds.settings(session, town.guild.id)
        await announcing.announce(session, guild, proposal, by=1, now=datetime.now(UTC))
    await database.close()
    return Storm(town, crowd, card=Message.__new__(Message))


async def posted(storm: Storm) -> None:
    """Wait until the card is there with all its emojis."""
    town = storm.town

    def offered() -> bool:
        cards = town.cards("Rencontres")
        return bool(cards) and len(cards[0].reactions) == OFFERED

    await town.server.until(offered, within=30)
    (storm.card,) = town.cards("Rencontres")


@pytest.fixture
async def server() -> "WireDiscord":
    """A Discord that does not spend its time on holding every request against the contract."""
    return WireDiscord(strict=False)


async def test_a_thousand_answers_in_a_second_seat_fifty_in_order(
    server: WireDiscord, tmp_path: Path
) -> None:
    async with server:
        storm = await begin(server, tmp_path)
        async with BotProcess(server, tmp_path, RUN) as bot:
            await bot.logged_in()
            await posted(storm)
            before = len(server.sent("PATCH", PATCH))
            await storm.rage()
            full = f"✅ Présents {SEATS} / {SEATS}"
            waiting = f"⏳ {MEMBERS - SEATS} en attente"
            await server.until(
                lambda: all(full in it and waiting in it for it in storm.shows()), within=30
            )
        assert storm.wrongs() == []
        edits = [request.started for request in server.sent("PATCH", PATCH)[before:]]
        assert all(later - sooner > 0.9 for sooner, later in pairwise(edits))
        assert len(edits) <= storm.seconds + 5


async def test_without_the_line_the_same_storm_goes_wrong(
    server: WireDiscord, tmp_path: Path
) -> None:
    async with server:
        storm = await begin(server, tmp_path, 100)
        async with BotProcess(server, tmp_path, UNGUARDED) as bot:
            await bot.logged_in()
            await posted(storm)
            await storm.rage()
        assert storm.wrongs() != []
