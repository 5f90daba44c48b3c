"""The loopback Discord itself, tried with a discord.py that does next to nothing."""

import asyncio
import io
from pathlib import Path

import aiohttp
import discord
import pytest

from tests.contract import DESCRIPTION
from tests.wire.conftest import Place
from tests.wire.events import cleared, reacted
from tests.wire.listener import Listener
from tests.wire.model import Message
from tests.wire.process import LISTEN, BotProcess
from tests.wire.server import WireDiscord
from tests.wire.traffic import Fault, Limit

pytestmark = pytest.mark.wire

MESSAGES, MESSAGE = "/channels/*/messages", "/channels/*/messages/*"


def channel(listener: Listener, place: Place) -> discord.TextChannel:
    found = listener.get_channel(place.channel.id)
    assert isinstance(found, discord.TextChannel)
    return found


@pytest.fixture
async def card(place: Place, listener: Listener) -> Message:
    view = discord.ui.View()
    for name in ("yes", "form"):
        view.add_item(discord.ui.Button(label=name, custom_id=name))
    await channel(listener, place).send("Card", embed=discord.Embed(title="Table"), view=view)
    assert place.channel.newest is not None
    return place.channel.newest


async def test_a_bot_logs_in_and_registers_its_commands(
    server: WireDiscord, place: Place, listener: Listener
) -> None:
    await listener.wait_until_ready()
    assert listener.get_guild(place.guild.id) is not None
    assert [command["name"] for command in server.world.commands[None]] == ["ping"]


@pytest.mark.usefixtures("listener")
async def test_a_command_is_answered_in_private(server: WireDiscord, place: Place) -> None:
    words = await server.suggestions(place.alice, place.channel, "ping", "word", "sa")
    answer = await server.slash(
        place.alice, place.channel, "ping", word=words[0]["value"], to=place.alice
    )
    assert answer.text == f"salut {place.alice.mention}"
    assert not place.channel.messages


async def test_a_button_redraws_its_card(server: WireDiscord, place: Place, card: Message) -> None:
    await server.click(place.alice, card, "yes")
    assert card.content == "heard 0"


async def test_a_form_is_filled_in_and_sent(
    server: WireDiscord, place: Place, card: Message
) -> None:
    form = await server.click(place.alice, card, "form")
    answer = await server.submit(form, {"Word": "bonjour"})
    assert [message.content for message in answer.answers] == ["bonjour"]


async def test_a_storm_of_reactions_arrives_whole_and_in_order(
    server: WireDiscord, place: Place, listener: Listener, card: Message
) -> None:
    members = [server.world.add_member(place.guild, f"m{n}") for n in range(1000)]
    await server.storm(reacted(card, member.user, "✅") for member in members)
    await server.unreact(members[0], card, "✅")
    await listener.bell.until(lambda: len(listener.heard) > len(members))
    assert listener.heard[:-1] == [(member.id, "✅", True) for member in members]
    assert listener.heard[-1] == (members[0].id, "✅", False)


async def test_reactions_cleared_at_once_are_one_event(
    server: WireDiscord, place: Place, listener: Listener, card: Message
) -> None:
    await server.react(place.alice, card, "✅")
    clearing = listener.wait_for("raw_reaction_clear", timeout=5)
    await asyncio.gather(clearing, server.storm([cleared(card)]))
    shown = await channel(listener, place).fetch_message(card.id)
    assert not shown.reactions


async def test_people_speak_and_delete(
    server: WireDiscord, place: Place, listener: Listener, card: Message
) -> None:
    hearing = asyncio.create_task(listener.wait_for("message", timeout=5))
    said = await server.say(place.alice, place.channel, "between ourselves")
    assert not (await hearing).content
    assert [message.id async for message in channel(listener, place).history(limit=1)] == [said.id]
    gone = channel(listener, place).get_partial_message(card.id)
    await server.delete(card)
    with pytest.raises(discord.NotFound, match="10008"):
        await gone.edit(content="too late")
    await server.delete(place.channel)
    with pytest.raises(discord.NotFound, match="10003"):
        await gone.fetch()


async def test_a_member_is_written_to_in_private(
    server: WireDiscord, place: Place, listener: Listener
) -> None:
    guild = listener.get_guild(place.guild.id)
    assert guild is not None
    member = await guild.fetch_member(place.alice.id)
    await member.send("bonjour")
    newest = server.world.conversation(place.alice.user).newest
    assert newest is not None
    assert newest.content == "bonjour"


async def test_files_are_kept(place: Place, listener: Listener) -> None:
    file = discord.File(io.BytesIO(b"BEGIN"), "agenda.ics")
    sent = await channel(listener, place).send(file=file)
    assert await sent.attachments[0].read() == b"BEGIN"
    await sent.edit(attachments=[])
    assert place.channel.newest is not None
    assert not place.channel.newest.files


async def test_reactors_are_listed_in_pages(
    server: WireDiscord, place: Place, listener: Listener, card: Message
) -> None:
    members = [server.world.add_member(place.guild, f"m{n}") for n in range(130)]
    await server.storm(reacted(card, member.user, "✅") for member in members)
    shown = await channel(listener, place).fetch_message(card.id)
    users = [user.id async for user in shown.reactions[0].users()]
    assert sorted(users) == [member.id for member in members]
    assert len(server.sent("GET", f"{MESSAGE}/reactions/*")) == 2


async def test_the_same_nonce_gives_the_same_message(
    server: WireDiscord, place: Place, listener: Listener
) -> None:
    first, second = [await channel(listener, place).send("once", nonce="n") for _ in range(2)]
    assert first.id == second.id
    server.world.nonce_seconds = 0
    third = await channel(listener, place).send("again", nonce="n")
    assert list(place.channel.messages) == [first.id, third.id]


async def test_what_was_lost_with_the_connection_is_replayed(
    server: WireDiscord, place: Place, listener: Listener, card: Message
) -> None:
    server.gateway.shut()
    await server.gateway.drop()
    await server.react(place.alice, card, "✅")
    assert not listener.heard
    server.gateway.open()
    await listener.bell.until(lambda: listener.resumptions)
    assert listener.heard == [(place.alice.id, "✅", True)]
    assert (server.gateway.identified, server.gateway.resumed) == (1, 1)


async def test_a_bot_that_is_asked_to_comes_again(
    server: WireDiscord, place: Place, listener: Listener, card: Message
) -> None:
    await server.gateway.ask_to_reconnect()
    await listener.bell.until(lambda: listener.resumptions)
    await server.gateway.drop(code=4000)
    await listener.bell.until(lambda: listener.resumptions == 2)
    await server.react(place.alice, card, "✅")
    await listener.bell.until(lambda: listener.heard)
    assert server.gateway.identified == 1


async def test_an_invalid_session_begins_anew(
    server: WireDiscord, place: Place, listener: Listener, card: Message
) -> None:
    await server.gateway.invalidate()
    await server.until(lambda: server.gateway.identified == 2)
    await server.react(place.alice, card, "✅")
    await listener.bell.until(lambda: listener.heard)
    assert server.gateway.resumed == 0


async def test_a_429_is_waited_for(server: WireDiscord, place: Place, listener: Listener) -> None:
    server.faults.append(Fault("POST", MESSAGES, status=429, retry_after=0.2))
    await channel(listener, place).send("patient")
    refused, taken = server.sent("POST", MESSAGES)
    assert (refused.status, taken.status) == (429, 200)
    assert taken.started - refused.started >= 0.2


async def test_rate_limits_are_announced(
    server: WireDiscord, place: Place, listener: Listener
) -> None:
    server.limits.append(Limit("POST", MESSAGES, count=2, seconds=0.3))
    for n in range(5):
        await channel(listener, place).send(f"{n}")
    posts = server.sent("POST", MESSAGES)
    assert [post.status for post in posts] == [200] * 5
    assert posts[4].started - posts[0].started >= 0.3


async def test_the_global_limit_is_refused_and_waited_for(
    server: WireDiscord, place: Place, listener: Listener
) -> None:
    server.limits.append(Limit(count=2, seconds=0.3))
    await asyncio.gather(*(channel(listener, place).send(f"{n}") for n in range(3)))
    assert 429 in {post.status for post in server.sent("POST", MESSAGES)}
    assert len(place.channel.messages) == 3


async def test_an_answer_lost_on_the_way_does_not_post_twice(
    server: WireDiscord, place: Place, listener: Listener
) -> None:
    server.faults.append(Fault("POST", MESSAGES, status=500, applied=True))
    await channel(listener, place).send("once")  # discord.py asks again after a second
    assert len(server.sent("POST", MESSAGES)) == 2
    assert len(place.channel.messages) == 1


async def test_a_cut_line_is_an_error_and_nothing_more(
    server: WireDiscord, place: Place, listener: Listener
) -> None:
    server.faults.append(Fault("POST", MESSAGES, reset=True))
    with pytest.raises(aiohttp.ClientError):
        await channel(listener, place).send("lost")
    assert not place.channel.messages


async def test_an_answer_can_be_held_back(
    server: WireDiscord, place: Place, listener: Listener
) -> None:
    gate = asyncio.Event()
    server.faults.append(Fault("POST", MESSAGES, applied=True, gate=gate))
    posting = asyncio.create_task(channel(listener, place).send("slow"))
    await server.until(lambda: place.channel.messages)
    assert not posting.done()
    gate.set()
    await posting


async def test_an_unknown_route_fails_the_check(server: WireDiscord, listener: Listener) -> None:
    with pytest.raises(discord.HTTPException) as refusal:
        await listener.fetch_premium_sticker_packs()
    assert refusal.value.status == 501
    with pytest.raises(AssertionError, match="GET /sticker-packs"):
        server.check()
    server.problems.clear()


@pytest.mark.skipif(not DESCRIPTION.exists(), reason="Discord's description is not at hand")
async def test_what_discord_would_refuse_is_refused_and_fails_the_check(
    server: WireDiscord, place: Place, listener: Listener
) -> None:
    with pytest.raises(discord.HTTPException) as refusal:
        await channel(listener, place).send("x" * 2001)
    assert refusal.value.code == 50035
    with pytest.raises(AssertionError, match="2001 characters"):
        server.check()
    server.problems.clear()


async def test_a_wrong_token_does_not_log_in(server: WireDiscord) -> None:
    with pytest.raises(discord.LoginFailure):
        async with Listener() as stranger:
            await stranger.start("wrong")
    assert server.gateway.identified == 0


async def test_intents_that_were_not_granted_end_the_bot(server: WireDiscord) -> None:
    server.world.add_guild("Rencontres")
    greedy = Listener(intents=discord.Intents(members=True))
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with greedy:
            await greedy.start(server.environment["DISCORD_TOKEN"])


async def test_a_process_logs_in_and_ends_when_asked(
    server: WireDiscord, place: Place, tmp_path: Path
) -> None:
    async with BotProcess(server, tmp_path, LISTEN) as process:
        await process.logged_in()
        answer = await server.slash(place.alice, place.channel, "ping")
        assert answer.text == "pong @everyone"
        assert (await process.terminate()).code == -15


async def test_a_process_dies_between_effect_and_answer(
    server: WireDiscord, place: Place, tmp_path: Path
) -> None:
    callback = "/interactions/*/*/callback"
    held = Fault("POST", callback, applied=True, gate=asyncio.Event())
    server.faults.append(held)
    async with BotProcess(server, tmp_path, LISTEN) as process:
        await process.logged_in()
        answer = await server.slash(place.alice, place.channel, "ping")
        assert (await process.kill()).code == -9
    assert answer.answers
    assert [request.status for request in server.sent("POST", callback)] == [0]


async def test_a_process_that_does_not_start_says_why(server: WireDiscord, tmp_path: Path) -> None:
    async with BotProcess(server, tmp_path, ("-c", "raise OSError('no')")) as process:
        with pytest.raises(AssertionError, match="OSError: no"):
            await process.logged_in()
