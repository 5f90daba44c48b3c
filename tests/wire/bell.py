import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Bell:
    """Rung whenever something has happened; wakes those who wait for a condition."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Let everybody who waits look again."""
        self._rung.set()

    async def until(self, condition: Callable[[], T], *, within: float = 10.0) -> T:
        """Wait until `condition()` is true and return what it gave.

        Raises:
            TimeoutError: if that takes more than `within` seconds.
        """
        async with asyncio.timeout(within):
            while not (value := condition()):
                self._rung.clear()
                await self._rung.wait()
            return value
