import pytest

from bot.db import Database
from bot.errors import UserError
from bot.events import emojis, rsvp
from bot.events.ledger import Refusal
from bot.events.rsvp import Act
from bot.tables import Approval, Choice, Door
from tests.conftest import START
from tests.evenings import BOB, CAROL, DAVE, ERIN, Evening, make_evening


@pytest.fixture
async def evening(database: Database) -> Evening:
    """An event with two seats."""
    return await make_evening(database, capacity=2)


async def test_the_same_answer_twice_changes_nothing(evening: Evening) -> None:
    bob = evening.press(BOB, Choice.YES)
    first, _, again = await evening.plays(bob, evening.press(CAROL, Choice.YES), bob)
    assert first.changed
    assert not again.changed
    assert await evening.turn(BOB) == 1
    assert await evening.line() == ([BOB, CAROL], [])


async def test_the_same_answer_through_another_door_changes_nothing(evening: Evening) -> None:
    await evening.plays(evening.press(BOB, Choice.YES), evening.press(CAROL, Choice.YES))
    (again,) = await evening.plays(evening.react(BOB, "✅"))
    assert not again.changed
    assert await evening.turn(BOB) == 1


@pytest.mark.parametrize("left", [Choice.NO, Choice.MAYBE])
async def test_who_leaves_and_comes_back_stands_at_the_end(evening: Evening, left: Choice) -> None:
    crowd = [evening.press(user, Choice.YES) for user in (BOB, CAROL, DAVE)]
    await evening.plays(*crowd, evening.press(BOB, left), evening.press(BOB, Choice.YES))
    assert await evening.line() == ([CAROL, DAVE], [BOB])


async def test_leaving_and_coming_back_in_one_burst_is_no_way_to_keep_a_seat(
    evening: Evening,
) -> None:
    await evening.plays(*(evening.press(user, Choice.YES) for user in (BOB, CAROL, DAVE)))
    await evening.plays_together(evening.press(BOB, Choice.NO), evening.press(BOB, Choice.YES))
    assert await evening.line() == ([CAROL, DAVE], [BOB])
    assert await evening.told() == [DAVE]


async def test_a_turn_is_never_given_twice(evening: Evening) -> None:
    for _ in range(3):
        await evening.plays(evening.react(BOB, "✅"), evening.unreact(BOB, "✅"))
    await evening.plays(evening.press(CAROL, Choice.YES))
    assert await evening.turn(CAROL) == 4


async def test_the_last_act_wins_whatever_its_door(evening: Evening) -> None:
    await evening.plays(
        evening.react(BOB, "✅"),
        evening.press(BOB, Choice.NO),
        evening.react(CAROL, "❌"),
        evening.press(CAROL, Choice.YES),
        evening.press(DAVE, Choice.YES),
        evening.press(DAVE, Choice.MAYBE, Door.ORGANISER),
    )
    assert await evening.choice(BOB) is Choice.NO
    assert await evening.choice(CAROL) is Choice.YES
    assert await evening.choice(DAVE) is Choice.MAYBE


@pytest.mark.parametrize("door", [Door.BUTTON, Door.ORGANISER])
async def test_an_emoji_taken_back_leaves_an_answer_that_came_otherwise(
    evening: Evening, door: Door
) -> None:
    await evening.plays(
        evening.press(BOB, Choice.YES, door),
        evening.react(BOB, "✅"),
        evening.unreact(BOB, "✅"),
    )
    assert await evening.choice(BOB) is Choice.YES


async def test_an_emoji_taken_back_withdraws_what_came_through_it(evening: Evening) -> None:
    await evening.plays(evening.react(BOB, "✅"), evening.unreact(BOB, "✅"))
    assert await evening.choice(BOB) is None
    assert await evening.seen() == set()


async def test_another_emoji_still_shown_counts_again(evening: Evening) -> None:
    await evening.plays(
        evening.react(BOB, "❔"),
        evening.react(BOB, "✅"),
        evening.react(BOB, "❌"),
        evening.unreact(BOB, "❌"),
    )
    assert await evening.choice(BOB) is Choice.YES
    await evening.plays(evening.unreact(BOB, "✅"))
    assert await evening.choice(BOB) is Choice.MAYBE


async def test_taking_back_an_emoji_that_no_longer_counts_changes_nothing(
    evening: Evening,
) -> None:
    *_, last = await evening.plays(
        evening.react(BOB, "✅"), evening.react(BOB, "❌"), evening.unreact(BOB, "✅")
    )
    assert not last.changed
    assert await evening.choice(BOB) is Choice.NO


async def test_of_two_new_emojis_the_more_committed_counts(evening: Evening) -> None:
    await evening.reconciles({"✅": [BOB], "❌": [BOB, CAROL], "❔": [CAROL]})
    assert await evening.choice(BOB) is Choice.YES
    assert await evening.choice(CAROL) is Choice.MAYBE
    assert await evening.seen() == {(BOB, "✅"), (BOB, "❌"), (CAROL, "❌"), (CAROL, "❔")}


async def test_two_new_emojis_of_who_is_seated_keep_the_seat(evening: Evening) -> None:
    await evening.plays(*(evening.press(user, Choice.YES) for user in (BOB, CAROL, DAVE)))
    await evening.reconciles({"✅": [BOB], "❌": [BOB]})
    assert await evening.line() == ([BOB, CAROL], [DAVE])
    assert await evening.told() == []


async def test_newcomers_found_in_a_list_queue_by_id_after_everyone_known(
    evening: Evening,
) -> None:
    await evening.plays(evening.react(ERIN, "✅"))
    await evening.reconciles({"✅": [ERIN, DAVE, BOB, CAROL]})
    assert await evening.line() == ([ERIN, BOB], [CAROL, DAVE])


async def test_a_list_read_twice_changes_nothing(evening: Evening) -> None:
    await evening.reconciles({"✅": [BOB], "❔": [CAROL]})
    assert await evening.reconciles({"✅": [BOB], "❔": [CAROL]}) == []


async def test_who_reacted_while_the_list_was_read_is_left_alone(evening: Evening) -> None:
    await evening.plays(evening.react(BOB, "✅"))
    await evening.reconciles({"✅": [CAROL]}, leave_alone={BOB, CAROL})
    assert await evening.line() == ([BOB], [])
    assert await evening.seen() == {(BOB, "✅")}


async def test_a_list_that_could_not_be_read_withdraws_nobody(evening: Evening) -> None:
    await evening.plays(evening.react(BOB, "✅"), evening.react(CAROL, "❔"))
    async with evening.database.writing(evening.guild_id) as session:
        await rsvp.reconcile(
            session,
            evening.card,
            present={"❔": set()},
            leave_alone=(),
            now=START,
        )
    assert await evening.choice(BOB) is Choice.YES
    assert await evening.choice(CAROL) is None


async def test_reactions_swept_away_withdraw_nobody(evening: Evening) -> None:
    await evening.plays(evening.react(BOB, "✅"), evening.react(CAROL, "✅"))
    await evening.sweeps(*emojis.COMMITMENT)
    await evening.reconciles({})
    assert await evening.line() == ([BOB, CAROL], [])
    await evening.reconciles({"✅": [CAROL]})
    assert await evening.turn(CAROL) == 2


async def test_an_emoji_exchanged_while_away_is_one_change_of_mind(evening: Evening) -> None:
    await evening.plays(evening.react(BOB, "✅"), evening.press(CAROL, Choice.YES))
    await evening.reconciles({"❌": [BOB]})
    assert await evening.choice(BOB) is Choice.NO


async def test_a_no_by_button_outlives_the_emoji_still_shown(evening: Evening) -> None:
    await evening.plays(evening.react(BOB, "✅"), evening.press(BOB, Choice.NO))
    assert await evening.reconciles({"✅": [BOB]}) == []
    assert await evening.choice(BOB) is Choice.NO


async def test_a_promotion_is_owed_once_for_each_turn(evening: Evening) -> None:
    await evening.plays(*(evening.press(user, Choice.YES) for user in (BOB, CAROL, DAVE, ERIN)))
    await evening.plays(evening.press(BOB, Choice.NO))
    assert await evening.told() == [DAVE]
    await evening.plays(evening.press(CAROL, Choice.NO), evening.press(CAROL, Choice.YES))
    assert await evening.told() == [DAVE, ERIN]
    await evening.plays(evening.press(DAVE, Choice.NO), evening.press(DAVE, Choice.YES))
    assert await evening.told() == [DAVE, ERIN, CAROL]
    await evening.plays(evening.press(ERIN, Choice.NO))
    assert await evening.told() == [DAVE, ERIN, CAROL, DAVE]


async def test_a_yes_to_be_approved_takes_no_turn_yet(evening: Evening) -> None:
    await evening.change(needs_approval=True)
    (outcome,) = await evening.plays(evening.press(BOB, Choice.YES))
    assert [said.user_id for said in outcome.standings[0].roster.pending] == [BOB]
    assert outcome.standings[0].roster.pending[0].approval is Approval.PENDING
    assert await evening.turn(BOB) is None


async def test_once_closed_one_may_leave_and_nobody_may_come(evening: Evening) -> None:
    await evening.plays(*(evening.press(user, Choice.YES) for user in (BOB, CAROL, DAVE)))
    await evening.close()
    erin, maybe, bob = await evening.plays(
        evening.press(ERIN, Choice.YES),
        evening.press(ERIN, Choice.MAYBE),
        evening.press(BOB, Choice.NO),
    )
    assert erin.standings[0].refusal is maybe.standings[0].refusal is Refusal.CLOSED
    assert bob.changed
    assert await evening.line() == ([CAROL, DAVE], [])
    assert await evening.told() == [DAVE]


async def test_an_unknown_part_is_refused_and_nothing_of_its_burst_is_kept(
    evening: Evening,
) -> None:
    nowhere = Act(evening.guild_id, BOB, ((999, Choice.YES),), Door.BUTTON, START)
    with pytest.raises(UserError, match=r"rsvp\.gone"):
        await evening.plays_together(evening.press(CAROL, Choice.YES), nowhere)
    assert await evening.line() == ([], [])


async def test_another_guilds_part_is_refused(evening: Evening) -> None:
    other = await make_evening(evening.database, guild_id=2)
    stranger = Act(other.guild_id, BOB, ((evening.part_id, Choice.YES),), Door.BUTTON, START)
    with pytest.raises(UserError, match=r"rsvp\.gone"):
        await evening.plays_together(stranger)
    assert await evening.line() == ([], [])


async def test_parts_do_not_share_their_lines(evening: Evening) -> None:
    other = await make_evening(evening.database, capacity=1)
    await evening.plays_together(
        evening.press(BOB, Choice.YES), other.press(BOB, Choice.YES), other.press(CAROL, Choice.YES)
    )
    assert await evening.line() == ([BOB], [])
    assert await other.line() == ([BOB], [CAROL])
