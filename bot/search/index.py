"""The search index: tables of our own, alike on SQLite and PostgreSQL, so both find the same.

A full-text engine counts words over everything it holds; here each community's words are counted
apart, so no other community's recaps can shift a score, and a deletion leaves nothing behind.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    delete,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bot.search import words
from bot.tables import Passage, Recap, RecapStatus, Section, State

VERSION = 1
"""Rises when `words` reads a text differently: an index of another version is to be rebuilt."""

# Their keys and constraints stand in the migration; these are for writing queries.
_METADATA = MetaData()
STEM = Table(
    "search_stem",
    _METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("guild_id", BigInteger),
    Column("stem", Text),
    Column("passages", Integer),
    Column("recaps", Integer),
)
WORD = Table(
    "search_word",
    _METADATA,
    Column("guild_id", BigInteger),
    Column("word", Text),
    Column("passages", Integer),
)
PASSAGE = Table(
    "search_passage",
    _METADATA,
    Column("passage_id", BigInteger),
    Column("guild_id", BigInteger),
    Column("recap_id", BigInteger),
    Column("language", Text),
    Column("length", Integer),
    Column("title", Text),
    Column("heading", Text),
    Column("stems", Text),
    Column("words", Text),
)
IN_PASSAGE = Table(
    "search_in_passage",
    _METADATA,
    Column("stem_id", BigInteger),
    Column("subject_id", BigInteger),
    Column("count", Integer),
    Column("length", Integer),
)
IN_RECAP = Table(
    "search_in_recap", _METADATA, *(Column(it.name, it.type) for it in IN_PASSAGE.columns)
)

_COUNT_STEMS = text(
    "INSERT INTO search_stem (guild_id, stem, passages, recaps)"
    " VALUES (:guild_id, :stem, :passages, 1) ON CONFLICT (guild_id, stem) DO UPDATE"
    " SET passages = search_stem.passages + excluded.passages, recaps = search_stem.recaps + 1"
)
_COUNT_WORDS = text(
    "INSERT INTO search_word (guild_id, word, passages) VALUES (:guild_id, :word, :passages)"
    " ON CONFLICT (guild_id, word) DO UPDATE"
    " SET passages = search_word.passages + excluded.passages"
)


@dataclass(frozen=True, slots=True)
class _Text:
    """A passage as it is indexed, its title and heading included."""

    id: int
    title: list[str]
    heading: list[str]
    words: list[str]
    stems: list[str]


def is_index_table(name: str) -> bool:
    """Whether a table belongs to the search index."""
    return name.startswith("search_")


async def add(session: AsyncSession, recap_id: int) -> None:
    """Index a recap as it now stands, in place of what was indexed of it.

    A recap that is withdrawn, or is not there, is only taken out.
    """
    await remove(session, recap_id)
    recap = await session.get(Recap, recap_id)
    if recap is None or recap.status is not RecapStatus.PUBLISHED:
        return
    rows = await session.execute(
        select(Passage.id, Section.heading, Passage.text)
        .join(Section, Section.id == Passage.section_id)
        .where(Section.recap_id == recap_id)
        .order_by(Section.position, Passage.position)
    )
    texts = [_read(recap, *row) for row in rows]
    if not texts:
        return
    await session.execute(PASSAGE.insert(), [_row(recap, text) for text in texts])
    await _count(session, recap.guild_id, texts)
    await _post(session, recap, texts)


async def remove(session: AsyncSession, recap_id: int) -> None:
    """Take a recap out of the index, and every word that stood nowhere else.

    To be called before its passages are deleted or replaced: a commit that deletes indexed
    passages is refused.
    """
    indexed = (await session.execute(select(PASSAGE).where(PASSAGE.c.recap_id == recap_id))).all()
    if not indexed:
        return
    guild_id = indexed[0].guild_id
    stems, forms = _spread(row.stems for row in indexed), _spread(row.words for row in indexed)
    ids = await _stem_ids(session, guild_id, stems)
    for postings, subjects in (
        (IN_PASSAGE, [row.passage_id for row in indexed]),
        (IN_RECAP, [recap_id]),
    ):
        await session.execute(
            delete(postings).where(
                postings.c.stem_id.in_(ids.values()), postings.c.subject_id.in_(subjects)
            )
        )
    await session.execute(delete(PASSAGE).where(PASSAGE.c.recap_id == recap_id))
    await _uncount(session, guild_id, stems, forms)


async def rebuild(session: AsyncSession) -> None:
    """Index every published recap of every community anew."""
    for table in (IN_PASSAGE, IN_RECAP, PASSAGE, STEM, WORD):
        await session.execute(delete(table))
    for recap_id in (await session.scalars(select(Recap.id).order_by(Recap.id))).all():
        await add(session, recap_id)


async def refresh(session: AsyncSession) -> bool:
    """Build the index anew if this version of the program would index otherwise.

    Returns:
        Whether it had to.
    """
    built = await session.get(State, "index")
    if built is not None and built.value == str(VERSION):
        return False
    await rebuild(session)
    await session.merge(State(key="index", value=str(VERSION)))
    return True


def _read(recap: Recap, passage_id: int, heading: str | None, text: str) -> _Text:
    own = words.content(text, recap.language)
    above = words.content(heading or "", recap.language)
    title = words.content(recap.title, recap.language)
    everything = [*title, *above, *own]
    return _Text(
        passage_id,
        words.stems(title, recap.language),
        words.stems(above, recap.language),
        everything,
        words.stems(everything, recap.language),
    )


def _row(recap: Recap, text: _Text) -> dict[str, object]:
    return {
        "passage_id": text.id,
        "guild_id": recap.guild_id,
        "recap_id": recap.id,
        "language": recap.language,
        "length": len(text.words),
        "title": _spaced(text.title),
        "heading": _spaced(text.heading),
        "stems": _spaced(text.stems),
        "words": _spaced(text.words),
    }


def _spaced(these: list[str]) -> str:
    """These words with a space on either side of each, so that whole words can be looked for."""
    return f" {' '.join(these)} "


def _spread(texts: Iterable[str]) -> Counter[str]:
    """In how many of these texts each of their words stands."""
    return Counter(word for text in texts for word in set(text.split()))


async def _count(session: AsyncSession, guild_id: int, texts: list[_Text]) -> None:
    """Count one more recap, and these more passages, for each stem and word in them."""
    stems = _spread(" ".join(text.stems) for text in texts)
    forms = _spread(" ".join(text.words) for text in texts)
    if stems:
        await session.execute(
            _COUNT_STEMS,
            [{"guild_id": guild_id, "stem": s, "passages": n} for s, n in stems.items()],
        )
        await session.execute(
            _COUNT_WORDS,
            [{"guild_id": guild_id, "word": w, "passages": n} for w, n in forms.items()],
        )


async def _uncount(
    session: AsyncSession, guild_id: int, stems: Counter[str], forms: Counter[str]
) -> None:
    """Undo `_count`; what stands nowhere any more is gone."""
    if not stems:
        return
    await session.execute(
        update(STEM)
        .where(STEM.c.guild_id == guild_id, STEM.c.stem == bindparam("of"))
        .values(passages=STEM.c.passages - bindparam("fewer"), recaps=STEM.c.recaps - 1),
        [{"of": stem, "fewer": n} for stem, n in stems.items()],
    )
    await session.execute(
        update(WORD)
        .where(WORD.c.guild_id == guild_id, WORD.c.word == bindparam("of"))
        .values(passages=WORD.c.passages - bindparam("fewer")),
        [{"of": word, "fewer": n} for word, n in forms.items()],
    )
    for table in (STEM, WORD):
        await session.execute(
            delete(table).where(table.c.guild_id == guild_id, table.c.passages <= 0)
        )


async def _post(session: AsyncSession, recap: Recap, texts: list[_Text]) -> None:
    """Write which stems stand how often in which passage, and in the recap as a whole."""
    whole = [stem for text in texts for stem in text.stems]
    ids = await _stem_ids(session, recap.guild_id, set(whole))
    passages = [row for text in texts for row in _postings(ids, text.id, text.stems)]
    if passages:
        await session.execute(IN_PASSAGE.insert(), passages)
        await session.execute(IN_RECAP.insert(), _postings(ids, recap.id, whole))


def _postings(ids: dict[str, int], subject_id: int, stems: list[str]) -> list[dict[str, int]]:
    return [
        {"stem_id": ids[stem], "subject_id": subject_id, "count": n, "length": len(stems)}
        for stem, n in Counter(stems).items()
    ]


async def _stem_ids(session: AsyncSession, guild_id: int, stems: Iterable[str]) -> dict[str, int]:
    rows = await session.execute(
        select(STEM.c.stem, STEM.c.id).where(STEM.c.guild_id == guild_id, STEM.c.stem.in_(stems))
    )
    return {row.stem: row.id for row in rows}
