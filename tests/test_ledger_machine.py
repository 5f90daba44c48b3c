"""Any sequence of what people do to an event's answers, held against what must always be true."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import URL, func, make_url, select

from bot.db import Database
from bot.events import ledger
from bot.events.emojis import offered
from bot.events.ledger import Ledger
from bot.events.rsvp import Act
from bot.events.seats import Roster, Said, fits, heads
from bot.tables import Answer, Choice, Delivery, Door
from tests.conftest import START
from tests.evenings import BOB, CAROL, DAVE, ERIN, Evening, make_evening

PARTS = 2
EVERYBODY = (BOB, CAROL, DAVE, ERIN)
PEOPLE = st.sampled_from(EVERYBODY)
EMOJIS = st.sampled_from(offered(PARTS))
PART = st.integers(0, PARTS - 1)
# Few seats: what goes wrong goes wrong where there is a line.
CAPACITIES = st.one_of(st.integers(1, 4), st.none())

Rosters = tuple[Roster, ...]
Do = Callable[[Evening], Coroutine[object, object, object]]
Result = TypeVar("Result")


class LedgerMachine(RuleBasedStateMachine):
    """People answer, organisers intervene, the program restarts; on every database alike."""

    runner: ClassVar[asyncio.Runner]
    urls: ClassVar[Sequence[URL]]

    def __init__(self) -> None:
        super().__init__()
        self.evenings: list[Evening] = []
        # What members show on the card, and whether the bot has heard of it.
        self.shown: set[tuple[int, str]] = set()
        self.promoted: Counter[tuple[int, int]] = Counter()
        self.unseated: Counter[tuple[int, int]] = Counter()
        self.before: Rosters = ()

    @initialize(
        capacities=st.tuples(CAPACITIES, CAPACITIES),
        guests=st.integers(1, 3),
        approval=st.booleans(),
    )
    def announce(self, capacities: tuple[int | None, ...], guests: int, *, approval: bool) -> None:
        for url in self.urls:
            evening = self.run(make_evening(Database(url), parts=PARTS))
            for number, capacity in enumerate(capacities):
                change = {"capacity": capacity, "guests_allowed": guests}
                self.run(evening.change_part(number, **change))
            self.run(evening.change_part(1, needs_approval=approval))
            self.evenings.append(evening)
        self.before = self.rosters()

    def run(self, coroutine: Coroutine[object, object, Result]) -> Result:
        return self.runner.run(coroutine)

    def rosters(self) -> Rosters:
        """The parts' rosters, which must be the same on every database."""
        found = [self.run(all_rosters(evening)) for evening in self.evenings]
        assert all(one == found[0] for one in found)
        return found[0]

    def do(self, act: Do, *by: int, cutting: bool = False) -> None:
        """Let `by` do something everywhere, and hold what followed against what was before."""
        for evening in self.evenings:
            self.run(act(evening))
        after = self.rosters()
        for number, (old, new) in enumerate(zip(self.before, after, strict=True)):
            waited, had = in_line(old.waiting), in_line(old.seated)
            lucky = waited & in_line(new.seated)
            if cutting:  # whoever waited too large for the seats there were has another turn
                lucky = {it for it in in_line(new.seated) if it[0] in {user for user, _ in waited}}
            self.promoted.update((number, user) for user, _ in lucky)
            lost = had & in_line(new.waiting)
            assert cutting or not lost, "who is seated stays seated"
            self.unseated.update((number, user) for user, _ in lost)
            moved = {user for user, _ in had} - {said.user_id for said in new.seated}
            assert cutting or moved <= {*by}, "nobody else unseats anybody"
        self.before = after

    @rule(users=st.permutations(EVERYBODY))
    def come(self, users: Sequence[int]) -> None:
        """All of them press at once, in this order."""

        async def act(evening: Evening) -> None:
            acts = [evening.press_all(user, Choice.YES) for user in users]
            await evening.plays_together(*acts)

        self.do(act, *users)

    @rule(user=PEOPLE, choice=st.sampled_from(Choice), parts=st.sets(PART, min_size=1))
    def press(self, user: int, choice: Choice, parts: set[int]) -> None:
        async def act(evening: Evening) -> None:
            says = tuple((evening.part_ids[number], choice) for number in sorted(parts))
            await evening.plays(Act(evening.guild_id, user, says, Door.BUTTON, START))

        self.do(act, user)

    @rule(user=PEOPLE, emoji=EMOJIS)
    def react(self, user: int, emoji: str) -> None:
        self.shown.add((user, emoji))
        self.do(lambda evening: evening.plays(evening.react(user, emoji)), user)

    @rule(user=PEOPLE, emoji=EMOJIS)
    def unreact(self, user: int, emoji: str) -> None:
        self.shown.discard((user, emoji))
        self.do(lambda evening: evening.plays(evening.unreact(user, emoji)), user)

    @rule(changes=st.sets(st.tuples(PEOPLE, EMOJIS), max_size=4))
    def miss(self, changes: set[tuple[int, str]]) -> None:
        """Reactions come and go while the bot is away."""
        self.shown ^= changes

    @rule()
    def reconcile(self) -> None:
        present = {
            emoji: {user for user, it in self.shown if it == emoji} for emoji in offered(PARTS)
        }
        self.do(lambda evening: evening.reconciles(present), *EVERYBODY)
        again = self.before
        self.do(lambda evening: evening.reconciles(present))
        assert self.before == again, "a list read twice changes nothing"

    @rule(user=PEOPLE, part=PART, guests=st.integers(0, 4))
    def bring(self, user: int, part: int, guests: int) -> None:
        async def act(evening: Evening) -> None:
            says = ((evening.part_ids[part], Choice.YES),)
            await evening.plays(
                Act(evening.guild_id, user, says, Door.BUTTON, START, guests=guests)
            )

        old = self.before[part]
        self.do(act, user)
        if old.waiting and old.has_seat(user):
            assert heads(self.before[part].seated) <= heads(old.seated), "no guest overtakes"

    @rule(user=PEOPLE, part=PART, granted=st.booleans())
    def judge(self, user: int, part: int, *, granted: bool) -> None:
        """An organiser accepts or refuses what somebody asked for."""
        self.do(changing(part, lambda it: it.approve(user) if granted else it.refuse(user)))

    @rule(user=PEOPLE, part=PART)
    def seat_by_hand(self, user: int, part: int) -> None:
        self.do(changing(part, lambda it: it.seat_by_hand(user, START)))

    @rule(user=PEOPLE, part=PART)
    def remove(self, user: int, part: int) -> None:
        """An organiser removes someone, who may come back."""
        self.do(changing(part, lambda it: it.say(user, Choice.NO, Door.ORGANISER, START)), user)

    @rule(user=PEOPLE)
    def vanish(self, user: int) -> None:
        """A member leaves the server, or is erased."""
        for part in range(PARTS):
            self.do(changing(part, lambda it: it.withdraw(user)), user)

    @rule(part=PART, capacity=CAPACITIES)
    def resize(self, part: int, capacity: int | None) -> None:
        self.do(changing(part, lambda it: it.resize(capacity)), cutting=True)

    @rule(part=PART, seats=st.integers(1, 2))
    def squeeze(self, part: int, seats: int) -> None:
        """Take seats away, and give them back."""
        capacity = self.before[part].capacity
        self.do(changing(part, lambda it: it.resize(seats)), cutting=True)
        self.do(changing(part, lambda it: it.resize(capacity)), cutting=True)

    @rule()
    def restart(self) -> None:
        for evening, url in zip(self.evenings, self.urls, strict=True):
            self.run(evening.database.close())
            evening.database = Database(url)

    @invariant()
    def never_over_capacity(self) -> None:
        for roster in self.before:
            inside = [said for said in roster.seated if not said.by_hand]
            assert roster.capacity is None or heads(inside) <= roster.capacity

    @invariant()
    def nobody_overtakes(self) -> None:
        for roster in self.before:
            inside = [said for said in roster.seated if not said.by_hand]
            waiting = [said for said in roster.waiting if fits(said, roster.capacity)]
            line = [said.turn or 0 for said in (*inside, *waiting)]
            assert line == sorted(set(line))

    @invariant()
    def nobody_waits_while_there_is_room(self) -> None:
        for roster in self.before:
            for first in [it for it in roster.waiting if fits(it, roster.capacity)][:1]:
                assert roster.capacity is not None
                inside = [said for said in roster.seated if not said.by_hand]
                assert roster.capacity - heads(inside) < first.size

    @invariant()
    def a_recount_gives_the_same(self) -> None:
        for evening in self.evenings:
            counted = self.run(recount(evening))
            stood = [sum(map(heads, (it.seated, it.waiting))) for it in self.before]
            assert counted == stood

    @invariant()
    def everybody_is_told_exactly_once(self) -> None:
        for evening in self.evenings:
            assert self.run(told(evening, "promotion")) == self.promoted
            assert self.run(told(evening, "unseated")) == self.unseated

    def teardown(self) -> None:
        for evening in self.evenings:
            self.run(evening.database.close())


def in_line(said: Sequence[Said]) -> set[tuple[int, int | None]]:
    return {(it.user_id, it.turn) for it in said}


def changing(part: int, change: Callable[[Ledger], object]) -> Do:
    """What an organiser does to a part: load, change, save."""

    async def act(evening: Evening) -> None:
        part_id = evening.part_ids[part]
        async with evening.database.writing(evening.guild_id) as session:
            ledgers = await ledger.load(session, [part_id])
            change(ledgers[part_id])
            await ledger.save(session, ledgers.values(), now=START)

    return act


async def all_rosters(evening: Evening) -> Rosters:
    async with evening.database.reading() as session:
        rosters = await ledger.rosters(session, evening.part_ids)
    return tuple(rosters[part_id] for part_id in evening.part_ids)


async def recount(evening: Evening) -> list[int]:
    """Heads in line at each part, added up by the database."""
    query = select(func.coalesce(func.sum(1 + Answer.guests), 0)).where(
        Answer.choice == Choice.YES, Answer.turn.is_not(None)
    )
    async with evening.database.reading() as session:
        return [
            int(await session.scalar(query.where(Answer.part_id == part_id)) or 0)
            for part_id in evening.part_ids
        ]


async def told(evening: Evening, kind: str) -> Counter[tuple[int, int]]:
    """How often each member of each part was promised that word."""
    async with evening.database.reading() as session:
        owed = (await session.scalars(select(Delivery).where(Delivery.kind == kind))).all()
    numbers = {str(part_id): number for number, part_id in enumerate(evening.part_ids)}
    return Counter(
        (numbers[it.subject.split(":")[1]], int(it.recipient.partition(":")[2]))
        for it in owed
        if it.subject.split(":")[1] in numbers
    )


@pytest.fixture
def machine(database_url: URL, template: Path, tmp_path: Path) -> Iterator[type[LedgerMachine]]:
    """A machine on SQLite alone, or on PostgreSQL with SQLite beside it."""
    beside = shutil.copy(template, tmp_path / "beside.db")
    urls = [database_url]
    if database_url.get_backend_name() != "sqlite":
        urls.append(make_url(f"sqlite+aiosqlite:///{beside}"))
    with asyncio.Runner() as loop:

        class Bound(LedgerMachine):
            pass

        Bound.runner, Bound.urls = loop, urls
        yield Bound


@pytest.mark.slow
def test_whatever_people_do_the_rules_hold(machine: type[LedgerMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
