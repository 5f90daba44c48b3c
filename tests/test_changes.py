from dataclasses import replace
from datetime import timedelta

import pytest

from bot.db import Database
from bot.errors import UserError
from bot.events import changes, hours, people
from bot.events.changes import UnconfirmedError
from bot.tables import Choice, DeliveryState, EventStatus
from tests.changing import (
    DATE,
    LATER,
    cancel,
    change,
    close,
    counted,
    event_of,
    fill,
    make_crowd,
    owe,
    owed,
    postpone,
    reopen,
    resize,
    told,
)
from tests.conftest import START
from tests.evenings import BOB, CAROL, DAVE, ERIN, Evening, make_evening

# Nobody wrote when it ends.
OVER = DATE + hours.USUALLY


@pytest.fixture
async def evening(database: Database) -> Evening:
    """An event with three seats, and four who want one."""
    return await make_crowd(database)


async def test_more_seats_seat_those_who_wait_in_order(evening: Evening) -> None:
    done = await resize(evening, 4)
    assert await evening.line() == ([BOB, CAROL, DAVE, ERIN], [])
    assert await told(evening, "promotion") == [ERIN]
    assert (done.seated, done.unseated) == (1, 0)


async def test_fewer_seats_than_are_taken_want_to_be_confirmed(evening: Evening) -> None:
    with pytest.raises(UnconfirmedError) as asked:
        await resize(evening, 1)
    assert asked.value.losing == 2
    assert await evening.line() == ([BOB, CAROL, DAVE], [ERIN])


async def test_confirmed_the_last_seated_stand_at_the_head_of_the_line(evening: Evening) -> None:
    done = await resize(evening, 1, confirmed=True)
    assert await evening.line() == ([BOB], [CAROL, DAVE, ERIN])
    assert await told(evening, "unseated") == [CAROL, DAVE]
    assert (done.seated, done.unseated) == (0, 2)


async def test_who_gets_a_seat_back_after_a_cut_is_told_again(evening: Evening) -> None:
    await resize(evening, 4)
    await resize(evening, 3, confirmed=True)
    await resize(evening, None)
    assert await told(evening, "promotion") == [ERIN, ERIN]
    subjects = [one.subject for one in await owed(evening, "promotion")]
    assert [it.partition(":cut:")[2] for it in subjects] == ["0", "1"]


async def test_guests_are_counted_among_those_who_lose_a_seat(database: Database) -> None:
    evening = await make_evening(database, capacity=4)
    await evening.change(guests_allowed=2)
    bob, carol = (evening.press(user, Choice.YES) for user in (BOB, CAROL))
    await evening.plays(bob, replace(carol, guests=2))
    with pytest.raises(UnconfirmedError) as asked:
        await resize(evening, 3)
    assert asked.value.losing == 3


@pytest.mark.parametrize("seats", [0, -1, 10_001])
async def test_no_such_number_of_seats(evening: Evening, seats: int) -> None:
    with pytest.raises(UserError, match=r"events\.bad_capacity"):
        await resize(evening, seats, confirmed=True)


async def test_seats_of_a_part_that_is_gone(evening: Evening) -> None:
    async with evening.database.writing() as session:
        with pytest.raises(UserError, match=r"rsvp\.gone"):
            await changes.resize(session, 999, 5, now=START)


async def test_a_cancelled_event_is_told_once_to_those_who_meant_to_come(
    evening: Evening,
) -> None:
    await evening.plays(evening.press(CAROL, Choice.NO), evening.press(DAVE, Choice.MAYBE))
    done = await cancel(evening, reason="Grève")
    assert await told(evening, "cancelled") == [BOB, DAVE, ERIN]
    assert done.told == 3
    notice = (await owed(evening, "cancelled"))[0]
    assert notice.subject == f"event:{evening.event_id}:cancelled"
    assert (notice.detail, notice.expires_at) == ("Grève", OVER)
    event = await event_of(evening)
    assert (event.status, event.reason, event.revision) == (EventStatus.CANCELLED, "Grève", 1)


async def test_what_was_still_to_be_said_of_a_cancelled_event_is_not_said(
    evening: Evening,
) -> None:
    other = await make_evening(evening.database, capacity=1)
    await other.plays(*(other.press(user, Choice.YES) for user in (BOB, CAROL)))
    await resize(evening, 4)
    await resize(other, 2)
    await owe(evening, "reminder", f"event:{evening.event_id}:1768435200:1440:0")
    await owe(evening, "event", f"event:{evening.event_id}")
    await cancel(evening)
    states = {
        one.subject.split(":cut")[0]: (one.state, one.reason)
        for one in await owed(evening, "promotion", "reminder", "event")
    }
    called_off = (DeliveryState.MISSED, "changes.called_off")
    pending = (DeliveryState.PENDING, None)
    assert states == {
        f"part:{evening.part_id}:turn:4": called_off,
        f"part:{other.part_id}:turn:2": pending,
        f"event:{evening.event_id}:1768435200:1440:0": called_off,
        # Its card says that it is cancelled.
        f"event:{evening.event_id}": pending,
    }


async def test_nothing_more_is_done_to_a_cancelled_event(evening: Evening) -> None:
    await cancel(evening)
    for act in (cancel(evening), close(evening), reopen(evening), postpone(evening, LATER)):
        with pytest.raises(UserError, match=r"changes\.is_cancelled"):
            await act
    with pytest.raises(UserError, match=r"changes\.is_cancelled"):
        await resize(evening, 10)
    assert len(await owed(evening, "cancelled")) == 4


async def test_nothing_more_is_done_to_an_event_that_is_over(evening: Evening) -> None:
    for act in (
        cancel(evening, now=OVER),
        close(evening, now=OVER),
        reopen(evening, now=OVER),
        postpone(evening, LATER, now=OVER),
    ):
        with pytest.raises(UserError, match=r"changes\.is_over"):
            await act


async def test_an_event_is_not_over_before_its_last_part(evening: Evening) -> None:
    await evening.change(ends_at=DATE + timedelta(hours=3))
    await cancel(evening, now=DATE + timedelta(hours=2))
    assert (await event_of(evening)).status is EventStatus.CANCELLED


async def test_an_event_without_a_date_is_cancelled_and_told_long_after(evening: Evening) -> None:
    await postpone(evening, None)
    late = DATE + timedelta(days=100)
    await cancel(evening, now=late)
    expiries = [one.expires_at for one in await owed(evening, "cancelled")]
    assert len(expiries) == 4
    assert all(it is not None and it > late for it in expiries)


@pytest.mark.parametrize("status", [None, EventStatus.DRAFT])
async def test_an_event_that_was_never_announced_is_unknown(
    evening: Evening, status: EventStatus | None
) -> None:
    event_id = evening.event_id if status else 999
    if status:
        await change(evening, status=status)
    async with evening.database.writing() as session:
        with pytest.raises(UserError, match=r"rsvp\.gone"):
            await changes.cancel(session, event_id, now=START)


async def test_answers_close_and_open_again_once(evening: Evening) -> None:
    assert [(await close(evening)).changed for _ in range(2)] == [True, False]
    assert (await event_of(evening)).status is EventStatus.CLOSED
    (refused,) = await evening.plays(evening.press(15, Choice.YES))
    assert not refused.changed
    assert [(await reopen(evening)).changed for _ in range(2)] == [True, False]
    assert (await event_of(evening)).status is EventStatus.ANNOUNCED


async def test_answers_to_an_event_without_a_date_do_not_open(evening: Evening) -> None:
    await postpone(evening, None)
    assert not (await close(evening)).changed
    with pytest.raises(UserError, match=r"changes\.no_date"):
        await reopen(evening)


async def test_answers_after_the_deadline_do_not_open(evening: Evening) -> None:
    await evening.change(deadline=60)
    await close(evening)
    with pytest.raises(UserError, match=r"changes\.deadline_passed"):
        await reopen(evening, now=DATE - timedelta(minutes=30))
    assert (await event_of(evening)).status is EventStatus.CLOSED


async def test_what_was_decided_about_somebody_is_said_though_the_event_is_cancelled(
    evening: Evening,
) -> None:
    async with evening.database.writing(evening.guild_id) as session:
        await people.remove(session, evening.part_id, BOB, guild_id=evening.guild_id, now=START)
    await cancel(evening)
    (removed,) = await owed(evening, "removed")
    (promotion,) = await owed(evening, "promotion")
    assert removed.state is DeliveryState.PENDING
    assert promotion.state is DeliveryState.MISSED


async def test_a_thousand_are_told_in_as_many_statements_as_one(database: Database) -> None:
    evening = await make_evening(database)
    await fill(evening, 1000)
    with counted(database) as asked:
        assert (await cancel(evening)).told == 1000
    assert asked.total() < 30
    assert len(await owed(evening, "cancelled")) == 1000
