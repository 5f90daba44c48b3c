"""Which passages a question finds, best first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, Table, case, distinct, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.search import words
from bot.search.index import IN_PASSAGE, IN_RECAP, PASSAGE, STEM, WORD
from bot.search.repair import Correction, corrected
from bot.search.scoring import K1, Archive, B, Candidate, Term, idf, rate

# How many passages are looked at closely.
_CANDIDATES = 100


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found; `score` has no unit, more is better."""

    passage_id: int
    score: float


@dataclass(frozen=True, slots=True)
class Result:
    """What was found, best first, and for which words."""

    hits: tuple[Hit, ...]
    terms: tuple[Term, ...]
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True)
class _Stem:
    """A stem of the index, and how many texts hold it."""

    id: int
    passages: int
    recaps: int


async def search(
    session: AsyncSession, guild_id: int, asked: Sequence[str], *, limit: int
) -> Result:
    """Find the passages of one community that fit a question's words best.

    Any of the words is enough: natural questions hold some that no answer does. Words that stand
    nowhere are read as the nearest that do.

    Args:
        asked: words as `words.content` gives them.
    """
    archive = await _archive(session, guild_id)
    if archive is None:
        return Result((), (), ())
    known = await _known(session, guild_id, asked, archive)
    corrections = await _corrections(session, guild_id, asked, archive, known)
    if corrections:
        asked = [meant for word in asked for meant in corrections.get(word, (word,))]
        known = await _known(session, guild_id, asked, archive)
    terms = await _terms(session, guild_id, asked, archive, known)
    scores = rate(await _candidates(session, archive, terms, known), terms, archive)
    best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return Result(
        tuple(Hit(*item) for item in best[:limit]),
        terms,
        tuple(Correction(*item) for item in corrections.items()),
    )


async def _archive(session: AsyncSession, guild_id: int) -> Archive | None:
    rows = (
        await session.execute(
            select(
                PASSAGE.c.language,
                func.count().label("passages"),
                func.sum(PASSAGE.c.length).label("length"),
                func.count(distinct(PASSAGE.c.recap_id)).label("recaps"),
            )
            .where(PASSAGE.c.guild_id == guild_id)
            .group_by(PASSAGE.c.language)
        )
    ).all()
    length = sum(row.length for row in rows)
    if not length:
        return None
    passages, recaps = sum(row.passages for row in rows), sum(row.recaps for row in rows)
    languages = tuple(sorted(row.language for row in rows))
    return Archive(languages, passages, length / passages, recaps, length / recaps)


def _stems(word: str, archive: Archive) -> dict[str, str]:
    return {language: words.stem(word, language) for language in archive.languages}


async def _known(
    session: AsyncSession, guild_id: int, asked: Sequence[str], archive: Archive
) -> dict[str, _Stem]:
    """Those stems of the asked words that the index has."""
    stems = {stem for word in asked for stem in _stems(word, archive).values()}
    rows = await session.execute(
        select(STEM.c.stem, STEM.c.id, STEM.c.passages, STEM.c.recaps).where(
            STEM.c.guild_id == guild_id, STEM.c.stem.in_(stems)
        )
    )
    return {stem: _Stem(*numbers) for stem, *numbers in rows}


async def _corrections(
    session: AsyncSession,
    guild_id: int,
    asked: Sequence[str],
    archive: Archive,
    known: Mapping[str, _Stem],
) -> dict[str, tuple[str, ...]]:
    """What the words that stand nowhere were meant to be, where that can be told."""
    unknown = [
        word
        for word in dict.fromkeys(asked)
        if known.keys().isdisjoint(_stems(word, archive).values())
    ]
    return {word: meant for word in unknown if (meant := await corrected(session, guild_id, word))}


async def _terms(
    session: AsyncSession,
    guild_id: int,
    asked: Sequence[str],
    archive: Archive,
    known: Mapping[str, _Stem],
) -> tuple[Term, ...]:
    """Weigh each word of a question; two of one stem are one."""
    rows = await session.execute(
        select(WORD.c.word, WORD.c.passages).where(
            WORD.c.guild_id == guild_id, WORD.c.word.in_(set(asked))
        )
    )
    forms = {row.word: row.passages for row in rows}
    terms: dict[frozenset[str], Term] = {}
    for word in asked:
        stems = _stems(word, archive)
        held = [known[stem] for stem in set(stems.values()) if stem in known]
        term = Term(
            word,
            stems,
            weight=idf(archive.passages, max((stem.passages for stem in held), default=0)),
            form_weight=idf(archive.passages, forms.get(word, 0)),
            recap_weight=idf(archive.recaps, max((stem.recaps for stem in held), default=0)),
        )
        terms.setdefault(frozenset(stems.values()), term)
    return tuple(terms.values())


async def _candidates(
    session: AsyncSession, archive: Archive, terms: Sequence[Term], known: Mapping[str, _Stem]
) -> list[Candidate]:
    """The passages whose stems alone are worth most."""
    held = {known[stem].id: term for term in terms for stem in term.stems.values() if stem in known}
    if not held:
        return []
    weights = {at: term.weight for at, term in held.items()}
    by_stems = _bm25(IN_PASSAGE, weights, archive.length).subquery()
    rows = (
        await session.execute(
            select(PASSAGE, by_stems.c.score)
            .join(by_stems, by_stems.c.subject_id == PASSAGE.c.passage_id)
            .order_by(by_stems.c.score.desc(), PASSAGE.c.passage_id)
            .limit(_CANDIDATES)
        )
    ).all()
    recap_weights = {at: term.recap_weight for at, term in held.items()}
    by_recap = _bm25(IN_RECAP, recap_weights, archive.recap_length).where(
        IN_RECAP.c.subject_id.in_({row.recap_id for row in rows})
    )
    recap_scores = {row.subject_id: row.score for row in await session.execute(by_recap)}
    return [_candidate(row, recap_scores[row.recap_id]) for row in rows]


def _candidate(row: Row[Any], recap_score: float) -> Candidate:
    return Candidate(
        row.passage_id,
        row.language,
        row.length,
        row.title,
        row.heading,
        row.stems,
        row.words,
        row.score,
        recap_score,
    )


def _bm25(postings: Table, weights: Mapping[int, float], average: float) -> Select[Any, Any]:
    """`scoring.bm25` added up by text, where the postings are: stem ids to what each is worth."""
    count, length = postings.c.count, postings.c.length
    weight = case(dict(weights), value=postings.c.stem_id)
    worth = weight * count * (K1 + 1) / (count + K1 * (1 - B) + length * (K1 * B / average))
    return (
        select(postings.c.subject_id, func.sum(worth).label("score"))
        .where(postings.c.stem_id.in_(weights))
        .group_by(postings.c.subject_id)
    )
