import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot import deliveries, guilds
from bot.db import Database
from bot.errors import UserError
from bot.recaps import article, library, proposal
from bot.recaps.article import Article
from bot.recaps.imports import Report, import_files
from bot.recaps.library import LEAD, Page, Stored
from bot.tables import (
    Card,
    Delivery,
    Event,
    EventStatus,
    Figure,
    Guild,
    Recap,
    RecapStatus,
    Related,
    Series,
)
from bot.texts import load

SAMPLES = Path(__file__).with_name("samples")
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
HERE, ELSEWHERE = 1, 2
CHANNEL = 30
BODY = "Plus de 150 personnes sont venues."


@pytest.fixture
async def guild(database: Database) -> Guild:
    """A community that has chosen where its recaps are posted."""
    async with database.writing() as session:
        await guilds.remember(session, {HERE: "Les Tablées", ELSEWHERE: "Ailleurs"})
        guild = await guilds.settings(session, HERE)
        guild.recaps_channel = CHANNEL
    return guild


@pytest.fixture(scope="module")
def sample() -> Article:
    return article.read((SAMPLES / "retour-assises-5.txt").read_text())


async def keep(database: Database, recap: Article, guild_id: int = HERE, **more: Any) -> Stored:
    async with database.writing(guild_id) as session:
        return await library.publish(session, guild_id, recap, now=NOW, **more)


async def count(database: Database, table: type[Any]) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def read(database: Database, recap_id: int) -> list[Page]:
    async with database.reading() as session:
        return list(await library.pages(session, recap_id))


async def test_all_that_was_read_is_kept(database: Database, guild: Guild, sample: Article) -> None:
    stored = await keep(database, sample)
    assert stored.new
    async with database.reading() as session:
        view = await library.shown(session, stored.recap_id)
        figures = (await session.scalars(select(Figure).order_by(Figure.id))).all()
        related = (await session.scalars(select(Related).order_by(Related.id))).all()
    assert view is not None
    assert replace(view, lead=()) == replace(
        library.preview(sample), id=stored.recap_id, guild_id=HERE, lead=()
    )
    assert [(f.value, f.bound, f.what) for f in figures] == [
        (f.value, f.bound, f.what) for f in sample.figures
    ]
    assert [item.title for item in related] == [item.title for item in sample.related]
    paragraphs = [*sample.lead, *(p for part in sample.sections for p in part.paragraphs)]
    pages = await read(database, stored.recap_id)
    assert "\n\n".join(page.text for page in pages) == "\n\n".join(paragraphs)
    assert pages[0].section == LEAD
    assert guild.id == HERE


async def test_the_same_text_is_the_same_recap_in_one_guild(
    database: Database, guild: Guild, sample: Article
) -> None:
    first = await keep(database, sample)
    again = await keep(database, replace(sample, link="https://example.org/copie"))
    other = await keep(database, sample, ELSEWHERE)
    assert again == Stored(first.recap_id, new=False)
    assert other.new
    assert await count(database, Recap) == 2
    assert guild.id == HERE


async def test_a_corrected_recap_is_recognised_by_its_text(
    database: Database, guild: Guild, sample: Article
) -> None:
    corrected = replace(sample, title="Un autre titre")
    first = await keep(database, corrected, guild.id, source=sample)
    assert await keep(database, sample) == Stored(first.recap_id, new=False)


async def test_twenty_at_once_keep_and_post_one(
    database: Database, guild: Guild, sample: Article
) -> None:
    async def publish() -> bool:
        async with database.writing(HERE) as session:
            stored = await library.publish(session, HERE, sample, now=NOW)
            return await library.owe_post(session, guild, stored.recap_id, NOW)

    owed = await asyncio.gather(*(publish() for _ in range(20)))
    assert sum(owed) == 1
    assert [await count(database, table) for table in (Recap, Card, Delivery)] == [1, 1, 1]


async def test_a_post_is_not_owed_again_in_another_channel(
    database: Database, guild: Guild, sample: Article
) -> None:
    stored = await keep(database, sample)
    async with database.writing(HERE) as session:
        assert await library.owe_post(session, guild, stored.recap_id, NOW)
        guild.recaps_channel = CHANNEL + 1
        assert not await library.owe_post(session, guild, stored.recap_id, NOW)
    async with database.writing() as session:
        (delivery,) = await deliveries.claim(session, HERE, now=NOW)
    assert (delivery.kind, delivery.subject) == ("recap", f"recap:{stored.recap_id}")
    assert delivery.recipient == f"channel:{CHANNEL}"


async def test_a_recap_is_that_of_the_edition_announced_here(
    database: Database, guild: Guild, sample: Article
) -> None:
    await keep(database, replace(sample, series="Assises du Phare", edition=1))
    async with database.writing(guild.id) as session:
        (series,) = (await session.scalars(select(Series))).all()
        editions = [
            Event(
                guild_id=guild.id,
                series_id=series.id,
                edition=edition,
                title="Assises",
                starts_at=NOW,
                local_start="2026-01-05T13:00:00",
                zone="Europe/Paris",
                status=status,
                created_by=1,
                created_at=NOW,
                updated_at=NOW,
            )
            for edition, status in ((5, EventStatus.PAST), (6, EventStatus.CANCELLED))
        ]
        session.add_all(editions)
        await session.flush()
    for edition in (5, 6, 7):
        named = replace(sample, title=f"Retour {edition}", series="Assises du Phare")
        await keep(database, replace(named, edition=edition))
    async with database.reading() as session:
        query = select(Recap.event_id).order_by(Recap.edition)
        assert [*await session.scalars(query)] == [None, editions[0].id, None, None]


async def test_a_series_is_found_in_whatever_case_it_is_written(
    database: Database, guild: Guild, sample: Article
) -> None:
    await keep(database, replace(sample, series="Assises du Phare"))
    await keep(database, replace(sample, title="Retour", series="ASSISES DU PHARE", edition=6))
    async with database.reading() as session:
        (series,) = (await session.scalars(select(Series))).all()
    assert (series.guild_id, series.name) == (guild.id, "Assises du Phare")


async def test_what_is_withdrawn_or_gone_is_not_shown(
    database: Database, guild: Guild, sample: Article
) -> None:
    stored = await keep(database, sample, guild.id)
    async with database.writing(HERE) as session:
        recap = await session.get_one(Recap, stored.recap_id)
        recap.status = RecapStatus.WITHDRAWN
    async with database.reading() as session:
        assert await library.shown(session, stored.recap_id) is None
        assert await library.shown(session, stored.recap_id + 1) is None


async def test_a_heading_with_nothing_below_leads_to_the_next(
    database: Database, guild: Guild
) -> None:
    recap = article.read(f"# Retour\n\n## Les tables\n\n## Le son\n\n{BODY}\n\n## La fin\n\n## Fin")
    stored = await keep(database, recap, guild.id)
    pages = await read(database, stored.recap_id)
    assert [page.heading for page in pages] == ["Le son"]
    assert [library.first_page(pages, section) for section in range(5)] == [0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("pieces", "joined"),
    [
        (["Un.", "Deux."], "Un.\n\nDeux."),
        (["Un.\n", "\n\nDeux.", " "], "Un.\n\nDeux."),
        (["Ils ont parlé", "de la suite."], "Ils ont parlé de la suite."),
        (["Ils ont parlé,", "Zoé surtout."], "Ils ont parlé, Zoé surtout."),
        (["Ils ont parlé ", ", puis bu."], "Ils ont parlé , puis bu."),
        (["Le débat sur l’", "IA a duré."], "Le débat sur l’IA a duré."),
        (["La fin", "Un titre"], "La fin\n\nUn titre"),
        (["mot " * 999 + "repr", "endre."], "mot " * 999 + "reprendre."),
        (["mot " * 40 + "à", "Marseille."], "mot " * 40 + "à Marseille."),
        (["", "Un.", "", "Deux."], "Un.\n\nDeux."),
    ],
)
def test_pieces_are_joined_where_they_were_cut(pieces: list[str], joined: str) -> None:
    assert proposal.join(pieces) == joined


def test_cut_at_any_space_a_text_reads_the_same() -> None:
    text, _, _ = (SAMPLES / "retour-assises-5.txt").read_text().partition("A ne pas manquer")
    whole = article.read(text)
    spaces = [at for at in range(text.index("\n"), len(text) - 1) if text[at].isspace()]
    for at in spaces:
        cut = proposal.join([text[:at].strip(), text[at:].strip()])
        assert article.fingerprint(article.read(cut)) == article.fingerprint(whole), text[at:]


def fields(**corrections: str) -> Mapping[str, Any]:
    """A draft as the form of corrections leaves it."""
    plain = {"title": "Retour", "published": "", "link": "", "series": "", "edition": ""}
    return {"pieces": [f"Un titre\n\n{BODY}"], **plain, **corrections}


@pytest.mark.parametrize(
    ("corrections", "found"),
    [
        ({"title": " Retour\u202e  du large "}, {"title": "Retour du large"}),
        ({"published": "1er juillet 2021"}, {"published": date(2021, 7, 1)}),
        ({"link": "www.example.org/a"}, {"link": "https://www.example.org/a"}),
        ({"link": "http://example.org:8080/a?b=c"}, {"link": "http://example.org:8080/a?b=c"}),
        ({"series": "Tablées", "edition": "#12"}, {"series": "Tablées", "edition": 12}),
    ],
)
def test_corrections_are_read_as_people_write_them(
    corrections: dict[str, str], found: dict[str, object]
) -> None:
    recap = proposal.propose(fields(**corrections)).article
    assert {name: getattr(recap, name) for name in found} == found


@pytest.mark.parametrize(
    ("corrections", "key"),
    [
        ({"title": " "}, "recaps.missing_title"),
        ({"title": "t" * 251}, "recaps.long_title"),
        ({"published": "31 février 2025"}, "recaps.bad_date"),
        ({"published": "hier"}, "recaps.bad_date"),
        ({"series": "s" * 101}, "recaps.long_series"),
        ({"edition": "deux"}, "recaps.bad_edition"),
        ({"edition": "0"}, "recaps.bad_edition"),
        ({"edition": "²"}, "recaps.bad_edition"),
        ({"link": "javascript:alert(1)"}, "recaps.bad_link"),
        ({"link": "ftp://example.org"}, "recaps.bad_link"),
        ({"link": "https://localhost/"}, "recaps.bad_link"),
        ({"link": "https://[::1"}, "recaps.bad_link"),
        ({"link": "https://example.org:port/"}, "recaps.bad_link"),
        ({"link": "voir le site"}, "recaps.bad_link"),
        ({"link": "https://example.org/" + "a" * 500}, "recaps.bad_link"),
    ],
)
def test_bad_corrections_are_refused_in_words(corrections: dict[str, str], key: str) -> None:
    with pytest.raises(UserError) as refusal:
        proposal.propose(fields(**corrections))
    assert refusal.value.key == key
    for voice in load().values():
        assert voice(key, **refusal.value.values)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_form_of_corrections_opens_with_what_it_reads_back(
    sample: Article, language: str
) -> None:
    text = (SAMPLES / "retour-assises-5.txt").read_text()
    draft = {"pieces": [text], "link": "https://example.org/a"}
    answers = proposal.answers(draft, language)
    assert proposal.propose({**draft, **answers}).article == replace(
        sample, link="https://example.org/a"
    )


def folder(path: Path) -> Path:
    """Recaps and other things, as they lie in a folder."""
    (path / "2025").mkdir(parents=True)
    (path / "2025" / "b.md").write_text(f"# Le second\n\n{BODY}")
    (path / "a.txt").write_bytes(f"Le premier\n\n{BODY} Été.".encode("cp1252"))
    (path / "image.txt").write_bytes(b"\x89PNG\0\0")
    (path / "notes.docx").write_bytes(b"PK")
    (path / "phrase.md").write_text("Une phrase, sans titre.")
    return path


async def bring(database: Database, guild: Guild, *paths: Path, post: bool = False) -> Report:
    return await import_files(database, guild, paths, post=post, now=NOW)


async def test_a_folder_is_imported_once_and_posts_nothing(
    database: Database, guild: Guild, tmp_path: Path
) -> None:
    path = folder(tmp_path / "recaps")
    report = await bring(database, guild, path)
    assert [(item.title, item.sections) for item in report.new] == [
        ("Le second", 0),
        ("Le premier", 0),
    ]
    assert {item.path.name: item.why.key for item in report.skipped} == {
        "image.txt": "article.not_text",
        "phrase.md": "article.no_title",
    }
    again = await bring(database, guild, path)
    assert (again.new, again.known) == ([], report.new)
    assert await count(database, Delivery) == 0


async def test_a_file_is_skipped_with_the_reason(
    database: Database, guild: Guild, tmp_path: Path
) -> None:
    path = folder(tmp_path / "recaps")
    (path / "big.txt").write_bytes(b"a" * 1_000_001)
    named = [path / name for name in ("notes.docx", "big.txt", "absent.txt")]
    report = await bring(database, guild, *named, path / "a.txt")
    assert [item.why.key for item in report.skipped] == [
        "recaps.wrong_kind",
        "recaps.big_file",
        "recaps.no_file",
    ]
    assert len(report.new) == 1


async def test_what_was_imported_is_posted_when_asked_and_once(
    database: Database, guild: Guild, tmp_path: Path
) -> None:
    path = folder(tmp_path / "recaps")
    await bring(database, guild, path)
    await bring(database, guild, path, post=True)
    await bring(database, guild, path, post=True)
    assert await count(database, Delivery) == 2


async def test_posting_needs_a_channel(database: Database, guild: Guild, tmp_path: Path) -> None:
    guild.recaps_channel = None
    with pytest.raises(UserError, match="missing_recaps_channel"):
        await bring(database, guild, folder(tmp_path / "recaps"), post=True)
    assert await count(database, Recap) == 0
