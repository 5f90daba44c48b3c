import asyncio
import re
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.db import Database
from bot.errors import UserError
from bot.events import attendance, hours
from bot.events.attendance import LETTERS, Arrival, Attendance, Guesses
from bot.tables import Choice, Presence
from tests.conftest import START
from tests.evenings import BOB, CAROL, DAVE, ERIN, Evening, make_evening

ORGANISER = 99
BEGIN = START + timedelta(days=14)
END = BEGIN + hours.USUALLY


async def checks_in(evening: Evening, *user_ids: int) -> int:
    async with evening.database.writing(evening.guild_id) as session:
        return await attendance.check_in(
            session,
            evening.part_id,
            user_ids,
            guild_id=evening.guild_id,
            by=ORGANISER,
            now=BEGIN,
        )


async def counts(evening: Evening, more: int) -> None:
    async with evening.database.writing(evening.guild_id) as session:
        await attendance.count_unknown(
            session, evening.part_id, more, guild_id=evening.guild_id, now=BEGIN
        )


async def door(evening: Evening) -> Attendance:
    async with evening.database.reading() as session:
        return await attendance.at_door(session, evening.guild_id, evening.part_id)


async def opens(evening: Evening, *, renewed: bool = False) -> str:
    async with evening.database.writing(evening.guild_id) as session:
        return await attendance.open_door(
            session, evening.part_id, guild_id=evening.guild_id, renewed=renewed
        )


async def arrives(
    evening: Evening, user_id: int, code: str, *, after: timedelta = timedelta()
) -> Arrival:
    async with evening.database.writing(evening.guild_id) as session:
        return await attendance.arrive(
            session, code, user_id, guild_id=evening.guild_id, now=BEGIN + after
        )


async def seats(evening: Evening, user_ids: Sequence[int]) -> None:
    await evening.plays_together(*(evening.press(it, Choice.YES) for it in user_ids))


async def test_who_came_who_did_not_and_who_came_besides(database: Database) -> None:
    evening = await make_evening(database)
    await evening.change(guests_allowed=2)
    await seats(evening, [BOB, CAROL, DAVE])
    await checks_in(evening, BOB, ERIN)
    await counts(evening, 2)
    async with database.reading() as session:
        figures = await attendance.of_part(session, evening.part_id)
        assert await attendance.of_part(session, 0) is None
    assert figures == attendance.Figures(seated=3, present=1, no_shows=2, walk_ins=3, taken=True)
    assert figures is not None
    assert figures.rate == pytest.approx(1 / 3)


async def test_without_a_single_check_in_nobody_is_a_no_show(database: Database) -> None:
    evening = await make_evening(database)
    await seats(evening, [BOB, CAROL])
    figures = (await door(evening)).figures()
    assert (figures.seated, figures.no_shows, figures.rate) == (2, 0, None)


async def test_a_hundred_check_ins_twice_each_count_a_hundred(database: Database) -> None:
    evening = await make_evening(database)
    crowd = range(1000, 1100)
    await seats(evening, crowd)
    assert await checks_in(evening, *crowd) == 100
    assert await checks_in(evening, *crowd) == 0
    assert (await door(evening)).figures().present == 100


async def test_two_organisers_at_once_note_everybody_once(database: Database) -> None:
    evening = await make_evening(database)
    crowd = range(1000, 1050)
    await seats(evening, crowd)
    one_by_one = (checks_in(evening, user_id) for user_id in [*crowd, *crowd])
    assert sum(await asyncio.gather(*one_by_one)) == 50
    assert (await door(evening)).figures().present == 50


async def test_a_check_in_can_be_taken_back(database: Database) -> None:
    evening = await make_evening(database)
    await seats(evening, [BOB])
    await checks_in(evening, BOB, CAROL)
    async with database.writing(evening.guild_id) as session:
        await attendance.check_out(session, evening.part_id, [BOB, DAVE], guild_id=evening.guild_id)
    there = await door(evening)
    assert [said.user_id for said in there.missing] == [BOB]
    assert there.unseated == {CAROL}


async def test_strangers_are_never_fewer_than_none(database: Database) -> None:
    evening = await make_evening(database)
    for more in (1, -1, -1, 1):
        await counts(evening, more)
    assert (await door(evening)).unknown == 1


async def test_nobody_is_checked_in_before_the_day(database: Database) -> None:
    evening = await make_evening(database)
    async with database.writing(evening.guild_id) as session:
        with pytest.raises(UserError, match="too_early"):
            await attendance.check_in(
                session,
                evening.part_id,
                [BOB],
                guild_id=evening.guild_id,
                by=ORGANISER,
                now=START,
            )
        with pytest.raises(UserError, match="gone"):
            await attendance.at_door(session, 2, evening.part_id)


# The word at the door.


async def test_the_word_stays_until_it_is_renewed(database: Database) -> None:
    evening = await make_evening(database)
    word = await opens(evening)
    assert re.fullmatch(f"[{LETTERS}]{{6}}", word)
    assert await opens(evening) == word
    renewed = await opens(evening, renewed=True)
    assert renewed != word
    await seats(evening, [BOB])
    assert await arrives(evening, BOB, word) is Arrival.WRONG
    assert await arrives(evening, BOB, renewed) is Arrival.WELCOME


async def test_who_has_a_seat_is_welcome_once_and_others_are_sent_to_the_organisers(
    database: Database,
) -> None:
    evening = await make_evening(database, capacity=1)
    await seats(evening, [BOB, CAROL])
    word = await opens(evening)
    typed = f" {word[:3].lower()}-{word[3:].lower()} "
    assert await arrives(evening, BOB, typed) is Arrival.WELCOME
    assert await arrives(evening, BOB, word) is Arrival.KNOWN
    assert await arrives(evening, CAROL, word) is Arrival.NO_SEAT
    assert await arrives(evening, DAVE, word) is Arrival.NO_SEAT
    async with database.reading() as session:
        (presence,) = await session.scalars(select(Presence))
    assert (presence.user_id, presence.checked_by) == (BOB, BOB)


@pytest.mark.parametrize(
    ("after", "arrival"),
    [
        (timedelta(hours=-2, seconds=-1), Arrival.NOT_NOW),
        (timedelta(hours=-2), Arrival.WELCOME),
        (END - BEGIN + timedelta(hours=3), Arrival.WELCOME),
        (END - BEGIN + timedelta(hours=3, seconds=1), Arrival.NOT_NOW),
    ],
)
async def test_the_word_works_around_the_event_only(
    database: Database, after: timedelta, arrival: Arrival
) -> None:
    evening = await make_evening(database)
    await seats(evening, [BOB])
    assert await arrives(evening, BOB, await opens(evening), after=after) is arrival


async def test_another_community_s_word_is_wrong_here(database: Database) -> None:
    evening, other = await make_evening(database), await make_evening(database, guild_id=2)
    await seats(evening, [BOB])
    assert await arrives(evening, BOB, await opens(other)) is Arrival.WRONG


def test_five_wrong_words_an_hour_and_no_more() -> None:
    guesses = Guesses()
    for minute in range(attendance.MOST_GUESSES):
        guesses.allow(BOB, START + timedelta(minutes=minute))
        guesses.wrong(BOB, START + timedelta(minutes=minute))
    with pytest.raises(UserError, match="too_many_guesses"):
        guesses.allow(BOB, START + timedelta(minutes=59))
    guesses.allow(CAROL, START + timedelta(minutes=59))
    guesses.allow(BOB, START + timedelta(minutes=60))
