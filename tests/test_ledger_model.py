"""The ledger played beside a model small enough to be read at a glance."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url

from bot import migrate
from bot.db import Database
from bot.events.emojis import COMMITMENT
from bot.tables import Choice
from tests.conftest import START
from tests.evenings import BOB, CAROL, DAVE, Evening, make_evening

Step = tuple[str, int, str]


@dataclass
class Model:
    """What should follow: who said what through which door, the line, the emojis seen."""

    capacity: int
    said: dict[int, tuple[Choice, bool]] = field(default_factory=dict[int, tuple[Choice, bool]])
    line: list[int] = field(default_factory=list[int])
    shown: dict[int, set[str]] = field(default_factory=dict[int, set[str]])
    seen: dict[int, set[str]] = field(default_factory=dict[int, set[str]])
    told: list[int] = field(default_factory=list[int])

    def say(self, user: int, choice: Choice, *, by_emoji: bool) -> None:
        if self.said.get(user, (None,))[0] is choice:
            return
        self.said[user] = (choice, by_emoji)
        self.line = [other for other in self.line if other != user]
        if choice is Choice.YES:
            self.line.append(user)

    def take_back(self, user: int, emoji: str) -> None:
        self.seen[user].discard(emoji)
        if self.said.get(user) != (COMMITMENT[emoji], True):
            return
        left = [choice for e, choice in COMMITMENT.items() if e in self.seen[user]]
        if left:
            self.say(user, left[0], by_emoji=True)
        else:
            del self.said[user]
            self.line = [other for other in self.line if other != user]

    def reconcile(self) -> None:
        users = sorted(self.shown)
        for user in users:
            new = self.shown[user] - self.seen.get(user, set())
            self.seen.setdefault(user, set()).update(new)
            if new:
                best = next(choice for e, choice in COMMITMENT.items() if e in new)
                self.say(user, best, by_emoji=True)
        for user in users:
            for emoji in sorted(self.seen[user] - self.shown[user]):
                self.take_back(user, emoji)

    def sweep(self, emoji: str) -> None:
        for emojis in (*self.shown.values(), *self.seen.values()):
            emojis.discard(emoji)

    def play(self, step: Step) -> None:
        """Do one thing, and note whom it promotes: who waited, and did not move to be seated."""
        waiting = self.line[self.capacity :]
        self._act(*step)
        self.told += [user for user in self.line[: self.capacity] if user in waiting]

    def _act(self, kind: str, user: int, emoji: str) -> None:
        shown, seen = self.shown.setdefault(user, set()), self.seen.setdefault(user, set())
        match kind:
            case "press":
                self.say(user, COMMITMENT[emoji], by_emoji=False)
            case "react":
                shown.add(emoji)
                seen.add(emoji)
                self.say(user, COMMITMENT[emoji], by_emoji=True)
            case "unreact":
                shown.discard(emoji)
                self.take_back(user, emoji)
            case "react away":
                shown.add(emoji)
            case "unreact away":
                shown.discard(emoji)
            case "sweep":
                self.sweep(emoji)
            case _:
                self.reconcile()


async def play_step(evening: Evening, model: Model, step: Step) -> None:
    """Do the same thing in the ledger; what happens away, the ledger does not hear of."""
    kind, user, emoji = step
    if kind == "press":
        await evening.plays(evening.press(user, COMMITMENT[emoji]))
    elif kind == "react":
        await evening.plays(evening.react(user, emoji))
    elif kind == "unreact":
        await evening.plays(evening.unreact(user, emoji))
    elif kind == "sweep":
        await evening.sweeps(emoji)
    elif kind == "reconcile":
        present = {
            emoji: {user for user, shown in model.shown.items() if emoji in shown}
            for emoji in COMMITMENT
        }
        await evening.reconciles(present)


async def compare(database: Database, capacity: int, steps: Sequence[Step]) -> None:
    evening, model = await make_evening(database, capacity=capacity), Model(capacity)
    for step in steps:
        # The ledger first: it reconciles with what is shown now, as the model does.
        await play_step(evening, model, step)
        model.play(step)
        assert await evening.line() == (model.line[:capacity], model.line[capacity:]), step
    roster = await evening.roster()
    for choice, answers in ((Choice.MAYBE, roster.maybe), (Choice.NO, roster.declined)):
        expected = {user for user, (said, _) in model.said.items() if said is choice}
        assert {answer.user_id for answer in answers} == expected
    assert await evening.told() == model.told
    assert await evening.seen() == {(u, e) for u, shown in model.seen.items() for e in shown}


@pytest.fixture(scope="module")
def open_database(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[asyncio.Runner, Database]]:
    """One SQLite file for all examples, each with an event of its own."""
    path: Path = tmp_path_factory.mktemp("ledger") / "ledger.db"
    with asyncio.Runner() as runner:
        database = Database(make_url(f"sqlite+aiosqlite:///{path}"))
        runner.run(migrate.to_newest(database, now=START))
        yield runner, database
        runner.run(database.close())


ONLINE = ("press", "react", "unreact", "sweep")
# Twice, for what goes wrong after an absence takes several steps.
AWAY = ("react away", "unreact away", "reconcile") * 2


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    capacity=st.integers(1, 2),
    steps=st.lists(
        st.tuples(
            st.sampled_from(ONLINE + AWAY),
            st.sampled_from([BOB, CAROL, DAVE]),
            st.sampled_from([*COMMITMENT]),
        ),
        min_size=10,
        max_size=20,
    ),
)
@example(
    capacity=1,
    steps=[
        ("press", BOB, "✅"),
        ("press", CAROL, "✅"),
        ("react away", BOB, "✅"),
        ("react away", BOB, "❌"),
        ("reconcile", BOB, "✅"),
    ],
)
def test_the_ledger_does_what_a_small_model_does(
    open_database: tuple[asyncio.Runner, Database], capacity: int, steps: list[Step]
) -> None:
    runner, database = open_database
    runner.run(compare(database, capacity, steps))
