import asyncio
from collections import defaultdict
from dataclasses import dataclass, field

import pytest

from bot.latest import Latest
from tests.community import Community, shown


@dataclass
class Easel:
    """Draws what is true when a drawing begins; a closed gate holds a drawing until it opens."""

    truth: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    drawn: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    begun: dict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    gates: dict[str, asyncio.Event] = field(default_factory=dict[str, asyncio.Event])
    failures: list[Exception] = field(default_factory=list[Exception])

    async def draw(self, key: str) -> None:
        seen = self.truth[key]
        self.begun[key].set()
        if key in self.gates:
            await self.gates[key].wait()
        if key == "torn":
            raise RuntimeError(key)
        self.drawn.append((key, seen))

    async def failed(self, error: Exception) -> None:
        self.failures.append(error)


@pytest.fixture
def easel() -> Easel:
    return Easel()


@pytest.fixture
def latest(easel: Easel) -> Latest[str]:
    return Latest(easel.draw, easel.failed)


def change(easel: Easel, latest: Latest[str], key: str, group: str = "room") -> None:
    easel.truth[key] += 1
    latest.request(key, group=group, pause=0)


async def test_a_hundred_changes_at_once_are_drawn_once(easel: Easel, latest: Latest[str]) -> None:
    for _ in range(100):
        change(easel, latest, "card")
    await latest.settle()
    assert easel.drawn == [("card", 100)]


async def test_changes_during_a_drawing_give_one_more(easel: Easel, latest: Latest[str]) -> None:
    easel.gates["card"] = asyncio.Event()
    change(easel, latest, "card")
    await easel.begun["card"].wait()
    for _ in range(5):
        change(easel, latest, "card")
    easel.gates["card"].set()
    await latest.settle()
    assert easel.drawn == [("card", 1), ("card", 6)]


async def test_a_change_after_everything_was_drawn_is_drawn(
    easel: Easel, latest: Latest[str]
) -> None:
    for expected in (1, 2):
        change(easel, latest, "card")
        await latest.settle()
        assert easel.drawn[-1] == ("card", expected)


async def test_groups_do_not_wait_for_each_other(easel: Easel, latest: Latest[str]) -> None:
    easel.gates["slow"] = asyncio.Event()
    change(easel, latest, "slow", group="here")
    await easel.begun["slow"].wait()
    change(easel, latest, "quick", group="there")
    await easel.begun["quick"].wait()
    easel.gates["slow"].set()
    await latest.settle()
    assert easel.drawn == [("quick", 1), ("slow", 1)]


async def test_keys_of_a_group_are_drawn_one_after_the_other_in_order(
    easel: Easel, latest: Latest[str]
) -> None:
    easel.gates["first"] = asyncio.Event()
    change(easel, latest, "first")
    await easel.begun["first"].wait()
    change(easel, latest, "second")
    change(easel, latest, "third")
    assert not easel.begun["second"].is_set()
    easel.gates["first"].set()
    await latest.settle()
    assert easel.drawn == [("first", 1), ("second", 1), ("third", 1)]


async def test_an_error_in_one_drawing_stops_no_other(easel: Easel, latest: Latest[str]) -> None:
    change(easel, latest, "torn")
    change(easel, latest, "card")
    await latest.settle()
    assert easel.drawn == [("card", 1)]
    assert [str(error) for error in easel.failures] == ["torn"]


async def test_who_cannot_even_tell_of_an_error_leaves_the_group_usable(easel: Easel) -> None:
    async def fail_too(error: Exception) -> None:
        raise error

    latest = Latest(easel.draw, fail_too)
    change(easel, latest, "torn")
    with pytest.raises(RuntimeError, match="torn"):
        await latest.settle()
    change(easel, latest, "card")
    await latest.settle()
    assert easel.drawn == [("card", 1)]


def edits(community: Community) -> int:
    return sum(request.method == "PATCH" for request in community.env.http_requests)


# Longer than simcord waits for a sleep to end by itself: the clock moves when it is told to.
@pytest.mark.parametrize("pace", [10.0])
async def test_the_pace_is_kept_between_drawings(community: Community) -> None:
    card = await community.announce()
    await community.env.advance_time(30)
    before = edits(community)
    await community.bob.react(card, "✅")
    await community.carol.react(card, "✅")
    await community.dave.react(card, "✅")
    assert edits(community) == before + 1
    await community.env.advance_time(10)
    assert edits(community) == before + 2
    assert "✅ Présents 3" in shown(community.card())


@pytest.mark.parametrize("pace", [10.0])
async def test_an_old_message_is_edited_half_as_often(community: Community) -> None:
    card = await community.announce()
    for _ in range(13):
        await community.env.advance_time(300)
    before = edits(community)
    await community.bob.react(card, "✅")
    await community.carol.react(card, "✅")
    await community.env.advance_time(10)
    assert edits(community) == before + 1
    await community.env.advance_time(10)
    assert edits(community) == before + 2
