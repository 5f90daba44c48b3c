"""`/diagnostic`: what is wrong, where, and what to do about it; all well is said in one line."""

from collections.abc import Iterable, Iterator

import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot import diagnosis, guilds, plain
from bot.app import LOST, MESSAGE_LENGTH, Bot, Interaction, reply
from bot.diagnosis import Diagnosis
from bot.errors import UserError
from bot.events import belongings
from bot.tables import Guild
from bot.texts import Voice
from cogs import _rights
from cogs._doors import here
from cogs._event_cards import escaped
from cogs._labels import command

# Discord's limit for scheduled events to come in a guild.
MOST_SCHEDULED = 100
STANDING = (discord.EventStatus.scheduled, discord.EventStatus.active)
# A line that says more is cut.
LINE_LENGTH = 300
# Room for the line that says how much was left out.
TAIL = 60

log = structlog.get_logger()


class Diagnostic(commands.Cog):
    """`/diagnostic`."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @command("diagnostic")
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_events=True)
    async def diagnostic(self, interaction: Interaction) -> None:
        """Say privately what is wrong, the gravest first."""
        # Discord is asked something, and may be slow.
        await interaction.response.defer(ephemeral=True)
        assert interaction.guild is not None  # noqa: S101 # the command is for guilds only
        discord_guild = interaction.guild
        async with self.bot.db.reading() as session:
            guild = await guilds.settings(session, here(interaction))
            found = await diagnosis.look(session, guild.id, self.bot.clock())
            roles = await belongings.with_role(session, guild.id)
        voice = await self.bot.voice(interaction)
        problems = [
            *_settings(discord_guild, guild, voice),
            *_rights_missing(discord_guild, guild, found, voice),
            *_roles(discord_guild, roles, guild.organiser_role, voice),
            *await self._mirror(discord_guild, guild, voice),
            *_went_wrong(found, voice),
        ]
        lines = (
            [voice("diagnostic.problems"), *problems] if problems else [voice("diagnostic.well")]
        )
        await reply(interaction, _fitting([*lines, *self._facts(voice)], voice))

    async def _mirror(self, there: discord.Guild, guild: Guild, voice: Voice) -> list[str]:
        """What keeps events from being shown among Discord's own."""
        if not guild.mirror:
            return []
        if not _rights.may_mirror(there):
            right = voice("setup.right_create_events")
            return [
                voice(
                    "diagnostic.guild_right", right=right, use=voice("diagnostic.for_create_events")
                )
            ]
        try:
            every = await there.fetch_scheduled_events(with_counts=False)
        except (discord.HTTPException, *LOST) as trouble:
            log.warning("scheduled events not counted", guild=guild.id, error=str(trouble))
            return []
        standing = sum(it.status in STANDING for it in every)
        return [voice("diagnostic.full", most=MOST_SCHEDULED)] if standing >= MOST_SCHEDULED else []

    def _facts(self, voice: Voice) -> Iterator[str]:
        """What is not wrong, and worth knowing."""
        if not self.bot.intents.members:
            yield voice("diagnostic.no_members")
        url: str | None = getattr(self.bot, "public_url", None)
        yield voice("diagnostic.calendar", url=url) if url else voice("diagnostic.no_calendar")
        kind = "SQLite" if self.bot.db.sqlite else "PostgreSQL"
        yield voice("diagnostic.database", kind=kind)


def _settings(there: discord.Guild, guild: Guild, voice: Voice) -> Iterator[str]:
    """What was never chosen with `/setup`, or is gone."""
    for name in ("announcements", "recaps"):
        channel_id = getattr(guild, f"{name}_channel")
        if channel_id is None:
            yield voice(f"setup.missing_{name}_channel")
        elif there.get_channel(channel_id) is None:
            yield voice(f"diagnostic.gone_{name}")
    if guild.organiser_role is None:
        yield voice("diagnostic.no_organisers")
    elif there.get_role(guild.organiser_role) is None:
        yield voice("diagnostic.gone_organisers")


def _rights_missing(
    there: discord.Guild, guild: Guild, found: Diagnosis, voice: Voice
) -> Iterator[str]:
    """By channel in use, the rights that the bot lacks there, and what each is for."""
    answering = (
        *_rights.ANNOUNCING,
        *(_rights.THREADS if guild.threads else ()),
        "manage_messages",
    )
    needs: dict[int | None, tuple[str, ...]] = {guild.recaps_channel: _rights.POSTING}
    needs |= dict.fromkeys((guild.announcements_channel, *found.channels), answering)
    for channel_id, rights in needs.items():
        channel = there.get_channel(channel_id) if channel_id else None
        if channel is not None and (missing := _rights.missing(channel, rights)):
            yield voice("diagnostic.in_channel", channel=channel.mention)
            yield from (_bullet(right, voice) for right in missing)


def _bullet(right: str, voice: Voice) -> str:
    return voice(
        "diagnostic.right",
        right=voice(f"setup.right_{right}"),
        use=voice(f"diagnostic.for_{right}"),
    )


def _roles(
    there: discord.Guild, roles: dict[int, str], organiser_role: int | None, voice: Voice
) -> Iterator[str]:
    """Roles that events give, and that cannot be given."""
    for role_id, title in roles.items():
        role = there.get_role(role_id)
        if role is None:
            yield voice("diagnostic.gone_role", event=_short(title))
            continue
        try:
            _rights.require_grantable(role, organiser_role)
        except UserError as error:
            yield f"• {voice(error.key, **error.values)}"


def _went_wrong(found: Diagnosis, voice: Voice) -> Iterator[str]:
    """Cards, messages and drafts that did not become what they should."""
    for card in found.broken:
        channel, reason = f"<#{card.channel_id}>", voice(card.reason)
        yield voice("diagnostic.card", event=_short(card.title), channel=channel, reason=reason)
    for draft in found.unpublished:
        reason = plain.cut(draft.reason or "", LINE_LENGTH)
        yield voice("diagnostic.draft", event=_short(draft.title), reason=reason)
    for undone in found.undone:
        yield voice("diagnostic.undone", count=undone.count, reason=voice(undone.reason))


def _short(title: str) -> str:
    return escaped(plain.cut(title, 80))


def _fitting(lines: Iterable[str], voice: Voice) -> str:
    """The lines that one message takes, and how many more there would be."""
    left = [*lines]
    said = ""
    while left and len(said) + len(left[0]) + 1 + TAIL <= MESSAGE_LENGTH:
        said += f"{left.pop(0)}\n"
    return said + (voice("diagnostic.more", count=len(left)) if left else "")


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Diagnostic(bot))
