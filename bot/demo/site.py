import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from html import escape
from io import BytesIO
from pathlib import Path
from string import Template
from typing import TypeAlias
from urllib.parse import urldefrag

from aiohttp import ClientSession, web
from simcord import MemberActor, Preview

from bot.demo import words
from bot.demo.stage import Stage
from bot.errors import UserError
from bot.texts import Voice

PAGE = Path(__file__).with_name("page")
STYLE = '<link rel="stylesheet" href="/page/room.css"></head>'
# Where a preview's page puts its key. Here the key is "<channel>-<member>", and the real one
# stays on this side.
KEY = "X-Simcord-Capability"
LEFT_OUT = ("Content-Length", "Content-Encoding", "X-Frame-Options")
ASKED_WITH = ("Content-Type", "X-Simcord-Context")
# The preview has the last word on how much may be uploaded at once.
UPLOAD = 32 * 1024 * 1024
PHRASES = ("title", "channels", "you_are", "hint", "ended")


@asynccontextmanager
async def serve(
    stage: Stage, voice: Voice, host: str = "127.0.0.1", port: int = 0
) -> AsyncGenerator[str]:
    """Serve a living stage to browsers, on any free port if none is given; give the address.

    Raises:
        UserError: if the port is taken.
    """
    async with ClientSession() as session, stage.alive():
        site = Site(stage, voice, session)
        runner = web.AppRunner(site.app(), access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, host, port).start()
            except OSError as error:
                raise UserError("demo.port_taken", port=port) from error
            yield f"http://{host}:{runner.addresses[0][1]}/"
        finally:
            await runner.cleanup()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a preview answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def reworded(self, change: Callable[[str], str]) -> "Answer":
        """The same with its text changed."""
        return replace(self, body=change(self.body.decode()).encode())

    def response(self) -> web.Response:
        """The same for our page, which frames it."""
        headers = {
            name: value.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
            for name, value in self.headers.items()
            if name.startswith(("Content-", "Cache-", "X-")) and name not in LEFT_OUT
        }
        return web.Response(status=self.status, headers=headers, body=self.body)


Ask: TypeAlias = Callable[[bytes], Awaitable[Answer]]


class Site:
    """The list of channels and, in a frame beside it, the preview of the one looked at.

    Every preview has an address of its own: they are relayed, so that all share the one printed.
    A tab looks at its own channel, as its own member.
    """

    def __init__(self, stage: Stage, voice: Voice, session: ClientSession) -> None:
        self.stage = stage
        self.voice = voice
        self.session = session

    def app(self) -> web.Application:
        """Everything the browser asks for."""
        app = web.Application(client_max_size=UPLOAD)
        app.router.add_get("/", self.index)
        app.router.add_static("/page/", PAGE)
        app.router.add_get("/rooms", self.rooms)
        app.router.add_get("/room/{room}/{member}", self.room)
        app.router.add_route("*", "/{path:.*}", self.relay)
        return app

    async def index(self, _request: web.Request) -> web.Response:
        """The page around the channels."""
        page = Template((PAGE / "index.html").read_text("utf-8")).substitute(
            {name: escape(self.voice(f"demo.{name}")) for name in PHRASES},
            language=self.voice.language,
            server=escape(self.stage.guild.name),
        )
        return web.Response(text=page, content_type="text/html")

    async def rooms(self, request: web.Request) -> web.Response:
        """Who one can be, and what the one asked about can read."""
        member = self._member(request.query.get("member"))
        rooms = [
            asdict(room) | {"id": str(room.id), "last": str(room.last)}
            for room in self.stage.rooms(member)
        ]
        rooms[-1]["name"] = self.voice("demo.private_messages")
        members = [{"id": str(one.id), "name": name} for name, one in self.stage.members.items()]
        return web.json_response({"member": str(member.id), "members": members, "rooms": rooms})

    async def room(self, request: web.Request) -> web.Response:
        """The page of one channel: the preview's, less the tools it has for whoever writes bots."""
        member = self._member(request.match_info["member"])
        async with self.stage.turn:
            try:
                preview = await self.stage.show(int(request.match_info["room"]), member)
            except (LookupError, ValueError):
                raise web.HTTPNotFound from None
        answer = await self._ask(preview, "GET", "/", {}, b"")
        return answer.reworded(
            lambda page: words.page(page, self.voice).replace("</head>", STYLE)
        ).response()

    async def relay(self, request: web.Request) -> web.Response:
        """Hand what the preview's page asks to the preview its key names, as that member."""
        room, _, member = request.headers.get(KEY, "").partition("-")
        preview = self.stage.shown(room)
        if preview is None:
            raise web.HTTPGone
        headers = {name: request.headers[name] for name in ASKED_WITH if name in request.headers}
        ask = partial(self._ask, preview, request.method, request.path_qs, headers)
        if request.method != "POST":
            return self._worded(request.path, await ask(b"")).response()
        async with self.stage.turn:
            self.stage.act_in(preview)
            if request.path == "/api/pages":
                return (await ask(json.dumps({"viewer_id": member}).encode())).response()
            return (await _act(ask, await request.read())).response()

    def _worded(self, path: str, answer: Answer) -> Answer:
        """The same in the words of our page."""
        if path.endswith(".js"):
            return answer.reworded(lambda source: words.script(source, self.voice))
        if path == "/api/commands" and answer.status == web.HTTPOk.status_code:
            registered, locale = self.stage.commands(), self.stage.locale.value
            return answer.reworded(
                lambda found: json.dumps(words.commands(json.loads(found), registered, locale))
            )
        return answer

    async def _ask(
        self, preview: Preview, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        address, key = urldefrag(preview.url)
        async with self.session.request(
            method,
            address.rstrip("/") + path,
            data=BytesIO(body),
            headers={**headers, KEY: key},
        ) as reply:
            return Answer(reply.status, reply.headers, await reply.read())

    def _member(self, number: str | None) -> MemberActor:
        """Who one is, or else the first of the members."""
        known = list(self.stage.members.values())
        return next((member for member in known if str(member.id) == number), known[0])


async def _act(ask: Ask, body: bytes) -> Answer:
    """Act; if what is shown changed meanwhile, act on what is shown now.

    The preview refuses whatever was done on an older state of the page, and here time moves
    every second. What was pressed is named by its id: if it is gone, it is refused again.
    """
    answer = await ask(body)
    if b'"stale-revision"' in answer.body:
        now = b'"published_revision":%d' % json.loads(answer.body)["revision"]
        answer = await ask(re.sub(rb'"published_revision":\d+', now, body))
    return answer
