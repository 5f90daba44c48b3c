import asyncio
import zlib
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import orjson
from aiohttp import WSMessage, web

from tests.contract import Json
from tests.wire.bell import Bell
from tests.wire.world import World

# members, presences, message content: Discord gives them only to bots that were granted them
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
# Families of events, and the bits of the intents that bring them: in a guild, in private.
_INTENTS = {
    "GUILD": (0, 0),
    "CHANNEL": (0, 0),
    "GUILD_MEMBER": (1, 1),
    "MESSAGE": (9, 12),
    "MESSAGE_REACTION": (10, 13),
}
_HEARTBEAT_MILLISECONDS = 41_250
_REPLAYABLE = 50_000


class Op(IntEnum):
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    RESUME = 6
    RECONNECT = 7
    MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Close(IntEnum):
    NORMAL = 1000
    GOING_AWAY = 1001
    UNKNOWN_OPCODE = 4001
    WRONG_TOKEN = 4004
    INVALID_SHARD = 4010
    DISALLOWED_INTENTS = 4014


@dataclass(frozen=True)
class Frame:
    """A gateway event written once; each session that takes it puts its own number on it."""

    event: str
    body: bytes
    guild_id: int | None = None


def frame(event: str, body: Json, guild_id: int | None = None) -> Frame:
    return Frame(event, orjson.dumps(body), guild_id)


class Closing(Exception):  # noqa: N818 # it says what to do, not what is wrong
    """The connection must be closed, with this code."""

    def __init__(self, code: int) -> None:
        self.code = code


class Connection:
    """A websocket, compressed as the client asked for.

    Of `zlib-stream` and `zstd-stream` only the first is offered. Who asks for the other is sent
    plain text, which discord.py reads as well.
    """

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket = socket
        self.transport = request.transport
        self._stream = (
            zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None
        )

    async def send(self, text: bytes) -> None:
        """Send one message; if the other side is gone, it stays unsent."""
        try:
            if self._stream is None:
                await self.socket.send_str(text.decode())
            else:
                packed = self._stream.compress(text) + self._stream.flush(zlib.Z_SYNC_FLUSH)
                await self.socket.send_bytes(packed)
        except ConnectionError:
            self.abort()

    async def send_json(self, op: int, body: object) -> None:
        await self.send(orjson.dumps({"op": op, "d": body}))

    def abort(self) -> None:
        """Cut the line without a word."""
        if self.transport:
            self.transport.abort()


class Session:
    """What one shard of one process was sent, so that it can be sent again after a lost line."""

    def __init__(self, session_id: str, shard: tuple[int, int], intents: int) -> None:
        self.id = session_id
        self.shard = shard
        self.intents = intents
        self.connection: Connection | None = None
        self.sequence = 0
        self._sent: deque[bytes] = deque(maxlen=_REPLAYABLE)

    def takes(self, frame: Frame) -> bool:
        """Say whether an event belongs to this shard and was asked for by an intent."""
        number, count = self.shard
        if ((frame.guild_id or 0) >> 22) % count != number:
            return False
        bits = _INTENTS.get(frame.event.rpartition("_")[0].removesuffix("_REMOVE"))
        return bits is None or bool(self.intents >> bits[frame.guild_id is None] & 1)

    async def push(self, frame: Frame) -> None:
        """Number an event and send it, now or, without a connection, when it is resumed."""
        self.sequence += 1
        head = b'{"op":0,"t":"%b","s":%d,"d":' % (frame.event.encode(), self.sequence)
        self._sent.append(head + frame.body + b"}")
        if self.connection:
            await self.connection.send(self._sent[-1])

    def holds(self, sequence: int) -> bool:
        return self.sequence - len(self._sent) <= sequence <= self.sequence

    async def resume(self, connection: Connection, sequence: int) -> None:
        """Send again whatever came after `sequence`, then go on with this connection."""
        while missed := self.sequence - sequence:
            for text in list(self._sent)[-missed:]:
                await connection.send(text)
            sequence += missed
        self.connection = connection
        await self.push(frame("RESUMED", {}))


class Gateway:
    """Discord's gateway: sessions, heartbeats, events, and every way of losing them."""

    def __init__(self, world: World, bell: Bell, token: str, privileged: int = 0) -> None:
        self.sessions: dict[str, Session] = {}
        self.identified = 0
        self.resumed = 0
        self.url = ""
        self._world = world
        self._bell = bell
        self._token = token
        self._refused_intents = PRIVILEGED & ~privileged
        self._lines: set[Connection] = set()
        self._gate = asyncio.Event()
        self._gate.set()

    @property
    def connections(self) -> int:
        """How many shards listen right now."""
        return len(self._connected())

    async def storm(self, frames: Iterable[Frame]) -> None:
        """Send many events, as fast as the bot takes them."""
        for event in frames:
            for session in list(self.sessions.values()):
                if session.takes(event):
                    await session.push(event)

    def shut(self) -> None:
        """Let nobody in until `open()`: whoever connects is kept waiting."""
        self._gate.clear()

    def open(self) -> None:
        """Let in those who wait."""
        self._gate.set()

    async def drop(self, code: int | None = None) -> None:
        """Lose every connection: with a close code or, without one, as when a cable is cut."""
        lines, self._lines = self._lines, set()
        for session in self.sessions.values():
            session.connection = None
        for line in lines:
            if code is None:
                line.abort()
            else:
                await line.socket.close(code=code)

    async def ask_to_reconnect(self) -> None:
        """Ask every bot to come again and resume, as Discord does when it moves machines."""
        for _, line in self._connected():
            await line.send_json(Op.RECONNECT, None)

    async def invalidate(self, *, resumable: bool = False) -> None:
        """Tell every bot that its session is invalid, and forget it unless it is `resumable`."""
        for session, line in self._connected():
            if not resumable:
                del self.sessions[session.id]
            await line.send_json(Op.INVALID_SESSION, resumable)

    def _connected(self) -> list[tuple[Session, Connection]]:
        sessions = self.sessions.values()
        return [(session, session.connection) for session in sessions if session.connection]

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection until it ends."""
        await self._gate.wait()
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        line = Connection(socket, request)
        self._lines.add(line)
        try:
            await line.send_json(Op.HELLO, {"heartbeat_interval": _HEARTBEAT_MILLISECONDS})
            async for message in socket:
                await self._receive(line, message)
        except Closing as closing:
            await socket.close(code=closing.code)
        finally:
            self._lost(line)
        return socket

    async def _receive(self, line: Connection, message: WSMessage) -> None:
        sent: Json = orjson.loads(message.data)
        match sent["op"]:
            case Op.HEARTBEAT:
                await line.send_json(Op.HEARTBEAT_ACK, None)
            case Op.IDENTIFY:
                await self._identify(line, sent["d"])
            case Op.RESUME:
                await self._resume(line, sent["d"])
            case Op.MEMBERS:
                await self._members(line, sent["d"])
            case Op.PRESENCE:
                pass
            case _:
                raise Closing(Close.UNKNOWN_OPCODE)
        self._bell.ring()

    async def _identify(self, line: Connection, sent: Json) -> None:
        number, count = sent.get("shard", (0, 1))
        if sent["token"] != self._token:
            raise Closing(Close.WRONG_TOKEN)
        if not 0 <= number < count:
            raise Closing(Close.INVALID_SHARD)
        if sent["intents"] & self._refused_intents:
            raise Closing(Close.DISALLOWED_INTENTS)
        self._give_up_lost((number, count))
        session = Session(f"session-{self._world.ids()}", (number, count), sent["intents"])
        session.connection = line
        self.sessions[session.id] = session
        self.identified += 1
        await self._greet(session)

    async def _greet(self, session: Session) -> None:
        guilds = [
            frame("GUILD_CREATE", guild.json(), guild.id) for guild in self._world.guilds.values()
        ]
        mine = [event for event in guilds if session.takes(event)]
        ready = {
            "v": 10,
            "user": self._world.bot.json(),
            "application": {"id": str(self._world.bot.id), "flags": 0},
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": session.shard,
            "guilds": [{"id": str(event.guild_id), "unavailable": True} for event in mine],
        }
        for event in (frame("READY", ready), *mine):
            await session.push(event)

    async def _resume(self, line: Connection, sent: Json) -> None:
        session = self.sessions.get(sent["session_id"])
        if sent["token"] != self._token:
            raise Closing(Close.WRONG_TOKEN)
        if session is None or not session.holds(sent["seq"]):
            await line.send_json(Op.INVALID_SESSION, body=False)
            return
        self.resumed += 1
        await session.resume(line, sent["seq"])

    async def _members(self, line: Connection, sent: Json) -> None:
        """Answer which of the members asked for by their ids are there."""
        guild = self._world.guilds[int(sent["guild_id"])]
        wanted = [int(user_id) for user_id in sent["user_ids"]]
        chunk = {
            "guild_id": str(guild.id),
            "members": [guild.members[it].json() for it in wanted if it in guild.members],
            "not_found": [str(it) for it in wanted if it not in guild.members],
            "chunk_index": 0,
            "chunk_count": 1,
            "nonce": sent["nonce"],
        }
        for session in self.sessions.values():
            if session.connection is line:
                await session.push(frame("GUILD_MEMBERS_CHUNK", chunk, guild.id))

    def _give_up_lost(self, shard: tuple[int, int]) -> None:
        """Forget the sessions that nobody will resume: their shard has identified anew."""
        for session in list(self.sessions.values()):
            if session.shard == shard and session.connection is None:
                del self.sessions[session.id]

    def _lost(self, line: Connection) -> None:
        self._lines.discard(line)
        for session in list(self.sessions.values()):
            if session.connection is line:
                session.connection = None
                if line.socket.close_code in {Close.NORMAL, Close.GOING_AWAY}:
                    del self.sessions[session.id]
        self._bell.ring()
