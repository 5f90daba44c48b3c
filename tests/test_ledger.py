import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url, select, update

from bot import migrate
from bot.db import Database
from bot.errors import UserError
from bot.events import rsvp
from bot.events.rsvp import Act, Outcome
from bot.events.seats import Roster
from bot.tables import (
    Answer,
    Approval,
    Card,
    CardState,
    Choice,
    Delivery,
    Door,
    Event,
    EventStatus,
    Guild,
    Part,
    ReactionSeen,
)
from tests.conftest import START

BOB, CAROL, DAVE, ERIN = 11, 12, 13, 14


@dataclass
class Evening:
    """An event with one part and one card, in a database, and what people do about it."""

    database: Database
    guild_id: int
    event_id: int
    part_id: int
    card_id: int

    def press(self, user_id: int, choice: Choice, door: Door = Door.BUTTON) -> Act:
        return Act(self.guild_id, self.part_id, user_id, choice, door, START)

    def react(self, user_id: int, emoji: str, *, taken_back: bool = False) -> Act:
        choice, door = rsvp.EMOJIS[emoji], Door.REACTION
        return Act(
            self.guild_id,
            self.part_id,
            user_id,
            choice,
            door,
            START,
            self.card_id,
            emoji,
            taken_back,
        )

    def unreact(self, user_id: int, emoji: str) -> Act:
        return self.react(user_id, emoji, taken_back=True)

    async def plays(self, *acts: Act) -> Sequence[Outcome]:
        """Each act in a transaction of its own."""
        return [(await self.plays_together(act))[0] for act in acts]

    async def plays_together(self, *acts: Act) -> Sequence[Outcome]:
        async with self.database.writing(self.guild_id) as session:
            return await rsvp.play(session, acts)

    async def reconciles(
        self, present: Mapping[str, Collection[int]], leave_alone: Collection[int] = ()
    ) -> Sequence[Outcome]:
        async with self.database.writing(self.guild_id) as session:
            return await rsvp.reconcile(
                session,
                guild_id=self.guild_id,
                part_id=self.part_id,
                card_id=self.card_id,
                present={emoji: set[int]() for emoji in rsvp.EMOJIS} | dict(present),
                leave_alone=leave_alone,
                now=START,
            )

    async def sweeps(self, *emojis: str) -> None:
        async with self.database.writing(self.guild_id) as session:
            await rsvp.forget_reactions(session, self.card_id, emojis)

    async def roster(self) -> Roster:
        async with self.database.reading() as session:
            return (await rsvp.rosters(session, [self.part_id]))[self.part_id]

    async def line(self) -> tuple[list[int], list[int]]:
        """Who is seated and who waits, in order."""
        roster = await self.roster()
        return [s.user_id for s in roster.seated], [s.user_id for s in roster.waiting]

    async def turn(self, user_id: int) -> int | None:
        async with self.database.reading() as session:
            answer = await session.get(Answer, (self.part_id, user_id))
            return answer.turn if answer else None

    async def choice(self, user_id: int) -> Choice | None:
        async with self.database.reading() as session:
            answer = await session.get(Answer, (self.part_id, user_id))
            return answer.choice if answer else None

    async def seen(self) -> set[tuple[int, str]]:
        async with self.database.reading() as session:
            query = select(ReactionSeen).where(ReactionSeen.card_id == self.card_id)
            return {(row.user_id, row.emoji) for row in await session.scalars(query)}

    async def told(self) -> list[int]:
        """Who was promised a private word that they have a seat, in order."""
        async with self.database.reading() as session:
            query = select(Delivery).where(Delivery.kind == "promotion").order_by(Delivery.id)
            prefix = f"part:{self.part_id}:"
            return [
                int(owed.recipient.partition(":")[2])
                for owed in await session.scalars(query)
                if owed.subject.startswith(prefix)
            ]

    async def change(self, **values: object) -> None:
        """Change the part as an organiser would, in the table."""
        async with self.database.writing(self.guild_id) as session:
            await session.execute(update(Part).where(Part.id == self.part_id).values(**values))

    async def close(self) -> None:
        async with self.database.writing(self.guild_id) as session:
            await session.execute(
                update(Event)
                .where(Event.id == self.event_id)
                .values(status=EventStatus.CLOSED)
            )


async def make_evening(
    database: Database, *, capacity: int | None = None, guild_id: int = 1
) -> Evening:
    async with database.writing() as session:
        await session.merge(Guild(id=guild_id, name="Les Tablées", zone="Europe/Paris"))
        event = Event(
            guild_id=guild_id,
            title="Petit-déjeuner",
            starts_at=START + timedelta(days=14),
            local_start="2026-01-15T01:00:00",
            zone="Europe/Paris",
            status=EventStatus.ANNOUNCED,
            created_by=1,
            created_at=START,
            updated_at=START,
        )
        session.add(event)
        await session.flush()
        part = Part(guild_id=guild_id, event_id=event.id, position=0, capacity=capacity)
        card = Card(guild_id=guild_id, event_id=event.id, channel_id=5, state=CardState.LIVE)
        session.add_all([part, card])
        await session.flush()
        return Evening(database, guild_id, event.id, part.id, card.id)


@pytest.fixture
async def evening(database: Database) -> Evening:
    """An event with two seats."""
    return await make_evening(database, capacity=2)


async def test_the_same_answer_twice_changes_nothing(evening: Evening) -> None:
    bob = evening.press(BOB, Choice.YES)
    first, _, again = await evening.plays(bob, evening.press(CAROL, Choice.YES), bob)
    assert first.changed
    assert not again.changed
    assert await evening.turn(BOB) == 1
    assert await evening.line() == ([BOB, CAROL], [])


async def test_the_same_answer_through_another_door_changes_nothing(evening: Evening) -> None:
    await evening.plays(evening.press(BOB, Choice.YES), evening.press(CAROL, Choice.YES))
    (again,) = await evening.plays(evening.react(BOB, "✅"))
    assert not again.changed
    assert await evening.turn(BOB) == 1


@pytest.mark.parametrize("left", [Choice.NO, Choice.MAYBE])
async def test_who_leaves_and_comes_back_stands_at_the_end(evening: Evening, left: Choice) -> None:
    crowd = [evening.press(user, Choice.YES) for user in (BOB, CAROL, DAVE)]
    await evening.plays(*crowd, evening.press(BOB, left), evening.press(BOB, Choice.YES))
    assert await evening.line() == ([CAROL, DAVE], [BOB])


async def test_leaving_and_coming_back_in_one_burst_is_no_way_to_keep_a_seat(
    evening: Evening,
) -> None:
    await evening.plays(*(evening.press(user, Choice.YES) for user in (BOB, CAROL, DAVE)))
    await evening.plays_together(evening.press(BOB, Choice.NO), evening.press(BOB, Choice.YES))
    assert await evening.line() == ([CAROL, DAVE], [BOB])
    assert await evening.told() == [DAVE]


async def test_a_turn_is_never_given_twice(evening: Evening) -> None:
    for _ in range(3):
        await evening.plays(evening.react(BOB, "✅"), evening.unreact(BOB, "✅"))
    await evening.plays(evening.press(CAROL, Choice.YES))
    assert await evening.turn(CAROL) == 4


async def test_the_last_act_wins_whatever_its_door(evening: Evening) -> None:
    await evening.plays(
        evening.react(BOB, "✅"),
        evening.press(BOB, Choice.NO),
        evening.react(CAROL, "❌"),
        evening.press(CAROL, Choice.YES),
        evening.press(DAVE, Choice.YES),
        evening.press(DAVE, Choice.MAYBE, Door.ORGANISER),
    )
    assert await evening.choice(BOB) is Choice.NO
    assert await evening.choice(CAROL) is Choice.YES
    assert await evening.choice(DAVE) is Choice.MAYBE


@pytest.mark.parametrize("door", [Door.BUTTON, Door.ORGANISER])
async def test_an_emoji_taken_back_leaves_an_answer_that_came_otherwise(
    evening: Evening, door: Door
) -> None:
    await evening.plays(
        evening.press(BOB, Choice.YES, door),
        evening.react(BOB, "✅"),
        evening.unreact(BOB, "✅"),
    )
    assert await evening.choice(BOB) is Choice.YES


async def test_an_emoji_taken_back_withdraws_what_came_through_it(evening: Evening) -> None:
    await evening.plays(evening.react(BOB, "✅"), evening.unreact(BOB, "✅"))
    assert await evening.choice(BOB) is None
    assert await evening.seen() == set()


async def test_another_emoji_still_shown_counts_again(evening: Evening) -> None:
    await evening.plays(
        evening.react(BOB, "❔"),
        evening.react(BOB, "✅"),
        evening.react(BOB, "❌"),
        evening.unreact(BOB, "❌"),
    )
    assert await evening.choice(BOB) is Choice.YES
    await evening.plays(evening.unreact(BOB, "✅"))
    assert await evening.choice(BOB) is Choice.MAYBE


async def test_taking_back_an_emoji_that_no_longer_counts_changes_nothing(
    evening: Evening,
) -> None:
    *_, last = await evening.plays(
        evening.react(BOB, "✅"), evening.react(BOB, "❌"), evening.unreact(BOB, "✅")
    )
    assert not last.changed
    assert await evening.choice(BOB) is Choice.NO


async def test_of_two_new_emojis_the_more_committed_counts(evening: Evening) -> None:
    await evening.reconciles({"✅": [BOB], "❌": [BOB, CAROL], "❔": [CAROL]})
    assert await evening.choice(BOB) is Choice.YES
    assert await evening.choice(CAROL) is Choice.MAYBE
    assert await evening.seen() == {(BOB, "✅"), (BOB, "❌"), (CAROL, "❌"), (CAROL, "❔")}


async def test_two_new_emojis_of_who_is_seated_keep_the_seat(evening: Evening) -> None:
    await evening.plays(*(evening.press(user, Choice.YES) for user in (BOB, CAROL, DAVE)))
    await evening.reconciles({"✅": [BOB], "❌": [BOB]})
    assert await evening.line() == ([BOB, CAROL], [DAVE])
    assert await evening.told() == []


async def test_newcomers_found_in_a_list_queue_by_id_after_everyone_known(
    evening: Evening,
) -> None:
    await evening.plays(evening.react(ERIN, "✅"))
    await evening.reconciles({"✅": [ERIN, DAVE, BOB, CAROL]})
    assert await evening.line() == ([ERIN, BOB], [CAROL, DAVE])


async def test_a_list_read_twice_changes_nothing(evening: Evening) -> None:
    await evening.reconciles({"✅": [BOB], "❔": [CAROL]})
    assert await evening.reconciles({"✅": [BOB], "❔": [CAROL]}) == []


async def test_who_reacted_while_the_list_was_read_is_left_alone(evening: Evening) -> None:
    await evening.plays(evening.react(BOB, "✅"))
    await evening.reconciles({"✅": [CAROL]}, leave_alone={BOB, CAROL})
    assert await evening.line() == ([BOB], [])
    assert await evening.seen() == {(BOB, "✅")}


async def test_a_list_that_could_not_be_read_withdraws_nobody(evening: Evening) -> None:
    await evening.plays(evening.react(BOB, "✅"), evening.react(CAROL, "❔"))
    async with evening.database.writing(evening.guild_id) as session:
        await rsvp.reconcile(
            session,
            guild_id=evening.guild_id,
            part_id=evening.part_id,
            card_id=evening.card_id,
            present={"❔": set()},
            leave_alone=(),
            now=START,
        )
    assert await evening.choice(BOB) is Choice.YES
    assert await evening.choice(CAROL) is None


async def test_reactions_swept_away_withdraw_nobody(evening: Evening) -> None:
    await evening.plays(evening.react(BOB, "✅"), evening.react(CAROL, "✅"))
    await evening.sweeps(*rsvp.EMOJIS)
    await evening.reconciles({})
    assert await evening.line() == ([BOB, CAROL], [])
    await evening.reconciles({"✅": [CAROL]})
    assert await evening.turn(CAROL) == 2


async def test_an_emoji_exchanged_while_away_is_one_change_of_mind(evening: Evening) -> None:
    await evening.plays(evening.react(BOB, "✅"), evening.press(CAROL, Choice.YES))
    await evening.reconciles({"❌": [BOB]})
    assert await evening.choice(BOB) is Choice.NO


async def test_a_no_by_button_outlives_the_emoji_still_shown(evening: Evening) -> None:
    await evening.plays(evening.react(BOB, "✅"), evening.press(BOB, Choice.NO))
    assert await evening.reconciles({"✅": [BOB]}) == []
    assert await evening.choice(BOB) is Choice.NO


async def test_a_promotion_is_owed_once_for_each_turn(evening: Evening) -> None:
    await evening.plays(*(evening.press(user, Choice.YES) for user in (BOB, CAROL, DAVE, ERIN)))
    await evening.plays(evening.press(BOB, Choice.NO))
    assert await evening.told() == [DAVE]
    await evening.plays(evening.press(CAROL, Choice.NO), evening.press(CAROL, Choice.YES))
    assert await evening.told() == [DAVE, ERIN]
    await evening.plays(evening.press(DAVE, Choice.NO), evening.press(DAVE, Choice.YES))
    assert await evening.told() == [DAVE, ERIN, CAROL]
    await evening.plays(evening.press(ERIN, Choice.NO))
    assert await evening.told() == [DAVE, ERIN, CAROL, DAVE]


async def test_a_yes_to_be_approved_takes_no_turn_yet(evening: Evening) -> None:
    await evening.change(needs_approval=True)
    (outcome,) = await evening.plays(evening.press(BOB, Choice.YES))
    assert [said.user_id for said in outcome.roster.pending] == [BOB]
    assert outcome.roster.pending[0].approval is Approval.PENDING
    assert await evening.turn(BOB) is None


async def test_a_closed_event_changes_nothing(evening: Evening) -> None:
    await evening.plays(evening.react(BOB, "✅"))
    await evening.close()
    outcomes = await evening.plays(
        evening.unreact(BOB, "✅"),
        evening.press(CAROL, Choice.YES),
        evening.press(BOB, Choice.NO),
    )
    assert all(outcome.closed and not outcome.changed for outcome in outcomes)
    assert await evening.line() == ([BOB], [])


async def test_an_unknown_part_is_refused_and_nothing_of_its_burst_is_kept(
    evening: Evening,
) -> None:
    nowhere = Act(evening.guild_id, 999, BOB, Choice.YES, Door.BUTTON, START)
    with pytest.raises(UserError, match=r"rsvp\.gone"):
        await evening.plays_together(evening.press(CAROL, Choice.YES), nowhere)
    assert await evening.line() == ([], [])


async def test_another_guilds_part_is_refused(evening: Evening) -> None:
    other = await make_evening(evening.database, guild_id=2)
    stranger = Act(other.guild_id, evening.part_id, BOB, Choice.YES, Door.BUTTON, START)
    with pytest.raises(UserError, match=r"rsvp\.gone"):
        await evening.plays_together(stranger)
    assert await evening.line() == ([], [])


async def test_parts_do_not_share_their_lines(evening: Evening) -> None:
    other = await make_evening(evening.database, capacity=1)
    await evening.plays_together(
        evening.press(BOB, Choice.YES), other.press(BOB, Choice.YES), other.press(CAROL, Choice.YES)
    )
    assert await evening.line() == ([BOB], [])
    assert await other.line() == ([BOB], [CAROL])


# A model small enough to be read at a glance, played beside the ledger.

Step = tuple[str, int, str]


@dataclass
class Model:
    """What should follow: who said what through which door, the line, the emojis seen."""

    capacity: int
    said: dict[int, tuple[Choice, bool]] = field(default_factory=dict)
    line: list[int] = field(default_factory=list)
    shown: dict[int, set[str]] = field(default_factory=dict)
    seen: dict[int, set[str]] = field(default_factory=dict)
    told: list[int] = field(default_factory=list)

    def say(self, user: int, choice: Choice, *, by_emoji: bool) -> None:
        if self.said.get(user, (None,))[0] is choice:
            return
        self.said[user] = (choice, by_emoji)
        self.line = [other for other in self.line if other != user]
        if choice is Choice.YES:
            self.line.append(user)

    def take_back(self, user: int, emoji: str) -> None:
        self.seen[user].discard(emoji)
        if self.said.get(user) != (rsvp.EMOJIS[emoji], True):
            return
        left = [choice for e, choice in rsvp.EMOJIS.items() if e in self.seen[user]]
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
                best = next(choice for e, choice in rsvp.EMOJIS.items() if e in new)
                self.say(user, best, by_emoji=True)
        for user in users:
            for emoji in sorted(self.seen[user] - self.shown[user]):
                self.take_back(user, emoji)

    def play(self, step: Step) -> None:
        """Do one thing, and note whom it promotes."""
        waiting = self.line[self.capacity :]
        kind, user, emoji = step
        shown = self.shown.setdefault(user, set())
        seen = self.seen.setdefault(user, set())
        if kind == "press":
            self.say(user, rsvp.EMOJIS[emoji], by_emoji=False)
        elif kind in {"react", "react away"}:
            shown.add(emoji)
        elif kind in {"unreact", "unreact away"}:
            shown.discard(emoji)
        elif kind == "sweep":
            for emojis in (*self.shown.values(), *self.seen.values()):
                emojis.discard(emoji)
        elif kind == "reconcile":
            self.reconcile()
        if kind == "react":
            seen.add(emoji)
            self.say(user, rsvp.EMOJIS[emoji], by_emoji=True)
        if kind == "unreact":
            self.take_back(user, emoji)
        # Who came back in the same step has a new turn: promoted is only who kept standing there.
        seated = self.line[: self.capacity]
        self.told += [other for other in seated if other in waiting]


async def play_step(evening: Evening, model: Model, step: Step) -> None:
    """Do the same thing in the ledger; what happens away, the ledger does not hear of."""
    kind, user, emoji = step
    if kind == "press":
        await evening.plays(evening.press(user, rsvp.EMOJIS[emoji]))
    elif kind == "react":
        await evening.plays(evening.react(user, emoji))
    elif kind == "unreact":
        await evening.plays(evening.unreact(user, emoji))
    elif kind == "sweep":
        await evening.sweeps(emoji)
    elif kind == "reconcile":
        present = {
            emoji: {user for user, shown in model.shown.items() if emoji in shown}
            for emoji in rsvp.EMOJIS
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


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    capacity=st.integers(1, 2),
    steps=st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "press",
                    "react",
                    "unreact",
                    "react away",
                    "unreact away",
                    "reconcile",
                    "sweep",
                ]
            ),
            st.sampled_from([BOB, CAROL, DAVE, ERIN]),
            st.sampled_from([*rsvp.EMOJIS]),
        ),
        max_size=20,
    ),
)
def test_the_ledger_does_what_a_small_model_does(
    open_database: tuple[asyncio.Runner, Database], capacity: int, steps: list[Step]
) -> None:
    runner, database = open_database
    runner.run(compare(database, capacity, steps))
