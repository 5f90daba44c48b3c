"""An archive to ask: two small recaps, the sample's, and what is asked of them."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import select

import bot
from bot.db import Database
from bot.recaps import library
from bot.recaps.article import read
from bot.search import ranking, words
from bot.search.answer import Found, NotFound, Quote, answer
from bot.search.index import IN_PASSAGE, IN_RECAP, PASSAGE, STEM, WORD
from bot.tables import Guild
from tests.conftest import START

SAMPLE = Path(bot.__file__).with_name("sample")
ARTICLE = "retour-rencontres-arts-2.txt"
QUESTIONS = Path(__file__).with_name("samples") / "questions.jsonl"
HERE, ELSEWHERE = 1, 2

FIGS = """Publié le 3 mars 2024 - Par Ana

# Retour sur les Goûters du Canal #4 : figues et micros

Douze personnes ont mangé des figues. M. Dupont a offert la confiture n° 3.

## Prise de son : le vent dans les roseaux

Le preneur de son « écoute d’abord », puis il enregistre… Il a coûté 10,5 € de bonnette à
l’A.R.T.S. cette année.

La post‑production locale attend toujours son étalonneuse.

## Œuvres : ce que dit la fanfare

La fanfare joue une œuvre générée. Le ciné-club la diffuse.
"""
ENGLISH = """# Looking back at the Canal Breakfasts #2: grants and reeds

Twelve people have met in the old mill, and they were glad to be there.

## Funding: what was said of the grants

The grants were doubled by the council. Applications are to be sent in before the summer.
"""


async def publish(database: Database, *texts: str, guild: int = HERE) -> list[int]:
    """Keep these recaps in a community; give their numbers."""
    async with database.writing(guild) as session:
        if await session.get(Guild, guild) is None:
            session.add(Guild(id=guild, name=f"guild {guild}", zone="Europe/Paris"))
        return [
            (await library.publish(session, guild, read(text), now=START)).recap_id
            for text in texts
        ]


async def ask(database: Database, question: str, *, guild: int = HERE) -> Found | NotFound:
    async with database.reading() as session:
        return await answer(session, guild, question)


async def quoted(database: Database, question: str, *, guild: int = HERE) -> tuple[Quote, ...]:
    found = await ask(database, question, guild=guild)
    return found.quotes if isinstance(found, Found) else ()


async def scores(database: Database, question: str, *, guild: int = HERE) -> list[float]:
    async with database.reading() as session:
        found = await ranking.search(session, guild, words.content(question, "fr"), limit=50)
    return [hit.score for hit in found.hits]


async def indexed(database: Database) -> dict[str, Any]:
    """All that the index holds, stems by name rather than by number."""
    async with database.reading() as session:
        stems = (await session.execute(select(STEM))).all()
        names = {row.id: row.stem for row in stems}
        return {
            "stems": {tuple(row)[1:] for row in stems},
            "words": {tuple(row) for row in await session.execute(select(WORD))},
            "passages": {tuple(row) for row in await session.execute(select(PASSAGE))},
            "in passages": {
                (names[row.stem_id], *tuple(row)[1:])
                for row in await session.execute(select(IN_PASSAGE))
            },
            "in recaps": {
                (names[row.stem_id], *tuple(row)[1:])
                for row in await session.execute(select(IN_RECAP))
            },
        }


def sample() -> list[str]:
    """The recaps of the sample community."""
    return [path.read_text("utf-8") for path in sorted((SAMPLE / "recaps").glob("*.md"))]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def in_one_of(quote: Quote, sections: Iterable[str]) -> bool:
    """Whether a quote stands in a section whose heading begins so; "(lead)" is the lead."""
    return any((quote.heading or "(lead)").startswith(section) for section in sections)
