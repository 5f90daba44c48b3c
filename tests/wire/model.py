"""People, places and messages, and how Discord writes them as JSON."""

import itertools
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.contract import Json, listed

BOT_ID = 100_000_000_000_000_001
EPOCH = 1_420_070_400_000
TEXT, DM = 0, 1
EPHEMERAL, LOADING = 1 << 6, 1 << 7
MANAGE_SERVER, MANAGE_EVENTS = 1 << 5, 1 << 33
READ_HISTORY = 1 << 16
# react, see channels, send, embed links, attach files, read the history, use commands
EVERYBODY = 1 << 6 | 1 << 10 | 1 << 11 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 31
# what no guild here has any of
_ABSENT = (
    "emojis",
    "features",
    "guild_scheduled_events",
    "presences",
    "soundboard_sounds",
    "stage_instances",
    "stickers",
    "threads",
    "voice_states",
)
# what Discord adds to components that were sent without it
_FILLED_IN: dict[int, Json] = {
    **{select: {"min_values": 1, "max_values": 1} for select in (3, 5, 6, 7, 8)},
    14: {"spacing": 1, "divider": True},
    17: {"accent_color": None, "spoiler": False},
}


class Ids:
    """Discord's ids: milliseconds since 2015 in the upper bits, and never the same twice."""

    def __init__(self) -> None:
        self._last = 0

    def __call__(self) -> int:
        now = time.time_ns() // 1_000_000 - EPOCH
        self._last = max(now << 22, self._last + 1)
        return self._last


def moment(snowflake: int) -> datetime:
    """Return when an id was given."""
    return datetime.fromtimestamp(((snowflake >> 22) + EPOCH) / 1000, UTC)


@dataclass(eq=False)
class User:
    """Somebody with an account, whatever guilds they are in."""

    id: int
    name: str
    bot: bool = False

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    def json(self) -> Json:
        return {
            "id": str(self.id),
            "username": self.name,
            "global_name": self.name,
            "discriminator": "0",
            "avatar": None,
            "bot": self.bot,
            "flags": 0,
            "public_flags": 0,
            "primary_guild": None,
        }


@dataclass(eq=False)
class Role:
    id: int
    name: str
    permissions: int
    position: int

    def json(self) -> Json:
        return {
            "id": str(self.id),
            "name": self.name,
            "permissions": str(self.permissions),
            "position": self.position,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": False,
            "mentionable": False,
            "icon": None,
            "unicode_emoji": None,
            "flags": 0,
        }


@dataclass(eq=False)
class Member:
    """A user in one guild, and the language of the client they use."""

    user: User
    guild: "Guild"
    roles: list[Role] = field(default_factory=list[Role])
    locale: str = "fr"

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def mention(self) -> str:
        return self.user.mention

    @property
    def permissions(self) -> int:
        bits = self.guild.everyone.permissions
        for role in self.roles:
            bits |= role.permissions
        return bits

    def partial(self) -> Json:
        """Return the member without the user, as messages carry it."""
        return {
            "roles": [str(role.id) for role in self.roles],
            "nick": None,
            "avatar": None,
            "banner": None,
            "joined_at": moment(self.user.id).isoformat(),
            "premium_since": None,
            "communication_disabled_until": None,
            "pending": False,
            "mute": False,
            "deaf": False,
            "flags": 0,
        }

    def json(self) -> Json:
        return self.partial() | {"user": self.user.json()}


@dataclass(eq=False)
class Channel:
    """A text channel of a guild, or, with a `recipient`, a private conversation with the bot."""

    id: int
    name: str
    guild: "Guild | None" = None
    recipient: User | None = None
    messages: "dict[int, Message]" = field(default_factory=dict[int, "Message"])

    @property
    def newest(self) -> "Message | None":
        return next(reversed(self.messages.values()), None)

    def json(self) -> Json:
        last = str(self.newest.id) if self.newest else None
        shared = {"id": str(self.id), "flags": 0, "last_message_id": last}
        if self.recipient:
            return shared | {"type": DM, "recipients": [self.recipient.json()]}
        assert self.guild is not None
        return shared | {
            "type": TEXT,
            "guild_id": str(self.guild.id),
            "name": self.name,
            "position": 0,
            "parent_id": None,
            "topic": None,
            "nsfw": False,
            "rate_limit_per_user": 0,
            "permission_overwrites": [],
        }


@dataclass(eq=False)
class Guild:
    id: int
    name: str
    owner: User
    everyone: Role
    locale: str = "fr"
    roles: list[Role] = field(default_factory=list[Role])
    channels: list[Channel] = field(default_factory=list[Channel])
    members: dict[int, Member] = field(default_factory=dict[int, Member])

    def json(self) -> Json:
        """Return the guild as GUILD_CREATE brings it to a bot without the members' intent."""
        return {
            "id": str(self.id),
            "name": self.name,
            "owner_id": str(self.owner.id),
            "preferred_locale": self.locale,
            "member_count": len(self.members),
            "joined_at": moment(self.id).isoformat(),
            "unavailable": False,
            "large": False,
            "roles": [role.json() for role in (self.everyone, *self.roles)],
            "channels": [channel.json() for channel in self.channels],
            "members": [member.json() for member in self.members.values() if member.user.bot],
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "premium_tier": 0,
            "system_channel_flags": 0,
            "afk_timeout": 300,
        } | {nothing: [] for nothing in _ABSENT}


@dataclass(eq=False)
class File:
    """Something attached to a message."""

    id: int
    name: str
    content: bytes
    url: str

    def json(self) -> Json:
        return {
            "id": str(self.id),
            "filename": self.name,
            "size": len(self.content),
            "url": self.url,
            "proxy_url": self.url,
        }


@dataclass(eq=False)
class Message:
    """A message, kept as its author sent it, with everybody's reactions by emoji."""

    id: int
    channel: Channel
    author: User
    body: Json
    files: list[File] = field(default_factory=list[File])
    edited: datetime | None = None
    reactions: dict[str, dict[int, User]] = field(default_factory=dict[str, dict[int, User]])

    @property
    def content(self) -> str:
        return self.body.get("content") or ""

    @property
    def embeds(self) -> list[Json]:
        return [_embed(embed) for embed in listed(self.body, "embeds")]

    @property
    def flags(self) -> int:
        return self.body.get("flags") or 0

    @property
    def components(self) -> list[Json]:
        ids = itertools.count(1)
        return [_component(part, ids) for part in listed(self.body, "components")]

    def component(self, name: str) -> Json:
        """Return the button or menu with this label or `custom_id`.

        Raises:
            KeyError: if there is none that can be used.
        """
        for part in _all(self.components):
            if name in {part.get("label"), part.get("custom_id")} and not part.get("disabled"):
                return part
        raise KeyError(name)

    def json(self) -> Json:
        members = self.channel.guild.members if self.channel.guild else {}
        named = {int(user_id) for user_id in re.findall(r"<@!?(\d+)>", self.content)}
        optional = {"nonce": self.body.get("nonce"), "reactions": self._tallies()}
        return {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "type": 0,
            "author": self.author.json(),
            "content": self.content,
            "embeds": self.embeds,
            "components": self.components,
            "attachments": [file.json() for file in self.files],
            "flags": self.flags,
            "timestamp": moment(self.id).isoformat(),
            "edited_timestamp": self.edited and self.edited.isoformat(),
            "mentions": [members[id_].user.json() for id_ in named & members.keys()],
            "mention_roles": [],
            "mention_everyone": False,
            "pinned": False,
            "tts": False,
        } | {key: value for key, value in optional.items() if value}

    def _tallies(self) -> list[Json]:
        return [
            {
                "emoji": emoji_json(emoji),
                "count": len(users),
                "count_details": {"burst": 0, "normal": len(users)},
                "burst_colors": [],
                "me": BOT_ID in users,
                "me_burst": False,
            }
            for emoji, users in self.reactions.items()
            if users
        ]


def emoji_json(emoji: str) -> Json:
    """Write an emoji, "✅" or "name:id", as reactions carry it."""
    name, _, snowflake = emoji.partition(":")
    return {"id": snowflake or None, "name": name}


def _embed(embed: Json) -> Json:
    fields = [{"inline": False} | field for field in listed(embed, "fields")]
    return _without_nulls(embed) | {"type": "rich", "fields": fields}


def _component(part: Json, ids: Iterator[int]) -> Json:
    """Return a component as Discord gives it back: numbered, and without empty values."""
    kept = _without_nulls(part)
    if "emoji" in kept:
        kept["emoji"] = _without_nulls(kept["emoji"])
    written = _FILLED_IN.get(part["type"], {}) | kept | {"id": part.get("id") or next(ids)}
    if "components" in kept:
        written["components"] = [_component(inner, ids) for inner in kept["components"]]
    if "accessory" in kept:
        written["accessory"] = _component(kept["accessory"], ids)
    return written


def _without_nulls(part: Json) -> Json:
    return {key: value for key, value in part.items() if value is not None}


def _all(parts: list[Json]) -> Iterator[Json]:
    for part in parts:
        yield part
        yield from _all([*part.get("components", []), *filter(None, [part.get("accessory")])])
