"""Reading a recap in private, page by page. What a button means is in its id."""

import re
from collections.abc import Sequence
from typing import Any, Self

import discord

from bot import plain
from bot.app import Interaction
from bot.errors import UserError
from bot.recaps import library
from bot.recaps.library import LEAD, Page, RecapView
from bot.texts import Voice
from cogs._doors import Told, buttons, here
from cogs._event_cards import COLOUR, escaped

# Discord's limits, and what is kept of them for the words around.
TITLE_LENGTH = 256
TEXT_LENGTH = 4096
MOST_OPTIONS = 25
OPTION_LENGTH = 100


class PageButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"recap:read:(?P<recap_id>[0-9]+):(?P<page>[0-9]+)",
):
    """Opens a page, counted from 0."""

    reads = (("recap_id", int), ("page", int))

    def __init__(self, recap_id: int, page: int, **look: Any) -> None:
        super().__init__(discord.ui.Button(custom_id=f"recap:read:{recap_id}:{page}", **look))
        self.recap_id = recap_id
        self.page = page

    async def press(self, interaction: Interaction) -> None:
        """Show the page."""
        view, pages = await _fetch(interaction, self.recap_id)
        await _show(interaction, view, pages, self.page)


class SectionButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"recap:section:(?P<recap_id>[0-9]+):(?P<section>[0-9]+)",
):
    """Opens the page on which a section begins."""

    reads = (("recap_id", int), ("section", int))

    def __init__(self, recap_id: int, section: int) -> None:
        super().__init__(
            discord.ui.Button(custom_id=f"recap:section:{recap_id}:{section}", label=str(section))
        )
        self.recap_id = recap_id
        self.section = section

    async def press(self, interaction: Interaction) -> None:
        """Show the section's first page."""
        view, pages = await _fetch(interaction, self.recap_id)
        await _show(interaction, view, pages, library.first_page(pages, self.section))


class Contents(
    Told,
    discord.ui.DynamicItem[discord.ui.Select[Any]],
    template=r"recap:contents:(?P<recap_id>[0-9]+)",
):
    """The menu of a recap's sections, below the page one reads."""

    def __init__(self, recap_id: int, options: Sequence[discord.SelectOption] = ()) -> None:
        super().__init__(
            discord.ui.Select(custom_id=f"recap:contents:{recap_id}", options=list(options))
        )
        self.recap_id = recap_id

    @classmethod
    async def from_custom_id(
        cls,
        _interaction: discord.Interaction[Any],
        item: discord.ui.Item[Any],
        match: re.Match[str],
    ) -> Self:
        """Make the menu again from its id, after any restart."""
        return cls(int(match["recap_id"]), getattr(item, "options", ()))

    async def press(self, interaction: Interaction) -> None:
        """Show the chosen section's first page."""
        view, pages = await _fetch(interaction, self.recap_id)
        section = int(self.item.values[0])
        await _show(interaction, view, pages, library.first_page(pages, section))


def quoted(text: str, most: int) -> str:
    """A text from people that formats nothing, mentions nobody, and has `most` characters at most.

    It is cut before it is escaped, so that no escape is cut in two; escapes at most double it.
    """
    kept = plain.cut(text, most)
    added = len(escaped(kept)) - len(kept)
    return escaped(plain.cut(kept, max(most - added, most // 2)))


def page_embed(view: RecapView, pages: Sequence[Page], at: int, voice: Voice) -> discord.Embed:
    """One page of a recap, word for word."""
    page = pages[at]
    embed = discord.Embed(
        title=quoted(page.heading or voice("recaps.lead"), TITLE_LENGTH),
        description=quoted(page.text, TEXT_LENGTH),
        colour=COLOUR,
    )
    embed.set_author(name=plain.cut(view.title, TITLE_LENGTH), url=view.link)
    embed.set_footer(text=voice("recaps.page", page=at + 1, pages=len(pages)))
    return embed


def page_buttons(view: RecapView, pages: Sequence[Page], at: int, voice: Voice) -> discord.ui.View:
    """What leads away from a page: back, forward, the sections, the article itself."""
    assert view.id is not None  # noqa: S101 # only a stored recap has pages
    items: list[discord.ui.Item[Any]] = []
    if at > 0:
        items.append(PageButton(view.id, at - 1, emoji="◀"))
    if at + 1 < len(pages):
        items.append(PageButton(view.id, at + 1, emoji="▶"))
    if view.link:
        items.append(discord.ui.Button(label=voice("recaps.article"), url=view.link))
    if view.sections:
        items.append(Contents(view.id, _options(view, pages[at].section, voice)))
    return buttons(*items)


def _options(view: RecapView, section: int, voice: Voice) -> list[discord.SelectOption]:
    """The sections around the one that is read, as many as a menu can hold."""
    headings = [(LEAD, voice("recaps.lead"))] if view.lead else []
    headings += [(part.position, f"{part.position}. {part.heading}") for part in view.sections]
    first = max(0, min(section - MOST_OPTIONS // 2, len(headings) - MOST_OPTIONS))
    return [
        discord.SelectOption(
            label=plain.cut(heading, OPTION_LENGTH),
            value=str(position),
            default=position == section,
        )
        for position, heading in headings[first : first + MOST_OPTIONS]
    ]


async def _fetch(interaction: Interaction, recap_id: int) -> tuple[RecapView, Sequence[Page]]:
    async with interaction.client.db.reading() as session:
        view = await library.shown(session, recap_id)
        pages = await library.pages(session, recap_id)
    if view is None or view.guild_id != here(interaction) or not pages:
        raise UserError("recaps.gone")
    return view, pages


async def _show(interaction: Interaction, view: RecapView, pages: Sequence[Page], at: int) -> None:
    """Turn the private page that was pressed; from a public card, open one."""
    at = min(at, len(pages) - 1)
    voice = await interaction.client.voice(interaction)
    embed = page_embed(view, pages, at, voice)
    items = page_buttons(view, pages, at, voice)
    if interaction.message is not None and interaction.message.flags.ephemeral:
        await interaction.response.edit_message(embed=embed, view=items)
    else:
        await interaction.response.send_message(embed=embed, view=items, ephemeral=True)
