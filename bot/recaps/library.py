"""Recaps: kept with the search index, owed to their channel, read in pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import cards
from bot.recaps.article import Article, fingerprint, values
from bot.recaps.passages import passages
from bot.search import index
from bot.tables import (
    Card,
    Event,
    EventStatus,
    Figure,
    Guild,
    Passage,
    Recap,
    RecapStatus,
    Related,
    Section,
    Series,
)

LEAD = 0
"""The position of the lead, which is a section without a heading."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A recap of the library, and whether it has just come into it."""

    recap_id: int
    new: bool


@dataclass(frozen=True, slots=True)
class SectionView:
    """A line of the table of contents; sections count from 1, after the lead."""

    position: int
    heading: str


@dataclass(frozen=True, slots=True)
class RecapView:
    """A recap as its card shows it; one that is only proposed has no id, nor guild."""

    id: int | None
    guild_id: int | None
    title: str
    link: str | None
    author: str | None
    published: date | None
    series: str | None
    edition: int | None
    language: str
    lead: tuple[str, ...]
    sections: tuple[SectionView, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A passage, as one reads it: `section` is the position of the section it stands in."""

    section: int
    heading: str | None
    text: str


async def publish(
    session: AsyncSession,
    guild_id: int,
    article: Article,
    *,
    now: datetime,
    source: Article | None = None,
) -> Stored:
    """Keep an article as a recap and index it; the same text again changes nothing.

    `source` is the article as its text has it, where an organiser then corrected it: what the
    next copy of that text will be recognised by.
    """
    name = fingerprint(source or article)
    known = await session.scalar(
        select(Recap.id).where(Recap.guild_id == guild_id, Recap.fingerprint == name)
    )
    if known is not None:
        return Stored(known, new=False)
    series_id = await _series(session, guild_id, article.series)
    recap = Recap(
        guild_id=guild_id,
        series_id=series_id,
        event_id=await _event(session, series_id, article.edition),
        edition=article.edition,
        title=article.title,
        link=article.link,
        author=article.author,
        published=article.published,
        language=article.language,
        fingerprint=name,
        status=RecapStatus.PUBLISHED,
        created_at=now,
        updated_at=now,
    )
    session.add(recap)
    await session.flush()
    await _write(session, recap, article)
    await index.add(session, recap.id)
    return Stored(recap.id, new=True)


async def owe_post(session: AsyncSession, guild: Guild, recap_id: int, now: datetime) -> bool:
    """Owe a recap's card to the recaps channel, once; whether it is newly owed."""
    assert guild.recaps_channel is not None  # noqa: S101 # `guilds.require` saw to it
    if await session.scalar(select(Card.id).where(Card.recap_id == recap_id)) is not None:
        return False
    return await cards.owe(
        session, "recap", recap_id, guild_id=guild.id, channel_id=guild.recaps_channel, now=now
    )


def preview(article: Article) -> RecapView:
    """An article as the card of its recap will show it."""
    return RecapView(
        id=None,
        guild_id=None,
        title=article.title,
        link=article.link,
        author=article.author,
        published=article.published,
        series=article.series,
        edition=article.edition,
        language=article.language,
        lead=article.lead,
        sections=tuple(
            SectionView(position, section.heading)
            for position, section in enumerate(article.sections, LEAD + 1)
        ),
    )


async def shown(session: AsyncSession, recap_id: int) -> RecapView | None:
    """A recap as its card shows it now; None if it is gone or withdrawn."""
    recap = await session.get(Recap, recap_id)
    if recap is None or recap.status is not RecapStatus.PUBLISHED:
        return None
    series = await session.get(Series, recap.series_id) if recap.series_id else None
    sections = await session.scalars(
        select(Section).where(Section.recap_id == recap_id).order_by(Section.position)
    )
    return RecapView(
        id=recap.id,
        guild_id=recap.guild_id,
        title=recap.title,
        link=recap.link,
        author=recap.author,
        published=recap.published,
        series=series.name if series else None,
        edition=recap.edition,
        language=recap.language,
        lead=tuple(page.text for page in await pages(session, recap_id) if page.section == LEAD),
        sections=tuple(
            SectionView(section.position, section.heading)
            for section in sections
            if section.heading
        ),
    )


async def latest(session: AsyncSession, guild_id: int, most: int) -> Sequence[RecapView]:
    """The recaps published last, the newest first; those without a date come after."""
    ids = await session.scalars(
        select(Recap.id)
        .where(Recap.guild_id == guild_id, Recap.status == RecapStatus.PUBLISHED)
        .order_by(Recap.published.desc().nulls_last(), Recap.id.desc())
        .limit(most)
    )
    found = [await shown(session, recap_id) for recap_id in ids.all()]
    return [view for view in found if view is not None]


async def pages(session: AsyncSession, recap_id: int) -> Sequence[Page]:
    """The passages of a recap in reading order, the lead first."""
    rows = await session.execute(
        select(Section.position, Section.heading, Passage.text)
        .join(Passage, Passage.section_id == Section.id)
        .where(Section.recap_id == recap_id)
        .order_by(Section.position, Passage.position)
    )
    return [Page(*row) for row in rows]


def first_page(pages: Sequence[Page], section: int) -> int:
    """The number, from 0, of the page on which a section begins.

    A heading with nothing below it begins where the next section does.
    """
    return next(
        (at for at, page in enumerate(pages) if page.section >= section), max(0, len(pages) - 1)
    )


async def _event(session: AsyncSession, series_id: int | None, edition: int | None) -> int | None:
    """The event that this edition of a series was, if it was announced here."""
    if series_id is None or edition is None:
        return None
    return await session.scalar(
        select(Event.id)
        .where(
            Event.series_id == series_id,
            Event.edition == edition,
            Event.status != EventStatus.CANCELLED,
        )
        .order_by(Event.id.desc())
        .limit(1)
    )


async def _series(session: AsyncSession, guild_id: int, name: str | None) -> int | None:
    """Find the series of this name, in whatever case it was written, or make it."""
    if name is None:
        return None
    for series in await session.scalars(select(Series).where(Series.guild_id == guild_id)):
        if series.name.casefold() == name.casefold():
            return series.id
    series = Series(guild_id=guild_id, name=name)
    session.add(series)
    await session.flush()
    return series.id


async def _write(session: AsyncSession, recap: Recap, article: Article) -> None:
    """Write what hangs on a recap: sections, passages, figures, related items."""
    words = [(None, article.lead), *((part.heading, part.paragraphs) for part in article.sections)]
    sections = [
        Section(guild_id=recap.guild_id, recap_id=recap.id, position=position, heading=heading)
        for position, (heading, _) in enumerate(words, LEAD)
    ]
    session.add_all(sections)
    await session.flush()
    for section, (_, paragraphs) in zip(sections, words, strict=True):
        session.add_all(
            Passage(guild_id=recap.guild_id, section_id=section.id, position=position, text=text)
            for position, text in enumerate(passages(paragraphs))
        )
    session.add_all(_figure(found, recap, sections) for found in article.figures)
    session.add_all(_related(found, recap) for found in article.related)
    await session.flush()


def _figure(found: values.Figure, recap: Recap, sections: Sequence[Section]) -> Figure:
    where = LEAD if found.section is None else found.section + 1
    return Figure(
        guild_id=recap.guild_id,
        section_id=sections[where].id,
        value=found.value,
        bound=found.bound,
        what=found.what,
        sentence=found.sentence,
    )


def _related(found: values.Related, recap: Recap) -> Related:
    return Related(
        guild_id=recap.guild_id,
        recap_id=recap.id,
        title=found.title,
        author=found.author,
        published=found.published,
        excerpt=found.excerpt,
    )
