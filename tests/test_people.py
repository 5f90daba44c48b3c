from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.db import Database
from bot.errors import UserError
from bot.events import people
from bot.tables import Answer, Approval, Choice, Delivery, Event, EventStatus
from tests.conftest import START
from tests.evenings import BOB, CAROL, DAVE, ERIN, Evening, make_evening


async def owed(evening: Evening, kind: str) -> Sequence[Delivery]:
    async with evening.database.reading() as session:
        query = select(Delivery).where(Delivery.kind == kind).order_by(Delivery.id)
        return (await session.scalars(query)).all()


async def told(evening: Evening, kind: str) -> list[str]:
    return [delivery.recipient for delivery in await owed(evening, kind)]


async def requests(evening: Evening) -> bool:
    async with evening.database.writing(evening.guild_id) as session:
        return await people.request(session, part_ids=evening.part_ids, now=START)


async def test_who_changes_their_guests_while_they_ask_is_not_brought_again(
    database: Database,
) -> None:
    evening = await make_evening(database, capacity=2)
    await evening.change(guests_allowed=5, needs_approval=True)
    asked = evening.press(BOB, Choice.YES)
    await evening.plays(asked)
    assert await requests(evening)
    minute = timedelta(minutes=1)
    await evening.plays(replace(asked, at=START + minute, guests=1))
    assert not await requests(evening)
    assert len(await owed(evening, "request")) == 1


async def decides(evening: Evening, user_id: int, *, accepted: bool) -> None:
    async with evening.database.writing(evening.guild_id) as session:
        await people.decide(
            session,
            evening.part_id,
            user_id,
            accepted=accepted,
            guild_id=evening.guild_id,
            now=START,
        )


async def places(
    evening: Evening, user_id: int, guests: int | None = None, *, guild_id: int | None = None
) -> None:
    async with evening.database.writing(evening.guild_id) as session:
        await people.place(
            session,
            evening.part_id,
            user_id,
            guild_id=guild_id or evening.guild_id,
            guests=guests,
            now=START,
        )


async def removes(evening: Evening, user_id: int, reason: str | None = None) -> None:
    async with evening.database.writing(evening.guild_id) as session:
        await people.remove(
            session,
            evening.part_id,
            user_id,
            guild_id=evening.guild_id,
            reason=reason,
            now=START,
        )


async def approval(evening: Evening, user_id: int) -> Approval | None:
    async with evening.database.reading() as session:
        answer = await session.get(Answer, (evening.part_id, user_id))
        return answer.approval if answer else None


# Seats given by hand.


async def test_a_seat_by_hand_stands_above_the_capacity(database: Database) -> None:
    evening = await make_evening(database, capacity=1)
    await evening.plays(evening.press(BOB, Choice.YES))
    await places(evening, CAROL, 2)
    roster = await evening.roster()
    assert [(it.user_id, it.by_hand, it.guests) for it in roster.seated] == [
        (BOB, False, 0),
        (CAROL, True, 2),
    ]
    assert await told(evening, "placed") == [f"user:{CAROL}"]


async def test_who_waited_and_is_seated_by_hand_is_told_once_and_those_behind_move_up(
    database: Database,
) -> None:
    evening = await make_evening(database, capacity=1)
    await evening.plays(*(evening.press(it, Choice.YES) for it in (BOB, CAROL, DAVE)))
    await places(evening, CAROL)
    assert await evening.line() == ([BOB, CAROL], [DAVE])
    assert (await told(evening, "promotion"), await told(evening, "placed")) == (
        [f"user:{CAROL}"],
        [],
    )


@pytest.mark.parametrize(
    ("status", "user_id", "key"),
    [
        (EventStatus.ANNOUNCED, BOB, "people.seated_already"),
        (EventStatus.CANCELLED, CAROL, "people.cancelled"),
    ],
)
async def test_a_seat_that_makes_no_sense_is_refused_in_words(
    database: Database, status: EventStatus, user_id: int, key: str
) -> None:
    evening = await make_evening(database)
    await evening.plays(evening.press(BOB, Choice.YES))
    async with database.writing() as session:
        await session.execute(update(Event).values(status=status))
    with pytest.raises(UserError) as refusal:
        await places(evening, user_id)
    assert refusal.value.key == key


async def test_another_community_s_part_is_no_part(database: Database) -> None:
    evening = await make_evening(database)
    with pytest.raises(UserError, match="gone"):
        await places(evening, BOB, guild_id=2)


# Taking someone out.


async def test_a_removed_member_s_seat_goes_to_who_waits_and_both_are_told(
    database: Database,
) -> None:
    evening = await make_evening(database, capacity=1)
    await evening.plays(*(evening.press(it, Choice.YES) for it in (BOB, CAROL, DAVE)))
    await removes(evening, BOB, "doublon")
    assert await evening.line() == ([CAROL], [DAVE])
    assert await evening.told() == [CAROL]
    (delivery,) = await owed(evening, "removed")
    assert (delivery.recipient, delivery.detail) == (f"user:{BOB}", "doublon")


async def test_who_never_answered_or_said_no_cannot_be_taken_out(database: Database) -> None:
    evening = await make_evening(database)
    await evening.plays(evening.press(BOB, Choice.NO))
    for user_id in (BOB, CAROL):
        with pytest.raises(UserError, match="not_coming"):
            await removes(evening, user_id)


# Requests.


async def test_a_request_is_brought_once_for_each_asking(database: Database) -> None:
    evening = await make_evening(database)
    await evening.change(needs_approval=True)
    await evening.plays(evening.press(BOB, Choice.YES), evening.press(CAROL, Choice.MAYBE))
    assert await requests(evening)
    assert not await requests(evening)
    (delivery,) = await owed(evening, "request")
    assert delivery.recipient == "user:1"
    assert delivery.subject.startswith(f"part:{evening.part_id}:user:{BOB}:at:")


async def test_who_changes_their_mind_all_day_is_brought_three_times(database: Database) -> None:
    evening = await make_evening(database)
    await evening.change(needs_approval=True)
    for minute in range(6):
        await evening.plays(evening.press(BOB, Choice.YES))
        async with database.writing() as session:
            asked_at = START + timedelta(minutes=minute)
            await session.execute(update(Answer).values(answered_at=asked_at))
        await requests(evening)
        await evening.plays(evening.press(BOB, Choice.NO))
    assert len(await owed(evening, "request")) == people.MOST_REQUESTS


async def test_the_accepted_take_their_turn_when_they_are_accepted(database: Database) -> None:
    evening = await make_evening(database, capacity=1)
    await evening.change(needs_approval=True)
    await evening.plays(*(evening.press(it, Choice.YES) for it in (BOB, CAROL, DAVE, ERIN)))
    assert await evening.line() == ([], [])
    await decides(evening, CAROL, accepted=True)
    await decides(evening, BOB, accepted=True)
    await decides(evening, DAVE, accepted=False)
    assert await evening.line() == ([CAROL], [BOB])
    assert await told(evening, "approved") == [f"user:{CAROL}", f"user:{BOB}"]
    assert await told(evening, "refused") == [f"user:{DAVE}"]
    assert await approval(evening, ERIN) is Approval.PENDING


async def test_a_request_is_decided_once(database: Database) -> None:
    evening = await make_evening(database)
    await evening.change(needs_approval=True)
    await evening.plays(evening.press(BOB, Choice.YES))
    await decides(evening, BOB, accepted=False)
    for accepted in (True, False):
        with pytest.raises(UserError, match="not_asking"):
            await decides(evening, BOB, accepted=accepted)
    assert await approval(evening, BOB) is Approval.REFUSED


# Who has left the community.


async def test_the_departed_leave_every_part_to_come_and_nobody_else_does(
    database: Database,
) -> None:
    evening = await make_evening(database, capacity=1, parts=2)
    past = await make_evening(database, guild_id=1)
    elsewhere = await make_evening(database, guild_id=2)
    for one in (evening, past, elsewhere):
        await one.plays(*(one.press_all(it, Choice.YES) for it in (BOB, CAROL)))
    async with database.writing() as session:
        await session.execute(
            update(Event).where(Event.id == past.event_id).values(starts_at=START)
        )
    async with database.writing(1) as session:
        changed = await people.departed(session, 1, [BOB, ERIN], START)
    assert changed == {evening.event_id}
    assert await evening.line() == ([CAROL], [])
    assert await evening.told() == [CAROL]
    assert (await past.line())[0] == [BOB, CAROL]
    assert (await elsewhere.line())[0] == [BOB, CAROL]
