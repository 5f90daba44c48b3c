import asyncio
from collections.abc import Collection, Mapping

import pytest

from bot.together import Together


class Reader:
    """Reads squares, and says how often it was asked for which."""

    def __init__(self) -> None:
        self.readings: list[list[int]] = []

    async def __call__(self, keys: Collection[int]) -> Mapping[int, int]:
        self.readings.append(sorted(keys))
        await asyncio.get_running_loop().run_in_executor(None, int)
        if -1 in keys:
            raise LookupError
        return {key: key * key for key in keys}


@pytest.fixture
def reader() -> Reader:
    return Reader()


async def test_a_thousand_who_ask_at_once_are_one_reading(reader: Reader) -> None:
    together = Together(reader)
    found = await asyncio.gather(*(together.get(n % 10) for n in range(1000)))
    assert found == [(n % 10) ** 2 for n in range(1000)]
    assert reader.readings == [[*range(10)]]


async def test_who_asks_meanwhile_is_served_by_the_next_reading(reader: Reader) -> None:
    together = Together(reader)
    first = asyncio.ensure_future(together.get(1))
    while not reader.readings:
        await asyncio.get_running_loop().run_in_executor(None, int)
    second = asyncio.gather(together.get(1), together.get(2))
    assert await first == 1
    assert [*await second] == [1, 4]
    assert reader.readings == [[1], [1, 2]]


async def test_nothing_is_kept(reader: Reader) -> None:
    together = Together(reader)
    assert [await together.get(3), await together.get(3)] == [9, 9]
    assert len(reader.readings) == 2


async def test_an_error_reaches_each_who_asked_and_nobody_after(reader: Reader) -> None:
    together = Together(reader)
    failed = await asyncio.gather(together.get(-1), together.get(2), return_exceptions=True)
    assert [type(it) for it in failed] == [LookupError, LookupError]
    assert await together.get(2) == 4


async def test_who_gives_up_does_not_take_it_from_the_others(reader: Reader) -> None:
    together = Together(reader)
    impatient, patient = (asyncio.ensure_future(together.get(5)) for _ in range(2))
    while not reader.readings:
        await asyncio.get_running_loop().run_in_executor(None, int)
    impatient.cancel()
    assert await patient == 25
