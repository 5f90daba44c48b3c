import asyncio
import contextlib
import hashlib
import secrets
import signal
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

import aiohttp
import discord
import orjson
import structlog
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot import guilds, plain, texts
from bot.db import Database
from bot.errors import UserError
from bot.events import agenda, programme
from bot.events.agenda import Table
from bot.events.board import Board
from bot.events.intake import Intake
from bot.events.rsvp import Outcome
from bot.guilds import Languages
from bot.tables import Guild, State
from bot.texts import Voice
from bot.together import Together

COGS = (
    "deliveries",
    "setup",
    "recaps",
    "events",
    "publishing",
    "rsvp",
    "ask",
    "changes",
    "agenda",
    "attendees",
    "door",
    "reminders",
    "series",
    "belongings",
    "mirror",
    "tidying",
    "diagnostic",
)
# Seconds between two drawings in one channel; twice that for messages over an hour old.
PACE = 1.0

Interaction: TypeAlias = discord.Interaction["Bot"]

# What a lost line raises: whether the request took effect, nobody knows.
LOST = (TimeoutError, OSError, aiohttp.ClientError)
# Of Discord, for a message.
MESSAGE_LENGTH = 2000

log = structlog.get_logger()


class Bot(commands.AutoShardedBot):
    """The bot: one database, one clock, one set of voices, and the cogs that people see."""

    def __init__(
        self,
        db: Database,
        voices: Mapping[str, Voice],
        *,
        clock: Callable[[], datetime] = discord.utils.utcnow,
        pace: float = PACE,
        shard_count: int | None = None,
        public_url: str | None = None,
        members_intent: bool = False,
    ) -> None:
        """Make a bot on `db`, speaking with `voices`.

        Args:
            db: its state.
            voices: one for each language.
            clock: what time it is.
            pace: seconds between two drawings in one channel.
            shard_count: how many shards; None asks Discord.
            public_url: where people reach the calendars, if they are served.
            members_intent: whether Discord grants the list of members, so that those who have
                not answered can be reminded.
        """
        super().__init__(
            commands.when_mentioned,
            intents=discord.Intents(
                guilds=True, guild_messages=True, guild_reactions=True, members=members_intent
            ),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            help_command=None,
            tree_cls=Tree,
            shard_count=shard_count,
        )
        self.db = db
        self.voices = voices
        self.clock = clock
        self.pace = pace
        self.public_url = public_url
        self.intake = Intake(db, self._played)
        self.board = Board()
        self._languages = Together(self._read_languages)
        self._tables = Together(self._read_tables)
        self._leaving: asyncio.Task[None] | None = None

    async def setup_hook(self) -> None:
        """Load what people see; a cog that does not load stops the start."""
        for name in COGS:
            await self.load_extension(f"cogs.{name}")
        await self.tree.set_translator(Translator(self.voices))
        await self._sync()

    async def _sync(self) -> None:
        """Send Discord the commands, only if they are not those it was sent last."""
        assert self.tree.translator is not None  # noqa: S101 # set two lines above
        payload = [
            await command.get_translated_payload(self.tree, self.tree.translator)
            for command in self.tree.get_commands()
        ]
        digest = hashlib.sha256(
            orjson.dumps([self.application_id, payload], option=orjson.OPT_SORT_KEYS)
        ).hexdigest()
        async with self.db.reading() as session:
            known = await session.get(State, "commands")
        if known is not None and known.value == digest:
            return
        await self.tree.sync()
        async with self.db.writing() as session:
            await session.merge(State(key="commands", value=digest))
        log.info("commands sent", count=len(payload))

    async def on_ready(self) -> None:
        """Say in the log that everything is there."""
        log.info("ready", guilds=len(self.guilds))

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Know every guild that is there at the start."""
        await self._meet(guild)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Know a guild that invites the bot."""
        await self._meet(guild)

    async def _meet(self, guild: discord.Guild) -> None:
        async with self.db.writing(guild.id) as session:
            await guilds.remember(session, {guild.id: guild.name})

    def _played(self, outcomes: Sequence[Outcome]) -> None:
        """Tell the cogs what became of answers, once it is durable."""
        self.dispatch("answers", outcomes)

    async def voice(self, interaction: Interaction, *, guild_id: int | None = None) -> Voice:
        """How to speak to a person in private: their choice, their guild's, their client's.

        Args:
            interaction: what they did.
            guild_id: the guild that is meant, where it is not the one they did it in.
        """
        guild_id = guild_id or interaction.guild_id or 0
        chosen = await self._languages.get((guild_id, interaction.user.id))
        return texts.pick(self.voices, chosen.member, chosen.guild, str(interaction.locale))

    async def parts_of(self, event_id: int) -> tuple[int, ...]:
        """The parts of an event, in order; asks the database only where the board does not know.

        Raises:
            UserError: if there is no such event.
        """
        if parts := self.board.parts(event_id):
            return parts
        async with self.db.reading() as session:
            shown = await programme.shown(session, event_id)
        if shown is None:
            raise UserError("rsvp.gone")
        return shown.part_ids

    async def tables_of(self, guild_id: int, event_id: int) -> Sequence[Table]:
        """What there is to say of an event's parts to who answers it, in order."""
        return await self._tables.get((guild_id, event_id))

    async def _read_languages(
        self, asked: Collection[tuple[int, int]]
    ) -> Mapping[tuple[int, int], Languages]:
        async with self.db.reading() as session:
            return await guilds.languages_of(session, asked)

    async def _read_tables(
        self, asked: Collection[tuple[int, int]]
    ) -> Mapping[tuple[int, int], list[Table]]:
        async with self.db.reading() as session:
            return await agenda.tables_of(session, asked)

    def public_voice(self, guild: Guild) -> Voice:
        """How to speak where everybody reads: the guild's choice, else its Discord language."""
        known = self.get_guild(guild.id)
        return texts.pick(
            self.voices, guild.language, str(known.preferred_locale) if known else None
        )

    async def tell(self, error: BaseException, interaction: Interaction | None = None) -> None:
        """Answer an error: what a person can put right in words, the rest by a number in the log.

        Every error of the six doors ends here: command tree, views, modals, dynamic items,
        listeners, loops.
        """
        cause = _cause(error)
        if not isinstance(cause, UserError):
            cause = self._logged(cause, interaction)
        if interaction is None:
            return
        try:
            voice = await self.voice(interaction)
        except Exception:  # the very thing that went wrong may be the database
            log.exception("no voice")
            voice = texts.pick(self.voices, str(interaction.locale))
        try:
            sentence = voice(cause.key, **cause.values)
            await reply(interaction, plain.cut(sentence, MESSAGE_LENGTH))
        except discord.HTTPException as refusal:
            log.warning("not told", key=cause.key, code=refusal.code)

    def _logged(self, error: BaseException, interaction: Interaction | None) -> UserError:
        """Log an error under a number that the person sees."""
        number = secrets.token_hex(3)
        log.error(
            "failed",
            number=number,
            guild=interaction.guild_id if interaction else None,
            command=interaction.command.qualified_name
            if interaction and interaction.command
            else None,
            exc_info=error,
        )
        return UserError("errors.unexpected", number=number)

    async def on_error(self, event_method: str, /, *_args: Any, **_kwargs: Any) -> None:
        """Tell what a listener raised."""
        log.warning("listener failed", listener=event_method)
        if (error := sys.exception()) is not None:
            await self.tell(error)

    async def close(self) -> None:
        """Let those who stand in line be answered, leave Discord, let go of the database.

        Whoever closes it while it closes waits for the same end.
        """
        if self._leaving is None:
            self._leaving = asyncio.create_task(self._leave())
        await asyncio.shield(self._leaving)

    async def _leave(self) -> None:
        await self.intake.settle()
        await super().close()
        await self.db.close()


class Tree(app_commands.CommandTree[Bot]):
    """The command tree; its errors are told."""

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError) -> None:
        """Tell what a command raised."""
        await self.client.tell(error, interaction)


class Translator(app_commands.Translator):
    """French names and descriptions of commands; the base ones are English.

    Asked for each string in each of Discord's languages: a look-up, no more.
    """

    def __init__(self, voices: Mapping[str, Voice]) -> None:
        self._french = voices["fr"]

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002 # discord.py's signature
    ) -> str | None:
        """Give the French text of a string's key to clients in French."""
        key = string.extras.get("key")
        return self._french(key) if key and locale is discord.Locale.french else None


def redirect(api: str | None, gateway: str | None) -> None:
    """Speak to another Discord than discord.com: a rate-limit proxy, or a test's.

    Args:
        api: its REST address up to the version ("http://127.0.0.1:8080/api/v10").
        gateway: its gateway ("ws://127.0.0.1:8081"), also when it names another to resume at.
    """
    if api is not None:
        Route.BASE = api
    if gateway is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)


async def serve(bot: Bot, token: str) -> None:
    """Log in and serve until SIGINT or SIGTERM, then leave in order.

    Raises:
        UserError: if Discord refuses the token or the members intent, or cannot be reached.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C interrupts by itself
            loop.add_signal_handler(number, lambda: asyncio.ensure_future(bot.close()))
    async with bot:
        try:
            await bot.start(token)
        except discord.LoginFailure:
            raise UserError("config.refused_token") from None
        except discord.PrivilegedIntentsRequired:
            raise UserError("config.refused_members_intent") from None
        except (OSError, discord.HTTPException, discord.GatewayNotFound) as error:
            raise UserError("config.no_discord", why=str(error)) from error
    # A signal began it; the database may still be held when Discord is left.
    await bot.close()


async def reply(interaction: Interaction, content: str, **kwargs: Any) -> None:
    """Answer privately, whether or not something was answered before."""
    if interaction.response.is_done():
        await interaction.followup.send(content, ephemeral=True, **kwargs)
    else:
        await interaction.response.send_message(content, ephemeral=True, **kwargs)


def _cause(error: BaseException) -> BaseException:
    """What a command really raised, out of discord.py's wrappings."""
    if isinstance(error, app_commands.CommandInvokeError):
        return error.original
    if isinstance(error, app_commands.TransformerError) and error.__cause__ is not None:
        return error.__cause__
    if isinstance(error, app_commands.CheckFailure):
        return UserError("errors.not_allowed")
    return error
