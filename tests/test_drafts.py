from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from bot import drafts, moments
from bot.db import Database
from bot.errors import UserError
from bot.events import drafting, proposal
from bot.events.programme import Programme, preview
from bot.events.proposal import Fields
from bot.tables import Draft, Guild
from tests.conftest import START
from tests.organising import WHEN

PARIS = ZoneInfo("Europe/Paris")
WRITTEN: dict[str, Any] = {"title": "Café", "when": WHEN}
TABLES: Fields = drafting.numbered(
    WRITTEN | {"parts": [{"title": "IA"}, {"title": "Son"}, {"title": "Image"}]}
)


def propose(**fields: Any) -> proposal.Proposal:
    return proposal.propose(WRITTEN | fields, now=START, zone=PARIS)


def problems(**fields: Any) -> list[tuple[str, str, int | None]]:
    """The field, the sentence and the table of all that is to be changed."""
    reading = proposal.check(WRITTEN | fields, now=START, zone=PARIS)
    assert (reading.proposal is None) == bool(reading.problems)
    return [(it.field, it.error.key, it.part) for it in reading.problems]


def titles(fields: Fields) -> list[str]:
    return [one["title"] for one in drafting.tables(fields)]


# What organisers write.


@pytest.mark.parametrize("capacity", ["0", "-1", "10001", "beaucoup", "1e3", "12,5", "²", "9" * 10])
def test_a_capacity_that_is_no_number_of_seats_is_refused(capacity: str) -> None:
    with pytest.raises(UserError, match=r"events\.bad_capacity"):
        propose(capacity=capacity)


@pytest.mark.parametrize(
    ("capacity", "seats"), [("", None), (" ", None), ("1", 1), (" 12 ", 12), ("10000", 10_000)]
)
def test_a_capacity_is_a_number_or_none(capacity: str, seats: int | None) -> None:
    assert propose(capacity=capacity).parts[0].capacity == seats


@pytest.mark.parametrize(
    ("field", "written", "key"),
    [
        ("guests", "6", "parts.bad_guests"),
        ("guests", "-1", "parts.bad_guests"),
        ("guests", "deux", "parts.bad_guests"),
        ("deadline", "90 jours", "parts.early_deadline"),
        ("deadline", "bientôt", "moments.unreadable_span"),
        ("deadline", "3 semaines", "drafting.closed_already"),
        ("when", "", "drafting.no_date"),
        ("when", "\u202e\u0000 ", "drafting.no_date"),
        ("title", "x" * 4000, "events.long_title"),
        ("contact", "x" * 201, "events.long_contact"),
        ("description", "x" * 1501, "events.long_description"),
    ],
)
def test_what_cannot_be_is_refused_under_its_field(field: str, written: str, key: str) -> None:
    assert problems(**{field: written}) == [(field, key, None)]


@pytest.mark.parametrize(
    ("field", "written", "key"),
    [
        ("title", " ", "parts.no_title"),
        ("about", "x" * 301, "events.long_about"),
        ("when", "15h-14h", "moments.end_before_start"),
        ("when", "à l’aube", "moments.unreadable"),
        ("capacity", "0", "events.bad_capacity"),
        ("guests", "6", "parts.bad_guests"),
        ("deadline", "90 jours", "parts.early_deadline"),
    ],
)
def test_what_cannot_be_in_a_table_is_refused_under_its_field(
    field: str, written: str, key: str
) -> None:
    faulty = {"title": "Son"} | {field: written}
    assert problems(parts=[{"title": "IA"}, faulty]) == [(field, key, 1)]


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = problems(
        title="", when="un jour", capacity="0", parts=[{"title": ""}, {"title": "a", "guests": "9"}]
    )
    assert found == [
        ("title", "events.no_title", None),
        ("when", "moments.unreadable", None),
        ("title", "parts.no_title", 0),
        ("guests", "parts.bad_guests", 1),
    ]


def test_eleven_tables_are_one_too_many() -> None:
    assert problems(parts=[{"title": f"Table {n}"} for n in range(10)]) == []
    eleven = [{"title": f"Table {n}"} for n in range(11)]
    assert problems(parts=eleven) == [("parts", "parts.too_many", None)]


def test_a_day_without_an_hour_proposes_the_usual_one() -> None:
    assert problems(when="jeudi 15 janvier") == [("when", "events.no_time", None)]
    proposed = problems(when="jeudi 15 janvier", usual_time="14h-18h")
    assert proposed == [("when", "drafting.usual_time", None)]


# Tables of a draft.


def test_the_first_table_takes_over_the_terms_and_the_answers_of_the_event() -> None:
    fields = WRITTEN | {"capacity": "30", "guests": "2", "id": 7}
    assert drafting.blank(fields) == {"capacity": "30", "guests": "2"}
    added = drafting.with_table(fields, 0, {"title": "IA", "capacity": "12"})
    assert drafting.tables(added) == [
        {"title": "IA", "capacity": "12", "guests": "2", "key": 1, "id": 7}
    ]
    assert "id" not in added
    second = drafting.with_table(added, 0, {"title": "Son"})
    assert "id" not in drafting.tables(second)[1]
    back = drafting.without_table(added, 1)
    assert back["id"] == 7
    assert drafting.tables(back) == []


def test_tables_are_changed_moved_and_taken_out_by_keys_of_their_own() -> None:
    assert titles(drafting.moved(TABLES, 3, -1)) == ["IA", "Image", "Son"]
    assert titles(drafting.moved(TABLES, 1, -1)) == ["IA", "Son", "Image"]
    assert titles(drafting.moved(TABLES, 3, 1)) == ["IA", "Son", "Image"]
    without = drafting.without_table(TABLES, 1)
    assert titles(without) == ["Son", "Image"]
    changed = drafting.with_table(without, 3, {"title": "Montage"})
    assert titles(changed) == ["Son", "Montage"]
    with pytest.raises(UserError, match=r"drafting\.table_gone"):
        drafting.without_table(without, 1)
    again = drafting.with_table(without, 0, {"title": "Encore"})
    assert [one["key"] for one in drafting.tables(again)] == [2, 3, 4]


def test_terms_are_shown_where_the_tables_agree_and_written_where_they_are_chosen() -> None:
    fields = drafting.with_terms(TABLES, [1, 2], {"guests": "2", "deadline": "24 h"})
    assert [one.get("guests") for one in drafting.tables(fields)] == ["2", "2", None]
    assert "guests" not in drafting.terms(fields, [1, 2, 3])
    assert "guests" not in fields, "a table to come is no chosen one"
    everywhere = drafting.with_terms(fields, [1, 2, 3], {"guests": "1"})
    assert drafting.terms(everywhere, [1, 2, 3])["guests"] == "1"
    assert drafting.blank(everywhere) == {"guests": "1"}


# Events as they would have been written.

instants = st.integers(min_value=1, max_value=700 * 24 * 60).map(
    lambda minutes: START + timedelta(minutes=minutes)
)
lengths = st.none() | st.integers(min_value=1, max_value=40 * 60).map(
    lambda minutes: timedelta(minutes=minutes)
)


@given(start=instants, length=lengths, locale=st.sampled_from(["fr", "en"]))
def test_a_moment_in_words_always_reads_back(
    start: datetime, length: timedelta | None, locale: str
) -> None:
    end = start + length if length else None
    written = drafting.in_words(start, end, zone=PARIS, locale=locale)
    twice = [it for it in (start, end) if it and _is_ambiguous(it)]
    if end is not None and twice:
        return  # no way of writing that has been found says both, on one night a year
    read = moments.parse(written, now=START, zone=PARIS)
    assert (read.start, read.end) == (start, end), written


def _is_ambiguous(moment: datetime) -> bool:
    local = moment.astimezone(PARIS)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


EVENT: dict[str, Any] = WRITTEN | {
    "when": "jeudi 15 janvier de 14h à 20h",
    "place": "Arles",
    "contact": "camille@exemple.org",
    "description": "Trois tables.\n\nPuis un verre.",
    "colour": 0x3498DB,
    "channel": 5,
    "edition": 9,
}
ROUND: dict[str, Any] = {
    "title": "IA",
    "about": "Avec Nadia",
    "when": "14h-15h30",
    "place": "Salle 2",
    "capacity": "12",
    "guests": "2",
    "deadline": "1 jour",
    "approval": True,
    "roles": [1, 2],
}


@pytest.mark.parametrize("locale", ["fr", "en"])
@pytest.mark.parametrize(
    "given_fields",
    [
        EVENT,
        EVENT | {"capacity": "30", "guests": "1", "deadline": "36 h"},
        EVENT | {"parts": [ROUND]},
        EVENT | {"parts": [ROUND, {"title": "Soirée", "when": "le lendemain de 23h à 2h"}]},
        EVENT | {"parts": [{"title": "Sans heure"}, {"title": "Une heure", "when": "16h"}]},
    ],
)
def test_an_event_is_written_as_it_reads_back(given_fields: Fields, locale: str) -> None:
    announced = preview(proposal.propose(given_fields, now=START, zone=PARIS))
    fields = drafting.of_event(announced, zone=PARIS, locale=locale)
    again = preview(proposal.propose(fields, now=START, zone=PARIS))
    assert again == announced
    assert drafting.fingerprint(again) == drafting.fingerprint(announced)
    late = datetime(2026, 1, 15, 15, tzinfo=UTC)
    running = preview(proposal.propose(fields, now=late, zone=PARIS))
    assert running == announced, "one that has begun can still be corrected"


def test_another_event_has_another_fingerprint() -> None:
    def fingerprint(**fields: Any) -> str:
        return drafting.fingerprint(preview(propose(**fields)))

    assert fingerprint() == fingerprint()
    assert len({fingerprint(), fingerprint(capacity="1"), fingerprint(place="Arles")}) == 3


def duplicated(**fields: Any) -> Mapping[str, Any]:
    event: Programme = preview(propose(**fields))
    return drafting.again(event, now=START, zone=PARIS, locale="fr")


def test_the_next_edition_has_all_but_the_date() -> None:
    fields = duplicated(**EVENT, parts=[ROUND])
    assert not {"when", "event", "seen", "starts", "id", "publish"} & fields.keys()
    assert fields["edition"] == 10
    assert (fields["place"], fields["contact"]) == ("Arles", "camille@exemple.org")
    assert fields["example"] == "jeudi 8 janvier 2026, 14:00"
    (table,) = drafting.tables(fields)
    assert (table["title"], table["capacity"], table["when"]) == ("IA", "12", "14:00-15:30")
    assert "id" not in table


@pytest.mark.parametrize(
    ("title", "edition", "next_title"),
    [
        ("Tablées #9 : le son", 9, "Tablées #10 : le son"),
        ("Tablées n° 9", 9, "Tablées n° 10"),
        ("Tablées #9", None, "Tablées #10"),
        ("Tablées 9 #99", 9, "Tablées 9 #100"),
    ],
)
def test_the_number_in_a_title_rises_with_the_edition(
    title: str, edition: int | None, next_title: str
) -> None:
    assert duplicated(title=title, edition=edition)["title"] == next_title


# Drafts as they are kept.


async def begin(database: Database, user_id: int = 1, now: datetime = START) -> Draft:
    async with database.writing() as session:
        await session.merge(Guild(id=1, name="Les Tablées", zone="Europe/Paris"))
        await session.flush()
        return await drafts.keep(session, "event", WRITTEN, guild_id=1, user_id=user_id, now=now)


async def test_drafts_are_listed_newest_first_for_one_or_for_all(database: Database) -> None:
    older = await begin(database, now=START - timedelta(days=1))
    newer = await begin(database)
    another = await begin(database, user_id=2, now=START - timedelta(days=2))
    async with database.reading() as session:
        found = await drafts.begun(session, "event", guild_id=1)
        assert [draft.id for draft in found] == [newer.id, older.id, another.id]
        mine = await drafts.begun(session, "event", guild_id=1, user_id=2)
        assert [draft.id for draft in mine] == [another.id]
        assert await drafts.begun(session, "event", guild_id=3) == []


async def test_drafts_are_forgotten_ninety_days_after_their_last_change(
    database: Database,
) -> None:
    touched, untouched, planned = [await begin(database) for _ in range(3)]
    later = START + timedelta(days=80)
    async with database.writing() as session:
        await drafts.change(
            session, touched.id, lambda fields: {**fields, "place": "Arles"}, guild_id=1, now=later
        )
        await session.execute(
            update(Draft)
            .where(Draft.id == planned.id)
            .values(publish_at=START + timedelta(days=120))
        )
    async with database.writing() as session:
        await drafts.forget_old(session, START + timedelta(days=91))
    async with database.reading() as session:
        left = await drafts.begun(session, "event", guild_id=1)
    assert {draft.id for draft in left} == {touched.id, planned.id}
    assert untouched.id not in {draft.id for draft in left}


async def test_a_draft_is_found_in_its_own_guild_only(database: Database) -> None:
    draft = await begin(database)
    async with database.reading() as session:
        assert (await drafts.find(session, draft.id, guild_id=None)).id == draft.id
        with pytest.raises(UserError, match=r"drafts\.gone"):
            await drafts.find(session, draft.id, guild_id=2)
