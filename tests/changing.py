"""What organisers change about an evening, straight in the database, and what is owed for it."""

from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update
from sqlalchemy.event import listen, remove

from bot import deliveries
from bot.db import Database
from bot.deliveries import Recipient
from bot.events import changes
from bot.events.changes import Change
from bot.events.proposal import Proposal, ProposedPart
from bot.tables import Answer, Choice, Delivery, Door, Event, Part
from tests.conftest import START
from tests.evenings import BOB, CAROL, DAVE, ERIN, Evening, make_evening

PARIS = ZoneInfo("Europe/Paris")
DATE = START + timedelta(days=14)
LATER = START + timedelta(days=21)
CROWD = (BOB, CAROL, DAVE, ERIN)


async def make_crowd(database: Database) -> Evening:
    """An event with three seats, and four who want one."""
    evening = await make_evening(database, capacity=3)
    await evening.plays(*(evening.press(user, Choice.YES) for user in CROWD))
    return evening


async def fill(evening: Evening, size: int, **values: object) -> None:
    """Have so many say yes to the evening, in the table."""
    usual = {
        "part_id": evening.part_id,
        "guild_id": evening.guild_id,
        "choice": Choice.YES,
        "door": Door.BUTTON,
        "answered_at": START,
    }
    async with evening.database.writing(evening.guild_id) as session:
        rows = [{"user_id": 1000 + n, "turn": n, **usual, **values} for n in range(1, size + 1)]
        await session.execute(insert(Answer), rows)
        await session.execute(update(Part).values(turns=size))


@contextmanager
def counted(database: Database) -> Generator[Counter[str]]:
    """Count what is asked of the database, by statement; many rows of one statement are one."""
    asked: Counter[str] = Counter()

    def note(*call: Any) -> None:
        asked[call[2]] += 1

    engine = database.writer.sync_engine
    listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        remove(engine, "before_cursor_execute", note)


async def resize(evening: Evening, seats: int | None, *, confirmed: bool = False) -> Change:
    async with evening.database.writing(evening.guild_id) as session:
        return await changes.resize(session, evening.part_id, seats, now=START, confirmed=confirmed)


async def postpone(
    evening: Evening, start: datetime | None, *, now: datetime = START, **given: Any
) -> Change:
    async with evening.database.writing(evening.guild_id) as session:
        return await changes.postpone(session, evening.event_id, start, now=now, **given)


async def cancel(evening: Evening, *, now: datetime = START, reason: str | None = None) -> Change:
    async with evening.database.writing(evening.guild_id) as session:
        return await changes.cancel(session, evening.event_id, now=now, reason=reason)


async def close(evening: Evening, *, now: datetime = START) -> Change:
    async with evening.database.writing(evening.guild_id) as session:
        return await changes.close(session, evening.event_id, now=now)


async def reopen(evening: Evening, *, now: datetime = START) -> Change:
    async with evening.database.writing(evening.guild_id) as session:
        return await changes.reopen(session, evening.event_id, now=now)


async def read(evening: Evening, when: str | None) -> changes.NewDate | None:
    async with evening.database.reading() as session:
        return await changes.new_date(session, evening.event_id, when, now=START)


async def change(evening: Evening, **values: object) -> None:
    """Change the event in its table."""
    async with evening.database.writing() as session:
        await session.execute(update(Event).where(Event.id == evening.event_id).values(**values))


async def event_of(evening: Evening) -> Event:
    async with evening.database.reading() as session:
        return await session.get_one(Event, evening.event_id)


async def parts_of(evening: Evening) -> Sequence[Part]:
    async with evening.database.reading() as session:
        query = select(Part).where(Part.event_id == evening.event_id).order_by(Part.position)
        return (await session.scalars(query)).all()


async def owed(evening: Evening, *kinds: str) -> list[Delivery]:
    async with evening.database.reading() as session:
        query = select(Delivery).where(Delivery.kind.in_(kinds)).order_by(Delivery.id)
        return [*await session.scalars(query)]


async def told(evening: Evening, kind: str, subject: str = "") -> list[int]:
    """Who is owed a private word of a kind, in order; of subjects that begin so."""
    return [
        Recipient.read(one.recipient).id
        for one in await owed(evening, kind)
        if one.subject.startswith(subject)
    ]


async def owe(evening: Evening, kind: str, subject: str) -> None:
    async with evening.database.writing() as session:
        await deliveries.owe(
            session,
            guild_id=evening.guild_id,
            kind=kind,
            subject=subject,
            recipient=Recipient("channel", 5),
            now=START,
        )


def as_it_is(*parts: ProposedPart, **given: Any) -> Proposal:
    """The evening as an organiser would find it in the form, with these parts."""
    known: dict[str, Any] = {
        "title": "Petit-déjeuner",
        "start": DATE.astimezone(PARIS),
        "end": None,
        "zone": "Europe/Paris",
    }
    return Proposal(**(known | given), parts=parts)


def table(evening: Evening, number: int, **given: Any) -> ProposedPart:
    """One of the evening's parts."""
    known: dict[str, Any] = {"title": f"Table {number}", "part_id": evening.part_ids[number]}
    return ProposedPart(**(known | given))


async def edit(evening: Evening, proposal: Proposal, *, confirmed: bool = False) -> Change:
    async with evening.database.writing(evening.guild_id) as session:
        return await changes.apply(
            session, evening.event_id, proposal, now=START, by=1, confirmed=confirmed
        )
