"""What is coming, and where a member stands in it."""

import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import Literal, TypeAlias

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.events import hours, programme
from bot.events.programme import Programme
from bot.events.seats import Roster, heads
from bot.tables import Answer, Choice, Event, EventStatus, Part

# What there is to know of an event before all else.
Condition: TypeAlias = Literal["cancelled", "postponed", "past", "closed", "moved"]


class State(enum.StrEnum):
    """Where a member stands in a part."""

    SEATED = "seated"
    WAITING = "waiting"
    PENDING = "pending"
    REFUSED = "refused"
    MAYBE = "maybe"
    NO = "no"
    NONE = "none"

    @property
    def coming(self) -> bool:
        """Whether they said yes, and may get in."""
        return self in {State.SEATED, State.WAITING, State.PENDING}


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a member stands in a part, with how many guests; `place` in the waiting list, from 1.

    `full` says whether others wait for such a seat, or would have to.
    """

    state: State
    guests: int = 0
    place: int | None = None
    full: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """What there is to say of a part to who answers it: all but who else comes."""

    part_id: int
    title: str
    start: datetime
    end: datetime | None
    closes_at: datetime
    zone: str
    # Whether its hours are its own: those of the event may hold several parts in a row.
    has_hours: bool
    roles: tuple[int, ...]
    guests_allowed: int
    needs_approval: bool
    contact: str | None


def stand(roster: Roster, user_id: int) -> Stand:
    """Where a member stands in a part."""
    groups = {
        State.SEATED: roster.seated,
        State.WAITING: roster.waiting,
        State.PENDING: roster.pending,
        State.REFUSED: roster.refused,
        State.MAYBE: roster.maybe,
        State.NO: roster.declined,
    }
    for state, group in groups.items():
        for place, said in enumerate(group, 1):
            if said.user_id == user_id:
                waiting = place if state is State.WAITING else None
                return Stand(state, said.guests, waiting, full=left(roster) == 0)
    return Stand(State.NONE, full=left(roster) == 0)


def left(roster: Roster) -> int | None:
    """How many seats whoever comes next can have: none while somebody waits; None for no limit."""
    if roster.capacity is None:
        return None
    if roster.waiting:
        return 0
    return max(0, roster.capacity - heads([said for said in roster.seated if not said.by_hand]))


def condition(shown: Programme, now: datetime | None) -> Condition | None:
    """What there is to know of an event before all else; without `now`, from its status alone."""
    if shown.status in {EventStatus.CANCELLED, EventStatus.POSTPONED}:
        return "cancelled" if shown.status is EventStatus.CANCELLED else "postponed"
    if is_over(shown, now):
        return "past"
    if shown.status is EventStatus.CLOSED:
        return "closed"
    if now is not None and all(now >= shown.closes_at(part) for part in shown.parts):
        return "closed"
    # An event that takes place has a reason for one thing only: that its date was changed.
    return "moved" if shown.reason else None


def is_over(shown: Programme, now: datetime | None) -> bool:
    """Whether an event has taken place, or will not: there is nothing left to answer."""
    if shown.status in {EventStatus.CANCELLED, EventStatus.PAST}:
        return True
    if now is None or shown.status is EventStatus.POSTPONED:
        return False
    return now >= shown.over_at


def overlapping(tables: Iterable[Table]) -> list[tuple[Table, Table]]:
    """The pairs of these that take place at the same time, where their hours are known."""
    timed = sorted((it for it in tables if it.has_hours), key=lambda it: it.start)
    return [
        (one, other)
        for one, other in combinations(timed, 2)
        if other.start == one.start or (one.end is not None and other.start < one.end)
    ]


async def tables(session: AsyncSession, guild_id: int, event_id: int) -> list[Table]:
    """What there is to say of an event's parts, in order; nothing if there is no such event."""
    asked = (guild_id, event_id)
    return (await tables_of(session, [asked]))[asked]


async def tables_of(
    session: AsyncSession, asked: Collection[tuple[int, int]]
) -> dict[tuple[int, int], list[Table]]:
    """What there is to say of the parts of each of these events (guild id, event id), in order.

    It reads no answers: a thousand who press at once are told without counting all of them again.
    """
    rows = await session.execute(
        select(Part, Event)
        .join(Event, Event.id == Part.event_id)
        .where(Event.id.in_({event_id for _, event_id in asked}))
        .order_by(Part.position)
    )
    found: dict[tuple[int, int], list[Table]] = {which: [] for which in asked}
    for part, event in rows:
        if (event.guild_id, event.id) in found:
            found[event.guild_id, event.id].append(_table(part, event))
    return found


async def coming(
    session: AsyncSession,
    guild_id: int,
    now: datetime,
    limit: int,
    *,
    skip: int = 0,
    hidden: Collection[int] = (),
) -> list[Programme]:
    """The events that are coming or going on, the next first.

    Args:
        session: a transaction.
        guild_id: of which community.
        now: when it is asked.
        limit: how many at most.
        skip: how many of the next to leave out.
        hidden: channels that the asker cannot see, nor the events announced there.
    """
    query = (
        select(Event)
        .where(
            Event.guild_id == guild_id,
            Event.status.in_((EventStatus.ANNOUNCED, EventStatus.CLOSED, EventStatus.POSTPONED)),
            _ahead(now),
            func.coalesce(Event.channel_id, 0).not_in(hidden),
        )
        .order_by(Event.starts_at, Event.id)
    )
    events = (await session.scalars(query.offset(skip).limit(limit))).all()
    return await programme.of_events(session, events)


async def mine(
    session: AsyncSession, guild_id: int, user_id: int, now: datetime
) -> list[Programme]:
    """The events to come in which a member takes part, or may; cancelled ones until their day."""
    answered = (
        select(Part.event_id)
        .join(Answer, Answer.part_id == Part.id)
        .where(Answer.user_id == user_id, Answer.choice != Choice.NO)
    )
    query = (
        select(Event)
        .where(
            Event.guild_id == guild_id,
            Event.id.in_(answered),
            Event.status.not_in((EventStatus.DRAFT, EventStatus.PAST)),
            _ahead(now),
        )
        .order_by(Event.starts_at, Event.id)
    )
    return await programme.of_events(session, (await session.scalars(query)).all())


def _ahead(now: datetime) -> ColumnElement[bool]:
    """To come or going on; what waits for a new date is still to come."""
    return or_(hours.not_over(now), Event.status == EventStatus.POSTPONED)


def _table(part: Part, event: Event) -> Table:
    start = part.starts_at or event.starts_at
    return Table(
        part_id=part.id,
        title=part.title or event.title,
        start=start,
        end=part.ends_at,
        closes_at=hours.closes_at(start, timedelta(minutes=part.deadline or 0)),
        zone=event.zone,
        has_hours=part.starts_at is not None,
        roles=tuple(part.roles or ()),
        guests_allowed=part.guests_allowed,
        needs_approval=part.needs_approval,
        contact=event.contact,
    )
