"""What `run` serves and asks for beside the gateway."""

import json
import socket
from pathlib import Path

import aiohttp
import pytest

from tests.wire.process import BotProcess
from tests.wire.server import WireDiscord
from tests.wire.town import Town

pytestmark = pytest.mark.wire

# Discord's bit for the list of members.
MEMBERS = 1 << 1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_health_is_served_where_a_port_is_given(server: WireDiscord, tmp_path: Path) -> None:
    town, port = Town.found(server, tmp_path), free_port()
    await town.was_set_up()
    async with town.bot(WEB_PORT=str(port)) as bot, aiohttp.ClientSession() as http:
        await bot.logged_in()
        async with http.get(f"http://127.0.0.1:{port}/health") as answer:
            assert answer.status == 200
            assert json.loads(await answer.text())["status"] == "ok"
        assert (await bot.terminate()).code == 0


async def test_a_port_that_is_taken_is_said(server: WireDiscord, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        async with BotProcess(server, tmp_path, environment={"WEB_PORT": port}) as bot:
            assert (await bot.ended()).code == 2
    assert port in bot.output
    assert "Traceback" not in bot.output


async def test_the_list_of_members_is_asked_for_only_where_it_is_set(
    tmp_path: Path,
) -> None:
    async with WireDiscord(privileged=MEMBERS) as server:
        town = Town.found(server, tmp_path)
        await town.was_set_up()
        async with town.bot(MEMBERS_INTENT="true") as bot:
            await bot.logged_in()
            assert (await bot.terminate()).code == 0


async def test_a_list_of_members_that_is_not_granted_is_said(
    server: WireDiscord, tmp_path: Path
) -> None:
    Town.found(server, tmp_path)
    async with BotProcess(server, tmp_path, environment={"MEMBERS_INTENT": "true"}) as bot:
        assert (await bot.ended()).code == 2
    assert "MEMBERS_INTENT" in bot.output
    assert "Traceback" not in bot.output
