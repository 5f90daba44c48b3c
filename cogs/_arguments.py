"""What commands are about, found by any part of its name while it is being typed."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from discord import app_commands

from bot import moments, plain
from bot.app import Interaction
from bot.db import Session
from bot.events import finding
from bot.events.finding import CHOICES, Found
from cogs._doors import here

# Discord's limit for a choice.
CHOICE_LENGTH = 100


class _Named(app_commands.Transformer):
    """Something with a name; the command gets its id."""

    unknown: str

    def find(
        self, session: Session, guild_id: int, wish: str, now: datetime
    ) -> Awaitable[Sequence[Found]]:
        """Those whose name holds what is typed, the likeliest first."""
        raise NotImplementedError

    async def transform(self, interaction: Interaction, value: str, /) -> int:  # type: ignore[override] # our client is a Bot
        """Read a choice, or a name that was typed.

        Raises:
            UserError: if there is none of that name, or more than one.
        """
        return finding.pick(await self._found(interaction, value), value, self.unknown).id

    async def autocomplete(  # type: ignore[override] # our client is a Bot
        self, interaction: Interaction, value: str, /
    ) -> list[app_commands.Choice[str]]:
        """Offer those whose name holds what is typed."""
        voice = await interaction.client.voice(interaction)
        found = await self._found(interaction, value)
        return [
            app_commands.Choice(name=_choice(it, voice.language), value=str(it.id))
            for it in found[:CHOICES]
        ]

    async def _found(self, interaction: Interaction, wish: str) -> Sequence[Found]:
        bot = interaction.client
        async with bot.db.reading() as session:
            return await self.find(session, here(interaction), wish, bot.clock())


def _choice(found: Found, language: str) -> str:
    """A name, and the day where there is one."""
    if found.start is None or found.zone is None:
        return plain.cut(found.name, CHOICE_LENGTH)
    day = moments.short(found.start.astimezone(ZoneInfo(found.zone)), language)
    return plain.cut(found.name, CHOICE_LENGTH - len(day) - 3) + f" · {day}"


class _Event(_Named):
    unknown = "events.unknown"

    def find(
        self, session: Session, guild_id: int, wish: str, now: datetime
    ) -> Awaitable[Sequence[Found]]:
        return finding.events(session, guild_id, wish, now=now)


class _Part(_Named):
    unknown = "parts.unknown"

    def find(
        self, session: Session, guild_id: int, wish: str, now: datetime
    ) -> Awaitable[Sequence[Found]]:
        return finding.parts(session, guild_id, wish, now=now)


class _Series(_Named):
    unknown = "series.unknown"

    def find(
        self,
        session: Session,
        guild_id: int,
        wish: str,
        now: datetime,  # noqa: ARG002 # a series has no date
    ) -> Awaitable[Sequence[Found]]:
        return finding.series(session, guild_id, wish)


EventId = app_commands.Transform[int, _Event]
PartId = app_commands.Transform[int, _Part]
SeriesId = app_commands.Transform[int, _Series]
