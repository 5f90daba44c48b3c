import asyncio
import base64
import time
from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from tests.contract import Json, listed
from tests.wire.events import deleted, edited, posted
from tests.wire.gateway import Gateway, frame
from tests.wire.model import EPHEMERAL, LOADING, Channel, Member, Message
from tests.wire.rest import Refused, Route
from tests.wire.traffic import Request
from tests.wire.world import World

_TEXT = 4


class Kind(IntEnum):
    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    FORM = 5


class Reply(IntEnum):
    MESSAGE = 4
    LATER = 5
    LATER_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    FORM = 9


class Interaction:
    """Something a member did that the bot must answer, and what it answered.

    Attributes:
        original: the first answer, or the message whose component was used, if that is changed.
        followups: what was said after it.
        form: the form that was opened, as the bot sent it.
        choices: what was suggested for an option.
        seconds: how long the first answer took; None before.
        settled: set at the first answer that is more than "the bot is thinking".
    """

    def __init__(
        self, snowflake: int, kind: Kind, member: Member, channel: Channel, data: Json
    ) -> None:
        self.id = snowflake
        self.token = base64.b64encode(f"interaction:{snowflake}:".encode() * 4).decode()
        self.kind = kind
        self.member = member
        self.channel = channel
        self.data = data
        self.message: Message | None = None
        self.original: Message | None = None
        self.followups: list[Message] = []
        self.form: Json | None = None
        self.choices: list[Json] = []
        self.asked = time.monotonic()
        self.seconds: float | None = None
        self.settled = asyncio.Event()

    @property
    def answers(self) -> list[Message]:
        """The messages the bot has answered with, private ones included, the oldest first."""
        first = [] if self.thinking or not self.original else [self.original]
        return first + self.followups

    @property
    def text(self) -> str:
        """What the last answer says."""
        return self.answers[-1].content if self.answers else ""

    @property
    def thinking(self) -> bool:
        return bool(self.original and self.original.flags & LOADING)

    def find(self, name: str) -> Message:
        """Return an answer by the name a webhook's path has for it: `@original`, or an id."""
        if name == "@original" and self.original:
            return self.original
        for message in self.answers:
            if str(message.id) == name:
                return message
        raise Refused(404, 10008, "Unknown Message")

    def json(self, application_id: int) -> Json:
        """Write the interaction as INTERACTION_CREATE brings it."""
        guild, permissions = self.member.guild, str(self.member.permissions)
        body: Json = {
            "id": str(self.id),
            "application_id": str(application_id),
            "type": self.kind,
            "token": self.token,
            "version": 1,
            "data": self.data,
            "channel_id": str(self.channel.id),
            "channel": self.channel.json() | {"permissions": permissions},
            "locale": self.member.locale,
            "entitlements": [],
            "authorizing_integration_owners": {"0": str(guild.id)},
            "attachment_size_limit": 10 << 20,
            "app_permissions": str(guild.members[application_id].permissions),
        }
        if self.message:
            body["message"] = self.message.json()
        if self.channel.guild is None:
            return body | {"context": 1, "user": self.member.user.json()}
        return body | {
            "context": 0,
            "guild_id": str(guild.id),
            "guild_locale": guild.locale,
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "member": self.member.json() | {"permissions": permissions},
        }

    def filled(self, values: Mapping[str, str]) -> Json:
        """Return the form as the member sends it, with `values` by label; the rest as it was."""
        assert self.form is not None
        left = dict(values)
        parts = [_filled(part, left) for part in self.form["components"]]
        if left:
            raise KeyError(*left)
        return {"custom_id": self.form["custom_id"], "components": parts}


class Interactions:
    """What Discord's HTTP API does for interactions: the first answer, and those after it."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway
        self._by_token: dict[str, Interaction] = {}

    def routes(self) -> list[Route]:
        """Return methods, paths, and what answers there."""
        webhook = "/webhooks/{application}/{token}"
        return [
            ("POST", "/interactions/{interaction}/{token}/callback", self.reply),
            ("POST", webhook, self.follow_up),
            ("GET", f"{webhook}/messages/{{message}}", self.answer),
            ("PATCH", f"{webhook}/messages/{{message}}", self.edit),
            ("DELETE", f"{webhook}/messages/{{message}}", self.delete),
        ]

    async def ask(self, interaction: Interaction) -> None:
        """Tell the bot of an interaction."""
        self._by_token[interaction.token] = interaction
        body = interaction.json(self._world.bot.id)
        guild = interaction.channel.guild
        event = frame("INTERACTION_CREATE", body, guild.id if guild else None)
        await self._gateway.storm([event])

    async def reply(self, request: Request) -> Json | None:
        """Take the first answer, once and in time."""
        interaction = self._by_token.get(request.at["token"])
        waited = time.monotonic() - interaction.asked if interaction else 0.0
        if interaction is None or waited >= self._world.patience:
            raise Refused(404, 10062, "Unknown interaction")
        if interaction.seconds is not None:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        interaction.seconds = waited
        kind = Reply(request.json["type"])
        await self._first(interaction, kind, request)
        if kind not in {Reply.LATER, Reply.LATER_UPDATE}:
            interaction.settled.set()
        if request.query.get("with_response") not in {"1", "true"}:
            return None
        return _described(interaction, kind)

    async def follow_up(self, request: Request) -> Json:
        """Say something more; after "the bot is thinking" that is the first answer itself."""
        interaction = self._answered(request)
        if interaction.thinking:
            request.json.pop("flags", None)
            return await self._edit(interaction, "@original", request)
        message = await self._say(interaction, request.json, request)
        interaction.followups.append(message)
        interaction.settled.set()
        return message.json()

    async def answer(self, request: Request) -> Json:
        return self._answered(request).find(request.at["message"]).json()

    async def edit(self, request: Request) -> Json:
        return await self._edit(self._answered(request), request.at["message"], request)

    async def delete(self, request: Request) -> None:
        interaction = self._answered(request)
        message = interaction.find(request.at["message"])
        if message is interaction.original:
            interaction.original = None
        else:
            interaction.followups.remove(message)
        if message.id in message.channel.messages:
            await self._gateway.storm([deleted(message)])

    async def _first(self, interaction: Interaction, kind: Reply, request: Request) -> None:
        body: Json = request.json.get("data") or {}
        match kind:
            case Reply.MESSAGE:
                interaction.original = await self._say(interaction, body, request)
            case Reply.LATER:
                thinking = body | {"flags": body.get("flags", 0) | LOADING}
                interaction.original = await self._say(interaction, thinking, request)
            case Reply.UPDATE | Reply.LATER_UPDATE:
                interaction.original = interaction.message
                if kind is Reply.UPDATE:
                    await self._change(interaction.find("@original"), body, request)
            case Reply.CHOICES:
                interaction.choices = listed(body, "choices")
            case Reply.FORM:
                interaction.form = body

    async def _say(self, interaction: Interaction, body: Json, request: Request) -> Message:
        channel, author = interaction.channel, self._world.bot
        message = self._world.write(channel, author, body, request.files)
        if not message.flags & EPHEMERAL:
            await self._gateway.storm([posted(message)])
        return message

    async def _edit(self, interaction: Interaction, name: str, request: Request) -> Json:
        message = interaction.find(name)
        message.body["flags"] = message.flags & ~LOADING
        await self._change(message, request.json, request)
        interaction.settled.set()
        return message.json()

    async def _change(self, message: Message, body: Json, request: Request) -> None:
        self._world.edit(message, body, request.files)
        if message.id in message.channel.messages:
            await self._gateway.storm([edited(message)])

    def _answered(self, request: Request) -> Interaction:
        interaction = self._by_token.get(request.at["token"])
        if interaction is None or interaction.seconds is None:
            raise Refused(404, 10015, "Unknown Webhook")
        return interaction


def _described(interaction: Interaction, kind: Reply) -> Json:
    """Write what Discord answers to a first answer."""
    told: Json = {"id": str(interaction.id), "type": interaction.kind}
    message = interaction.original
    if message is None:
        return {"interaction": told}
    told |= {
        "response_message_id": str(message.id),
        "response_message_loading": interaction.thinking,
        "response_message_ephemeral": bool(message.flags & EPHEMERAL),
    }
    if kind not in {Reply.MESSAGE, Reply.UPDATE}:
        return {"interaction": told}
    return {"interaction": told, "resource": {"type": kind, "message": message.json()}}


def _filled(part: Json, values: dict[str, Any]) -> Json:
    """Return one part of a form as it is sent, taking its value out of `values`."""
    named = {"type": part["type"], "id": part.get("id", 0)}
    if inner := part.get("component"):
        return named | {"component": _filled({"label": part["label"]} | inner, values)}
    if inside := listed(part, "components"):
        return named | {"components": [_filled(inner, values) for inner in inside]}
    if "custom_id" not in part:
        return named
    key, unchanged = ("value", part.get("value")) if part["type"] == _TEXT else ("values", None)
    value = values.pop(part.get("label", ""), unchanged)
    return named | {"custom_id": part["custom_id"], key: value or ("" if key == "value" else [])}
