import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeAlias

from bot.db import Database
from bot.events import rsvp
from bot.events.rsvp import Act, Outcome

# Acts played in one transaction at most; a longer queue is played in several. Each loads its parts
# anew, so a storm wants few; but their members must fit into a statement's 32,766 parameters.
AT_ONCE = 5000

Queued: TypeAlias = tuple[Act, "asyncio.Future[Outcome]"]


class Intake:
    """The line in which acts stand until they are durable, in the order they arrived.

    Whatever has queued while one transaction was being written becomes the next one: the commit
    itself is the window, so a lone act does not wait and a storm is not written one by one.
    """

    def __init__(self, db: Database, played: Callable[[Sequence[Outcome]], None]) -> None:
        """Take acts for `db`; `played` hears of the outcomes of each transaction."""
        self._db = db
        self._played = played
        self._queue: deque[Queued] = deque()
        self._task: asyncio.Task[None] | None = None

    def submit(self, act: Act) -> asyncio.Future[Outcome]:
        """Stand in line, at once: the order of these calls is the order of the line.

        The future gives the outcome once it is durable, or raises what went wrong.
        """
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._queue.append((act, future))
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        return future

    async def settle(self) -> None:
        """Wait until nobody stands in line."""
        while self._task is not None:
            await asyncio.shield(self._task)

    async def _work(self) -> None:
        try:
            while self._queue:
                count = min(len(self._queue), AT_ONCE)
                await self._play([self._queue.popleft() for _ in range(count)])
        finally:
            self._task = None

    async def _play(self, batch: Sequence[Queued]) -> None:
        """Play a batch; if it fails, play its acts one by one, so that one cannot spoil others."""
        try:
            async with self._db.writing(*{act.guild_id for act, _ in batch}) as session:
                outcomes = await rsvp.play(session, [act for act, _ in batch])
        except Exception as error:  # noqa: BLE001 # it rises from the future, in who submitted
            if len(batch) == 1:
                _fail(batch[0][1], error)
                return
            for queued in batch:
                await self._play([queued])
            return
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if not future.done():
                future.set_result(outcome)
        self._played(outcomes)


def _fail(future: "asyncio.Future[Outcome]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
