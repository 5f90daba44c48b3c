"""The buttons of an event's card. What they mean is in their ids, so they outlive restarts."""

from typing import Any

import discord

from bot.app import Interaction, reply
from bot.events import rsvp
from bot.events.rsvp import Act, Outcome
from bot.tables import Choice, Door
from bot.texts import Voice
from cogs._doors import Told, buttons, here

_STYLES = {
    Choice.YES: discord.ButtonStyle.success,
    Choice.MAYBE: discord.ButtonStyle.secondary,
    Choice.NO: discord.ButtonStyle.secondary,
}
_EMOJIS = {choice: emoji for emoji, choice in rsvp.EMOJIS.items()}


class AnswerButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"rsvp:(?P<part_id>[0-9]+):(?P<choice>yes|maybe|no)",
):
    """One of the three answers to a part."""

    reads = (("part_id", int), ("choice", Choice))

    def __init__(self, part_id: int, choice: Choice, label: str | None = None) -> None:
        super().__init__(
            discord.ui.Button(
                custom_id=f"rsvp:{part_id}:{choice.value}",
                label=label,
                emoji=_EMOJIS[choice],
                style=_STYLES[choice],
            )
        )
        self.part_id = part_id
        self.choice = choice

    async def press(self, interaction: Interaction) -> None:
        """Answer, and say privately what came of it once it is durable.

        The card is not repainted from here: such repaints overtake each other.
        """
        act = Act(
            guild_id=here(interaction),
            part_id=self.part_id,
            user_id=interaction.user.id,
            choice=self.choice,
            door=Door.BUTTON,
            at=interaction.client.clock(),
        )
        outcome = await interaction.client.intake.submit(act)
        voice = await interaction.client.voice(interaction)
        await reply(interaction, _standing(outcome, voice))


def answer_buttons(part_id: int, voice: Voice) -> discord.ui.View:
    """The three answers, as buttons."""
    return buttons(
        *(AnswerButton(part_id, choice, voice(f"rsvp.button_{choice.value}")) for choice in Choice)
    )


def _standing(outcome: Outcome, voice: Voice) -> str:
    """Where a member stands now, and what to do next."""
    if outcome.closed:
        return voice("rsvp.closed")
    place = outcome.roster.place(outcome.user_id)
    if place is not None:
        return voice("rsvp.waiting", place=place)
    if outcome.choice is Choice.YES and outcome.roster.has_seat(outcome.user_id):
        return voice("rsvp.seated")
    return voice(f"rsvp.noted_{outcome.choice.value}" if outcome.choice else "rsvp.noted_no")
