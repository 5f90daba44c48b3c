"""An answer: sentences of the archive that hold a question's words, quoted as they stand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.search import ranking, words
from bot.search.quotes import MOST, excerpts
from bot.search.repair import Correction
from bot.search.scoring import Term
from bot.tables import Passage, Recap, Section, Series

LONGEST = 500
"""How many characters a question may have."""

# A best passage worth less than this, for all the weight of the question's words, is no answer.
# On the sample community it keeps the questions that are answered and refuses those that are not.
_ENOUGH = 0.8
# A sentence that only asks tells less than one that answers.
_ASKING = 0.5


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a recap, and where they stand; no heading means its lead."""

    text: str
    recap_id: int
    title: str
    section: int
    heading: str | None
    published: date | None
    link: str | None
    series: str | None
    edition: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """Quotes, the most telling first, and the words that were searched as others."""

    quotes: tuple[Quote, ...]
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True)
class NotFound:
    """Nothing in the archive tells enough of what was asked."""

    corrections: tuple[Correction, ...]


async def answer(
    session: AsyncSession, guild_id: int, question: str, *, language: str = "fr"
) -> Found | NotFound:
    """Answer a question with what the recaps of a community say, word for word.

    Args:
        language: of the question, where its words leave it open.

    Raises:
        UserError: `ask.too_long`, or `ask.no_words` if all its words are stop words.
    """
    if len(question) > LONGEST:
        raise UserError("ask.too_long", length=len(question), most=LONGEST)
    asked = words.content(question, words.language_of(question, otherwise=language))
    if not asked:
        raise UserError("ask.no_words")
    result = await ranking.search(session, guild_id, asked, limit=MOST)
    if fit(result) < _ENOUGH:
        return NotFound(result.corrections)
    passages = await _passages(session, result.hits)
    return Found(_quotes(passages, result.terms), result.corrections)


def fit(result: ranking.Result) -> float:
    """What the best passage is worth for each unit of weight of the question's words."""
    if not result.hits:
        return 0.0
    return result.hits[0].score / sum(term.weight for term in result.terms)


async def _passages(session: AsyncSession, hits: Sequence[ranking.Hit]) -> list[Quote]:
    """The whole passage of each hit, as a quote."""
    rows = await session.execute(
        select(Passage, Section, Recap, Series.name)
        .join(Section, Section.id == Passage.section_id)
        .join(Recap, Recap.id == Section.recap_id)
        .join(Series, Series.id == Recap.series_id, isouter=True)
        .where(Passage.id.in_([hit.passage_id for hit in hits]))
    )
    found = {row[0].id: _whole(*row) for row in rows}
    return [found[hit.passage_id] for hit in hits]


def _whole(passage: Passage, section: Section, recap: Recap, series: str | None) -> Quote:
    return Quote(
        text=passage.text,
        recap_id=recap.id,
        title=recap.title,
        section=section.position,
        heading=section.heading,
        published=recap.published,
        link=recap.link,
        series=series,
        edition=recap.edition,
    )


def _quotes(passages: Sequence[Quote], terms: Sequence[Term]) -> tuple[Quote, ...]:
    """The sentences of these passages that hold the weightiest of the question's words."""

    def worth(sentence: str) -> float:
        forms = set(words.words(sentence))
        told = _ASKING if sentence.endswith("?") else 1.0
        return told * sum(
            term.weight
            for term in terms
            if any(
                words.stem(form, of) == stem for form in forms for of, stem in term.stems.items()
            )
        )

    chosen = excerpts([passage.text for passage in passages], worth)
    return tuple(replace(passages[it.passage], text=it.text) for it in chosen)
