import time
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote

from tests.contract import Json
from tests.wire.model import (
    BOT_ID,
    EVERYBODY,
    Channel,
    File,
    Guild,
    Ids,
    Member,
    Message,
    Role,
    User,
)


class World:
    """The state of the loopback Discord: who there is, where, and what was said.

    Nothing here speaks to anybody: `WireDiscord` tells the bot what changes.
    """

    def __init__(self) -> None:
        self.ids = Ids()
        self.bot = User(BOT_ID, "Tableronde", bot=True)
        self.users: dict[int, User] = {self.bot.id: self.bot}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.files: dict[int, File] = {}
        # Commands by guild; None has the global ones.
        self.commands: dict[int | None, list[Json]] = {None: []}
        # Seconds for which a nonce is remembered: "the past few minutes", says Discord.
        self.nonce_seconds = 300.0
        # Seconds in which Discord wants a first answer; more where a machine's speed is no matter.
        self.patience = 3.0
        self.cdn = ""
        self._nonces: dict[tuple[int, str], tuple[float, Message]] = {}

    def add_guild(self, name: str, *, locale: str = "fr") -> Guild:
        """Found a guild that the bot is in."""
        everyone = Role(self.ids(), "@everyone", EVERYBODY, 0)
        owner = self.add_user(f"{name}-owner")
        guild = Guild(everyone.id, name, owner, everyone, locale)
        guild.members = {user.id: Member(user, guild) for user in (owner, self.bot)}
        self.guilds[guild.id] = guild
        return guild

    def add_channel(self, guild: Guild, name: str) -> Channel:
        """Open a text channel that everybody sees."""
        channel = Channel(self.ids(), name, guild)
        guild.channels.append(channel)
        self.channels[channel.id] = channel
        return channel

    def remove_channel(self, channel: Channel) -> None:
        """Close a channel, with all that is in it."""
        del self.channels[channel.id]
        if channel.guild:
            channel.guild.channels.remove(channel)

    def add_role(self, guild: Guild, name: str, permissions: int = 0) -> Role:
        """Make a role; `permissions` are bits added to those of everybody."""
        role = Role(self.ids(), name, permissions, len(guild.roles) + 1)
        guild.roles.append(role)
        return role

    def add_user(self, name: str) -> User:
        """Open an account, in no guild yet."""
        user = User(self.ids(), name)
        self.users[user.id] = user
        return user

    def add_member(
        self, guild: Guild, name: str, *, roles: Iterable[Role] = (), locale: str = "fr"
    ) -> Member:
        """Let somebody in; `locale` is the language of their client."""
        member = Member(self.add_user(name), guild, list(roles), locale)
        guild.members[member.id] = member
        return member

    def conversation(self, user: User) -> Channel:
        """Return the private conversation of a user and the bot, opening it if need be."""
        for channel in self.channels.values():
            if channel.recipient is user:
                return channel
        channel = Channel(self.ids(), user.name, recipient=user)
        self.channels[channel.id] = channel
        return channel

    def write(
        self, channel: Channel, author: User, body: Json, files: Iterable[tuple[str, bytes]] = ()
    ) -> Message:
        """Make a message without putting it into its channel, as for one shown to one person."""
        return Message(self.ids(), channel, author, body, [self._keep(*file) for file in files])

    def edit(self, message: Message, body: Json, files: Iterable[tuple[str, bytes]] = ()) -> None:
        """Change what `body` names and leave the rest; `attachments` lists the files to keep."""
        message.body |= body
        message.edited = datetime.now(UTC)
        if "attachments" in body:
            kept = {str(attachment["id"]) for attachment in body["attachments"]}
            message.files = [file for file in message.files if str(file.id) in kept]
        message.files += [self._keep(*file) for file in files]

    def said_before(self, author: User, nonce: str | None) -> Message | None:
        """Return the message that this author sent with this nonce in the past few minutes."""
        said, message = self._nonces.get((author.id, nonce or ""), (0.0, None))
        return message if time.monotonic() - said < self.nonce_seconds else None

    def remember(self, message: Message) -> None:
        """Put a message's nonce aside."""
        if nonce := message.body.get("nonce"):
            self._nonces[message.author.id, str(nonce)] = (time.monotonic(), message)

    def _keep(self, name: str, content: bytes) -> File:
        snowflake = self.ids()
        address = f"{self.cdn}/attachments/{snowflake}/{quote(name)}"
        self.files[snowflake] = File(snowflake, name, content, address)
        return self.files[snowflake]
