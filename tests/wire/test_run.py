"""The bot as it is run: a process of its own, real sockets, signals and crashes."""

import asyncio
from pathlib import Path
from signal import SIGKILL

import pytest

from tests.wire.events import reacted
from tests.wire.model import READ_HISTORY
from tests.wire.process import BotProcess
from tests.wire.server import TOKEN, WireDiscord
from tests.wire.town import POSTS, Town
from tests.wire.traffic import Fault

pytestmark = pytest.mark.wire

COMMANDS = "/applications/*/commands"


@pytest.fixture
async def town(server: WireDiscord, tmp_path: Path) -> Town:
    town = Town.found(server, tmp_path)
    await town.was_set_up()
    return town


async def test_an_event_is_announced_answered_and_outlives_the_bot(
    server: WireDiscord, tmp_path: Path
) -> None:
    town = Town.found(server, tmp_path)
    crowd = town.crowd(60)
    async with town.bot(LOG_LEVEL="DEBUG") as bot:
        await bot.wrote("Dispatching event ready")
        assert f"<#{town.channel.id}>" in (await town.set_up()).text
        card = await town.announce(capacity=50)
        (post,) = server.sent("POST", POSTS)
        assert post.json["enforce_nonce"]
        assert 0 < len(post.json["nonce"]) <= 25
        await server.react(crowd[0], card, "✅")
        await town.shows(card, "✅ Présents 1 / 50")
        assert town.answers() == {crowd[0].id: "yes"}
        await server.storm(reacted(card, member.user, "✅") for member in crowd[1:])
        ended = await bot.terminate()
    assert ended.code == 0
    assert ended.seconds < 5
    assert "Traceback" not in bot.output
    assert TOKEN not in bot.output
    async with town.bot() as bot:
        await bot.logged_in()
        await town.shows(card, "✅ Présents 50 / 50", "⏳ 10 personnes en liste d’attente")
    assert list(town.answers()) == [member.id for member in crowd]
    assert len(server.sent("PUT", COMMANDS)) == 1
    assert len(server.sent("POST", POSTS)) == 1


async def test_the_last_act_stands_after_a_crash_and_what_was_missed_is_found(town: Town) -> None:
    server = town.server
    alice, bob, carol, *crowd = town.crowd(103)
    async with town.bot() as bot:
        await bot.logged_in()
        card = await town.announce()
        await server.react(alice, card, "✅")
        await server.react(bob, card, "✅")
        assert "ne venez pas" in (await server.click(alice, card, "Non")).text
        await town.shows(card, "✅ Présents 1", "❌ Absents 1")
        await server.storm(reacted(card, member.user, "✅") for member in crowd)
        assert (await bot.kill()).code == -SIGKILL
    await server.unreact(bob, card, "✅")
    await server.react(carol, card, "❔")
    async with town.bot() as bot:
        await bot.logged_in()
        await town.shows(card, "✅ Présents 100", "❔ Peut-être 1", "❌ Absents 1")
    said = town.answers()
    assert (said.pop(alice.id), said.pop(carol.id)) == ("no", "maybe")
    assert list(said) == [member.id for member in crowd]


@pytest.mark.parametrize(
    ("nonce_seconds", "readable"), [(300, False), (0, True)], ids=["by its nonce", "by its mark"]
)
async def test_a_crash_between_a_post_and_its_mark_does_not_post_twice(
    town: Town, nonce_seconds: float, *, readable: bool
) -> None:
    server = town.server
    server.world.nonce_seconds = nonce_seconds
    if not readable:
        town.guild.everyone.permissions &= ~READ_HISTORY
    server.faults.append(Fault("POST", POSTS, applied=True, gate=asyncio.Event()))
    async with town.bot() as bot:
        await bot.logged_in()
        await town.publish("Petit-déjeuner")
        await server.until(town.cards)
        await bot.kill()
    assert town.stored("SELECT state, attempts FROM delivery") == [("sending", 1)]
    async with town.bot() as bot:
        await bot.logged_in()
        card = await town.card()
    assert town.cards() == [card]
    assert town.stored("SELECT state, message_id FROM delivery") == [("sent", card.id)]


async def test_whatever_becomes_of_a_post_there_is_one_card(town: Town) -> None:
    server = town.server
    async with town.bot() as bot:
        await bot.logged_in()
        for title, fault in (
            ("429", Fault("POST", POSTS, status=429, retry_after=0.2)),
            ("500", Fault("POST", POSTS, status=500)),
            ("500 after", Fault("POST", POSTS, status=500, applied=True)),
        ):
            server.faults.append(fault)
            card = await town.announce(title)
            assert fault.struck == 1
            assert town.cards(title) == [card]


async def test_a_post_lost_with_its_line_is_looked_for_and_holds_nothing_up(town: Town) -> None:
    server = town.server
    server.world.nonce_seconds = 0
    server.faults.append(Fault("POST", POSTS, reset=True, applied=True))
    async with town.bot() as bot:
        await bot.logged_in()
        await town.publish("lost")
        await town.announce("next")
        pending = "SELECT state, reason FROM delivery WHERE message_id IS NULL"
        assert town.stored(pending) == [("pending", "deliveries.no_answer")]
        town.stored("UPDATE delivery SET due_at = created_at WHERE message_id IS NULL")
        await town.announce("after")
        card = await town.card("lost")
    assert town.cards("lost") == [card]


WRONG = {"DATABASE_URL": "mysql://localhost", "LOG_LEVEL": "LOUD", "DISCORD_GATEWAY": "tcp://"}


@pytest.mark.parametrize(
    ("settings", "sentences"),
    [
        ({"DISCORD_TOKEN": ""}, [("DISCORD_TOKEN", "demo")]),
        ({"DISCORD_TOKEN": "y" * 70, "LOG_LEVEL": "ERROR"}, [("DISCORD_TOKEN",)]),
        (WRONG, [(variable,) for variable in WRONG]),
    ],
    ids=["no token", "a refused token", "wrong settings"],
)
async def test_what_keeps_the_bot_from_starting_is_said_in_a_sentence_each(
    server: WireDiscord,
    tmp_path: Path,
    settings: dict[str, str],
    sentences: list[tuple[str, ...]],
) -> None:
    async with BotProcess(server, tmp_path, environment=settings) as bot:
        assert (await bot.ended()).code == 2
    said = sorted(bot.output.splitlines())
    assert len(said) == len(sentences)
    for line, names in zip(said, sorted(sentences), strict=True):
        assert all(name in line for name in names)
    assert "yyy" not in bot.output


async def test_a_second_bot_on_the_same_file_refuses_to_start(town: Town) -> None:
    async with town.bot() as first:
        await first.logged_in()
        async with town.bot() as second:
            assert (await second.ended()).code == 2
        assert str(first.pid) in second.output
        assert "Traceback" not in second.output
        await town.announce()
        assert (await first.terminate()).code == 0
    assert town.server.gateway.identified == 1
