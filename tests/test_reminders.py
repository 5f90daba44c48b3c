"""When reminders are due and whom they reach: rules, and what the database holds."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.db import Database
from bot.deliveries import Recipient
from bot.events import programme, reminders
from bot.events.programme import Programme, ShownPart
from bot.events.reminders import TOGETHER, Occasion
from bot.events.seats import Roster, Said
from bot.tables import Bell, Choice, Delivery, DeliveryState, Event, EventStatus, Series
from bot.texts import Voice
from cogs import _drawings
from cogs import _reminder_notices as _reminder_notices  # noqa: PLC0414 # it says what is drawn
from tests.conftest import START
from tests.evenings import BOB, CAROL, DAVE, ERIN, Evening, make_evening

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PARIS, NEW_YORK = ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York")
WEEK_BEFORE, DAY_BEFORE, HOURS_BEFORE = 7 * DAY, DAY, 2 * HOUR


@pytest.mark.parametrize(
    ("zone", "start", "before", "expected"),
    [
        # Clocks go forward on 29 March 2026 at 02:00: the night has 23 hours.
        (PARIS, "2026-03-29T14:00", DAY_BEFORE, "2026-03-28T13:00Z"),
        (PARIS, "2026-03-30T14:00", DAY_BEFORE, "2026-03-29T12:00Z"),
        (PARIS, "2026-04-02T14:00", WEEK_BEFORE, "2026-03-26T13:00Z"),
        (PARIS, "2026-03-29T04:00", HOURS_BEFORE, "2026-03-29T00:00Z"),
        (PARIS, "2026-03-29T14:00", HOURS_BEFORE, "2026-03-29T10:00Z"),
        # 02:30 is skipped that day: as much later as the clocks jump.
        (PARIS, "2026-03-30T02:30", DAY_BEFORE, "2026-03-29T01:30Z"),
        # Clocks go back on 25 October 2026 at 03:00: 25 hours.
        (PARIS, "2026-10-25T14:00", DAY_BEFORE, "2026-10-24T12:00Z"),
        (PARIS, "2026-10-26T14:00", DAY_BEFORE, "2026-10-25T13:00Z"),
        (PARIS, "2026-10-28T18:30", WEEK_BEFORE, "2026-10-21T16:30Z"),
        (PARIS, "2026-10-25T04:00", HOURS_BEFORE, "2026-10-25T01:00Z"),
        # 02:30 comes twice that day: the first of the two.
        (PARIS, "2026-10-26T02:30", DAY_BEFORE, "2026-10-25T00:30Z"),
        (PARIS, "2026-10-26T02:30", DAY_BEFORE + HOUR, "2026-10-24T23:30Z"),
        # On other days than in Paris.
        (NEW_YORK, "2026-03-08T14:00", DAY_BEFORE, "2026-03-07T19:00Z"),
        (NEW_YORK, "2026-03-29T14:00", DAY_BEFORE, "2026-03-28T18:00Z"),
        (NEW_YORK, "2026-11-01T14:00", DAY_BEFORE, "2026-10-31T18:00Z"),
        (NEW_YORK, "2026-11-01T04:00", HOURS_BEFORE, "2026-11-01T07:00Z"),
    ],
)
def test_days_are_counted_on_the_clock_and_hours_as_they_pass(
    zone: ZoneInfo, start: str, before: timedelta, expected: str
) -> None:
    local = datetime.fromisoformat(start).replace(tzinfo=zone)
    assert reminders.moment(local.astimezone(UTC), zone, before) == datetime.fromisoformat(expected)


def test_the_second_of_two_equal_hours_is_not_taken_for_the_first() -> None:
    second = datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=1).astimezone(UTC)
    assert reminders.moment(second, PARIS, HOUR) == second - HOUR


@pytest.mark.parametrize(
    ("before", "late"),
    [
        (WEEK_BEFORE, 6 * HOUR),
        (DAY_BEFORE, 6 * HOUR),
        (4 * HOUR, HOUR),
        (HOUR / 2, HOUR / 4),
        (HOUR / 12, HOUR / 12),
    ],
)
def test_a_reminder_may_be_late_by_a_quarter_and_never_comes_after_the_start(
    before: timedelta, late: timedelta
) -> None:
    due = START - before
    assert reminders.expiry(START, due, before) == due + late


# What an occasion reaches, whatever the programme.


def said(user_id: int) -> Said:
    return Said(user_id, Choice.YES, turn=user_id)


def made(starts: Sequence[datetime | None], seats: Sequence[Iterable[int]]) -> Programme:
    """A programme whose parts begin then, with these members seated."""
    empty = ShownPart(0, "Table", None, None, None, None, Roster(), 0, False, (), None)
    return Programme(
        event_id=1,
        title="Rencontres",
        start=START,
        end=None,
        zone="Europe/Paris",
        status=EventStatus.ANNOUNCED,
        parts=tuple(
            replace(
                empty, part_id=number, start=start, roster=Roster(tuple(said(it) for it in seated))
            )
            for number, (start, seated) in enumerate(zip(starts, seats, strict=True))
        ),
    )


def reached(shown: Programme, start: datetime, cue: timedelta) -> Mapping[int, Sequence[int]]:
    """Who is reminded of which parts, by their numbers."""
    occasion = Occasion(1, 1, start, str(int(cue.total_seconds()) // 60))
    seats = reminders.seats_of(shown, occasion)
    return {user_id: [part.part_id for part in parts] for user_id, parts in seats.items()}


def test_tables_of_one_afternoon_are_one_reminder_naming_each_ones_own() -> None:
    shown = made([None, None, START + HOUR], [[BOB, CAROL], [DAVE], [CAROL, ERIN]])
    everybody = {BOB: [0], CAROL: [0, 2], DAVE: [1], ERIN: [2]}
    assert reached(shown, START, DAY_BEFORE) == everybody
    assert reached(shown, START + HOUR, DAY_BEFORE) == {}


def test_hours_count_from_the_first_seat_of_each() -> None:
    shown = made([None, None, START + 5 * HOUR], [[BOB, CAROL], [DAVE], [CAROL, ERIN]])
    assert reached(shown, START, HOURS_BEFORE) == {BOB: [0], CAROL: [0, 2], DAVE: [1]}
    assert reached(shown, START + 5 * HOUR, HOURS_BEFORE) == {ERIN: [2]}


HOURS = st.none() | st.integers(0, 60).map(lambda hours: START + hours * HOUR)
PARTS = st.lists(st.tuples(HOURS, st.frozensets(st.integers(1, 6))), min_size=1, max_size=10)


@given(PARTS, st.sampled_from([WEEK_BEFORE, DAY_BEFORE, HOURS_BEFORE]))
def test_whoever_has_a_seat_is_reminded_once_a_day_of_all_of_theirs_and_of_no_other(
    parts: Sequence[tuple[datetime | None, frozenset[int]]], cue: timedelta
) -> None:
    shown = made([start for start, _ in parts], [seated for _, seated in parts])
    starts = [start or START for start, _ in parts]
    heard = Counter[tuple[int, int]]()
    for start in {START, *starts}:
        for user_id, numbers in reached(shown, start, cue).items():
            heard.update((user_id, number) for number in numbers)
    seats = {(user_id, number) for number, (_, seated) in enumerate(parts) for user_id in seated}
    assert heard == Counter(seats)


# What is owed.


async def look(database: Database, now: datetime) -> list[Occasion]:
    """Look what is due as the bot does, and owe it; give what was sent."""
    async with database.reading() as session:
        due = await reminders.due(session, now)
    async with database.writing(1) as session:
        return [occasion for occasion in due if await reminders.owe(session, occasion, now)]


async def owed(database: Database, kind: str = "reminder") -> Sequence[Delivery]:
    async with database.reading() as session:
        query = select(Delivery).where(Delivery.kind == kind).order_by(Delivery.id)
        return (await session.scalars(query)).all()


async def change(evening: Evening, **values: object) -> None:
    async with evening.database.writing(1) as session:
        await session.execute(update(Event).where(Event.id == evening.event_id).values(**values))


@pytest.fixture
async def evening(database: Database) -> Evening:
    """An event on 15 January at 01:00 in Paris, to which Bob comes."""
    evening = await make_evening(database)
    await change(evening, channel_id=5)
    await evening.plays(evening.press(BOB, Choice.YES))
    return evening


EVENING = START + 14 * DAY


async def test_each_reminder_is_owed_once_at_its_time(evening: Evening) -> None:
    found: dict[datetime, list[str]] = {}
    for before in (WEEK_BEFORE, DAY_BEFORE, HOURS_BEFORE, timedelta()):
        for later in (-MINUTE, timedelta(), MINUTE, HOUR):
            now = EVENING - before + later
            if cues := [occasion.cue for occasion in await look(evening.database, now)]:
                found[now] = cues
    assert found == {
        EVENING - 7 * DAY: ["10080"],
        EVENING - DAY: ["1440"],
        EVENING - 2 * HOUR: ["120"],
    }
    assert [it.recipient for it in await owed(evening.database)] == ["channel:5"] * 3


async def test_the_thread_is_where_they_are_reminded(evening: Evening) -> None:
    await change(evening, channel_id=7, thread_id=8)
    await look(evening.database, EVENING - DAY)
    assert {it.recipient for it in await owed(evening.database)} == {"channel:8"}


@pytest.mark.parametrize(("chosen", "expected"), [([], []), ([90], ["90"]), (None, ["120"])])
async def test_a_series_chooses_its_own(
    evening: Evening, chosen: list[int] | None, expected: list[str]
) -> None:
    async with evening.database.writing(1) as session:
        session.add(Series(id=4, guild_id=1, name="Petit-déjeuner", parts=[], reminders=chosen))
    await change(evening, series_id=4, dated_at=EVENING - 3 * HOUR)
    sent = await look(evening.database, EVENING - 2 * HOUR)
    sent += await look(evening.database, EVENING - 1.5 * HOUR)
    assert [occasion.cue for occasion in sent] == expected


async def test_what_came_due_before_its_date_was_known_is_not_owed(evening: Evening) -> None:
    await change(evening, dated_at=EVENING - 7 * DAY + HOUR)
    await look(evening.database, EVENING - 7 * DAY + 2 * HOUR)
    assert await owed(evening.database) == []


@pytest.mark.parametrize(
    ("status", "sent"),
    [
        (EventStatus.CLOSED, 1),
        (EventStatus.CANCELLED, 0),
        (EventStatus.POSTPONED, 0),
        (EventStatus.PAST, 0),
        (EventStatus.DRAFT, 0),
    ],
)
async def test_only_what_takes_place_is_reminded_of(
    evening: Evening, status: EventStatus, sent: int
) -> None:
    await change(evening, status=status)
    assert len(await look(evening.database, EVENING - 7 * DAY)) == sent


async def test_an_event_that_moved_is_reminded_of_again_and_never_twice_for_one_date(
    evening: Evening,
) -> None:
    await look(evening.database, EVENING - DAY)
    await change(evening, starts_at=EVENING + DAY, dated_at=EVENING - HOUR)
    assert len(await look(evening.database, EVENING)) == 1
    await change(evening, starts_at=EVENING, dated_at=EVENING - DAY)
    assert await look(evening.database, EVENING - DAY + HOUR) == []


async def test_one_that_comes_too_late_is_noted_as_missed(evening: Evening) -> None:
    assert await look(evening.database, EVENING - 7 * DAY + 7 * HOUR) == []
    (missed,) = await owed(evening.database)
    assert (missed.state, missed.reason) == (DeliveryState.MISSED, "deliveries.too_late")
    assert await look(evening.database, EVENING - 7 * DAY + 7 * HOUR) == []


async def test_nobody_to_remind_is_noted_and_whoever_comes_later_is_not_called(
    evening: Evening,
) -> None:
    await evening.plays(evening.press(BOB, Choice.MAYBE))
    assert await look(evening.database, EVENING - DAY) == []
    await evening.plays(evening.press(CAROL, Choice.YES))
    assert await look(evening.database, EVENING - DAY + HOUR) == []
    missed = [it for it in await owed(evening.database) if ":1440:" in it.subject]
    assert [it.reason for it in missed] == ["reminders.nobody"]


async def test_two_that_look_at_once_owe_it_once(evening: Evening) -> None:
    now = EVENING - 7 * DAY
    await asyncio.gather(*(look(evening.database, now) for _ in range(5)))
    assert len(await owed(evening.database)) == 1


async def test_who_has_a_bell_and_a_seat_is_told_in_private(evening: Evening) -> None:
    async with evening.database.writing(1) as session:
        session.add_all(
            Bell(event_id=evening.event_id, user_id=user_id, guild_id=1) for user_id in (BOB, ERIN)
        )
    await look(evening.database, EVENING - 7 * DAY)
    (bell,) = await owed(evening.database, "bell")
    assert Recipient.read(bell.recipient) == Recipient("user", BOB)


# Hundreds of them.


async def shares(evening: Evening) -> list[list[int]]:
    """Whom each message owed would mention now."""
    async with evening.database.reading() as session:
        shown = await programme.shown(session, evening.event_id)
    assert shown is not None
    return [
        [*reminders.share(it, reminders.seats_of(shown, Occasion.of(it)))]
        for it in await owed(evening.database)
    ]


async def test_hundreds_are_mentioned_each_once_and_stay_in_their_message(
    evening: Evening,
) -> None:
    crowd = range(10**18, 10**18 + 300)
    await evening.plays_together(*(evening.press(it, Choice.YES) for it in crowd))
    await look(evening.database, EVENING - 7 * DAY)
    before = await shares(evening)
    assert sorted(it for share in before for it in share) == [BOB, *crowd]
    assert max(map(len, before)) <= TOGETHER
    assert len(before) < 12
    await evening.plays(*(evening.press(it, Choice.NO) for it in crowd[:50]))
    await evening.plays(evening.press(CAROL, Choice.YES))
    after = await shares(evening)
    gone = {*crowd[:50]}
    assert [[it for it in share if it != CAROL] for share in after] == [
        [it for it in share if it not in gone] for share in before
    ]
    assert sum(share.count(CAROL) for share in after) == 1


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_the_longest_programme_and_forty_names_fit_into_a_message(
    database: Database, voices: Mapping[str, Voice], language: str
) -> None:
    evening = await make_evening(database, parts=10)
    await change(evening, title="*_Longue rencontre_*" * 10, place="x" * 200)
    for number in range(10):
        starts_at = EVENING + number * HOUR / 4
        await evening.change_part(
            number, title="Œuvre [collective] " * 5, starts_at=starts_at, ends_at=starts_at + HOUR
        )
    crowd = range(10**18, 10**18 + TOGETHER)
    await evening.plays_together(
        *(
            evening.press(it, Choice.YES, part=part)
            for number, it in enumerate(crowd)
            # Hardly two come for the same tables.
            for part in range(10)
            if (number * 37 + 5) >> part & 1 or part == number % 10
        )
    )
    await look(database, EVENING - 7 * DAY)
    pinged: list[int] = []
    for delivery in await owed(database):
        async with database.reading() as session:
            drawing = await _drawings.draw(session, delivery, voices[language])
        assert drawing is not None
        assert drawing.content is not None
        assert len(drawing.content) <= 2000
        assert all(f"<@{it}>" in drawing.content for it in drawing.pings)
        pinged += drawing.pings
    assert sorted(pinged) == [*crowd]
