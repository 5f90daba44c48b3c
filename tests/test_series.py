"""Series written down, changed by two at once, deleted; and what editions begin with."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot import drafts
from bot.db import Database
from bot.errors import UserError
from bot.events import plan, proposal, series
from bot.tables import Draft, Event, EventStatus, Guild, Recap, RecapStatus, Series
from tests.conftest import START

PARIS = ZoneInfo("Europe/Paris")
ALICE, ERIN = 21, 22
GUILD = 1
LEAD = timedelta(days=14)
FIELDS: dict[str, Any] = {
    "name": "Rencontres Pro",
    "place": "Arles",
    "contact": "Camille",
    "capacity": "50",
    "usual_time": "14h-18h",
    "channel": 77,
    "colour": "bleu",
    "reminders": "J-7, H-2",
    "rule": "chaque premier mardi",
    "lead": "21",
    "parts": [{"key": 1, "title": "IA", "when": "14h-15h", "capacity": "12"}],
}


@pytest.fixture
async def guilds(database: Database) -> Database:
    """Two communities."""
    async with database.writing() as session:
        for guild_id in (GUILD, 2):
            await session.merge(Guild(id=guild_id, name="Les Tablées", zone="Europe/Paris"))
    return database


async def draft(database: Database, fields: dict[str, Any], guild_id: int = GUILD) -> int:
    async with database.writing(guild_id) as session:
        kept = await drafts.keep(
            session, "series", fields, guild_id=guild_id, user_id=ALICE, now=START
        )
        return kept.id


async def save(
    database: Database, draft_id: int, *, guild_id: int = GUILD, by: int = ALICE
) -> Series:
    async with database.writing(guild_id) as session:
        return await series.save(
            session, draft_id, guild_id=guild_id, by=by, locale="fr", now=START
        )


async def create(database: Database, guild_id: int = GUILD, **fields: Any) -> Series:
    return await save(database, await draft(database, FIELDS | fields, guild_id), guild_id=guild_id)


async def reopen(database: Database, series_id: int, *, by: int = ALICE) -> Draft:
    async with database.writing(GUILD) as session:
        return await series.reopen(
            session, series_id, guild_id=GUILD, user_id=by, locale="fr", now=START
        )


async def write(database: Database, draft_id: int, **given: Any) -> None:
    async with database.writing(GUILD) as session:
        found = await drafts.find(session, draft_id, guild_id=GUILD)
        found.fields = {**found.fields, **given}


async def stored(database: Database, series_id: int) -> Series:
    async with database.reading() as session:
        return await series.find(session, series_id, guild_id=GUILD)


def an_event(series_id: int | None, edition: int | None, **given: Any) -> Event:
    values: dict[str, Any] = {
        "guild_id": GUILD,
        "series_id": series_id,
        "edition": edition,
        "title": "Rencontres Pro",
        "starts_at": START + timedelta(days=14),
        "local_start": "2026-01-15T01:00:00",
        "zone": "Europe/Paris",
        "status": EventStatus.ANNOUNCED,
        "created_by": ALICE,
        "created_at": START,
        "updated_at": START,
    }
    return Event(**values | given)


def a_recap(series_id: int, edition: int) -> Recap:
    return Recap(
        guild_id=GUILD,
        series_id=series_id,
        edition=edition,
        title="Neuf tables",
        language="fr",
        fingerprint=str(edition),
        status=RecapStatus.WITHDRAWN,
        created_at=START,
        updated_at=START,
    )


def problems(**fields: Any) -> list[str]:
    """What is to be changed in fields of which these are unlike the good ones."""
    reading = plan.check(FIELDS | fields, now=START, zone=PARIS)
    return [problem.error.key for problem in reading.problems]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": ""}, "series.no_name"),
        ({"name": "\u202e\u0000 \u200b"}, "series.no_name"),
        ({"name": "🎬" * 101}, "series.long_name"),
        ({"place": "x" * 201}, "events.long_place"),
        ({"contact": "x" * 201}, "events.long_contact"),
        ({"capacity": "0"}, "events.bad_capacity"),
        ({"capacity": "-3"}, "events.bad_capacity"),
        ({"usual_time": "le soir venu"}, "series.bad_usual_time"),
        ({"usual_time": "le lendemain à 9h"}, "series.bad_usual_time"),
        ({"usual_time": "18h-14h"}, "moments.end_before_start"),
        ({"colour": "caca d’oie"}, "series.bad_colour"),
        ({"colour": "#12345"}, "series.bad_colour"),
        ({"colour": "#12_345"}, "series.bad_colour"),
        ({"colour": "²²²²²²"}, "series.bad_colour"),
        ({"reminders": "souvent"}, "moments.unreadable_span"),
        ({"reminders": ", ".join(f"H-{n}" for n in range(1, 12))}, "series.many_reminders"),
        ({"rule": "de temps en temps"}, "moments.not_recurring"),
        ({"rule": "chaque mardi", "usual_time": ""}, "moments.no_hour"),
        ({"lead": "0"}, "series.bad_lead"),
        ({"lead": "61"}, "series.bad_lead"),
        ({"lead": "36 h"}, "series.bad_lead"),
        ({"lead": "9" * 30}, "series.bad_lead"),
        ({"lead": "beaucoup"}, "series.bad_lead"),
        ({"parts": [{"key": 1, "title": ""}]}, "parts.no_title"),
        ({"parts": [{"key": 1, "title": "IA", "when": "bientôt"}]}, "moments.unreadable"),
        ({"parts": [{"key": n, "title": "IA"} for n in range(11)]}, "parts.too_many"),
    ],
)
def test_what_cannot_be_kept_is_named(fields: dict[str, Any], problem: str) -> None:
    assert problems(**fields) == [problem]


def test_everything_that_is_to_be_changed_is_found_at_once() -> None:
    assert problems(name="", colour="?", rule="?", lead="?") == [
        "series.no_name",
        "series.bad_colour",
        "moments.not_recurring",
        "series.bad_lead",
    ]


@pytest.mark.parametrize(
    ("written", "minutes"),
    [("", None), ("aucun", ()), ("J-7, J-1, H-2", (10080, 1440, 120)), ("la veille", (1440,))],
)
def test_reminders(written: str, minutes: tuple[int, ...] | None) -> None:
    read = plan.check(FIELDS | {"reminders": written}, now=START, zone=PARIS).plan
    assert read is not None
    assert read.reminders == minutes


@pytest.mark.parametrize(
    ("written", "colour"),
    [("", None), ("Vert", 0x2ECC71), ("purple", 0x9B59B6), ("#d4A017", 0xD4A017), ("000000", 0)],
)
def test_colours(written: str, colour: int | None) -> None:
    read = plan.check(FIELDS | {"colour": written}, now=START, zone=PARIS).plan
    assert read is not None
    assert read.colour == colour


@pytest.mark.parametrize("written", ["", "non", "Non.", "jamais", "NO", "aucun"])
def test_a_series_may_not_come_back(written: str) -> None:
    read = plan.check(FIELDS | {"rule": written}, now=START, zone=PARIS).plan
    assert read is not None
    assert read.recurrence is None


async def test_a_series_is_kept_and_read_back_as_it_was_written(guilds: Database) -> None:
    made = await stored(guilds, (await create(guilds)).id)
    assert (made.name, made.capacity, made.colour) == ("Rencontres Pro", 50, 0x3498DB)
    assert (made.rule, made.rule_start) == ("FREQ=MONTHLY;BYDAY=+1TU", "2026-01-06T14:00:00")
    assert (made.reminders, made.lead_days, made.owner_id) == ([10080, 120], 21, ALICE)
    opened = await reopen(guilds, made.id)
    again = await stored(guilds, (await save(guilds, opened.id)).id)
    assert series.of_series(again, "fr") == series.of_series(made, "fr")
    assert series.of_series(again, "fr")["rule"] == (
        "chaque premier mardi du mois à 14\u00a0h\u00a000, heure de Paris"
    )


@pytest.mark.parametrize("name", ["rencontres  PRO", "Réncontres Pro", " Rencontres Pro\u200b"])
async def test_a_name_is_one_series_in_a_community(guilds: Database, name: str) -> None:
    await create(guilds)
    with pytest.raises(UserError, match=r"series\.taken"):
        await create(guilds, name=name)
    await create(guilds, guild_id=2, name=name)


async def test_a_series_may_be_written_with_other_capitals(guilds: Database) -> None:
    made = await create(guilds)
    opened = await reopen(guilds, made.id)
    await write(guilds, opened.id, name="RENCONTRES PRO")
    assert (await save(guilds, opened.id)).name == "RENCONTRES PRO"


async def test_what_was_begun_is_opened_again(guilds: Database) -> None:
    made = await create(guilds)
    opened = await reopen(guilds, made.id)
    await write(guilds, opened.id, place="Marseille")
    again = await reopen(guilds, made.id)
    assert (again.id, again.fields["place"]) == (opened.id, "Marseille")
    assert (await reopen(guilds, made.id, by=ERIN)).id != opened.id


async def test_two_who_change_different_things_both_keep_them(guilds: Database) -> None:
    made = await create(guilds)
    one, other = await reopen(guilds, made.id), await reopen(guilds, made.id, by=ERIN)
    await write(guilds, one.id, place="Marseille")
    await write(guilds, other.id, capacity="80")
    await save(guilds, one.id)
    saved = await save(guilds, other.id, by=ERIN)
    assert (saved.place, saved.capacity, saved.owner_id) == ("Marseille", 80, ERIN)


async def test_an_unfinished_series_is_found_by_who_began_it(guilds: Database) -> None:
    made = await create(guilds)
    await reopen(guilds, made.id)
    begun = await draft(guilds, {"name": "Café"})
    async with guilds.reading() as session:
        found = await series.begun(session, guild_id=GUILD, user_id=ALICE)
        nothing = await series.begun(session, guild_id=GUILD, user_id=ERIN)
    assert found is not None
    assert found.id == begun
    assert nothing is None


async def test_the_next_edition_begins_with_what_the_series_knows(guilds: Database) -> None:
    made = await create(guilds)
    async with guilds.reading() as session:
        fields = await series.defaults(session, made, now=START)
    assert fields == {
        "title": "Rencontres Pro #1",
        "series": made.id,
        "edition": 1,
        "place": "Arles",
        "contact": "Camille",
        "capacity": "50",
        "usual_time": "14h-18h",
        "channel": 77,
        "colour": 0x3498DB,
        "parts": FIELDS["parts"],
    }
    when = {"when": "mardi 3 février 2026 à 14h"}
    proposed = proposal.propose({**fields, **when}, now=START, zone=PARIS)
    assert (proposed.series_id, proposed.edition) == (made.id, 1)
    assert proposed.parts[0].title == "IA"


async def test_the_next_number_follows_events_and_recaps(guilds: Database) -> None:
    made, other = await create(guilds), await create(guilds, name="Café")
    async with guilds.writing(GUILD) as session:
        session.add_all([an_event(made.id, 4), an_event(made.id, None), an_event(other.id, 30)])
    async with guilds.writing(GUILD) as session:
        assert await series.next_number(session, made, now=START) == 5
        session.add(a_recap(made.id, 9))
        assert await series.next_number(session, made, now=START) == 10


async def test_attempts_at_an_edition_take_no_number(guilds: Database) -> None:
    made = await create(guilds)
    for _ in range(3):
        async with guilds.writing(GUILD) as session:
            fields = await series.defaults(session, made, now=START)
            assert fields["edition"] == 1
            await drafts.keep(session, "event", fields, guild_id=GUILD, user_id=ALICE, now=START)


async def test_the_last_edition_is_the_newest_that_was_not_called_off(guilds: Database) -> None:
    made = await create(guilds)
    async with guilds.writing(GUILD) as session:
        assert await series.last(session, made.id) is None
        session.add_all(
            [
                an_event(made.id, 2, starts_at=START - LEAD, status=EventStatus.PAST),
                an_event(made.id, 1, starts_at=START - 2 * LEAD, status=EventStatus.PAST),
                an_event(made.id, 3, status=EventStatus.CANCELLED),
            ]
        )
    async with guilds.reading() as session:
        last = await series.last(session, made.id)
    assert last is not None
    assert last.edition == 2


@pytest.mark.parametrize("kind", ["event", "recap"])
async def test_a_series_with_editions_stays(guilds: Database, kind: str) -> None:
    made = await create(guilds)
    async with guilds.writing(GUILD) as session:
        session.add(an_event(made.id, 1) if kind == "event" else a_recap(made.id, 1))
    with pytest.raises(UserError, match=r"series\.has_editions"):
        async with guilds.writing(GUILD) as session:
            await series.delete(session, made.id, guild_id=GUILD)
    assert (await stored(guilds, made.id)).name == "Rencontres Pro"


async def test_a_deleted_series_leaves_drafts_that_can_still_be_announced(
    guilds: Database,
) -> None:
    made = await create(guilds)
    opened = await reopen(guilds, made.id)
    async with guilds.writing(GUILD) as session:
        fields = await series.defaults(session, made, now=START)
        begun = await drafts.keep(
            session, "event", fields, guild_id=GUILD, user_id=ALICE, now=START
        )
        assert await series.delete(session, made.id, guild_id=GUILD) == "Rencontres Pro"
    async with guilds.reading() as session:
        left = await drafts.find(session, begun.id, guild_id=GUILD)
    assert "series" not in left.fields
    assert left.fields["title"] == "Rencontres Pro #1"
    with pytest.raises(UserError, match=r"series\.gone"):
        await save(guilds, opened.id)


async def test_a_series_of_another_community_is_none(guilds: Database) -> None:
    made = await create(guilds, guild_id=2)
    with pytest.raises(UserError, match=r"series\.gone"):
        await stored(guilds, made.id)
