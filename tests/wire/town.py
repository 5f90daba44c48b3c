import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import make_url

from bot import guilds, migrate
from bot.db import Database
from tests.wire.interactions import Interaction
from tests.wire.model import MANAGE_EVENTS, MANAGE_SERVER, Channel, Guild, Member, Message
from tests.wire.process import BotProcess
from tests.wire.server import WireDiscord

POSTS = "/channels/*/messages"
EMOJIS = ["✅", "❔", "❌"]


@dataclass
class Town:
    """A community on the loopback Discord: one channel, an organiser, and whoever comes.

    The bot runs in a process of its own, with its database in `directory`.
    """

    server: WireDiscord
    directory: Path
    guild: Guild
    channel: Channel
    organiser: Member

    @classmethod
    def found(cls, server: WireDiscord, directory: Path) -> Self:
        """Found it, before any bot comes."""
        guild = server.world.add_guild("Rencontres")
        channel = server.world.add_channel(guild, "annonces")
        role = server.world.add_role(guild, "Organisation", MANAGE_EVENTS | MANAGE_SERVER)
        organiser = server.world.add_member(guild, "Odile", roles=[role])
        return cls(server, directory, guild, channel, organiser)

    @property
    def path(self) -> Path:
        """Where the bot's database is."""
        return self.directory / "tableronde.db"

    def bot(self, **settings: str) -> BotProcess:
        """The bot, to be started as a context."""
        return BotProcess(self.server, self.directory, environment=settings)

    def crowd(self, size: int) -> Sequence[Member]:
        """Let many members in, the first with the lowest id."""
        return [self.server.world.add_member(self.guild, f"m{n}") for n in range(size)]

    async def set_up(self) -> Interaction:
        """Choose the channel and French, as the organiser does once the bot has met the guild."""
        options = {"announcements": self.channel, "language": "fr"}
        return await self.server.slash(self.organiser, self.channel, "setup", **options)

    async def was_set_up(self) -> None:
        """Make the database in which that was done before; no bot may run yet."""
        database = Database(make_url(f"sqlite+aiosqlite:///{self.path}"))
        await migrate.to_newest(database, now=datetime.now(UTC))
        async with database.writing(self.guild.id) as session:
            await guilds.remember(session, {self.guild.id: self.guild.name})
            given = {"announcements_channel": self.channel.id, "language": "fr"}
            await guilds.configure(session, self.guild.id, given)
        await database.close()

    async def publish(self, title: str, **options: Any) -> Interaction:
        """Announce an event as the organiser does, without waiting for its card."""
        options = {"title": title, "when": "15/01/2099 18:30"} | options
        shown = await self.server.slash(self.organiser, self.channel, "event create", **options)
        return await self.server.click(self.organiser, shown.answers[-1], "Publier")

    async def announce(self, title: str = "Petit-déjeuner", **options: Any) -> Message:
        """Announce an event, and wait until its card is posted and offers its emojis."""
        await self.publish(title, **options)
        return await self.card(title)

    async def card(self, title: str = "Petit-déjeuner") -> Message:
        """Wait for an event's card, posted and open."""

        def offered() -> Message | None:
            found = self.cards(title)
            return found[0] if found and list(found[0].reactions) == EMOJIS else None

        found = await self.server.until(offered)
        assert found is not None
        return found

    def cards(self, title: str = "Petit-déjeuner") -> list[Message]:
        """Every card of an event that stands in the channel."""
        return [
            m for m in self.channel.messages.values() if m.embeds and m.embeds[0]["title"] == title
        ]

    async def shows(self, card: Message, *counts: str) -> None:
        """Wait until a card shows these counts ("✅ Présents 1 / 50")."""
        await self.server.until(lambda: set(counts) <= set(tallies(card)))

    def stored(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database holds, read past the bot."""
        with closing(sqlite3.connect(self.path)) as database, database:
            return database.execute(query, values).fetchall()

    def answers(self) -> dict[int, str]:
        """What each member has said, by id, in the order of their turns."""
        query = "SELECT user_id, choice FROM answer ORDER BY turn"
        return dict(self.stored(query))


def tallies(card: Message) -> list[str]:
    """The counts on a card, as they are read: "✅ Présents 1 / 50"."""
    counts = str(card.embeds[0]["description"]).rpartition("\n\n")[2]
    counts = counts.replace("\u00a0", " ")
    return [count for line in counts.splitlines() for count in line.split(" · ")]
