from datetime import UTC, datetime, timedelta

import pytest

from bot.db import Database
from bot.errors import UserError
from bot.events import people
from bot.tables import Choice, DeliveryState, EventStatus
from tests.changing import (
    CROWD,
    DATE,
    LATER,
    PARIS,
    change,
    event_of,
    make_crowd,
    owe,
    owed,
    parts_of,
    postpone,
    read,
    resize,
    told,
)
from tests.conftest import START
from tests.evenings import BOB, CAROL, DAVE, ERIN, Evening, make_evening


@pytest.fixture
async def evening(database: Database) -> Evening:
    """An event with three seats, and four who want one."""
    return await make_crowd(database)


async def test_a_new_date_is_told_once_to_those_who_meant_to_come(evening: Evening) -> None:
    await evening.plays(
        evening.press(BOB, Choice.MAYBE),
        evening.press(CAROL, Choice.NO),
        evening.press(15, Choice.NO),
    )
    done = await postpone(evening, LATER, reason="Le train ne roule pas")
    assert await told(evening, "moved") == [BOB, DAVE, ERIN]
    assert done.told == 3
    notice = (await owed(evening, "moved"))[0]
    assert notice.detail == "Le train ne roule pas"
    assert notice.expires_at == LATER
    event = await event_of(evening)
    assert (event.starts_at, event.status) == (LATER, EventStatus.ANNOUNCED)
    assert event.local_start == "2026-01-22T01:00:00"
    assert event.dated_at == START
    assert event.revision == 1


async def test_answers_stay_as_they_were(evening: Evening) -> None:
    before = await evening.line()
    await postpone(evening, LATER)
    assert await evening.line() == before


async def test_who_asked_is_told_and_who_was_refused_is_not(evening: Evening) -> None:
    await evening.change(needs_approval=True)
    await evening.plays(evening.press(15, Choice.YES), evening.press(16, Choice.YES))
    async with evening.database.writing() as session:
        await people.decide(
            session, evening.part_id, 16, accepted=False, guild_id=evening.guild_id, now=START
        )
    await postpone(evening, LATER)
    assert await told(evening, "moved") == [*CROWD, 15]


async def test_who_answered_several_parts_is_told_once(database: Database) -> None:
    evening = await make_evening(database, parts=3)
    await evening.plays(evening.press_all(BOB, Choice.YES))
    await postpone(evening, LATER)
    assert await told(evening, "moved") == [BOB]


async def test_a_date_put_off_and_back_again_is_news_each_time(evening: Evening) -> None:
    for start in (LATER, DATE, LATER):
        await postpone(evening, start)
    assert await told(evening, "moved") == [*CROWD] * 3
    states = [one.state for one in await owed(evening, "moved")]
    # The last alone is still true.
    assert states == [DeliveryState.MISSED] * 8 + [DeliveryState.PENDING] * 4


async def test_the_same_date_again_is_refused(evening: Evening) -> None:
    await postpone(evening, LATER)
    with pytest.raises(UserError, match=r"changes\.same_date"):
        await postpone(evening, LATER)
    assert len(await owed(evening, "moved")) == 4


async def test_a_past_date_is_refused(evening: Evening) -> None:
    with pytest.raises(UserError, match=r"moments\.past"):
        await postpone(evening, START - timedelta(days=1))
    assert (await event_of(evening)).starts_at == DATE


async def test_hours_stay_what_they_were_through_a_clock_change(database: Database) -> None:
    evening = await make_evening(database, parts=2)
    march = datetime(2026, 3, 26, tzinfo=PARIS)
    await change(evening, starts_at=march.replace(hour=14), ends_at=march.replace(hour=18))
    await evening.change(
        starts_at=march.replace(hour=15, minute=30), ends_at=march.replace(hour=17)
    )
    await postpone(evening, datetime(2026, 4, 2, 14, tzinfo=PARIS))
    event, (table, other) = await event_of(evening), await parts_of(evening)
    april = datetime(2026, 4, 2, tzinfo=PARIS)
    assert event.starts_at == april.replace(hour=14)
    assert event.ends_at == april.replace(hour=18)
    assert table.starts_at == april.replace(hour=15, minute=30)
    assert table.ends_at == april.replace(hour=17)
    assert other.starts_at is None
    assert event.local_start == "2026-04-02T14:00:00"


async def test_an_end_never_comes_before_the_start(evening: Evening) -> None:
    # On 25 October clocks show 02:00 to 03:00 twice.
    night = datetime(2026, 10, 18, 2, 30, tzinfo=PARIS)
    await change(evening, starts_at=night, ends_at=night + timedelta(minutes=20))
    second = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=PARIS).astimezone(UTC)
    await postpone(evening, second)
    assert (await event_of(evening)).ends_at == second + timedelta(minutes=20)


async def test_another_end_may_be_given(evening: Evening) -> None:
    await postpone(evening, LATER, end=LATER + timedelta(hours=2))
    assert (await event_of(evening)).ends_at == LATER + timedelta(hours=2)


async def test_without_a_date_an_event_waits_for_one_and_is_told_so(evening: Evening) -> None:
    done = await postpone(evening, None, reason="Salle inondée")
    event = await event_of(evening)
    assert (event.status, event.reason) == (EventStatus.POSTPONED, "Salle inondée")
    assert event.starts_at == DATE
    assert await told(evening, "postponed") == [*CROWD]
    assert done.told == 4
    with pytest.raises(UserError, match=r"changes\.already_postponed"):
        await postpone(evening, None)


async def test_an_event_without_a_date_is_given_one_long_after(evening: Evening) -> None:
    await postpone(evening, None)
    late = DATE + timedelta(days=100)
    await postpone(evening, late + timedelta(days=7), now=late)
    assert (await event_of(evening)).status is EventStatus.ANNOUNCED
    assert await told(evening, "moved") == [*CROWD]


async def test_put_off_twice_it_is_told_twice(evening: Evening) -> None:
    for start in (None, LATER, None):
        await postpone(evening, start)
    assert await told(evening, "postponed") == [*CROWD] * 2


async def test_a_new_date_keeps_promotions_and_calls_off_reminders(evening: Evening) -> None:
    await resize(evening, 4)
    await owe(evening, "reminder", f"event:{evening.event_id}:1768435200:1440:0")
    await postpone(evening, LATER)
    assert [one.state for one in await owed(evening, "promotion")] == [DeliveryState.PENDING]
    assert [one.state for one in await owed(evening, "reminder")] == [DeliveryState.MISSED]


async def test_a_day_without_an_hour_keeps_the_events_hour(evening: Evening) -> None:
    date = await read(evening, "jeudi 22 janvier")
    assert date is not None
    assert date.start == LATER
    assert date.end is None


async def test_a_date_with_an_end(evening: Evening) -> None:
    date = await read(evening, "jeudi 22 janvier de 14h à 18h")
    assert date is not None
    assert date.start == datetime(2026, 1, 22, 14, tzinfo=PARIS)
    assert date.end == datetime(2026, 1, 22, 18, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("when", "key"),
    [
        ("mercredi 31 décembre 2025 à 18h", "moments.past"),
        ("vendredi 22 janvier à 18h", "moments.weekday_mismatch"),
        ("30 février à 18h", "moments.no_such_day"),
        ("29 mars 2026 à 2h30", "moments.no_such_hour"),
        ("jeudi 15 janvier", "changes.same_date"),
        ("bientôt", "moments.unreadable"),
    ],
)
async def test_a_date_that_cannot_be_is_refused(evening: Evening, when: str, key: str) -> None:
    with pytest.raises(UserError) as refused:
        await read(evening, when)
    assert refused.value.key == key
