from dataclasses import replace
from datetime import timedelta

import pytest

from bot.db import Database
from bot.errors import UserError
from bot.events import changes
from bot.events.changes import UnconfirmedError
from bot.events.proposal import ProposedPart
from bot.tables import Approval, Choice, EventStatus
from tests.changing import (
    CROWD,
    DATE,
    LATER,
    PARIS,
    as_it_is,
    cancel,
    close,
    counted,
    edit,
    event_of,
    fill,
    make_crowd,
    owed,
    parts_of,
    postpone,
    table,
    told,
)
from tests.conftest import START
from tests.evenings import BOB, CAROL, DAVE, ERIN, Evening, make_evening


@pytest.fixture
async def evening(database: Database) -> Evening:
    """An event with three seats, and four who want one."""
    return await make_crowd(database)


async def test_an_edit_writes_what_the_event_shows(evening: Evening) -> None:
    part = ProposedPart(capacity=3, guests=2, deadline=timedelta(hours=2), roles=(7,))
    await edit(evening, as_it_is(part, title="Déjeuner", place="Arles"))
    event, (kept,) = await event_of(evening), await parts_of(evening)
    assert (event.title, event.place, event.revision) == ("Déjeuner", "Arles", 1)
    assert event.updated_at == START
    assert kept.id == evening.part_id
    assert (kept.guests_allowed, kept.deadline, kept.roles) == (2, 120, [7])
    assert await owed(evening, "moved") == []


async def test_an_edit_of_seats_goes_through_the_line(evening: Evening) -> None:
    with pytest.raises(UnconfirmedError) as asked:
        await edit(evening, as_it_is(ProposedPart(capacity=2), title="Déjeuner"))
    assert asked.value.losing == 1
    assert (await event_of(evening)).title == "Petit-déjeuner"
    done = await edit(evening, as_it_is(ProposedPart(capacity=2)), confirmed=True)
    assert done.unseated == 1
    assert await evening.line() == ([BOB, CAROL], [DAVE, ERIN])
    done = await edit(evening, as_it_is(ProposedPart()))
    assert done.seated == 2
    assert await told(evening, "promotion") == [DAVE, ERIN]


async def test_an_edit_of_the_date_is_a_postponement(evening: Evening) -> None:
    await close(evening)
    start = LATER.astimezone(PARIS)
    done = await edit(evening, as_it_is(ProposedPart(capacity=3), start=start))
    assert done.told == 4
    assert await told(evening, "moved") == [*CROWD]
    assert (await event_of(evening)).status is EventStatus.ANNOUNCED


async def test_other_hours_of_a_part_are_told_to_those_who_mean_to_come_to_it(
    database: Database,
) -> None:
    evening = await make_evening(database, parts=3)
    await evening.plays(
        evening.press(BOB, Choice.YES, part=1),
        evening.press(CAROL, Choice.MAYBE, part=1),
        evening.press(DAVE, Choice.NO, part=1),
        evening.press(ERIN, Choice.YES, part=2),
    )
    later = table(evening, 1, start=DATE + timedelta(hours=2))
    proposal = as_it_is(table(evening, 0), later, table(evening, 2))
    async with database.reading() as session:
        assert await changes.hearing(session, evening.event_id, proposal) == [BOB, CAROL]
    done = await edit(evening, proposal)
    assert done.told == 2
    assert await told(evening, "retimed") == [BOB, CAROL]
    assert (await event_of(evening)).dated_at == START
    assert await owed(evening, "moved") == []
    assert (await edit(evening, proposal)).told == 0


async def test_other_hours_of_what_has_no_date_yet_are_not_told(database: Database) -> None:
    evening = await make_evening(database, parts=2)
    await evening.plays(evening.press(BOB, Choice.YES, part=1))
    await postpone(evening, None)
    later = table(evening, 1, start=DATE + timedelta(hours=2))
    assert (await edit(evening, as_it_is(table(evening, 0), later))).told == 0


async def test_another_date_is_told_to_everybody(database: Database) -> None:
    evening = await make_evening(database, parts=2)
    await evening.plays(evening.press(BOB, Choice.YES, part=1))
    proposal = as_it_is(table(evening, 0), table(evening, 1), start=LATER.astimezone(PARIS))
    async with database.reading() as session:
        assert await changes.hearing(session, evening.event_id, proposal) == [BOB]


async def test_an_edit_keeps_the_order_of_parts_and_adds_new_ones_last(database: Database) -> None:
    evening = await make_evening(database, parts=2)
    new = ProposedPart(title="Cocktail", capacity=9)
    await edit(evening, as_it_is(new, table(evening, 1), table(evening, 0)))
    parts = await parts_of(evening)
    assert [part.title for part in parts] == ["Table 0", "Table 1", "Cocktail"]
    assert [part.id for part in parts[:2]] == [*evening.part_ids]
    assert parts[2].capacity == 9


async def test_a_part_that_nobody_answered_may_be_left_out(database: Database) -> None:
    evening = await make_evening(database, parts=3)
    await evening.plays(evening.press(BOB, Choice.YES, part=2))
    await edit(evening, as_it_is(table(evening, 0), table(evening, 2)))
    assert [part.title for part in await parts_of(evening)] == ["Table 0", "Table 2"]


async def test_a_part_that_somebody_answered_stays(database: Database) -> None:
    evening = await make_evening(database, parts=2)
    await evening.plays(evening.press(BOB, Choice.NO, part=1))
    with pytest.raises(UserError, match=r"changes\.answered"):
        await edit(evening, as_it_is(table(evening, 0)))
    assert len(await parts_of(evening)) == 2


@pytest.mark.parametrize(("shown", "left_out"), [("3️⃣", 0), ("3️⃣", 1), ("1️⃣", 2)])
async def test_a_number_that_somebody_shows_keeps_its_meaning(
    database: Database, shown: str, left_out: int
) -> None:
    evening = await make_evening(database, parts=3)
    await evening.plays(evening.react(BOB, shown))
    proposal = as_it_is(*(table(evening, n) for n in range(3) if n != left_out))
    # 1️⃣ is before what is left out: it goes on meaning the same.
    if shown == "1️⃣":
        await edit(evening, proposal)
        assert len(await parts_of(evening)) == 2
        return
    with pytest.raises(UserError, match=r"changes\.numbered"):
        await edit(evening, proposal)


async def test_a_part_of_another_event_is_no_part_of_this(evening: Evening) -> None:
    other = await make_evening(evening.database)
    with pytest.raises(UserError, match=r"changes\.part_gone"):
        await edit(evening, as_it_is(table(evening, 0), table(other, 0)))


async def test_where_approval_is_no_longer_wanted_those_who_asked_are_seated_in_order(
    database: Database,
) -> None:
    evening = await make_evening(database, capacity=2)
    await evening.change(needs_approval=True)
    for minute, user in enumerate((DAVE, BOB, CAROL)):
        asked = evening.press(user, Choice.YES)
        await evening.plays(replace(asked, at=START + timedelta(minutes=minute)))
    await edit(evening, as_it_is(ProposedPart(capacity=2)))
    assert await evening.line() == ([DAVE, BOB], [CAROL])
    roster = await evening.roster()
    assert {said.approval for said in roster.seated} == {Approval.GRANTED}
    assert await told(evening, "approved") == [DAVE, BOB, CAROL]


async def test_an_edit_of_a_cancelled_event_is_refused(evening: Evening) -> None:
    await cancel(evening)
    with pytest.raises(UserError, match=r"changes\.is_cancelled"):
        await edit(evening, as_it_is(ProposedPart(capacity=3)))


async def test_three_hundred_who_asked_are_accepted_at_once(database: Database) -> None:
    evening = await make_evening(database)
    await evening.change(needs_approval=True)
    await fill(evening, 300, turn=None, approval=Approval.PENDING)
    with counted(database) as asked:
        await edit(evening, as_it_is(ProposedPart()))
    assert asked.total() < 40
    assert len(await told(evening, "approved")) == 300
