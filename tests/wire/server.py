import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from tests.contract import Json, published
from tests.wire.bell import Bell
from tests.wire.commands import typed
from tests.wire.events import deleted, posted, reacted, unreacted
from tests.wire.gateway import Frame, Gateway, frame
from tests.wire.http import PREFIX, Http
from tests.wire.interactions import Interaction, Interactions, Kind
from tests.wire.model import Channel, Member, Message
from tests.wire.rest import Rest
from tests.wire.traffic import Fault, Limit, Request
from tests.wire.world import World

T = TypeVar("T")
# Of the shape of a real one, so that logs can be searched for that shape.
TOKEN = ".".join(("MTAwMDAwMDAwMDAwMDAwMDAx", "wire00", "x" * 27))
_ANSWERED_WITHIN = 10.0


class WireDiscord:
    """A Discord of our own on the loopback: its HTTP API, its gateway, and the people there.

    `world` is the state, to be set up before a bot comes; what people do afterwards goes through
    the methods here, which tell the bot. Leaving the context fails, as `check` does, if the bot
    asked for something unknown or sent what Discord would refuse.

    Args:
        strict: hold requests and answers against Discord's description, where it is at hand. That
            costs some milliseconds a request, so measurements go without.
        privileged: the bits of the privileged intents that the bot was granted.
    """

    def __init__(self, *, strict: bool = True, privileged: int = 0) -> None:
        self.world = World()
        self._bell = Bell()
        self.gateway = Gateway(self.world, self._bell, TOKEN, privileged)
        self._http = Http(self._bell, TOKEN, published() if strict else None)
        self._interactions = Interactions(self.world, self.gateway)
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=0.1)
        self.url = ""

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{site.port}"
        self.gateway.url = f"ws://127.0.0.1:{site.port}/gateway"
        self.world.cdn = f"{self.url}/cdn"
        return self

    async def __aexit__(
        self,
        error: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await self.gateway.drop()
        await self._runner.cleanup()
        if error is None:
            self.check()

    @property
    def environment(self) -> dict[str, str]:
        """The settings with which the bot comes here."""
        return {
            "DISCORD_TOKEN": TOKEN,
            "DISCORD_API_BASE": self.url + PREFIX,
            "DISCORD_GATEWAY": self.gateway.url,
        }

    @property
    def faults(self) -> list[Fault]:
        """What is to go wrong; the first that fits a request strikes."""
        return self._http.faults

    @property
    def limits(self) -> list[Limit]:
        """The rate limits that hold."""
        return self._http.limits

    @property
    def requests(self) -> list[Request]:
        """Every request so far, the oldest first."""
        return self._http.requests

    @property
    def problems(self) -> list[str]:
        """What was asked for or sent wrongly; a test that means it clears this."""
        return self._http.problems

    def sent(self, method: str, pattern: str) -> list[Request]:
        """Return the requests of a kind; `*` in the pattern is any one part of the path."""
        return [request for request in self.requests if request.fits(method, pattern)]

    def check(self) -> None:
        """Fail if something unknown was asked for, or if either side broke the contract."""
        self._http.check()

    async def until(self, condition: Callable[[], T], *, within: float = 10.0) -> T:
        """Wait for something to be true; it is looked at whenever the bot has sent anything.

        Raises:
            AssertionError: if it is not, within so many seconds.
        """
        try:
            return await self._bell.until(condition, within=within)
        except TimeoutError:
            raise self._late(within) from None

    async def connected(self, shards: int = 1) -> None:
        """Wait until so many shards have logged in and listen."""
        await self.until(lambda: self.gateway.connections >= shards)

    async def storm(self, frames: Iterable[Frame]) -> None:
        """Send many events as fast as the bot takes them; see `tests.wire.events`."""
        await self.gateway.storm(frames)

    async def react(self, member: Member, message: Message, emoji: str) -> None:
        await self.storm([reacted(message, member.user, emoji)])

    async def unreact(self, member: Member, message: Message, emoji: str) -> None:
        await self.storm([unreacted(message, member.user, emoji)])

    async def say(self, member: Member, channel: Channel, content: str) -> Message:
        """Write a message; the bot sees its text in private or if it is mentioned."""
        message = self.world.write(channel, member.user, {"content": content})
        await self.storm([posted(message)])
        return message

    async def delete(self, what: Message | Channel) -> None:
        """Delete a message, or a channel with all that is in it."""
        if isinstance(what, Message):
            await self.storm([deleted(what)])
        else:
            self.world.remove_channel(what)
            guild_id = what.guild.id if what.guild else None
            await self.storm([frame("CHANNEL_DELETE", what.json(), guild_id)])

    async def slash(
        self, member: Member, channel: Channel, command: str, **options: Any
    ) -> Interaction:
        """Type a command, such as "event create", and wait until the bot has answered.

        "The bot is thinking" is no answer yet.
        """
        words = typed(self.world, member.guild.id, command, options)
        return await self._ask(Kind.COMMAND, member, channel, words)

    async def suggestions(
        self, member: Member, channel: Channel, command: str, option: str, begun: str = ""
    ) -> list[Json]:
        """Begin to type an option of a command, and return what the bot suggests for it."""
        words = typed(self.world, member.guild.id, command, {option: begun}, focused=option)
        return (await self._ask(Kind.AUTOCOMPLETE, member, channel, words)).choices

    async def click(
        self, member: Member, message: Message, name: str, values: Sequence[str] = ()
    ) -> Interaction:
        """Press a button, named by label or `custom_id`, or choose in a menu, and wait likewise."""
        part = message.component(name)
        used = {"custom_id": part["custom_id"], "component_type": part["type"], "values": [*values]}
        return await self._ask(Kind.COMPONENT, member, message.channel, used, message)

    async def press(self, member: Member, message: Message, name: str) -> Interaction:
        """Press a button without waiting: the answer is there when `settled` is set."""
        part = message.component(name)
        used: Json = {"custom_id": part["custom_id"], "component_type": part["type"], "values": []}
        interaction = Interaction(self.world.ids(), Kind.COMPONENT, member, message.channel, used)
        interaction.message = message
        await self._interactions.ask(interaction)
        return interaction

    async def submit(self, form: Interaction, values: Mapping[str, Any]) -> Interaction:
        """Send the form that an interaction opened, filled in by label, and wait for the answer."""
        filled = form.filled(values)
        return await self._ask(Kind.FORM, form.member, form.channel, filled, form.message)

    async def _ask(
        self,
        kind: Kind,
        member: Member,
        channel: Channel,
        body: Json,
        message: Message | None = None,
    ) -> Interaction:
        interaction = Interaction(self.world.ids(), kind, member, channel, body)
        interaction.message = message
        await self._interactions.ask(interaction)
        try:
            await asyncio.wait_for(interaction.settled.wait(), _ANSWERED_WITHIN)
        except TimeoutError:
            raise self._late(_ANSWERED_WITHIN) from None
        return interaction

    def _late(self, within: float) -> AssertionError:
        last = [f"{r.method} {r.path} {r.status}" for r in self.requests[-10:]]
        return AssertionError("\n".join([f"not within {within} s, after:", *last]))

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=30 << 20)
        application.router.add_get("/gateway", self.gateway.connect)
        application.router.add_get("/cdn/attachments/{file}/{name}", self._attachment)
        routes = Rest(self.world, self.gateway).routes() + self._interactions.routes()
        self._http.mount(application.router, routes)
        return application

    async def _attachment(self, request: web.Request) -> web.Response:
        return web.Response(body=self.world.files[int(request.match_info["file"])].content)
