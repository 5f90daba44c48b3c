from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.db import Database
from bot.errors import UserError
from bot.search.answer import LONGEST, Found, NotFound
from bot.search.quotes import MOST, ROOM, excerpts
from bot.search.repair import Correction, closest, split
from bot.tables import Passage
from tests.archive import (
    ARTICLE,
    FIGS,
    QUESTIONS,
    ask,
    in_one_of,
    lines,
    publish,
    quoted,
    sample,
)


async def test_a_quote_says_where_it_stands(database: Database) -> None:
    [recap_id] = await publish(database, FIGS)
    [quote, *_] = await quoted(database, "Que fait le preneur de son ?")
    assert quote.text.startswith("Le preneur de son « écoute d’abord », puis il enregistre…")
    assert quote.recap_id == recap_id
    assert quote.title == "Retour sur les Goûters du Canal #4 : figues et micros"
    assert (quote.section, quote.heading) == (1, "Prise de son : le vent dans les roseaux")
    assert quote.published is not None
    assert quote.published.isoformat() == "2024-03-03"
    assert quote.series is not None
    assert quote.edition == 4
    [lead, *_] = await quoted(database, "figues")
    assert (lead.section, lead.heading) == (0, None)


@pytest.mark.parametrize(
    ("question", "start"),
    [
        ("post production locale", "La post‑production locale"),
        ("OEUVRE GENEREE", "La fanfare joue une œuvre générée."),
        ("l’ARTS", "Le preneur de son"),
        ("fanfares", "La fanfare joue"),
        ("combien de figues ?", "Douze personnes"),
    ],
)
async def test_words_are_found_however_they_are_typed(
    database: Database, question: str, start: str
) -> None:
    await publish(database, FIGS)
    assert (await quoted(database, question))[0].text.startswith(start)


@pytest.mark.parametrize(
    ("question", "corrections"),
    [
        ("fanfarre", [Correction("fanfarre", ("fanfare",))]),
        ("etalonnuese locale", [Correction("etalonnuese", ("etalonneuse",))]),
        ("cinéclub", [Correction("cineclub", ("cine", "club"))]),
        ("fanfare", []),
        ("figuss", [Correction("figuss", ("figues",))]),
    ],
)
async def test_unknown_words_are_read_as_known_ones(
    database: Database, question: str, corrections: list[Correction]
) -> None:
    await publish(database, FIGS)
    found = await ask(database, question)
    assert isinstance(found, Found)
    assert list(found.corrections) == corrections


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("finaceurs", "financeurs"),
        ("fniancer", "financer"),
        ("minancer", "financer"),
        ("minaceurs", None),
        ("fine", "fini"),
        ("fanu", None),
    ],
)
def test_a_slip_is_mended(written: str, meant: str | None) -> None:
    known = {"financeurs": 2, "financer": 1, "fini": 5, "dine": 9}
    assert closest(written, known) == meant


def test_of_two_as_near_the_more_frequent_is_meant() -> None:
    assert closest("tabe", {"tape": 1, "table": 4, "taxe": 2}) == "table"


def test_two_words_written_as_one_are_parted() -> None:
    assert split("cineclub", {"cine": 2, "club": 3, "cinec": 1}) == ("cine", "club")
    assert split("cineclub", {"cine": 2}) is None


async def test_what_is_not_there_is_not_found(database: Database) -> None:
    await publish(database, FIGS)
    for question in ("théâtre Mogador", "recette de bouillabaisse", "tarif du stationnement"):
        assert isinstance(await ask(database, question), NotFound)


async def test_an_empty_archive_answers_nothing(database: Database) -> None:
    assert await ask(database, "figues") == NotFound(())


@pytest.mark.parametrize("question", ["le", "Qui ?", "", "  \n", "…", "\x00", "😀", '"*" ()', "l’"])
async def test_a_question_without_words_is_told_so(database: Database, question: str) -> None:
    await publish(database, FIGS)
    with pytest.raises(UserError, match=r"ask\.no_words"):
        await ask(database, question)


async def test_a_question_too_long_is_told_so(database: Database) -> None:
    with pytest.raises(UserError, match=r"ask\.too_long"):
        await ask(database, "figues " * 300)


@pytest.mark.parametrize(
    "question",
    [
        "figues\x00",
        '"figues" AND NOT (vent OR *) NEAR/2 ^a:b -c + {d}',
        "figues' ; DROP TABLE search_stem ; --",
        "figues & vent | !roseaux <-> :* \\",
        "figues 😀👩‍🎤 \u202e\ud7ff",
        "%_figues%",
        ("figues vent " * 100)[:LONGEST],
        " ".join(f"mot{number}" for number in range(60)) + " figues",
        "x" * LONGEST,
    ],
)
async def test_no_question_is_an_error_of_the_engine(database: Database, question: str) -> None:
    await publish(database, FIGS)
    assert isinstance(await ask(database, question), Found | NotFound)


async def test_quotes_are_verbatim_and_short(database: Database) -> None:
    await publish(database, *sample())
    async with database.reading() as session:
        texts = (await session.scalars(select(Passage.text))).all()
    for line in lines(QUESTIONS):
        quotes = await quoted(database, line["question"])
        assert len(quotes) <= MOST
        assert sum(len(quote.text) for quote in quotes) <= ROOM
        for quote in quotes:
            assert any(quote.text in text for text in texts)


def test_a_sentence_without_end_is_cut_between_words() -> None:
    endless = "figue " * 400
    [only] = excerpts([endless], lambda _: 1.0)
    assert endless.startswith(only.text)
    assert ROOM - 6 < len(only.text) <= ROOM
    assert only.text.endswith("figue")


def test_quotes_never_overlap() -> None:
    text = " ".join(f"Phrase numéro {number} du compte rendu." for number in range(40))
    found = excerpts([text], len)
    places = sorted((text.index(it.text), text.index(it.text) + len(it.text)) for it in found)
    assert len(places) == MOST
    assert all(end <= start for (_, end), (start, _) in pairwise(places))


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside the sample"])
async def test_questions_about_a_real_recap_are_answered_from_the_right_section(
    database: Database, shared: Path, *, beside: bool
) -> None:
    [real, *_] = await publish(
        database, (shared / ARTICLE).read_text("utf-8"), *(sample() if beside else ())
    )
    for line in lines(shared / "questions-fr.jsonl"):
        quotes = await quoted(database, line["question"])
        if line["sections"] is None:
            assert not quotes, line
        else:
            assert in_one_of(quotes[0], line["sections"]), line
            assert quotes[0].recap_id == real, line


async def test_the_sample_community_is_answered_well(database: Database) -> None:
    """Measured: 58 of 60 from the right section, 12 of 12 refused."""
    await publish(database, *sample())
    right, refused = 0, 0
    for line in lines(QUESTIONS):
        quotes = await quoted(database, line["question"])
        if line["section"] is None:
            refused += not quotes
        else:
            right += bool(quotes) and in_one_of(quotes[0], [line["section"]])
    assert right >= 55
    assert refused >= 10
