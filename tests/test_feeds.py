"""Calendars as their readers get them: from the tables to what another program reads."""

import re
from datetime import timedelta
from typing import Any

import pytest
from ical.event import Event as Read
from sqlalchemy import delete, update

from bot.db import Database
from bot.events import feeds
from bot.tables import (
    Approval,
    Card,
    CardState,
    Choice,
    EventStatus,
    Feed,
    Guild,
    Member,
    Part,
    Series,
)
from tests.calendars import (
    ALICE,
    BOB,
    CAROL,
    ELSEWHERE,
    EVENING,
    GUILD,
    VOICES,
    Town,
    instant,
    read,
)
from tests.conftest import START


@pytest.fixture
async def town(database: Database) -> Town:
    town = Town(database)
    await town.add(Guild(id=GUILD, name="Les Tablées"), Guild(id=ELSEWHERE, name="Ailleurs"))
    return town


# Addresses.


async def test_an_address_is_made_once_and_is_nobody_elses(town: Town) -> None:
    await town.add(Series(id=5, guild_id=GUILD, name="Rencontres"))
    whose: list[dict[str, int]] = [{}, {"user_id": ALICE}, {"user_id": BOB}, {"series_id": 5}]
    tokens = [await town.token(**who) for who in whose]
    tokens.append(await town.token(ELSEWHERE, user_id=ALICE))
    assert len({*tokens}) == len(tokens)
    assert all(re.fullmatch(r"[\w-]{43}", token) for token in tokens)
    assert [await town.token(**who) for who in whose] == tokens[:4]


async def test_a_renewed_address_leaves_nothing_under_the_old_one(town: Town) -> None:
    old, others = await town.token(user_id=ALICE), await town.token(user_id=BOB)
    async with town.database.writing(GUILD) as session:
        new = await feeds.renew(session, guild_id=GUILD, user_id=ALICE, now=START)
    assert new != old
    assert await town.fetches(old) is None
    assert await town.fetches(new) is not None
    assert await town.fetches(others) is not None
    assert await town.token(user_id=ALICE) == new


async def test_nothing_stands_under_an_unknown_address(town: Town) -> None:
    assert await town.fetches("x" * 43) is None


async def test_a_community_that_is_erased_takes_its_addresses_along(town: Town) -> None:
    token = await town.token(user_id=ALICE)
    async with town.database.writing() as session:
        await session.execute(delete(Guild).where(Guild.id == GUILD))
    assert await town.fetches(token) is None
    async with town.database.reading() as session:
        assert await session.get(Feed, token) is None


# What a community's calendar holds.


async def test_a_draft_is_in_no_calendar(town: Town) -> None:
    (part,) = await town.announces(status=EventStatus.DRAFT)
    await town.says(BOB, part, Choice.YES)
    assert await town.events() == []
    assert await town.events(user_id=BOB) == []


@pytest.mark.parametrize(
    ("status", "shown", "title"),
    [
        (EventStatus.ANNOUNCED, "CONFIRMED", "Petit-déjeuner"),
        (EventStatus.CLOSED, "CONFIRMED", "Petit-déjeuner"),
        (EventStatus.PAST, "CONFIRMED", "Petit-déjeuner"),
        (EventStatus.POSTPONED, "TENTATIVE", "Report\u00a0: Petit-déjeuner"),
        (EventStatus.CANCELLED, "CANCELLED", "Annulation\u00a0: Petit-déjeuner"),
    ],
)
async def test_what_becomes_of_an_event_is_told_everywhere(
    town: Town, status: EventStatus, shown: str, title: str
) -> None:
    (part,) = await town.announces(status=status, reason="Grève des trains.")
    await town.says(BOB, part, Choice.YES)
    for event in (await town.only(), await town.only(user_id=BOB)):
        assert event.status is not None
        assert (event.status.value, event.summary) == (shown, title)
        told = "Grève" in (event.description or "")
        assert told == (status in {EventStatus.POSTPONED, EventStatus.CANCELLED})


async def test_an_event_keeps_its_identity_through_every_change(town: Town) -> None:
    (part,) = await town.announces()
    await town.announces(guild_id=ELSEWHERE)
    before = await town.only()
    later = START + timedelta(days=1)
    await town.changes(part, title="Déjeuner", updated_at=later)
    after = await town.only()
    assert (before.sequence, after.sequence) == (0, 1)
    assert (before.last_modified, after.last_modified) == (START, later)
    (elsewhere,) = await town.events(ELSEWHERE)
    assert before.uid == after.uid != elsewhere.uid
    assert str(before.uid).endswith(f"-{GUILD}@tableronde")


async def test_what_is_over_is_kept_for_a_year(town: Town) -> None:
    await town.announces()
    assert await town.events(now=EVENING + timedelta(days=365))
    assert await town.events(now=EVENING + timedelta(days=366)) == []


async def test_a_series_has_a_calendar_of_its_own(town: Town) -> None:
    await town.add(Series(id=5, guild_id=GUILD, name="Rencontres Pro", reminders=[60]))
    await town.announces("Cinquième", series_id=5, edition=5)
    await town.announces("Autre chose")
    calendar = await town.calendar(series_id=5)
    assert calendar.name == ["Rencontres Pro"]
    assert [event.summary for event in calendar.events] == ["Cinquième"]
    assert {event.summary for event in await town.events()} == {"Cinquième", "Autre chose"}
    assert all(event.alarm == [] for event in await town.events()), "its readers may not come"


async def test_an_event_lasts_from_its_first_part_to_its_last(town: Town) -> None:
    await town.announces(
        "Rencontres",
        {"title": "IA", "starts_at": EVENING, "ends_at": EVENING + timedelta(hours=2)},
        {
            "title": "Cocktail",
            "about": "Avec les festivals de la région",
            "place": "Au bar",
            "starts_at": EVENING + timedelta(hours=2, minutes=5),
            "ends_at": EVENING + timedelta(hours=4),
        },
        {"title": "Petit-déjeuner", "starts_at": EVENING + timedelta(hours=14)},
        place="Salle des fêtes",
        description="Une journée entière.",
        contact="Alice",
    )
    event = await town.only()
    assert instant(event.dtstart) == EVENING
    assert instant(event.dtend) == EVENING + timedelta(hours=14)
    assert event.location == "Salle des fêtes"
    assert str(event.description).split("\n") == [
        "Une journée entière.",
        "",
        "18\u00a0h\u00a000 · IA",
        "20\u00a0h\u00a005 · Cocktail · Au bar",
        "Avec les festivals de la région",
        "16 janvier 2026 8\u00a0h\u00a000 · Petit-déjeuner",
        "",
        "Contact\u00a0: Alice",
    ]


async def test_an_event_leads_to_its_card(town: Town) -> None:
    (part,) = await town.announces()
    async with town.database.reading() as session:
        event_id = (await session.get_one(Part, part)).event_id
    assert (await town.only()).url is None
    values: dict[str, Any] = {"guild_id": GUILD, "event_id": event_id, "state": CardState.LIVE}
    await town.add(Card(**values, channel_id=5), Card(**values, channel_id=5, message_id=6))
    event = await town.only()
    assert event.url == "https://discord.com/channels/1/5/6"
    assert event.url in str(event.description)


# What a member's calendar holds.


async def test_a_calendar_holds_what_its_member_comes_to(town: Town) -> None:
    (yes,) = await town.announces("Oui")
    (no,) = await town.announces("Non")
    (maybe,) = await town.announces("Peut-être")
    await town.announces("Sans réponse")
    (others,) = await town.announces("Bob seul")
    await town.says(ALICE, yes, Choice.YES)
    await town.says(ALICE, no, Choice.NO)
    await town.says(ALICE, maybe, Choice.MAYBE)
    await town.says(BOB, others, Choice.YES)
    assert await town.agenda(ALICE) == {"Oui": "CONFIRMED"}
    calendar = await town.calendar(user_id=ALICE)
    assert calendar.events[0].description is None, "the title says it all"
    assert calendar.name == ["Mes rencontres – Les Tablées"]


async def test_who_leaves_finds_the_event_gone_not_cancelled(town: Town) -> None:
    left, withdrawn = (await town.announces("Quittée"))[0], (await town.announces("Retirée"))[0]
    for part in (left, withdrawn):
        await town.says(ALICE, part, Choice.YES)
    assert len(await town.agenda(ALICE)) == 2
    await town.says(ALICE, left, Choice.NO)
    await town.withdraws(ALICE, withdrawn)
    assert await town.agenda(ALICE) == {}


async def test_who_waits_or_is_not_yet_approved_is_not_confirmed(town: Town) -> None:
    (full,) = await town.announces("Complet", {"capacity": 1})
    (asked,) = await town.announces("Sur accord", {"needs_approval": True})
    (refused,) = await town.announces("Refusé", {"needs_approval": True})
    for user in (ALICE, BOB, CAROL):
        await town.says(user, full, Choice.YES)
    await town.says(CAROL, asked, Choice.YES, turn=None, approval=Approval.PENDING)
    await town.says(CAROL, refused, Choice.YES, turn=None, approval=Approval.REFUSED)
    assert await town.agenda(ALICE) == {"Complet": "CONFIRMED"}
    waiting = {
        "En attente\u00a0: Complet": "TENTATIVE",
        "En attente\u00a0: Sur accord": "TENTATIVE",
    }
    assert await town.agenda(CAROL) == waiting
    events = await town.events(user_id=CAROL)
    assert [event.alarm for event in events] == [[], []]
    said = "\n".join(str(event.description) for event in events)
    assert "Complet (en liste d’attente, n°\u00a02)" in said
    assert "Sur accord (à confirmer par l’organisation)" in said
    await town.withdraws(ALICE, full)
    await town.withdraws(BOB, full)
    assert (await town.agenda(CAROL))["Complet"] == "CONFIRMED"


HOURS = [EVENING + timedelta(hours=hour) for hour in range(4)]


@pytest.fixture
async def tables(town: Town) -> list[int]:
    """A day with three parts; Alice has the only seat of the last."""
    parts = await town.announces(
        "Rencontres",
        {"title": "Matin", "place": "Salle 1", "starts_at": HOURS[0], "ends_at": HOURS[1]},
        {"title": "Midi", "place": "Salle 2", "starts_at": HOURS[1], "ends_at": HOURS[2]},
        {
            "title": "Soir",
            "place": "Bar",
            "starts_at": HOURS[2],
            "ends_at": HOURS[3],
            "capacity": 1,
        },
        place="Centre des congrès",
    )
    await town.says(ALICE, parts[2], Choice.YES, turn=1)
    return parts


async def test_an_event_is_where_and_when_ones_part_is(town: Town, tables: list[int]) -> None:
    await town.says(BOB, tables[1], Choice.YES)
    event = await town.only(user_id=BOB)
    assert (instant(event.dtstart), instant(event.dtend)) == (HOURS[1], HOURS[2])
    assert event.location == "Salle 2"
    assert event.description == "19\u00a0h\u00a000 · Midi · Salle 2"
    assert await town.events(user_id=CAROL) == []


async def test_an_event_lasts_as_long_as_the_parts_one_comes_to(
    town: Town, tables: list[int]
) -> None:
    await town.says(BOB, tables[1], Choice.YES)
    later = START + timedelta(days=2)
    await town.says(BOB, tables[2], Choice.YES, turn=2, answered_at=later)
    event = await town.only(user_id=BOB)
    assert (instant(event.dtstart), instant(event.dtend)) == (HOURS[1], HOURS[3])
    assert event.location == "Centre des congrès"
    assert event.status is not None
    assert event.status.value == "CONFIRMED", "there is a seat in one of them"
    assert "Soir · Bar (en liste d’attente, n°\u00a01)" in str(event.description)
    assert event.last_modified == later


async def test_a_part_one_leaves_is_left_out(town: Town, tables: list[int]) -> None:
    for part in (tables[1], tables[2]):
        await town.says(BOB, part, Choice.YES)
    later = START + timedelta(days=3)
    await town.says(BOB, tables[1], Choice.NO, answered_at=later)
    event = await town.only(user_id=BOB)
    assert (instant(event.dtstart), instant(event.dtend)) == (HOURS[2], HOURS[3])
    assert "Midi" not in str(event.description)
    assert event.last_modified == later


@pytest.mark.parametrize(
    ("reminders", "rings"), [(None, [1440, 120]), ([10080, 45], [10080, 45]), ([], [])]
)
async def test_a_seat_rings_as_its_series_wants(
    town: Town, reminders: list[int] | None, rings: list[int]
) -> None:
    await town.add(Series(id=5, guild_id=GUILD, name="Rencontres", reminders=reminders))
    (part,) = await town.announces(series_id=5)
    await town.says(BOB, part, Choice.YES)
    event = await town.only(user_id=BOB)
    assert [alarm.trigger for alarm in event.alarm] == [-timedelta(minutes=m) for m in rings]


async def test_what_was_called_off_does_not_ring(town: Town) -> None:
    (part,) = await town.announces()
    await town.says(BOB, part, Choice.YES)
    assert len((await town.only(user_id=BOB)).alarm) == 2
    for status in (EventStatus.POSTPONED, EventStatus.CANCELLED):
        await town.changes(part, status=status)
        assert (await town.only(user_id=BOB)).alarm == []


async def test_a_calendar_speaks_its_readers_language(town: Town) -> None:
    (part,) = await town.announces(status=EventStatus.CANCELLED)
    await town.says(BOB, part, Choice.YES)
    await town.add(Member(guild_id=GUILD, user_id=BOB, language="en"))
    assert (await town.only(user_id=BOB)).summary == "Cancelled: Petit-déjeuner"
    assert (await town.only()).summary == "Annulation\u00a0: Petit-déjeuner"
    async with town.database.writing() as session:
        await session.execute(update(Guild).where(Guild.id == GUILD).values(language="en"))
    assert (await town.only()).summary == "Cancelled: Petit-déjeuner"


async def test_communities_do_not_see_each_other(town: Town) -> None:
    (here,) = await town.announces("Ici")
    (there,) = await town.announces("Là-bas", guild_id=ELSEWHERE)
    await town.says(BOB, here, Choice.YES)
    await town.says(BOB, there, Choice.YES, guild_id=ELSEWHERE)
    for user_id in (None, BOB):
        here_too = await town.events(user_id=user_id)
        there_too = await town.events(ELSEWHERE, user_id=user_id)
        assert [event.summary for event in (*here_too, *there_too)] == ["Ici", "Là-bas"]


# One event, to be taken along.


async def of_event(town: Town, part_id: int, user_id: int | None = None) -> Read | None:
    async with town.database.reading() as session:
        event_id = (await session.get_one(Part, part_id)).event_id
        content = await feeds.of_event(session, event_id, VOICES["fr"], user_id=user_id)
    return read(content).events[0] if content is not None else None


async def test_one_event_is_taken_along_with_its_alarms(town: Town) -> None:
    (part,) = await town.announces()
    taken, listed = await of_event(town, part), await town.only()
    assert taken is not None
    assert (taken.uid, taken.summary, taken.dtstart) == (listed.uid, listed.summary, listed.dtstart)
    assert len(taken.alarm) == 2


async def test_who_comes_takes_along_their_own_parts(town: Town) -> None:
    first, second = await town.announces("Rencontres", {"title": "IA"}, {"title": "Cocktail"})
    await town.says(BOB, second, Choice.YES)
    await town.says(CAROL, first, Choice.NO)
    own, whole = await of_event(town, first, BOB), await of_event(town, first, CAROL)
    assert own is not None
    assert whole is not None
    assert own.description == "Cocktail"
    assert whole.description == "IA\nCocktail"
    assert own.uid == whole.uid


async def test_a_draft_or_nothing_is_not_taken_along(town: Town) -> None:
    (part,) = await town.announces(status=EventStatus.DRAFT)
    assert await of_event(town, part) is None
    async with town.database.reading() as session:
        assert await feeds.of_event(session, 999, VOICES["fr"]) is None
