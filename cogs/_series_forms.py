"""The forms in which a series is written down; each hands on what was typed, by field."""

from typing import Any

import discord

from bot.events import plan, proposal
from bot.events.proposal import Fields
from bot.texts import Voice
from cogs._event_forms import DraftForm, Field, Then

LONGEST = {
    "name": plan.NAME_LENGTH,
    "place": proposal.PLACE_LENGTH,
    "contact": proposal.CONTACT_LENGTH,
    "capacity": 10,
    "usual_time": plan.USUAL_LENGTH,
    "reminders": 200,
    "colour": 30,
    "rule": 200,
    "lead": 30,
}
# Discord's limit for a field of a form.
FORM_LENGTH = 4000


class NameForm(DraftForm):
    """What a series is called, and where, when and for how many its editions are."""

    def __init__(self, voice: Voice, fields: Fields, then: Then) -> None:
        names = ("name", "place", "contact", "capacity", "usual_time")
        super().__init__(
            then, *(_line(name, voice, fields) for name in names), title=voice("series.title_name")
        )


class RemindersForm(DraftForm):
    """When people are reminded of an edition."""

    def __init__(self, voice: Voice, fields: Fields, then: Then) -> None:
        super().__init__(
            then, _line("reminders", voice, fields), title=voice("series.title_reminders")
        )


class RuleForm(DraftForm):
    """When a series comes back, and how early an edition is prepared."""

    def __init__(self, voice: Voice, fields: Fields, then: Then) -> None:
        names = ("rule", "lead")
        super().__init__(
            then, *(_line(name, voice, fields) for name in names), title=voice("series.title_rule")
        )


class LookForm(DraftForm):
    """Where editions are announced, and in what colour; no channel means the usual one."""

    def __init__(self, voice: Voice, fields: Fields, then: Then, guild: discord.Guild) -> None:
        super().__init__(
            then,
            _channel(voice, fields, guild),
            _line("colour", voice, fields),
            title=voice("series.title_look"),
        )

    def written(self) -> dict[str, Any]:
        """What was typed, and the channel that was chosen."""
        found = super().written()
        return {**found, "channel": next(iter(found["channel"]), None)}


def _line(name: str, voice: Voice, fields: Fields) -> Field:
    """A field of text, filled in with what is known."""
    value = str(fields.get(name) or "")
    return discord.ui.Label(
        text=voice(f"series.form_{name}"),
        description=voice(f"series.form_{name}_about"),
        component=discord.ui.TextInput(
            custom_id=name,
            default=value[:FORM_LENGTH],
            # What is missing is asked for when the form is read, with all that is wrong in it.
            required=False,
            # What was refused for its length opens again as it was written.
            max_length=min(max(LONGEST[name], len(value)), FORM_LENGTH),
            placeholder=voice(f"series.form_{name}_example"),
        ),
    )


def _channel(voice: Voice, fields: Fields, guild: discord.Guild) -> Field:
    known = guild.get_channel(fields.get("channel") or 0)
    return discord.ui.Label(
        text=voice("series.form_channel"),
        description=voice("series.form_channel_about"),
        component=discord.ui.ChannelSelect(
            custom_id="channel",
            channel_types=[discord.ChannelType.text, discord.ChannelType.news],
            default_values=[known] if known else [],
            min_values=0,
            max_values=1,
            required=False,
        ),
    )
