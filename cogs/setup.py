"""What organisers set once: where to post, who organises, in which language and zone."""

from zoneinfo import ZoneInfo, available_timezones

import discord
from discord import app_commands
from discord.ext import commands

from bot import guilds, plain
from bot.app import Bot, Interaction, reply
from bot.errors import UserError
from bot.tables import Guild
from bot.texts import Voice
from cogs import _rights
from cogs._doors import here
from cogs._event_cards import escaped
from cogs._labels import command, label

CHOICES = 25


class ZoneTransformer(app_commands.Transformer):
    """A time zone, by its IANA name, found by any part of it."""

    async def transform(self, _interaction: Interaction, value: str, /) -> ZoneInfo:  # type: ignore[override] # our client is a Bot
        """Read a zone's name.

        Raises:
            UserError: if there is no such zone.
        """
        if value not in available_timezones():
            raise UserError("setup.unknown_zone", zone=plain.cut(escaped(value), 100))
        return ZoneInfo(value)

    async def autocomplete(  # type: ignore[override] # our client is a Bot
        self, _interaction: Interaction, value: str, /
    ) -> list[app_commands.Choice[str]]:
        """Offer the zones whose name holds what is typed, Europe's first."""
        wish = value.strip().replace(" ", "_").casefold()
        found = [zone for zone in available_timezones() if wish in zone.casefold()]
        found.sort(key=lambda zone: (not zone.startswith("Europe/"), zone))
        return [app_commands.Choice(name=zone, value=zone) for zone in found[:CHOICES]]


class Setup(commands.Cog):
    """`/setup`."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @command("setup")
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.choices(
        language=[
            app_commands.Choice(name=label("setup.french"), value="fr"),
            app_commands.Choice(name=label("setup.english"), value="en"),
        ]
    )
    async def setup_guild(  # noqa: PLR0917 # each is an option of the command
        self,
        interaction: Interaction,
        announcements: discord.TextChannel | None = None,
        recaps: discord.TextChannel | None = None,
        organisers: discord.Role | None = None,
        language: str | None = None,
        zone: app_commands.Transform[ZoneInfo, ZoneTransformer] | None = None,
        threads: bool | None = None,  # noqa: FBT001 # an option of the command
        mirror: bool | None = None,  # noqa: FBT001 # an option of the command
    ) -> None:
        """Store what is given; show what is set and what is missing.

        Raises:
            UserError: if everybody would be an organiser.
        """
        if organisers is not None and organisers.is_default():
            raise UserError("setup.everyone_organises")
        given = {
            "announcements_channel": announcements and announcements.id,
            "recaps_channel": recaps and recaps.id,
            "organiser_role": organisers and organisers.id,
            "language": language,
            "zone": zone and zone.key,
            "threads": threads,
            "mirror": mirror,
        }
        assert interaction.guild is not None  # noqa: S101 # the command is for guilds only
        async with self.bot.db.writing(here(interaction)) as session:
            # The first command may come before the guild itself is announced.
            await guilds.remember(session, {interaction.guild.id: interaction.guild.name})
            guild = await guilds.configure(session, here(interaction), given)
        self.bot.dispatch("settings_changed", guild.id)
        voice = await self.bot.voice(interaction)
        warnings = [
            _missing_rights(channel, voice) for channel in (announcements, recaps) if channel
        ]
        await reply(interaction, "\n".join(filter(None, [_summary(guild, voice), *warnings])))


def _summary(guild: Guild, voice: Voice) -> str:
    unset = voice("setup.unset")
    lines = [
        voice("setup.done"),
        voice("setup.announcements", channel=_channel(guild.announcements_channel) or unset),
        voice("setup.recaps", channel=_channel(guild.recaps_channel) or unset),
        voice(
            "setup.organisers",
            role=f"<@&{guild.organiser_role}>" if guild.organiser_role else unset,
        ),
        voice(
            "setup.language", language=voice(_LANGUAGES.get(guild.language or "", "setup.unset"))
        ),
        voice("setup.zone", zone=guild.zone),
        voice("setup.threads", choice=voice(_YES_OR_NO[guild.threads])),
        voice("setup.mirror", choice=voice(_YES_OR_NO[guild.mirror])),
    ]
    if guild.organiser_role:
        lines.append(voice("setup.allow_role"))
    return "\n".join(lines)


_YES_OR_NO = {True: "setup.yes", False: "setup.no"}
_LANGUAGES = {"fr": "setup.french", "en": "setup.english"}


def _channel(channel_id: int | None) -> str | None:
    return f"<#{channel_id}>" if channel_id else None


def _missing_rights(channel: discord.TextChannel, voice: Voice) -> str | None:
    """Name the rights that the bot lacks where it is to post."""
    missing = [voice(f"setup.right_{it}") for it in _rights.missing(channel, _rights.ANNOUNCING)]
    if not missing:
        return None
    return voice("setup.missing_rights", channel=channel.mention, rights=", ".join(missing))


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Setup(bot))
