"""Choosing one's tables: a private menu of an event's parts, as one has them now."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import discord

from bot import plain
from bot.app import Interaction, reply
from bot.errors import UserError
from bot.events import agenda, emojis, ledger
from bot.events.agenda import Stand, Table
from bot.events.seats import Roster
from bot.tables import Choice
from bot.texts import Voice
from cogs._answer_acts import act
from cogs._answer_words import told
from cogs._doors import Told, buttons, here
from cogs._event_cards import fitted, hours

# Discord's limit for the label and the description of an option.
OPTION_LENGTH = 100


class TablesMenu(
    Told,
    discord.ui.DynamicItem[discord.ui.Select[Any]],
    template=r"tables:(?P<event_id>[0-9]+)",
):
    """The menu of an event's parts. What is ticked is said yes to, what is not is withdrawn."""

    reads = (("event_id", int),)

    def __init__(
        self, event_id: int, options: Sequence[discord.SelectOption] = (), example: str = ""
    ) -> None:
        super().__init__(
            discord.ui.Select(
                custom_id=f"tables:{event_id}",
                placeholder=example,
                min_values=0,
                max_values=max(len(options), 1),
                options=list(options),
            )
        )
        self.event_id = event_id

    async def press(self, interaction: Interaction) -> None:
        """Answer as chosen; the menu then shows what the member has."""
        bot = interaction.client
        chosen = {int(value) for value in self.item.values}
        parts = await bot.parts_of(self.event_id)
        says = ((part_id, Choice.YES if part_id in chosen else None) for part_id in parts)
        outcome = await bot.intake.submit(act(interaction, says))
        tables = await bot.tables_of(here(interaction), self.event_id)
        voice = await bot.voice(interaction)
        content = told(outcome, tables, voice)
        if not chosen.issubset(parts):
            content = f"{voice('rsvp.table_gone')}\n{content}"
        rosters = {it.part_id: it.roster for it in outcome.standings}
        view = _menu(self.event_id, tables, rosters, interaction, voice)
        await interaction.response.edit_message(content=content, view=view)


async def choose(interaction: Interaction, event_id: int) -> None:
    """Open the menu of an event's parts."""
    async with interaction.client.db.reading() as session:
        tables = await agenda.tables(session, here(interaction), event_id)
        rosters = await ledger.rosters(session, [table.part_id for table in tables])
    if not tables:
        raise UserError("rsvp.gone")
    voice = await interaction.client.voice(interaction)
    view = _menu(event_id, tables, rosters, interaction, voice)
    if not view.children:
        raise UserError("rsvp.why_over")
    await reply(interaction, voice("rsvp.choose"), view=view)


def _menu(
    event_id: int,
    tables: Sequence[Table],
    rosters: Mapping[int, Roster],
    interaction: Interaction,
    voice: Voice,
) -> discord.ui.View:
    now = interaction.client.clock()
    options: list[discord.SelectOption] = []
    for number, table in zip(emojis.NUMBERS, tables, strict=False):
        roster = rosters.get(table.part_id, Roster())
        stand = agenda.stand(roster, interaction.user.id)
        if stand.state.coming or now < table.start:
            option = _option(
                table, stand, agenda.left(roster), voice, closed=now >= table.closes_at
            )
            option.emoji = discord.PartialEmoji(name=number)
            options.append(option)
    if not options:
        return buttons()
    return buttons(TablesMenu(event_id, options, voice("rsvp.choose_example")))


def _option(
    table: Table, stand: Stand, left: int | None, voice: Voice, *, closed: bool
) -> discord.SelectOption:
    about = [hours(table.start, table.end, ZoneInfo(table.zone), voice)] if table.has_hours else []
    if closed:
        about.append(voice("rsvp.no_closed"))
    elif left is not None:
        about.append(voice("rsvp.left", count=left) if left else voice("rsvp.no_seat_left"))
    if table.roles:
        about.append(voice("rsvp.on_roles"))
    if table.needs_approval:
        about.append(voice("rsvp.on_approval"))
    return discord.SelectOption(
        label=fitted(table.title, OPTION_LENGTH, shape=plain.line),
        value=str(table.part_id),
        description=" · ".join(about) or None,
        default=stand.state.coming,
    )
