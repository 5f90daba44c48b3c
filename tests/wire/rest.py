from collections.abc import Awaitable, Callable
from typing import Any

from tests.contract import Json
from tests.wire.events import deleted, edited, posted, reacted
from tests.wire.gateway import Gateway
from tests.wire.model import READ_HISTORY, Channel, Guild, Message
from tests.wire.traffic import Request
from tests.wire.world import World

# What answers a request: a JSON body, or None for "204 No Content".
Handler = Callable[[Request], Awaitable[Any]]
Route = tuple[str, str, Handler]


class Refused(Exception):  # noqa: N818 # Discord refuses; nothing is wrong here
    """Discord's refusal: an HTTP status, one of its own codes, and a sentence."""

    def __init__(self, status: int, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code


class Rest:
    """Discord's HTTP API over one world, as far as the bot uses it; interactions are apart."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway

    def routes(self) -> list[Route]:
        """Return methods, paths, and what answers there."""
        message = "/channels/{channel}/messages/{message}"
        routes: list[Route] = [
            ("GET", "/gateway/bot", self.doors),
            ("GET", "/users/@me", self.me),
            ("GET", "/oauth2/applications/@me", self.application),
            ("POST", "/users/@me/channels", self.converse),
            ("GET", "/guilds/{guild}/members/{user}", self.member),
            ("GET", "/channels/{channel}", self.channel),
            ("POST", "/channels/{channel}/typing", self.type),
            ("GET", "/channels/{channel}/messages", self.history),
            ("POST", "/channels/{channel}/messages", self.post),
            ("GET", message, self.message),
            ("PATCH", message, self.edit),
            ("DELETE", message, self.delete),
            ("PUT", f"{message}/reactions/{{emoji}}/@me", self.react),
            ("GET", f"{message}/reactions/{{emoji}}", self.reactors),
        ]
        for scope in ("", "/guilds/{guild}"):
            path = f"/applications/{{application}}{scope}/commands"
            routes += [("GET", path, self.commands), ("PUT", path, self.put_commands)]
        return routes

    async def doors(self, _: Request) -> Json:
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        return {"url": self._gateway.url, "shards": 1, "session_start_limit": limit}

    async def me(self, _: Request) -> Json:
        return self._world.bot.json() | {"mfa_enabled": False, "locale": "fr"}

    async def application(self, _: Request) -> Json:
        owner = next(user for user in self._world.users.values() if not user.bot)
        return {
            "id": str(self._world.bot.id),
            "name": self._world.bot.name,
            "description": "",
            "icon": None,
            "type": None,
            "flags": 0,
            "flags_new": "0",
            "verify_key": "0" * 64,
            "bot_public": False,
            "bot_require_code_grant": False,
            "owner": owner.json(),
            "team": None,
            "redirect_uris": [],
            "interactions_endpoint_url": None,
            "role_connections_verification_url": None,
            "approximate_guild_count": len(self._world.guilds),
            "approximate_user_install_count": 0,
            "approximate_user_authorization_count": 0,
            "explicit_content_filter": 0,
            "eligible_oauth2_scopes": [],
        }

    async def converse(self, request: Request) -> Json:
        user = self._world.users.get(int(request.json["recipient_id"]))
        if user is None:
            raise Refused(400, 50033, "Invalid Recipient(s)")
        return self._world.conversation(user).json()

    async def member(self, request: Request) -> Json:
        guild = self._world.guilds.get(int(request.at["guild"]))
        if guild is None:
            raise Refused(404, 10004, "Unknown Guild")
        member = guild.members.get(int(request.at["user"]))
        if member is None:
            raise Refused(404, 10007, "Unknown Member")
        return member.json()

    async def commands(self, request: Request) -> list[Json]:
        return self._world.commands.get(_scope(request), [])

    async def put_commands(self, request: Request) -> list[Json]:
        """Replace all commands; one that keeps its name keeps its id."""
        scope = _scope(request)
        known = {command["name"]: command["id"] for command in await self.commands(request)}
        self._world.commands[scope] = [
            {"type": 1, "description": "", "default_member_permissions": None}
            | _written(command)
            | {
                "id": known.get(command["name"]) or str(self._world.ids()),
                "application_id": str(self._world.bot.id),
                "version": str(self._world.ids()),
            }
            | ({"guild_id": str(scope)} if scope else {})
            for command in request.json
        ]
        return self._world.commands[scope]

    async def channel(self, request: Request) -> Json:
        return self._channel(request).json()

    async def type(self, request: Request) -> None:
        self._channel(request)

    async def history(self, request: Request) -> list[Json]:
        """Answer messages, the newest first, as `before`, `after` and `limit` ask.

        To a bot that may not read the history Discord answers with none, not with a refusal.
        """
        channel = self._channel(request)
        if channel.guild and not self._rights(channel.guild) & READ_HISTORY:
            return []
        before = int(request.query.get("before", 1 << 63))
        after = int(request.query.get("after", 0))
        found = [message for message in channel.messages.values() if after < message.id < before]
        limit = int(request.query.get("limit", 50))
        shown = found[:limit] if "after" in request.query else found[-limit:]
        return [message.json() for message in reversed(shown)]

    async def post(self, request: Request) -> Json:
        channel, body = self._channel(request), request.json
        if not (request.files or any(map(body.get, ("content", "embeds", "components")))):
            raise Refused(400, 50006, "Cannot send an empty message")
        author = self._world.bot
        if body.get("enforce_nonce"):
            before = self._world.said_before(author, body.get("nonce"))
            if before:
                return before.json()
        message = self._world.write(channel, author, body, request.files)
        self._world.remember(message)
        await self._gateway.storm([posted(message)])
        return message.json()

    async def message(self, request: Request) -> Json:
        return self._message(request).json()

    async def edit(self, request: Request) -> Json:
        message = self._message(request)
        if message.author is not self._world.bot:
            raise Refused(403, 50005, "Cannot edit a message authored by another user")
        self._world.edit(message, request.json, request.files)
        await self._gateway.storm([edited(message)])
        return message.json()

    async def delete(self, request: Request) -> None:
        await self._gateway.storm([deleted(self._message(request))])

    async def react(self, request: Request) -> None:
        reaction = reacted(self._message(request), self._world.bot, request.at["emoji"])
        await self._gateway.storm([reaction])

    async def reactors(self, request: Request) -> list[Json]:
        """Answer who reacted, in the order of their ids, a page at a time."""
        users = self._message(request).reactions.get(request.at["emoji"], {})
        after, limit = int(request.query.get("after", 0)), int(request.query.get("limit", 25))
        return [users[user_id].json() for user_id in sorted(users) if user_id > after][:limit]

    def _rights(self, guild: Guild) -> int:
        return guild.members[self._world.bot.id].permissions

    def _channel(self, request: Request) -> Channel:
        channel = self._world.channels.get(int(request.at["channel"]))
        if channel is None:
            raise Refused(404, 10003, "Unknown Channel")
        return channel

    def _message(self, request: Request) -> Message:
        message = self._channel(request).messages.get(int(request.at["message"]))
        if message is None:
            raise Refused(404, 10008, "Unknown Message")
        return message


def _written(command: Json) -> Json:
    """Return a command or an option as Discord gives it back: bits of rights are a string."""
    kept = {key: value for key, value in command.items() if value is not None}
    if "options" in kept:
        kept["options"] = [_written(option) for option in kept["options"]]
    if "default_member_permissions" in kept:
        kept["default_member_permissions"] = str(kept["default_member_permissions"])
    return kept


def _scope(request: Request) -> int | None:
    return int(request.at["guild"]) if "guild" in request.at else None
