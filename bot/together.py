import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Together(Generic[Key, Value]):
    """Read for many at once what each of them asks for.

    Whoever asks while something is being read is served by the next reading, all of them by one:
    a lone question does not wait, and a thousand do not read a thousand times. Nothing is kept,
    so nothing grows old.
    """

    def __init__(self, read: Callable[[Collection[Key]], Awaitable[Mapping[Key, Value]]]) -> None:
        """Serve those who ask by `read`, which gives a value for every key."""
        self._read = read
        self._asked: dict[Key, asyncio.Future[Value]] = {}
        self._task: asyncio.Task[None] | None = None

    async def get(self, key: Key) -> Value:
        """What is read for `key`, or the error of reading it."""
        if key not in self._asked:
            self._asked[key] = asyncio.get_running_loop().create_future()
        future = self._asked[key]
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        # Who gives up does not take the value from the others.
        return await asyncio.shield(future)

    async def _work(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked, {}
                await self._serve(asked)
        finally:
            self._task = None

    async def _serve(self, asked: Mapping[Key, "asyncio.Future[Value]"]) -> None:
        try:
            found = await self._read(asked.keys())
        except Exception as error:  # noqa: BLE001 # it rises in each who asked
            for future in asked.values():
                future.set_exception(error)
            return
        for key, future in asked.items():
            future.set_result(found[key])
