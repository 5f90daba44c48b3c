import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import event, select

from bot.db import Database
from bot.errors import UserError
from bot.events import ledger
from bot.events.intake import AT_ONCE, Intake
from bot.events.rsvp import Outcome
from bot.tables import Card, CardState, Part
from tests.answering import GUILD, open_part, yes


class Heard:
    """An intake's listener: what it was told, transaction by transaction."""

    def __init__(self) -> None:
        self.transactions: list[Sequence[Outcome]] = []

    def __call__(self, outcomes: Sequence[Outcome]) -> None:
        self.transactions.append(outcomes)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def intake(database: Database, heard: Heard) -> Intake:
    return Intake(database, heard)


async def line(database: Database, part_id: int) -> list[int]:
    """Those who said yes, in the order of their turns."""
    async with database.reading() as session:
        roster = (await ledger.rosters(session, [part_id]))[part_id]
    return [said.user_id for said in roster.seated + roster.waiting]


async def test_the_order_of_arrival_is_the_order_of_the_line(
    database: Database, intake: Intake
) -> None:
    part_id = await open_part(database, capacity=10)
    users = random.sample(range(1, 1000), 100)
    for user_id in users:
        intake.submit(yes(part_id, user_id))
    await intake.settle()
    assert await line(database, part_id) == users


async def test_a_burst_is_written_in_few_transactions(
    database: Database, intake: Intake, heard: Heard
) -> None:
    part_id = await open_part(database)
    commits: list[object] = []
    event.listen(database.writer.sync_engine, "commit", commits.append)
    futures = [intake.submit(yes(part_id, user_id)) for user_id in range(1, 1001)]
    await intake.settle()
    assert len(commits) <= 2
    assert all(future.result().changed for future in futures)
    assert [outcome.user_id for batch in heard.transactions for outcome in batch] == [
        *range(1, 1001)
    ]


async def test_the_largest_transaction_is_within_what_the_database_takes(
    database: Database, intake: Intake, heard: Heard
) -> None:
    part_id = await open_part(database)
    async with database.writing(GUILD) as session:
        event_id = await session.scalar(select(Part.event_id).where(Part.id == part_id))
        card = Card(guild_id=GUILD, event_id=event_id, channel_id=1, state=CardState.LIVE)
        session.add(card)
    for user_id in range(1, AT_ONCE + 1):
        intake.submit(replace(yes(part_id, user_id), card_id=card.id, emojis=("✅",)))
    await intake.settle()
    assert [len(batch) for batch in heard.transactions] == [AT_ONCE]


async def test_what_comes_while_others_are_written_is_written_next(
    database: Database, intake: Intake, heard: Heard
) -> None:
    part_id = await open_part(database)
    engine = database.writer.sync_engine

    def come(_: object) -> None:
        intake.submit(yes(part_id, 2))

    event.listen(engine, "commit", come, once=True)
    intake.submit(yes(part_id, 1))
    await intake.settle()
    assert await line(database, part_id) == [1, 2]
    assert [len(batch) for batch in heard.transactions] == [1, 1]


async def test_an_act_that_fails_does_not_spoil_its_neighbours(
    database: Database, intake: Intake, heard: Heard
) -> None:
    part_id = await open_part(database, capacity=1)
    before, wrong, after = (
        intake.submit(act) for act in (yes(part_id, 1), yes(part_id + 1, 2), yes(part_id, 3))
    )
    await intake.settle()
    assert (await before).standings[0].roster.has_seat(1)
    assert (await after).standings[0].roster.place(3) == 1
    with pytest.raises(UserError, match=r"rsvp\.gone"):
        await wrong
    assert sum(map(len, heard.transactions)) == 2


async def test_who_gives_up_waiting_holds_nobody_up(database: Database, intake: Intake) -> None:
    part_id = await open_part(database)
    gone, stays = intake.submit(yes(part_id, 1)), intake.submit(yes(part_id, 2))
    gone.cancel()
    assert (await stays).changed
    assert await line(database, part_id) == [1, 2]


async def test_an_answer_is_told_once_it_is_durable(database: Database, intake: Intake) -> None:
    part_id = await open_part(database)
    order: list[str] = []
    # A connection goes back to its pool when its transaction has ended.
    event.listen(database.writer.sync_engine, "checkin", lambda *_: order.append("stored"))
    future = intake.submit(yes(part_id, 1))
    future.add_done_callback(lambda _: order.append("told"))
    await intake.settle()
    await future
    assert order == ["stored", "told"]


async def test_an_answer_that_could_not_be_stored_is_not_told(
    database: Database, intake: Intake, heard: Heard
) -> None:
    part_id = await open_part(database)

    def fail(_: object) -> None:
        raise OSError("disk full")

    event.listen(database.writer.sync_engine, "commit", fail)
    future = intake.submit(yes(part_id, 1))
    with pytest.raises(OSError, match="disk full"):
        await future
    await intake.settle()
    assert await line(database, part_id) == []
    assert not heard.transactions
