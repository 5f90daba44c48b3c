"""The door on the day: who welcomes people, and the word with which members say they are there."""

import io
from typing import Any

import discord
import segno
from discord import app_commands
from discord.ext import commands

from bot import moments
from bot.app import Bot, Interaction, reply
from bot.events import attendance, programme
from bot.events.attendance import OPENS, SHUTS, Arrival, Attendance, Guesses
from bot.texts import Voice
from cogs import _checkin, _here, _labels, _names
from cogs._arguments import PartId
from cogs._checkin import Panel
from cogs._doors import Told, buttons, here, organising
from cogs._here import HereButton

# Pixels of a QR code's dot: large enough to be scanned from the other side of a room.
DOT = 12


class Doorkeeper(_labels.Branch):
    """`/event checkin` and `/event door` for organisers, `/checkin` for members."""

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        self.guesses = Guesses()

    async def cog_load(self) -> None:
        """Let panels and doors answer after a restart."""
        await super().cog_load()
        self.bot.add_dynamic_items(*_checkin.ITEMS, RenewButton, HereButton)

    @_labels.subcommand("event.checkin")
    async def panel(self, interaction: Interaction, part: PartId) -> None:
        """Open the panel of who welcomes people; who has left the community is let go before."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        guild_id = here(interaction)
        async with self.bot.db.reading() as session:
            door = await attendance.at_door(session, guild_id, part)
        await _names.let_go(self.bot, guild_id, [said.user_id for said in door.roster.seated])
        await _checkin.show(interaction, Panel(part))

    @_labels.subcommand("event.door")
    async def door(self, interaction: Interaction, part: PartId) -> None:
        """Show the word for the door, and the code to scan."""
        await self._show_word(interaction, part)

    @commands.Cog.listener()
    async def on_word_wanted(self, interaction: Interaction, part_id: int) -> None:
        """Show it to who pressed for it on the panel."""
        try:
            await self._show_word(interaction, part_id)
        except Exception as error:  # noqa: BLE001 # a door: everything is told
            await self.bot.tell(error, interaction)

    async def _show_word(self, interaction: Interaction, part_id: int) -> None:
        content, file = await poster(interaction, part_id)
        voice = await self.bot.voice(interaction)
        view = buttons(RenewButton(part_id, voice("door.renew")))
        await reply(interaction, content, file=file, view=view)

    @_labels.command("checkin")
    @app_commands.guild_only()
    async def checkin(
        self, interaction: Interaction, code: app_commands.Range[str, 1, _here.LONGEST]
    ) -> None:
        """Check oneself in with the word at the door."""
        await self._arrive(interaction, code)

    @commands.Cog.listener()
    async def on_word_said(self, interaction: Interaction, word: str) -> None:
        """Check in who said the word in the form."""
        try:
            await self._arrive(interaction, word)
        except Exception as error:  # noqa: BLE001 # a door: everything is told
            await self.bot.tell(error, interaction)

    async def _arrive(self, interaction: Interaction, word: str) -> None:
        guild_id, user_id, now = here(interaction), interaction.user.id, self.bot.clock()
        self.guesses.allow(user_id, now)
        async with self.bot.db.writing(guild_id) as session:
            arrival = await attendance.arrive(session, word, user_id, guild_id=guild_id, now=now)
        if arrival is Arrival.WRONG:
            self.guesses.wrong(user_id, now)
        voice = await self.bot.voice(interaction)
        await reply(interaction, voice(f"door.{arrival.value}"))


class RenewButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"door:renew:(?P<part_id>[0-9]+)",
):
    """Gives a part's door a new word; the old one opens nothing any more."""

    reads = (("part_id", int),)

    def __init__(self, part_id: int, label: str | None = None) -> None:
        super().__init__(discord.ui.Button(custom_id=f"door:renew:{part_id}", label=label))
        self.part_id = part_id

    async def press(self, interaction: Interaction) -> None:
        """Renew it where it is shown."""
        await organising(interaction)
        content, file = await poster(interaction, self.part_id, renewed=True)
        await interaction.response.edit_message(content=content, attachments=[file])


async def poster(
    interaction: Interaction, part_id: int, *, renewed: bool = False
) -> tuple[str, discord.File]:
    """What is shown at the door: the word in large letters, and a QR code.

    Scanned, it opens the event's card in Discord; without a card it holds the command as text.
    """
    bot, guild_id = interaction.client, here(interaction)
    async with bot.db.writing(guild_id) as session:
        word = await attendance.open_door(session, part_id, guild_id=guild_id, renewed=renewed)
        door = await attendance.at_door(session, guild_id, part_id)
        cards = await programme.open_cards(session, bot.clock(), door.event_id)
    voice = await bot.voice(interaction)
    command = f"/{voice('commands.checkin')} {voice('commands.checkin.code')}:{word}"
    link = next(
        (
            f"https://discord.com/channels/{guild_id}/{it.channel_id}/{it.message_id}"
            for it in cards
        ),
        None,
    )
    content = _instructions(door, word, command, voice, linked=link is not None)
    return content, _qr(link or command)


def _instructions(door: Attendance, word: str, command: str, voice: Voice, *, linked: bool) -> str:
    """The word, what people do with it, and when."""
    how = voice("door.scan_link" if linked else "door.scan_text", command=command)
    when = voice(
        "door.valid",
        since=moments.stamp(door.starts_at - OPENS),
        until=moments.stamp(door.ends_at + SHUTS),
    )
    return f"# {word}\n{how}\n{when}"


def _qr(text: str) -> discord.File:
    """A QR code that stands a finger on the screen: a quarter of it may be hidden."""
    picture = io.BytesIO()
    segno.make(text, error="q", micro=False).save(picture, kind="png", scale=DOT)
    picture.seek(0)
    return discord.File(picture, filename="QR.png")


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Doorkeeper(bot))
