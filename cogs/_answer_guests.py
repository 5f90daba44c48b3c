"""Bringing someone: a private menu of how many."""

from collections.abc import Sequence
from typing import Any

import discord

from bot.app import Interaction, reply
from bot.db import Session
from bot.errors import UserError
from bot.events import agenda, ledger
from bot.events.agenda import Stand, State, Table
from bot.tables import Choice
from cogs._answer_acts import act
from cogs._answer_words import told
from cogs._doors import Told, buttons, here

YES = frozenset({State.SEATED, State.WAITING, State.PENDING, State.REFUSED})


class GuestsMenu(
    Told,
    discord.ui.DynamicItem[discord.ui.Select[Any]],
    template=r"guests:(?P<event_id>[0-9]+)",
):
    """How many people a member brings to every part they come to where that is allowed."""

    reads = (("event_id", int),)

    def __init__(self, event_id: int, options: Sequence[discord.SelectOption] = ()) -> None:
        super().__init__(discord.ui.Select(custom_id=f"guests:{event_id}", options=list(options)))
        self.event_id = event_id

    async def press(self, interaction: Interaction) -> None:
        """Bring so many; if they do not fit, everything stays as it was."""
        bot = interaction.client
        async with bot.db.reading() as session:
            tables = await agenda.tables(session, here(interaction), self.event_id)
            theirs = await _bringing(session, tables, interaction.user.id)
        says = ((table.part_id, Choice.YES) for table, _ in theirs)
        guests = int(self.item.values[0])
        outcome = await bot.intake.submit(act(interaction, says, guests=guests))
        voice = await bot.voice(interaction)
        content = told(outcome, tables, voice)
        await interaction.response.edit_message(content=content, view=None)


async def bring(interaction: Interaction, event_id: int) -> None:
    """Ask how many people a member brings."""
    async with interaction.client.db.reading() as session:
        tables = await agenda.tables(session, here(interaction), event_id)
        theirs = await _bringing(session, tables, interaction.user.id)
    voice = await interaction.client.voice(interaction)
    now = max(stand.guests for _, stand in theirs)
    options = [
        discord.SelectOption(
            label=voice("rsvp.bring_some", count=count) if count else voice("rsvp.bring_nobody"),
            value=str(count),
            default=count == now,
        )
        for count in range(max(table.guests_allowed for table, _ in theirs) + 1)
    ]
    await reply(interaction, voice("rsvp.bring"), view=buttons(GuestsMenu(event_id, options)))


async def _bringing(
    session: Session, tables: Sequence[Table], user_id: int
) -> list[tuple[Table, Stand]]:
    """The parts to which a member can bring someone, and where they stand there.

    Raises:
        UserError: if there is none: nobody can, or they are not coming.
    """
    if not tables:
        raise UserError("rsvp.gone")
    open_to_guests = [table for table in tables if table.guests_allowed]
    if not open_to_guests:
        raise UserError("rsvp.why_nobody")
    rosters = await ledger.rosters(session, [table.part_id for table in open_to_guests])
    stands = [(it, agenda.stand(rosters[it.part_id], user_id)) for it in open_to_guests]
    theirs = [(table, stand) for table, stand in stands if stand.state in YES]
    if not theirs:
        raise UserError("rsvp.why_not_coming")
    return theirs
