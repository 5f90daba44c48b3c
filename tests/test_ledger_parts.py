"""Several parts, guests, approvals, roles, deadlines: what each lets an answer do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.db import Database
from bot.events import ledger
from bot.events.emojis import MAYBE, NO, NUMBERS, YES, offered, says
from bot.events.ledger import Ledger, Refusal
from bot.events.rsvp import Act, Outcome
from bot.tables import Answer, Approval, Choice, Door
from tests.conftest import START
from tests.evenings import BOB, CAROL, DAVE, ERIN, Evening, make_evening

ONE, TWO, THREE = NUMBERS[:3]


@pytest.fixture
async def evening(database: Database) -> Evening:
    """An event with three parts of two seats each."""
    return await make_evening(database, capacity=2, parts=3)


async def answers(evening: Evening, user_id: int) -> list[Choice | None]:
    async with evening.database.reading() as session:
        ledgers = await ledger.load(session, evening.part_ids)
    found = [ledgers[part_id].said(user_id) for part_id in evening.part_ids]
    return [said.choice if said else None for said in found]


async def lines(evening: Evening) -> list[tuple[list[int], list[int]]]:
    async with evening.database.reading() as session:
        rosters = await ledger.rosters(session, evening.part_ids)
    found = [rosters[part_id] for part_id in evening.part_ids]
    return [([s.user_id for s in it.seated], [s.user_id for s in it.waiting]) for it in found]


async def organise(evening: Evening, change: Callable[[Ledger], object]) -> None:
    async with evening.database.writing(evening.guild_id) as session:
        ledgers = await ledger.load(session, evening.part_ids[:1])
        change(ledgers[evening.part_id])
        await ledger.save(session, ledgers.values(), now=START)


def bring(evening: Evening, user_id: int, guests: int) -> Act:
    says = ((evening.part_id, Choice.YES),)
    return Act(evening.guild_id, user_id, says, Door.BUTTON, START, guests=guests)


def refusals(outcome: Outcome) -> list[Refusal | None]:
    return [standing.refusal for standing in outcome.standings]


@pytest.mark.parametrize(
    ("parts", "emojis"),
    [(1, (YES, MAYBE, NO)), (2, (ONE, TWO, YES, NO)), (10, (*NUMBERS, YES, NO))],
)
def test_the_emojis_offered_depend_on_the_parts(parts: int, emojis: tuple[str, ...]) -> None:
    assert offered(parts) == emojis
    assert len(emojis) <= 20, "Discord's limit for a message"


@pytest.mark.parametrize(
    ("shown", "meant"),
    [
        ([], {}),
        ([YES], {7: Choice.YES, 8: Choice.YES}),
        ([NO], {7: Choice.NO, 8: Choice.NO}),
        ([TWO], {8: Choice.YES}),
        ([TWO, NO], {7: Choice.NO, 8: Choice.YES}),
        ([YES, NO], {7: Choice.YES, 8: Choice.YES}),
        ([THREE, MAYBE, "🍕"], {}),
    ],
)
def test_what_several_emojis_of_one_member_say(shown: list[str], meant: dict[int, Choice]) -> None:
    assert says(shown, [7, 8]) == meant


async def test_a_number_is_one_part_and_the_others_stay_as_they_were(evening: Evening) -> None:
    await evening.plays(evening.react(BOB, ONE), evening.react(BOB, THREE))
    assert await answers(evening, BOB) == [Choice.YES, None, Choice.YES]


async def test_all_and_none(evening: Evening) -> None:
    await evening.plays(evening.react(BOB, YES), evening.react(CAROL, NO))
    assert await answers(evening, BOB) == [Choice.YES] * 3
    assert await answers(evening, CAROL) == [Choice.NO] * 3


async def test_a_number_kept_keeps_its_seat_when_all_is_taken_back(evening: Evening) -> None:
    await evening.plays(evening.react(BOB, TWO), evening.react(BOB, YES), evening.unreact(BOB, YES))
    assert await answers(evening, BOB) == [None, Choice.YES, None]
    assert (await lines(evening))[1] == ([BOB], [])


async def test_each_part_has_a_line_of_its_own(evening: Evening) -> None:
    await evening.plays(evening.react(BOB, ONE), evening.react(CAROL, ONE))
    await evening.plays(evening.press_all(DAVE, Choice.YES))
    assert await lines(evening) == [([BOB, CAROL], [DAVE]), ([DAVE], []), ([DAVE], [])]


async def test_one_act_on_several_parts_is_one_outcome(evening: Evening) -> None:
    (outcome,) = await evening.plays(evening.press_all(BOB, Choice.YES))
    assert [standing.part_id for standing in outcome.standings] == [*evening.part_ids]
    assert outcome.changed


async def test_reactions_of_an_absence_on_several_parts(evening: Evening) -> None:
    await evening.plays(evening.react(BOB, ONE), evening.react(CAROL, YES))
    await evening.reconciles({ONE: {CAROL}, TWO: {BOB, CAROL}, NO: {DAVE}, THREE: {DAVE}})
    assert await answers(evening, BOB) == [None, Choice.YES, None]
    assert await answers(evening, CAROL) == [Choice.YES, Choice.YES, None]
    assert await answers(evening, DAVE) == [Choice.NO, Choice.NO, Choice.YES]


async def test_guests_take_seats(evening: Evening) -> None:
    await evening.change(guests_allowed=2)
    await evening.plays(bring(evening, BOB, 1), evening.press(CAROL, Choice.YES))
    assert (await lines(evening))[0] == ([BOB], [CAROL])


async def test_guests_that_do_not_fit_are_refused_and_the_answer_stands(evening: Evening) -> None:
    await evening.change(guests_allowed=2)
    await evening.plays(evening.press(BOB, Choice.YES), evening.press(CAROL, Choice.YES))
    (outcome,) = await evening.plays(bring(evening, BOB, 1))
    assert refusals(outcome) == [Refusal.NO_ROOM]
    assert not outcome.changed
    assert (await lines(evening))[0] == ([BOB, CAROL], [])


async def test_no_guest_overtakes_a_group_that_waits(evening: Evening) -> None:
    await evening.change(guests_allowed=3, capacity=4)
    await evening.plays(
        bring(evening, BOB, 1),
        evening.press(CAROL, Choice.YES),
        evening.press(DAVE, Choice.YES),
        evening.press(ERIN, Choice.YES),
    )
    await evening.plays(bring(evening, ERIN, 2), evening.press(DAVE, Choice.NO))
    assert (await lines(evening))[0] == ([BOB, CAROL], [ERIN]), "three do not fit on one seat"
    (outcome,) = await evening.plays(bring(evening, CAROL, 1))
    assert refusals(outcome) == [Refusal.NO_ROOM], "the seat belongs to the line"
    await evening.plays(bring(evening, ERIN, 0))
    assert (await lines(evening))[0] == ([BOB, CAROL, ERIN], [])


async def test_more_guests_than_allowed_are_refused(evening: Evening) -> None:
    (first, second) = await evening.plays(evening.press(BOB, Choice.YES), bring(evening, BOB, 1))
    assert refusals(first) == [None]
    assert refusals(second) == [Refusal.NO_GUESTS]


async def test_a_group_larger_than_all_the_seats_is_refused(evening: Evening) -> None:
    await evening.change(guests_allowed=5)
    await evening.plays(*(evening.press(user, Choice.YES) for user in (BOB, CAROL, DAVE, ERIN)))
    (outcome,) = await evening.plays(bring(evening, DAVE, 5))
    assert refusals(outcome) == [Refusal.NO_ROOM]
    await evening.plays(evening.press(BOB, Choice.NO), evening.press(CAROL, Choice.NO))
    assert (await lines(evening))[0] == ([DAVE, ERIN], [])


async def test_a_group_that_no_longer_fits_holds_nobody_up_and_unseats_nobody_later(
    evening: Evening,
) -> None:
    await evening.change(guests_allowed=2, capacity=4)
    await evening.plays(bring(evening, BOB, 2), evening.press(CAROL, Choice.YES))
    await evening.plays(evening.press(DAVE, Choice.YES), evening.press(ERIN, Choice.YES))
    assert (await lines(evening))[0] == ([BOB, CAROL], [DAVE, ERIN])
    await organise(evening, lambda part: part.resize(2))
    assert (await lines(evening))[0] == ([CAROL, DAVE], [BOB, ERIN])
    await organise(evening, lambda part: part.resize(4))
    assert (await lines(evening))[0] == ([CAROL, DAVE, ERIN], [BOB]), "three on one seat"
    await organise(evening, lambda part: part.resize(6))
    assert (await lines(evening))[0] == ([CAROL, DAVE, ERIN, BOB], [])
    assert sorted(await evening.told()) == [BOB, DAVE, ERIN]


async def test_guests_do_not_change_when_one_answered(evening: Evening) -> None:
    await evening.change(guests_allowed=1)
    await evening.plays(evening.press(BOB, Choice.YES))
    later = replace(bring(evening, BOB, 1), at=START + timedelta(hours=3))
    await evening.plays(later)
    async with evening.database.reading() as session:
        answer = await session.get_one(Answer, (evening.part_id, BOB))
    assert (answer.guests, answer.answered_at) == (1, START)


async def test_a_reaction_refused_while_closed_counts_once_it_is_reopened(
    evening: Evening,
) -> None:
    await evening.close()
    await evening.plays(evening.react(BOB, ONE))
    await evening.reconciles({ONE: {BOB}})
    assert await answers(evening, BOB) == [None] * 3
    await evening.reopen()
    await evening.reconciles({ONE: {BOB}})
    assert await answers(evening, BOB) == [Choice.YES, None, None]


async def test_a_sweep_in_the_middle_of_a_burst_leaves_what_came_after(evening: Evening) -> None:
    sweep = Act(
        guild_id=evening.guild_id,
        user_id=0,
        says=(),
        door=Door.REACTION,
        at=START,
        card_id=evening.card_id,
        emojis=(ONE,),
        swept=True,
    )
    await evening.plays(evening.react(BOB, ONE))
    before, swept, after = evening.react(CAROL, ONE), sweep, evening.react(DAVE, ONE)
    await evening.plays_together(before, swept, after)
    assert await evening.seen() == {(DAVE, ONE)}
    await evening.reconciles({ONE: {DAVE}})
    assert (await lines(evening))[0] == ([BOB, CAROL], [DAVE]), "nobody is withdrawn by a sweep"


async def test_guests_leave_with_who_brought_them(evening: Evening) -> None:
    await evening.change(guests_allowed=1)
    await evening.plays(bring(evening, BOB, 1), evening.press(CAROL, Choice.YES))
    await evening.plays(evening.press(BOB, Choice.NO), evening.press(BOB, Choice.YES))
    assert (await evening.roster()).seated[1].guests == 0


async def test_guests_brought_by_a_button_leave_with_the_emoji(evening: Evening) -> None:
    await evening.change(guests_allowed=1)
    await evening.plays(evening.react(BOB, ONE), bring(evening, BOB, 1), evening.unreact(BOB, ONE))
    assert await answers(evening, BOB) == [None, None, None]


async def test_an_approval_takes_its_turn_when_it_is_granted(evening: Evening) -> None:
    await evening.change(needs_approval=True)
    await evening.plays(*(evening.press(user, Choice.YES) for user in (BOB, CAROL, DAVE)))
    assert (await lines(evening))[0] == ([], [])
    for user in (DAVE, CAROL, BOB):
        await organise(evening, partial(Ledger.approve, user_id=user))
    assert (await lines(evening))[0] == ([DAVE, CAROL], [BOB])


async def test_a_refused_request_gets_no_place_and_may_be_granted_after_all(
    evening: Evening,
) -> None:
    await evening.change(needs_approval=True)
    await evening.plays(evening.press(BOB, Choice.YES))
    await organise(evening, lambda part: part.refuse(BOB))
    (again,) = await evening.plays(evening.press(BOB, Choice.YES))
    assert not again.changed
    assert (await evening.roster()).refused[0].approval is Approval.REFUSED
    await organise(evening, lambda part: part.approve(BOB))
    assert (await lines(evening))[0] == ([BOB], [])


async def test_a_seat_by_hand_is_outside_the_capacity(evening: Evening) -> None:
    await evening.plays(*(evening.press(u, Choice.YES) for u in (BOB, CAROL, DAVE, ERIN)))
    await organise(evening, lambda part: part.seat_by_hand(ERIN, START))
    assert (await lines(evening))[0] == ([BOB, CAROL, ERIN], [DAVE])
    await evening.plays(evening.press(BOB, Choice.NO))
    assert (await lines(evening))[0] == ([CAROL, DAVE, ERIN], [])


async def test_a_part_restricted_to_roles_refuses_the_others(evening: Evening) -> None:
    await evening.change(roles=[70, 71])
    says = tuple((part_id, Choice.YES) for part_id in evening.part_ids)
    stranger, member = await evening.plays(
        evening.press_all(BOB, Choice.YES),
        Act(evening.guild_id, CAROL, says, Door.BUTTON, START, roles=frozenset({71, 99})),
    )
    assert refusals(stranger) == [Refusal.ROLES, None, None]
    assert refusals(member) == [None, None, None]


async def test_a_role_lost_lets_one_leave(evening: Evening) -> None:
    await evening.plays(evening.press(BOB, Choice.YES))
    await evening.change(roles=[70])
    (outcome,) = await evening.plays(evening.press(BOB, Choice.NO))
    assert outcome.changed


async def test_after_the_deadline_one_may_leave_and_nobody_may_come(evening: Evening) -> None:
    await evening.plays(*(evening.press(user, Choice.YES) for user in (BOB, CAROL, DAVE)))
    await evening.change(deadline=int(timedelta(days=14).total_seconds()) // 60)
    erin, bob = await evening.plays(
        evening.press(ERIN, Choice.YES), evening.press(BOB, Choice.MAYBE)
    )
    assert refusals(erin) == [Refusal.CLOSED]
    assert bob.changed
    assert (await lines(evening))[0] == ([CAROL, DAVE], [])


async def test_fewer_seats_move_the_last_to_the_head_of_the_line(evening: Evening) -> None:
    await evening.change(capacity=3)
    await evening.plays(*(evening.press(u, Choice.YES) for u in (BOB, CAROL, DAVE, ERIN)))
    await organise(evening, lambda part: part.resize(1))
    assert (await lines(evening))[0] == ([BOB], [CAROL, DAVE, ERIN])
    assert await evening.told() == []
    await organise(evening, lambda part: part.resize(3))
    assert (await lines(evening))[0] == ([BOB, CAROL, DAVE], [ERIN])
    assert await evening.told() == [CAROL, DAVE]
    await organise(evening, lambda part: part.resize(1))
    await organise(evening, lambda part: part.resize(2))
    assert await evening.told() == [CAROL, DAVE, CAROL], "told again, for it was taken again"
