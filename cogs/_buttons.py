"""The buttons of an event's card. What they mean is in their ids, so they outlive restarts."""

import io
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias, get_args

import discord

from bot.app import Interaction, reply
from bot.errors import UserError
from bot.events import agenda, attendance, bells, emojis, feeds, publishing
from bot.events.programme import Programme
from bot.tables import Choice
from bot.texts import Voice
from cogs._answer_acts import act
from cogs._answer_acts import roles_of as roles_of  # noqa: PLC0414 # reactions have roles too
from cogs._answer_guests import GuestsMenu, bring
from cogs._answer_people import NameButton, PeopleButton, show_people
from cogs._answer_tables import TablesMenu, choose
from cogs._answer_words import told
from cogs._doors import Told, buttons, here
from cogs._here import HereButton

_STYLES = {
    Choice.YES: discord.ButtonStyle.success,
    Choice.MAYBE: discord.ButtonStyle.secondary,
    Choice.NO: discord.ButtonStyle.secondary,
}
_EMOJIS = {choice: emoji for emoji, choice in emojis.COMMITMENT.items()}

Page: TypeAlias = Literal["tables", "guests", "bell", "who", "calendar"]
_PAGE_EMOJIS: Mapping[Page, str] = {
    "tables": "☑️",
    "guests": "➕",
    "bell": "🔔",
    "who": "👥",
    "calendar": "📅",
}


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
                row=0,
            )
        )
        self.event_id = event_id
        self.choice = choice

    async def press(self, interaction: Interaction) -> None:
        """Answer, and say privately what came of it once it is durable.

        The card is not repainted from here: such repaints overtake each other.
        """
        bot = interaction.client
        # Known to the board, so that nobody is overtaken while they are asked for.
        parts = await bot.parts_of(self.event_id)
        says = ((part_id, self.choice) for part_id in parts)
        outcome = await bot.intake.submit(act(interaction, says))
        tables = await bot.tables_of(here(interaction), self.event_id)
        voice = await bot.voice(interaction)
        await reply(interaction, told(outcome, tables, voice))


class CardButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=rf"rsvp:(?P<event_id>[0-9]+):(?P<page>{'|'.join(get_args(Page))})",
):
    """Opens something of a member's own beside the card: a menu, a list, a file."""

    reads = (("event_id", int), ("page", str))

    def __init__(self, event_id: int, page: Page, label: str | None = None) -> None:
        super().__init__(
            discord.ui.Button(
                custom_id=f"rsvp:{event_id}:{page}",
                label=label,
                emoji=_PAGE_EMOJIS[page],
                style=discord.ButtonStyle.primary
                if page == "tables"
                else discord.ButtonStyle.secondary,
                row=0 if page == "tables" else 1,
            )
        )
        self.event_id = event_id
        self.page: Page = page

    async def press(self, interaction: Interaction) -> None:
        """Open it, privately."""
        await _PAGES[self.page](interaction, self.event_id)


def answer_buttons(
    programme: Programme, voice: Voice, now: datetime | None = None
) -> discord.ui.View:
    """The answers that count at this time, and what else there is for a member.

    Without `now`, as before its deadlines.
    """
    condition = agenda.condition(programme, now)
    if condition in {"cancelled", "past"}:
        return buttons()
    event_id, several = programme.event_id, len(programme.parts) > 1
    items: list[discord.ui.Item[Any]] = []
    if several:
        items.append(CardButton(event_id, "tables", voice("rsvp.button_tables")))
    if condition in {None, "moved"}:
        yes = voice("rsvp.button_all" if several else "rsvp.button_yes")
        items.append(AnswerButton(event_id, Choice.YES, yes))
        if not several:
            items.append(AnswerButton(event_id, Choice.MAYBE, voice("rsvp.button_maybe")))
    items.append(AnswerButton(event_id, Choice.NO, voice("rsvp.button_no")))
    if any(part.guests_allowed for part in programme.parts):
        items.append(CardButton(event_id, "guests", voice("rsvp.button_guests")))
    items += [
        CardButton(event_id, "bell", voice("rsvp.button_bell")),
        CardButton(event_id, "who", voice("rsvp.button_who")),
        CardButton(event_id, "calendar", voice("rsvp.button_calendar")),
    ]
    if now is not None and attendance.is_on(programme, now):
        items.append(HereButton(event_id, voice("door.form"), row=2))
    return buttons(*items)


async def _ring(interaction: Interaction, event_id: int) -> None:
    """Remind a member in private, or no longer."""
    guild_id = here(interaction)
    async with interaction.client.db.writing(guild_id) as session:
        wanted = await bells.toggle(session, guild_id, event_id, interaction.user.id)
    voice = await interaction.client.voice(interaction)
    await reply(interaction, voice("rsvp.bell_on" if wanted else "rsvp.bell_off"))


async def _calendar(interaction: Interaction, event_id: int) -> None:
    """Give a member the event as a file for their calendar."""
    voice = await interaction.client.voice(interaction)
    async with interaction.client.db.reading() as session:
        await publishing.find(session, event_id, guild_id=here(interaction))
        entry = await feeds.of_event(session, event_id, voice, user_id=interaction.user.id)
    if entry is None:
        raise UserError("rsvp.gone")
    file = discord.File(io.BytesIO(entry), f"tableronde-{event_id}.ics")
    said = [voice("rsvp.calendar")]
    if interaction.client.public_url is not None:
        said.append(voice("rsvp.calendar_feed"))
    await reply(interaction, " ".join(said), file=file)


_PAGES: Mapping[Page, Callable[[Interaction, int], Awaitable[None]]] = {
    "tables": choose,
    "guests": bring,
    "bell": _ring,
    "who": show_people,
    "calendar": _calendar,
}
# All that answers on cards and on the private pages that they open.
ITEMS = (AnswerButton, CardButton, TablesMenu, GuestsMenu, PeopleButton, NameButton)
