"""How a recap is drawn: pure functions from what is to be shown."""

from collections.abc import Sequence
from typing import Any

import discord

from bot import moments, plain
from bot.db import Session
from bot.recaps import library
from bot.recaps.article import Article, Figure
from bot.recaps.library import RecapView, SectionView
from bot.tables import Delivery
from bot.texts import Voice
from cogs._doors import buttons
from cogs._drawings import Drawing, draws, subject_id
from cogs._event_cards import COLOUR, escaped
from cogs._reading import TITLE_LENGTH, PageButton, SectionButton, quoted

# Of the 4,096 characters of a description; with title and footer, far from the 6,000 of an embed.
LEAD_LENGTH = 900
CONTENTS_LENGTH = 2500
HEADING_LENGTH = 160
NAME_LENGTH = 100
# Five rows of five, less the button that reads from the beginning.
MOST_NUMBERS = 24
# What a private preview tells of what was found.
MOST_FIGURES = 5
MOST_RELATED = 3
ITEM_LENGTH = 100
# Of the 2,000 characters of a message; the rest is for the words around.
UNDERSTOOD_LENGTH = 1700


@draws("recap")
async def _posted(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    shown = await library.shown(session, subject_id(delivery))
    if shown is None:
        return None
    embed, view = card(shown, voice)
    return Drawing(embeds=[embed], view=view, mark=f"recap:read:{shown.id}:")


def card(view: RecapView, voice: Voice) -> tuple[discord.Embed, discord.ui.View]:
    """The posted card of a recap, and the buttons with which everybody reads it in private."""
    assert view.id is not None  # noqa: S101 # a proposal is not posted
    items: list[discord.ui.Item[Any]] = [
        PageButton(
            view.id,
            0,
            label=voice("recaps.read"),
            emoji="📖",
            style=discord.ButtonStyle.primary,
        )
    ]
    items += [SectionButton(view.id, part.position) for part in view.sections[:MOST_NUMBERS]]
    return card_embed(view, voice), buttons(*items)


def card_embed(view: RecapView, voice: Voice) -> discord.Embed:
    """A recap: what it is called, who wrote it when, how it begins, and its sections."""
    parts = [
        _byline(view, voice),
        quoted("\n\n".join(view.lead), LEAD_LENGTH),
        _contents(view.sections, voice),
    ]
    embed = discord.Embed(
        title=quoted(view.title, TITLE_LENGTH),
        url=view.link,
        description="\n\n".join(filter(None, parts)),
        colour=COLOUR,
    )
    if edition := _edition(view.series, view.edition, voice):
        embed.set_author(name=edition)
    embed.set_footer(text=voice("recaps.how_to_read"))
    return embed


def newest(views: Sequence[RecapView], voice: Voice) -> tuple[discord.Embed, discord.ui.View]:
    """A numbered list of recaps, and a button to read each."""
    lines = [
        "\n".join(
            filter(
                None, [f"**{number}.** {quoted(view.title, TITLE_LENGTH)}", _byline(view, voice)]
            )
        )
        for number, view in enumerate(views, 1)
    ]
    embed = discord.Embed(
        title=voice("recaps.latest"), description="\n\n".join(lines), colour=COLOUR
    )
    items = [
        PageButton(view.id, 0, label=str(number))
        for number, view in enumerate(views, 1)
        if view.id is not None
    ]
    return embed, buttons(*items)


def understood(article: Article, voice: Voice) -> str:
    """What was read out of a text, for the organiser to check."""
    missing = voice("recaps.missing")
    day = moments.long(article.published, voice.language) if article.published else missing
    edition = _edition(article.series, article.edition, voice)
    lines = [
        voice("recaps.understood_title", title=quoted(article.title, TITLE_LENGTH)),
        voice("recaps.understood_date", date=day),
        voice("recaps.understood_author", author=_name(article.author) or missing),
        voice("recaps.understood_series", series=escaped(edition) or missing),
        _found_sections(article, voice),
    ]
    lines += [
        voice("recaps.understood_figure", figure=figure(found, voice))
        for found in article.figures[:MOST_FIGURES]
    ]
    if article.related:
        lines.append(voice("recaps.understood_related", count=len(article.related)))
        lines += [
            f"  – {quoted(item.title, ITEM_LENGTH)}" for item in article.related[:MOST_RELATED]
        ]
    return plain.cut("\n".join(lines), UNDERSTOOD_LENGTH)


def figure(found: Figure, voice: Voice) -> str:
    """A number as the source bounds it: « au moins 150 professionnels en salle »."""
    return voice(
        f"recaps.figure_{found.bound.value}",
        value=found.value,
        what=quoted(found.what, ITEM_LENGTH),
    )


def _found_sections(article: Article, voice: Voice) -> str:
    """How many sections were found; the card below lists them."""
    if not article.sections:
        return voice("recaps.understood_no_sections")
    return voice("recaps.understood_sections", count=len(article.sections))


def _byline(view: RecapView, voice: Voice) -> str:
    day = moments.short(view.published, voice.language) if view.published else ""
    return " · ".join(filter(None, [day, _name(view.author)]))


def _name(author: str | None) -> str:
    return quoted(author or "", NAME_LENGTH)


def _edition(series: str | None, number: int | None, voice: Voice) -> str:
    """A series and its edition, where known. No markdown works where it stands."""
    if series is None:
        return ""
    name = plain.cut(series, NAME_LENGTH)
    return voice("recaps.edition", series=name, number=number) if number else name


def _contents(sections: tuple[SectionView, ...], voice: Voice) -> str:
    """The sections, a line each, numbered like their buttons; the last ones may not fit."""
    lines: list[str] = []
    length = 0
    for part in sections:
        line = f"**{part.position}.** {quoted(part.heading, HEADING_LENGTH)}"
        length += len(line) + 1
        if length > CONTENTS_LENGTH:
            lines.append(voice("recaps.more_sections", count=len(sections) - len(lines)))
            break
        lines.append(line)
    return "\n".join(lines)
