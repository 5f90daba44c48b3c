"""What is said of a change when its turn comes, as things stand then."""

from collections.abc import Mapping

import pytest

from bot.db import Database
from bot.tables import Choice
from bot.texts import Voice
from cogs import _change_notices as _change_notices  # noqa: PLC0414 # it says how they are drawn
from cogs import _drawings
from cogs._drawings import Drawing
from tests.changing import (
    CROWD,
    DATE,
    LATER,
    cancel,
    change,
    make_crowd,
    owed,
    postpone,
    resize,
)
from tests.evenings import DAVE, Evening


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
    assert "position 1" in (lost.content or "")
    await resize(evening, 3)
    assert await draw("unseated") == [None]


async def test_what_a_member_is_told_formats_nothing(evening: Evening, draw: Drawer) -> None:
    await change(evening, title="**@everyone**")
    await cancel(evening, reason="[ici](https://example.org) <@123456789012345678>")
    for drawing in await draw("cancelled"):
        assert drawing is not None
        content = drawing.content or ""
        assert "@everyone" not in content
        assert "<@123456789012345678>" not in content
        assert "[ici](" not in content
