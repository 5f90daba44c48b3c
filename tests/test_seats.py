from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events.seats import Roster, Said, fits, heads, promoted, seat
from bot.tables import Approval, Choice


def yes(user_id: int, turn: int, guests: int = 0, *, by_hand: bool = False) -> Said:
    return Said(user_id, Choice.YES, turn, guests, by_hand=by_hand)


def ids(answers: Iterable[Said]) -> list[int]:
    return [said.user_id for said in answers]


@pytest.mark.parametrize(
    ("line", "capacity", "seated", "waiting"),
    [
        pytest.param([], 3, [], [], id="nobody"),
        pytest.param([yes(1, 1), yes(2, 2)], None, [1, 2], [], id="no limit"),
        pytest.param([yes(1, 1), yes(2, 2)], 2, [1, 2], [], id="just enough"),
        pytest.param([yes(1, 1), yes(2, 2)], 1, [1], [2], id="one too many"),
        pytest.param([yes(1, 9), yes(2, 3)], 1, [2], [1], id="by turn, not by id"),
        pytest.param([yes(1, 1, 2)], 2, [], [1], id="guests count"),
        pytest.param([yes(1, 1), yes(2, 2, 2), yes(3, 3)], 3, [1], [2, 3], id="nobody overtakes"),
        pytest.param([yes(1, 1), yes(2, 2, by_hand=True)], 1, [1, 2], [], id="by hand, outside"),
        pytest.param(
            [yes(1, 1), yes(2, 2), yes(3, 3, 5, by_hand=True)], 1, [1, 3], [2], id="by hand, late"
        ),
    ],
)
def test_seats_go_down_the_line(
    line: Sequence[Said], capacity: int | None, seated: list[int], waiting: list[int]
) -> None:
    roster = seat(line, capacity)
    assert ids(roster.seated) == seated
    assert ids(roster.waiting) == waiting


def test_only_a_yes_with_a_turn_stands_in_line() -> None:
    answers = [
        Said(1, Choice.NO),
        Said(2, Choice.MAYBE),
        Said(3, Choice.YES, approval=Approval.PENDING),
        Said(4, Choice.YES, approval=Approval.REFUSED),
        Said(5, Choice.YES, turn=1, approval=Approval.GRANTED),
    ]
    roster = seat(answers, 10)
    assert ids(roster.declined) == [1]
    assert ids(roster.maybe) == [2]
    assert ids(roster.pending) == [3]
    assert ids(roster.seated) == [5]
    assert roster.waiting == ()


def test_places_are_counted_from_one() -> None:
    roster = seat([yes(1, 1), yes(2, 2), yes(3, 3)], 1)
    assert [roster.place(user) for user in (1, 2, 3, 4)] == [None, 1, 2, None]
    assert roster.has_seat(1)
    assert not roster.has_seat(2)


OTHERWISE = {
    "maybe": (Choice.MAYBE, Approval.NOT_NEEDED),
    "no": (Choice.NO, Approval.NOT_NEEDED),
    "pending": (Choice.YES, Approval.PENDING),
}


@st.composite
def lines(draw: st.DrawFn) -> list[Said]:
    """Answers of different members, each yes with a turn of its own, in any order."""
    kinds = st.sampled_from(["yes", "yes by hand", *OTHERWISE])
    said = draw(st.lists(st.tuples(kinds, st.integers(0, 4)), max_size=10))
    turns = draw(st.permutations(range(1, len(said) + 1)))
    return [
        Said(user, OTHERWISE[kind][0], approval=OTHERWISE[kind][1])
        if kind in OTHERWISE
        else yes(user, turn, guests, by_hand=kind != "yes")
        for user, (turn, (kind, guests)) in enumerate(zip(turns, said, strict=True))
    ]


capacities = st.none() | st.integers(1, 15)


def in_capacity(roster: Roster) -> list[Said]:
    return [said for said in roster.seated if not said.by_hand]


@given(lines(), capacities)
def test_never_more_seats_than_capacity_guests_counted(
    line: list[Said], capacity: int | None
) -> None:
    if capacity is not None:
        assert heads(in_capacity(seat(line, capacity))) <= capacity


@given(lines(), capacities)
def test_everybody_has_exactly_one_place(line: list[Said], capacity: int | None) -> None:
    roster = seat(line, capacity)
    every = [
        *roster.seated,
        *roster.waiting,
        *roster.pending,
        *roster.maybe,
        *roster.declined,
    ]
    assert sorted(ids(every)) == ids(line)


@given(lines(), capacities)
def test_nobody_overtakes_who_waits(line: list[Said], capacity: int | None) -> None:
    roster = seat(line, capacity)
    waiting = [said for said in roster.waiting if fits(said, capacity)]
    turns = [said.turn or 0 for said in (*in_capacity(roster), *waiting)]
    assert turns == sorted(turns)
    assert [said.turn for said in roster.seated] == sorted(said.turn or 0 for said in roster.seated)


@given(lines(), st.integers(1, 15))
def test_nobody_waits_beside_a_free_seat_that_would_do(line: list[Said], capacity: int) -> None:
    roster = seat(line, capacity)
    for first in [said for said in roster.waiting if fits(said, capacity)][:1]:
        assert heads(in_capacity(roster)) + first.size > capacity


@given(lines(), st.integers(1, 3))
def test_a_group_larger_than_all_the_seats_holds_nobody_up(line: list[Said], capacity: int) -> None:
    small = [said for said in line if not said.in_line or fits(said, capacity)]
    assert seat(line, capacity).seated == seat(small, capacity).seated


@given(lines())
def test_without_a_capacity_all_who_said_yes_are_seated(line: list[Said]) -> None:
    roster = seat(line, None)
    assert len(roster.seated) == sum(said.in_line for said in line)
    assert roster.waiting == ()


@given(lines(), capacities, st.integers(0, 4))
def test_who_is_seated_stays_seated_when_another_joins(
    line: list[Said], capacity: int | None, guests: int
) -> None:
    before = seat(line, capacity)
    after = seat([*line, yes(100, 100, guests)], capacity)
    assert set(ids(before.seated)) <= set(ids(after.seated))
    assert promoted(before, after) == ()


@given(lines(), capacities, st.data())
def test_who_is_seated_stays_seated_when_another_leaves(
    line: list[Said], capacity: int | None, data: st.DataObject
) -> None:
    leaver = data.draw(st.sampled_from(line)) if line else None
    rest = [said for said in line if said is not leaver]
    before, after = seat(line, capacity), seat(rest, capacity)
    stayed = {said.user_id for said in before.seated if said is not leaver}
    assert stayed <= set(ids(after.seated))


@given(lines(), st.integers(1, 15), st.integers(0, 10))
def test_the_promoted_are_those_who_waited_and_now_sit_in_order(
    line: list[Said], capacity: int, more: int
) -> None:
    before, after = seat(line, capacity), seat(line, capacity + more)
    lucky = promoted(before, after)
    assert ids(lucky) == ids(before.waiting)[: len(lucky)]
    assert set(ids(lucky)) == set(ids(after.seated)) - set(ids(before.seated))


def test_who_left_and_came_back_is_not_promoted() -> None:
    waited = yes(2, 2)
    before = seat([yes(1, 1), waited], 1)
    after = seat([replace(waited, turn=3)], 1)
    assert promoted(before, after) == ()
