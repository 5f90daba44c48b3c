"""A bot that is killed at every step of a reminder, an announcement, a promotion.

Whatever it was doing: nobody gets two, nobody gets none.
"""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.db import Database
from bot.events import rsvp
from bot.events.rsvp import Act
from bot.tables import Choice, Door, Event, EventStatus, Part
from tests.wire.model import READ_HISTORY, Channel, Member, Message
from tests.wire.server import WireDiscord
from tests.wire.town import POSTS, Town
from tests.wire.traffic import Fault

pytestmark = pytest.mark.wire

CONVERSE = "/users/@me/channels"
UNDONE = {"pending", "sending"}


@pytest.fixture
async def town(server: WireDiscord, tmp_path: Path) -> Town:
    town = Town.found(server, tmp_path)
    await town.was_set_up()
    return town


def private(town: Town, member: Member) -> list[Message]:
    return [*town.server.world.conversation(member.user).messages.values()]


def reminders(channel: Channel) -> list[Message]:
    return [m for m in channel.messages.values() if "Rappel" in m.content]


def called(town: Town) -> Counter[int]:
    """How often each was called in the channel."""
    return Counter(
        int(user_id)
        for message in reminders(town.channel)
        for user_id in message.body["allowed_mentions"]["users"]
    )


def held(method: str, path: str, *, applied: bool) -> Fault:
    """Stop the bot at a request for good: before it takes effect, or before it is answered."""
    return Fault(method, path, applied=applied, gate=asyncio.Event())


async def play(town: Town, *acts: tuple[Member, Choice]) -> None:
    """Let members answer the event of these tests; no bot may run meanwhile."""
    database = Database(make_url(f"sqlite+aiosqlite:///{town.path}"))
    async with database.writing(town.guild.id) as session:
        await rsvp.play(
            session,
            [
                Act(town.guild.id, member.id, ((1, choice),), Door.BUTTON, datetime.now(UTC))
                for member, choice in acts
            ],
        )
    await database.close()


async def coming(town: Town, size: int) -> list[Member]:
    """An event in two hours, less a minute, to which so many come."""
    now = datetime.now(UTC).replace(microsecond=0)
    database = Database(make_url(f"sqlite+aiosqlite:///{town.path}"))
    async with database.writing(town.guild.id) as session:
        session.add(
            Event(
                id=1,
                guild_id=town.guild.id,
                title="Petit-déjeuner",
                channel_id=town.channel.id,
                starts_at=now + timedelta(minutes=119),
                local_start="",
                zone="Europe/Paris",
                status=EventStatus.ANNOUNCED,
                dated_at=now - timedelta(hours=12),
                created_by=1,
                created_at=now,
                updated_at=now,
            )
        )
        await session.flush()
        session.add(Part(id=1, guild_id=town.guild.id, event_id=1, position=0))
    await database.close()
    crowd = [*town.crowd(size)]
    await play(town, *((member, Choice.YES) for member in crowd))
    return crowd


async def settled(town: Town, *kinds: str) -> None:
    """Wait until nothing of these kinds is still to be said."""
    marks = ", ".join(f"'{kind}'" for kind in kinds)
    query = f"SELECT state FROM delivery WHERE kind IN ({marks})"  # noqa: S608 # the test's own
    async with asyncio.timeout(20):
        states: set[str] = set()
        while not states or states & UNDONE:  # what the bot writes rings no bell
            await asyncio.sleep(0.05)
            states = {state for (state,) in town.stored(query)}


@pytest.mark.parametrize(
    ("nonce_seconds", "applied", "readable"),
    [(0, False, True), (0, True, True), (300, True, False)],
    ids=["before", "after, known by its mark", "after, known by its nonce"],
)
async def test_a_reminder_reaches_everybody_once_whenever_the_bot_is_killed(
    town: Town, nonce_seconds: float, *, applied: bool, readable: bool
) -> None:
    crowd = await coming(town, 60)
    town.server.world.nonce_seconds = nonce_seconds
    if not readable:
        town.guild.everyone.permissions &= ~READ_HISTORY
    # The first goes through; the second is the one it dies over.
    town.server.faults.append(Fault("POST", POSTS))
    town.server.faults.append(fault := held("POST", POSTS, applied=applied))
    async with town.bot() as bot:
        await bot.logged_in()
        await town.server.until(lambda: fault.struck)
        if applied:
            await town.server.until(lambda: len(reminders(town.channel)) == 2)
        await bot.kill()
    async with town.bot() as bot:
        await bot.logged_in()
        await town.server.until(lambda: len(called(town)) == len(crowd))
        await settled(town, "reminder")
    assert called(town) == Counter(member.id for member in crowd)


async def test_a_reminder_is_known_again_though_people_came_and_went(town: Town) -> None:
    alice, *_ = crowd = await coming(town, 10)
    (late,) = town.crowd(1)
    town.server.world.nonce_seconds = 0
    town.server.faults.append(held("POST", POSTS, applied=True))
    async with town.bot() as bot:
        await bot.logged_in()
        await town.server.until(lambda: reminders(town.channel))
        await bot.kill()
    await play(town, (alice, Choice.NO), (late, Choice.YES))
    async with town.bot() as bot:
        await bot.logged_in()
        await settled(town, "reminder")
    assert called(town) == Counter(member.id for member in crowd)


STEPS = {
    "opening": (CONVERSE, False),
    "opened": (CONVERSE, True),
    "posting": (POSTS, False),
    "posted": (POSTS, True),
}


@pytest.mark.parametrize("step", STEPS)
async def test_a_private_reminder_is_said_once_whenever_the_bot_is_killed(
    town: Town, step: str
) -> None:
    (bob,) = await coming(town, 1)
    guild_id = town.guild.id
    town.stored(f"INSERT INTO bell VALUES (1, {bob.id}, {guild_id})")  # noqa: S608 # the test's own
    town.server.world.nonce_seconds = 0
    path, applied = STEPS[step]
    if path == POSTS:
        # That of the channel goes first.
        town.server.faults.append(Fault("POST", POSTS))
    town.server.faults.append(fault := held("POST", path, applied=applied))
    async with town.bot() as bot:
        await bot.logged_in()
        await town.server.until(lambda: fault.struck)
        if step == "posted":
            await town.server.until(lambda: private(town, bob))
        await bot.kill()
    async with town.bot() as bot:
        await bot.logged_in()
        await settled(town, "bell", "reminder")
    assert len(private(town, bob)) == 1
    assert called(town) == {bob.id: 1}


@pytest.mark.parametrize("step", STEPS)
async def test_a_promotion_is_told_once_whenever_the_bot_is_killed(town: Town, step: str) -> None:
    alice, bob = town.crowd(2)
    town.server.world.nonce_seconds = 0
    path, applied = STEPS[step]
    async with town.bot() as bot:
        await bot.logged_in()
        card = await town.announce(capacity=1)
        await town.server.react(alice, card, "✅")
        await town.server.react(bob, card, "✅")
        await town.shows(card, "⏳ 1 personne en liste d’attente")
        town.server.faults.append(fault := held("POST", path, applied=applied))
        await town.server.unreact(alice, card, "✅")
        await town.server.until(lambda: fault.struck)
        if step == "posted":
            await town.server.until(lambda: private(town, bob))
        await bot.kill()
    async with town.bot() as bot:
        await bot.logged_in()
        await settled(town, "promotion")
    (told,) = private(town, bob)
    assert "Une place s’est libérée" in told.content
    assert private(town, alice) == []


@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
async def test_an_event_is_announced_once_whenever_the_bot_is_killed(
    town: Town, *, applied: bool
) -> None:
    town.server.world.nonce_seconds = 0
    town.server.faults.append(fault := held("POST", POSTS, applied=applied))
    async with town.bot() as bot:
        await bot.logged_in()
        await town.publish("Petit-déjeuner")
        await town.server.until(lambda: town.cards() if applied else fault.struck)
        await bot.kill()
    async with town.bot() as bot:
        await bot.logged_in()
        card = await town.card()
        await settled(town, "event")
    assert town.cards() == [card]


async def test_killed_before_it_could_look_it_reminds_when_it_is_back(town: Town) -> None:
    crowd = await coming(town, 3)
    async with town.bot() as bot:
        await bot.logged_in()
        await bot.kill()
    async with town.bot() as bot:
        await bot.logged_in()
        await town.server.until(lambda: len(called(town)) == len(crowd))
        await settled(town, "reminder")
    assert called(town) == Counter(member.id for member in crowd)
