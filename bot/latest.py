import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Latest(Generic[Key]):
    """Redraw what changed, soon, once for many changes, and not faster than Discord allows.

    Requests for a key that come while it waits or is being drawn give one more drawing, so the
    last drawing always follows the last change. Keys of one group share a pace and are drawn one
    after the other; groups do not wait for each other.
    """

    def __init__(
        self,
        draw: Callable[[Key], Awaitable[None]],
        failed: Callable[[Exception], Awaitable[None]],
    ) -> None:
        self._draw = draw
        self._failed = failed
        self._asked: dict[Hashable, dict[Key, float]] = {}
        self._drawn_at: dict[Hashable, float] = {}
        self._tasks: dict[Hashable, asyncio.Task[None]] = {}

    def request(self, key: Key, *, group: Hashable, pause: float) -> None:
        """Ask for a drawing of `key`, at least `pause` seconds after the group's last one."""
        self._asked.setdefault(group, {})[key] = pause
        if group not in self._tasks:
            # Ends when nothing is asked any more: nothing here waits for ever.
            self._tasks[group] = asyncio.create_task(self._work(group))

    async def settle(self) -> None:
        """Wait until everything asked for has been drawn."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values())

    async def _work(self, group: Hashable) -> None:
        asked = self._asked[group]
        try:
            while asked:
                key, pause = next(iter(asked.items()))
                last = self._drawn_at.get(group)
                if last is not None and (wait := last + pause - time.monotonic()) > 0:
                    await asyncio.sleep(wait)
                # Before the drawing reads anything: what changes from here on asks again.
                del asked[key]
                try:
                    await self._draw(key)
                except Exception as error:  # noqa: BLE001 # one card's trouble is not the others'
                    await self._failed(error)
                # Counted from its end: a slow drawing and a quick one must not come close together.
                self._drawn_at[group] = time.monotonic()
        finally:
            del self._tasks[group]
