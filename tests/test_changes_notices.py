"""What is said of a change when its turn comes, as things stand then."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from bot.db import Database
from bot.events import programme
from bot.tables import Choice
from bot.texts import Voice
from cogs import _change_notices as _change_notices  # noqa: PLC0414 # it says how they are drawn
from cogs import _drawings
from cogs import _notices as _notices  # noqa: PLC0414 # and promotions
from cogs._drawings import Drawing
from tests.changing import (
    CROWD,
    DATE,
    LATER,
    as_it_is,
    cancel,
    change,
    edit,
    make_crowd,
    owed,
    postpone,
    resize,
    table,
)
from tests.evenings import BOB, CAROL, DAVE, Evening, make_evening


@pytest.fixture
async def evening(database: Database) -> Evening:
    """An event with three seats, and four who want one."""
    return await make_crowd(database)


@pytest.fixture
def draw(evening: Evening, voices: Mapping[str, Voice]) -> "Drawer":
    """Draws what is owed."""
    return Drawer(evening, voices["fr"])


class Drawer:
    """Draws the deliveries of an evening as if they were sent now."""

    def __init__(self, evening: Evening, voice: Voice) -> None:
        self.evening = evening
        self.voice = voice

    async def __call__(self, kind: str) -> list[Drawing | None]:
        drawn: list[Drawing | None] = []
        for delivery in await owed(self.evening, kind):
            async with self.evening.database.reading() as session:
                drawn.append(await _drawings.draw(session, delivery, self.voice))
        return drawn


async def test_a_date_that_does_not_hold_any_more_is_not_told(
    evening: Evening, draw: Drawer
) -> None:
    await postpone(evening, LATER)
    assert all(await draw("moved"))
    await postpone(evening, None)
    assert not any(await draw("moved"))
    assert all(await draw("postponed"))
    await postpone(evening, DATE)
    assert [bool(one) for one in await draw("moved")] == [False] * 4 + [True] * 4
    assert not any(await draw("postponed"))
    await cancel(evening)
    assert not any(await draw("moved"))
    assert all(await draw("cancelled"))


async def test_who_left_meanwhile_is_not_told(evening: Evening, draw: Drawer) -> None:
    await postpone(evening, LATER)
    await evening.plays(evening.press(DAVE, Choice.NO))
    drawn = dict(zip(CROWD, await draw("moved"), strict=True))
    assert [user for user, one in drawn.items() if one is None] == [DAVE]


async def test_who_has_the_seat_back_meanwhile_is_not_told_of_its_loss(
    evening: Evening, draw: Drawer
) -> None:
    await resize(evening, 2, confirmed=True)
    (lost,) = await draw("unseated")
    assert lost is not None
    assert "en tête de la liste d’attente" in (lost.content or "")
    await resize(evening, 3)
    assert await draw("unseated") == [None]


async def test_other_hours_are_said_of_the_parts_that_a_member_still_means_to_come_to(
    database: Database, voices: Mapping[str, Voice]
) -> None:
    evening = await make_evening(database, parts=2)
    for part in (0, 1):
        await evening.plays(evening.press(BOB, Choice.YES, part=part))
    later = DATE + timedelta(hours=2)
    await edit(evening, as_it_is(*(table(evening, n, start=later) for n in (0, 1))))
    await evening.plays(evening.press(BOB, Choice.NO, part=0))
    draw = Drawer(evening, voices["fr"])
    (said,) = await draw("retimed")
    assert said is not None
    assert "Table 1" in (said.content or "")
    assert "Table 0" not in (said.content or "")
    assert f"<t:{int(later.timestamp())}:R>" in (said.content or "")
    await cancel(evening)
    assert await draw("retimed") == [None]


@pytest.mark.parametrize("thread_id", [None, 8])
async def test_who_takes_no_private_messages_is_told_in_the_thread_or_under_the_card(
    evening: Evening, draw: Drawer, thread_id: int | None
) -> None:
    await change(evening, thread_id=thread_id, channel_id=5)
    await resize(evening, 2, confirmed=True)
    await postpone(evening, LATER)
    words = [*await draw("unseated"), *await draw("moved")]
    await cancel(evening)
    words += await draw("cancelled")
    assert {word and word.thread_id for word in words} == {thread_id or 5}


async def test_a_seat_lost_is_known_again_by_its_mark_wherever_its_member_stands(
    evening: Evening, draw: Drawer
) -> None:
    await resize(evening, 1, confirmed=True)
    before = await draw("unseated")
    await evening.plays(evening.press(CAROL, Choice.NO))
    _, after = await draw("unseated")
    assert after is not None
    assert after.mark is not None
    assert (after.mark, after.content) == (
        before[1] and before[1].mark,
        before[1] and before[1].content,
    )


async def test_a_word_to_one_member_does_not_read_who_else_comes(
    database: Database, voices: Mapping[str, Voice]
) -> None:
    evening = await make_evening(database, parts=2, capacity=1)
    for user in (BOB, CAROL):
        await evening.plays(evening.press(user, Choice.YES))
    await evening.plays(evening.press(BOB, Choice.NO))
    async with database.reading() as session:
        one = await programme.of_part(session, evening.part_id)
        none = await programme.shown(session, evening.event_id, ())
    assert one is not None
    assert one.part_ids == (evening.part_id,)
    assert none is not None
    assert none.parts == ()
    assert all(await Drawer(evening, voices["fr"])("promotion"))


async def test_what_a_member_is_told_formats_nothing(evening: Evening, draw: Drawer) -> None:
    await change(evening, title="**@everyone**")
    await cancel(evening, reason="[ici](https://example.org) <@123456789012345678>")
    for drawing in await draw("cancelled"):
        assert drawing is not None
        content = drawing.content or ""
        assert "@everyone" not in content
        assert "<@123456789012345678>" not in content
        assert "[ici](" not in content
