"""The buttons of an event's card. What they mean is in their ids, so they outlive restarts."""

from typing import Any

import discord

from bot.app import Interaction, reply
from bot.events import emojis
from bot.events.programme import Programme
from bot.events.rsvp import Act, Outcome, Standing
from bot.tables import Choice, Door
from bot.texts import Voice
from cogs._doors import Told, buttons, here

_STYLES = {
    Choice.YES: discord.ButtonStyle.success,
    Choice.MAYBE: discord.ButtonStyle.secondary,
    Choice.NO: discord.ButtonStyle.secondary,
}
_EMOJIS = {choice: emoji for emoji, choice in emojis.COMMITMENT.items()}


class AnswerButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"rsvp:(?P<event_id>[0-9]+):(?P<choice>yes|maybe|no)",
):
    """One of the three answers to an event: to every part of it."""

    reads = (("event_id", int), ("choice", Choice))

    def __init__(self, event_id: int, choice: Choice, label: str | None = None) -> None:
        super().__init__(
            discord.ui.Button(
                custom_id=f"rsvp:{event_id}:{choice.value}",
                label=label,
                emoji=_EMOJIS[choice],
                style=_STYLES[choice],
            )
        )
        self.event_id = event_id
        self.choice = choice

    async def press(self, interaction: Interaction) -> None:
        """Answer, and say privately what came of it once it is durable.

        The card is not repainted from here: such repaints overtake each other.
        """
        parts = await interaction.client.parts_of(self.event_id)
        act = Act(
            guild_id=here(interaction),
            user_id=interaction.user.id,
            says=tuple((part_id, self.choice) for part_id in parts),
            door=Door.BUTTON,
            at=interaction.client.clock(),
            roles=roles_of(interaction.user),
        )
        outcome = await interaction.client.intake.submit(act)
        voice = await interaction.client.voice(interaction)
        await reply(interaction, standing(outcome, voice))


def answer_buttons(programme: Programme, voice: Voice) -> discord.ui.View:
    """The three answers, as buttons."""
    return buttons(
        *(
            AnswerButton(programme.event_id, choice, voice(f"rsvp.button_{choice.value}"))
            for choice in Choice
        )
    )


def roles_of(user: discord.Member | discord.User | None) -> frozenset[int]:
    """The roles that a member has here."""
    return frozenset(role.id for role in getattr(user, "roles", ()))


def standing(outcome: Outcome, voice: Voice) -> str:
    """Where a member stands now, and what to do next."""
    return "\n".join(dict.fromkeys(_standing(it, outcome, voice) for it in outcome.standings))


def _standing(it: Standing, outcome: Outcome, voice: Voice) -> str:
    if it.refusal is not None:
        return voice("rsvp.closed")
    place = it.roster.place(outcome.user_id)
    if place is not None:
        return voice("rsvp.waiting", place=place)
    if it.choice is Choice.YES and it.roster.has_seat(outcome.user_id):
        return voice("rsvp.seated")
    return voice(f"rsvp.noted_{it.choice.value}" if it.choice else "rsvp.noted_no")
