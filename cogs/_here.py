"""« Je suis là »: a member at the door says the word that is shown there."""

from typing import Any

import discord

from bot.app import Interaction
from bot.events.attendance import CODE_LENGTH
from bot.texts import Voice
from cogs._doors import Form, Told

# A word may be typed with spaces or dashes between its letters.
LONGEST = 3 * CODE_LENGTH


class HereButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"here:(?P<event_id>[0-9]+)",
):
    """Asks a member of an event for the word at the door."""

    reads = (("event_id", int),)

    def __init__(self, event_id: int, label: str | None = None, row: int | None = None) -> None:
        super().__init__(
            discord.ui.Button(custom_id=f"here:{event_id}", label=label, emoji="📍", row=row)
        )

    async def press(self, interaction: Interaction) -> None:
        """Open the form for the word."""
        voice = await interaction.client.voice(interaction)
        await interaction.response.send_modal(WordForm(voice))


class WordForm(Form):
    """The form for the word at the door; what it opens is told by who knows the door."""

    def __init__(self, voice: Voice) -> None:
        super().__init__(title=voice("door.form"))
        self.word = discord.ui.TextInput[Any](custom_id="word", max_length=LONGEST)
        self.add_item(
            discord.ui.Label(
                text=voice("door.form_word"),
                description=voice("door.form_word_about"),
                component=self.word,
            )
        )

    async def on_submit(self, interaction: Interaction, /) -> None:  # type: ignore[override] # our client is a Bot
        """Say the word."""
        interaction.client.dispatch("word_said", interaction, self.word.value)
