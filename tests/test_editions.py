"""Editions prepared ahead, each once, on the clock of the series."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot import drafts, moments
from bot.db import Database
from bot.events import editions, proposal, publishing, series
from bot.tables import Delivery, Draft, Event, EventStatus, Guild, Series
from tests.conftest import START

PARIS = ZoneInfo("Europe/Paris")
ALICE = 21
GUILD = 1
DAY = timedelta(days=1)


async def make(database: Database, rule: str, *, at: datetime = START, **fields: Any) -> Series:
    """A series with a rule, written down at a moment."""
    async with database.writing() as session:
        known = Guild(id=GUILD, name="Les Tablées", zone="Europe/Paris", announcements_channel=5)
        await session.merge(known)
    given = {"name": "Petit-déj", "rule": rule} | fields
    async with database.writing(GUILD) as session:
        kept = await drafts.keep(session, "series", given, guild_id=GUILD, user_id=ALICE, now=at)
        return await series.save(session, kept.id, guild_id=GUILD, by=ALICE, locale="fr", now=at)


async def change(database: Database, made: Series, at: datetime, **given: Any) -> None:
    """Change a series as an organiser does."""
    async with database.writing(GUILD) as session:
        opened = await series.reopen(
            session, made.id, guild_id=GUILD, user_id=ALICE, locale="fr", now=at
        )
        opened.fields = {**opened.fields, **given}
        saved = await series.save(session, opened.id, guild_id=GUILD, by=ALICE, locale="fr", now=at)
        await editions.follow(session, saved, locale="fr", now=at)


async def look(database: Database, now: datetime) -> int:
    """Look once, as the bot does every minute; give how many editions were prepared."""
    async with database.reading() as session:
        due = await editions.due(session, now)
    made = 0
    for found in due:
        async with database.writing(GUILD) as session:
            made += len(await editions.prepare(session, found.id, locale="fr", now=now))
    return made


async def waiting(database: Database) -> list[Draft]:
    async with database.reading() as session:
        query = select(Draft).where(Draft.kind == "event").order_by(Draft.id)
        return [*await session.scalars(query)]


async def dates(database: Database) -> list[str]:
    """When the prepared editions are, as their drafts are read."""
    found: list[str] = []
    for draft in await waiting(database):
        read = moments.parse(draft.fields["when"], now=draft.created_at, zone=PARIS)
        found.append(read.start.astimezone(PARIS).isoformat(timespec="minutes"))
    return found


async def told(database: Database) -> list[Delivery]:
    async with database.reading() as session:
        query = select(Delivery).where(Delivery.kind == "edition").order_by(Delivery.id)
        return [*await session.scalars(query)]


async def test_an_edition_is_prepared_two_weeks_before_and_once(database: Database) -> None:
    await make(database, "chaque premier mardi à 9h", place="Arles", capacity="30")
    assert await look(database, START) == 1  # the sixth of January
    before = datetime(2026, 1, 20, 8, 59, tzinfo=PARIS)
    assert await look(database, before) == 0
    assert await look(database, before + timedelta(minutes=1)) == 1
    assert await look(database, before + timedelta(minutes=2)) == 0
    assert await dates(database) == ["2026-01-06T09:00+01:00", "2026-02-03T09:00+01:00"]
    second = (await waiting(database))[1]
    assert second.user_id == ALICE
    proposed = proposal.propose(second.fields, now=before, zone=PARIS)
    assert (proposed.title, proposed.edition, proposed.place) == ("Petit-déj #1", 1, "Arles")
    assert proposed.parts[0].capacity == 30
    assert [it.recipient for it in await told(database)] == [f"user:{ALICE}"] * 2
    assert (await told(database))[1].expires_at == proposed.start


async def test_editions_number_themselves_while_none_is_published(database: Database) -> None:
    await make(database, "chaque jeudi à 9h", lead="21")
    assert await look(database, START) == 3
    titles = [draft.fields["title"] for draft in await waiting(database)]
    assert titles == ["Petit-déj #1", "Petit-déj #2", "Petit-déj #3"]


@pytest.mark.parametrize(
    ("rule", "first", "last", "expected"),
    [
        (
            "chaque dimanche à 9h",
            datetime(2026, 3, 22, tzinfo=PARIS),
            datetime(2026, 4, 5, 12, tzinfo=PARIS),
            ["2026-03-22T09:00+01:00", "2026-03-29T09:00+02:00", "2026-04-05T09:00+02:00"],
        ),
        (
            "chaque dimanche à 9h",
            datetime(2026, 10, 18, tzinfo=PARIS),
            datetime(2026, 11, 1, 12, tzinfo=PARIS),
            ["2026-10-18T09:00+02:00", "2026-10-25T09:00+01:00", "2026-11-01T09:00+01:00"],
        ),
        (  # an hour that is skipped comes as much later, of one shown twice the first counts
            "chaque dimanche à 2h30",
            datetime(2026, 3, 28, tzinfo=PARIS),
            datetime(2026, 3, 30, tzinfo=PARIS),
            ["2026-03-29T03:30+02:00"],
        ),
        (
            "chaque dimanche à 2h30",
            datetime(2026, 10, 24, tzinfo=PARIS),
            datetime(2026, 10, 26, tzinfo=PARIS),
            ["2026-10-25T02:30+02:00"],
        ),
    ],
)
async def test_the_clock_keeps_its_hour_when_clocks_change(
    database: Database, rule: str, first: datetime, last: datetime, expected: list[str]
) -> None:
    await make(database, rule, at=first, lead="3")
    now = first
    while now < last:
        await look(database, now)
        now += timedelta(hours=7)
    assert (await dates(database))[: len(expected)] == expected


async def test_after_a_long_absence_only_what_is_to_come_is_prepared(database: Database) -> None:
    await make(database, "chaque premier mardi à 9h")
    await look(database, START)
    back = datetime(2026, 6, 25, tzinfo=UTC)
    assert await look(database, back) == 1
    assert (await dates(database))[1:] == ["2026-07-07T09:00+02:00"]


async def test_two_processes_prepare_nothing_twice(database: Database) -> None:
    await make(database, "chaque jeudi à 9h")
    other = Database(database.url)
    try:
        counts = await asyncio.gather(
            *(look(it, START) for it in (database, other) for _ in range(10))
        )
    finally:
        await other.close()
    assert sum(counts) == 2
    assert len(await waiting(database)) == len(await told(database)) == 2


async def test_what_dies_in_the_middle_is_done_whole_the_next_time(database: Database) -> None:
    made = await make(database, "chaque jeudi à 9h")

    async def die() -> None:
        async with database.writing(GUILD) as session:
            await editions.prepare(session, made.id, locale="fr", now=START)
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        await die()
    assert await waiting(database) == []
    assert await look(database, START) == 2
    assert len(await told(database)) == 2


async def test_a_draft_that_was_given_up_does_not_come_back(database: Database) -> None:
    await make(database, "chaque premier mardi à 9h")
    await look(database, START)
    async with database.writing(GUILD) as session:
        (draft,) = await session.scalars(select(Draft).where(Draft.kind == "event"))
        await drafts.drop(session, draft)
    assert await look(database, START + DAY) == 0


async def test_a_day_with_an_edition_gets_no_other(database: Database) -> None:
    made = await make(database, "chaque jeudi à 9h")
    async with database.writing(GUILD) as session:
        session.add(
            Event(
                guild_id=GUILD,
                series_id=made.id,
                edition=1,
                title="Petit-déj",
                starts_at=datetime(2026, 1, 8, 18, tzinfo=PARIS),
                local_start="2026-01-08T18:00:00",
                zone="Europe/Paris",
                status=EventStatus.ANNOUNCED,
                created_by=ALICE,
                created_at=START,
                updated_at=START,
            )
        )
    await look(database, START)
    assert await dates(database) == ["2026-01-01T09:00+01:00"]
    assert await look(database, START + timedelta(minutes=1)) == 0


async def test_the_usual_end_is_that_of_each_edition(database: Database) -> None:
    await make(database, "chaque jeudi", usual_time="9h-10h30", lead="2")
    await look(database, START)
    (draft,) = await waiting(database)
    proposed = proposal.propose(draft.fields, now=START, zone=PARIS)
    assert proposed.end == datetime(2026, 1, 1, 10, 30, tzinfo=PARIS)


async def test_a_published_edition_is_an_event_of_its_own(database: Database) -> None:
    await make(database, "chaque jeudi à 9h")
    await look(database, START)
    async with database.writing(GUILD) as session:
        made = [
            await publishing.publish(session, draft.id, guild_id=GUILD, by=ALICE, now=START)
            for draft in await session.scalars(select(Draft).where(Draft.kind == "event"))
        ]
    assert [(it.edition, it.title) for it in made] == [(1, "Petit-déj #1"), (2, "Petit-déj #2")]
    assert await look(database, START + 7 * DAY) == 1
    assert (await waiting(database))[0].fields["edition"] == 3


async def test_a_change_of_the_series_reaches_what_nobody_has_touched(database: Database) -> None:
    made = await make(database, "chaque jeudi à 9h", place="Arles")
    await look(database, START)
    untouched, touched = await waiting(database)
    async with database.writing(GUILD) as session:
        await drafts.change(
            session,
            touched.id,
            lambda fields: {**fields, "place": "Nîmes"},
            guild_id=GUILD,
            now=START + timedelta(minutes=1),
        )
    later = START + timedelta(minutes=2)
    await change(database, made, later, place="Marseille")
    assert [it.fields["place"] for it in await waiting(database)] == ["Marseille", "Nîmes"]
    assert [it.fields["edition"] for it in await waiting(database)] == [1, 2]
    assert await look(database, later) == 0
    assert {it.id for it in await waiting(database)} == {untouched.id, touched.id}


async def test_a_new_rule_drops_the_dates_of_the_old_one(database: Database) -> None:
    made = await make(database, "chaque jeudi à 9h")
    await look(database, START)
    await change(database, made, START, rule="chaque mardi à 18h30")
    assert await waiting(database) == []
    assert await look(database, START) == 2
    assert await dates(database) == ["2026-01-06T18:30+01:00", "2026-01-13T18:30+01:00"]
    assert [it.fields["edition"] for it in await waiting(database)] == [1, 2]


async def test_a_rule_that_is_stopped_prepares_nothing_more(database: Database) -> None:
    made = await make(database, "chaque jeudi à 9h")
    await look(database, START)
    await change(database, made, START, rule="non")
    assert await waiting(database) == []
    assert await look(database, START + 30 * DAY) == 0


async def test_the_same_rule_in_other_words_prepares_nothing_again(database: Database) -> None:
    made = await make(database, "un jeudi sur deux à 9h")
    await look(database, START)
    known = await waiting(database)
    later = START + 9 * DAY
    await change(database, made, later, rule="toutes les 2 semaines le jeudi à 9h, dès le 15/1")
    assert [it.id for it in await waiting(database)] == [it.id for it in known]


async def test_a_community_that_was_left_gets_nothing(database: Database) -> None:
    await make(database, "chaque jeudi à 9h")
    async with database.writing() as session:
        guild = await session.get(Guild, GUILD)
        assert guild is not None
        guild.left_at = START
    assert await look(database, START) == 0


async def test_however_often_it_comes_back_only_a_few_are_prepared(database: Database) -> None:
    everyday = "chaque lundi, mardi, mercredi, jeudi et vendredi à 9h"
    await make(database, everyday, lead="60")
    assert await look(database, START) == editions.MOST_AHEAD
    assert await look(database, START + DAY) == 1


@settings(max_examples=20, deadline=None)
@given(steps=st.lists(st.integers(1, 70), min_size=1, max_size=12), lead=st.integers(1, 60))
def test_whenever_the_bot_looks_no_date_comes_twice_or_late(steps: list[int], lead: int) -> None:
    found = Series(
        rule="FREQ=WEEKLY;BYDAY=SU",
        rule_start="2026-01-04T09:00:00",
        zone="Europe/Paris",
        lead_days=lead,
        owner_id=ALICE,
    )
    now, seen = START, list[datetime]()
    for days in steps:
        coming = editions.coming(found, now)
        assert all(now < moment <= now + lead * DAY for moment in coming)
        seen += coming
        found.prepared_until = max([*seen, now]) if seen else None
        now += days * DAY
    assert len(seen) == len(set(seen))
    assert {(moment.hour, moment.minute) for moment in seen} <= {(9, 0)}
