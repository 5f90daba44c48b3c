import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import yarl
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.wire.listener import Listener
from tests.wire.model import Channel, Guild, Member
from tests.wire.server import WireDiscord


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WireDiscord]:
    """A loopback Discord to which discord.py in this process is sent, until the test ends."""
    async with WireDiscord() as server:
        monkeypatch.setattr(Route, "BASE", server.environment["DISCORD_API_BASE"])
        monkeypatch.setattr(Asset, "BASE", server.world.cdn)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway.url))
        yield server


class Place(NamedTuple):
    guild: Guild
    channel: Channel
    alice: Member


@pytest.fixture
def place(server: WireDiscord) -> Place:
    """One guild with one channel and one member; made before any bot comes."""
    guild = server.world.add_guild("Rencontres")
    channel = server.world.add_channel(guild, "annonces")
    return Place(guild, channel, server.world.add_member(guild, "Alice"))


@pytest.fixture
async def listener(
    server: WireDiscord,
    place: Place,  # noqa: ARG001 # a guild to log in to
) -> AsyncIterator[Listener]:
    """A bot that does next to nothing, logged in."""
    client = Listener()
    running = asyncio.create_task(client.start(server.environment["DISCORD_TOKEN"]))
    await server.connected()
    yield client
    await client.close()
    await running
