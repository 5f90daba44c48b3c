"""Who comes: counted for all, named for those who agreed to be seen. Private, in pages."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Literal, TypeAlias

import discord

from bot import members
from bot.app import Interaction
from bot.events import emojis, publishing
from bot.events.programme import Programme, ShownPart
from bot.events.seats import heads
from bot.texts import Voice
from cogs._doors import Told, buttons, here, put
from cogs._event_cards import fitted, size

# Of the 2,000 characters of a message; a block of names has a third of that.
PAGE_LENGTH = 1700
NAMES = 24
TITLE_LENGTH = 100

Wish: TypeAlias = Literal["show", "hide"]


class PeopleButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"who:(?P<event_id>[0-9]+):(?P<page>[0-9]+)",
):
    """Leads to another page of those who come."""

    reads = (("event_id", int), ("page", int))

    def __init__(self, event_id: int, page: int, emoji: str | None = None) -> None:
        super().__init__(discord.ui.Button(custom_id=f"who:{event_id}:{page}", emoji=emoji))
        self.event_id = event_id
        self.page = page

    async def press(self, interaction: Interaction) -> None:
        """Turn the page."""
        await show_people(interaction, self.event_id, self.page)


class NameButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"name:(?P<wish>show|hide):(?P<event_id>[0-9]+):(?P<page>[0-9]+)",
):
    """Shows one's name among those who come to this community's events, or hides it."""

    reads = (("wish", str), ("event_id", int), ("page", int))

    def __init__(self, wish: Wish, event_id: int, page: int, label: str | None = None) -> None:
        super().__init__(discord.ui.Button(custom_id=f"name:{wish}:{event_id}:{page}", label=label))
        self.wish = wish
        self.event_id = event_id
        self.page = page

    async def press(self, interaction: Interaction) -> None:
        """Keep the choice, and show the page as it is now."""
        guild_id, user_id = here(interaction), interaction.user.id
        async with interaction.client.db.writing(guild_id) as session:
            await members.show(session, guild_id, user_id, shown=self.wish == "show")
        await show_people(interaction, self.event_id, self.page)


async def show_people(interaction: Interaction, event_id: int, page: int | None = None) -> None:
    """Show who comes: privately from a card, in its place from a page of the same."""
    guild_id, user_id = here(interaction), interaction.user.id
    async with interaction.client.db.reading() as session:
        shown = await publishing.shown(session, event_id, guild_id=guild_id)
        seated = {said.user_id for part in shown.parts for said in part.roster.seated}
        visible = await members.visible(session, guild_id, {*seated, user_id})
    voice = await interaction.client.voice(interaction)
    pages = [*_pages(_blocks(shown, visible, voice))]
    at = min(page or 0, len(pages) - 1)
    seen = user_id in visible
    content = f"{pages[at]}\n\n{voice('rsvp.who_shown' if seen else 'rsvp.who_not_shown')}"
    wish: Wish = "hide" if seen else "show"
    items: list[discord.ui.Item[Any]] = []
    if at > 0:
        items.append(PeopleButton(event_id, at - 1, "◀"))
    if at + 1 < len(pages):
        items.append(PeopleButton(event_id, at + 1, "▶"))
    view = buttons(*items, NameButton(wish, event_id, at, voice(f"rsvp.{wish}_name")))
    if page is None:
        await interaction.response.send_message(content, view=view, ephemeral=True)
    else:
        await put(interaction, content, embeds=[], view=view)


def _pages(blocks: Iterable[str]) -> Iterator[str]:
    """Blocks put together, as many as fit on a page."""
    page = ""
    for block in blocks:
        if page and size(page) + size(block) > PAGE_LENGTH:
            yield page
            page = block
        else:
            page = f"{page}\n\n{block}" if page else block
    yield page


def _blocks(shown: Programme, visible: Collection[int], voice: Voice) -> Iterator[str]:
    """For each part how many come, and the names of those who agreed."""
    for number, part in zip(emojis.NUMBERS, shown.parts, strict=False):
        title = fitted(part.title or shown.title, TITLE_LENGTH)
        heading = f"**{title}**" if len(shown.parts) == 1 else f"{number} **{title}**"
        yield from _names(heading, part, visible, voice)


def _names(heading: str, part: ShownPart, visible: Collection[int], voice: Voice) -> Iterator[str]:
    """The names of those seated in one part, a block of some at a time."""
    people = heads(part.roster.seated)
    # A mention in a private message reaches nobody, and shows the name as it is known here.
    names = [f"<@{it.user_id}>" for it in part.roster.seated if it.user_id in visible]
    counted = voice("rsvp.who_comes", count=people) if people else voice("rsvp.who_nobody")
    lines = [heading, counted]
    for start in range(0, len(names), NAMES):
        last = start + NAMES >= len(names)
        lines.append(", ".join(names[start : start + NAMES]))
        if last and people > len(names):
            lines.append(voice("rsvp.who_others", count=people - len(names)))
        yield "\n".join(lines)
        lines = [heading]
    if not names:
        yield "\n".join(lines)
