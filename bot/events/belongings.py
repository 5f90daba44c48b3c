"""What Discord shows of those who come: who should be in an event's thread and have its role.

That is computed from the answers. What the bot gave is kept, so that only that is ever taken
back; the difference of the two is what is to be done.
"""

import enum
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias, cast

from sqlalchemy import Select, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import guilds
from bot.errors import UserError
from bot.events import changes, emojis, ledger
from bot.events.programme import OpenCard
from bot.tables import Answer, Card, CardState, Choice, Event, EventStatus, Granted, Part

Kind = Literal["thread", "role"]
# A thread or role, and a member.
Key: TypeAlias = tuple[int, int]
Members: TypeAlias = Mapping[int, Collection[int]]

# Until an event is over, those who come are in its thread and have its role.
LIVE = (EventStatus.ANNOUNCED, EventStatus.CLOSED, EventStatus.POSTPONED)
OVER = (EventStatus.PAST, EventStatus.CANCELLED)
# How long people talk on in the thread of an event that is over, before it is put away.
CLOSES_AFTER = timedelta(days=1)
# A row of nobody's stands for a thread that someone deleted: it is not begun again.
NOBODY = 0


class Mark(enum.StrEnum):
    """How a member has something; `Granted.kind` is "role:due", "role:got", "role:own"."""

    # Being given: a crash may hide whether it was.
    DUE = "due"
    GIVEN = "got"
    # They had it before, so it is not the bot's to take.
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Opening:
    """An event whose card has no thread yet."""

    event_id: int
    title: str
    channel_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Gift:
    """A place in a thread, or a role, that a member is to get or to give back."""

    kind: Kind
    place_id: int
    user_id: int
    mark: Mark | None = None

    @property
    def key(self) -> Key:
        """What tells it from others."""
        return self.place_id, self.user_id


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done in a guild so that Discord shows what people answered."""

    openings: tuple[Opening, ...]
    # Threads of events that are over.
    closings: tuple[int, ...]
    returns: tuple[Gift, ...]
    gifts: tuple[Gift, ...]


async def plan(session: AsyncSession, guild_id: int, now: datetime) -> Plan:
    """Compare what a guild's events ask for with what the bot gave."""
    held = await _held(session, guild_id)
    threads, roles = await _in_line(session, guild_id), await _seated(session, guild_id)
    wanted = {gift.key: gift for gift in (*_gifts("thread", threads), *_gifts("role", roles))}
    return Plan(
        openings=tuple(await _openings(session, guild_id)),
        closings=tuple(await _closings(session, guild_id, now)),
        returns=tuple(
            gift
            for key, gift in held.items()
            if key not in wanted and (gift.kind == "role" or gift.place_id in threads)
        ),
        gifts=tuple(
            held.get(key, gift)
            for key, gift in wanted.items()
            if key not in held or held[key].mark is Mark.DUE
        ),
    )


async def mark(session: AsyncSession, guild_id: int, gift: Gift, how: Mark) -> None:
    """Keep how a member has something."""
    kind = f"{gift.kind}:{how}"
    await session.merge(
        Granted(place_id=gift.place_id, user_id=gift.user_id, guild_id=guild_id, kind=kind)
    )


async def returned(session: AsyncSession, gift: Gift) -> None:
    """Note that a member no longer has something of the bot's."""
    await session.execute(
        delete(Granted).where(Granted.place_id == gift.place_id, Granted.user_id == gift.user_id)
    )


async def forget(session: AsyncSession, place_id: int) -> None:
    """Note that nothing is to be taken back any more of a thread or role."""
    await session.execute(delete(Granted).where(Granted.place_id == place_id))


async def opened(session: AsyncSession, event_id: int, thread_id: int) -> None:
    """Note the thread of an event."""
    await session.execute(update(Event).where(Event.id == event_id).values(thread_id=thread_id))


async def has_thread(session: AsyncSession, thread_id: int) -> bool:
    """Whether a thread is an event's."""
    found = await session.scalar(select(Event.id).where(Event.thread_id == thread_id).limit(1))
    return found is not None


async def deleted(session: AsyncSession, guild_id: int, thread_id: int) -> None:
    """Note that someone deleted a thread: it is not begun again, what was for it goes elsewhere."""
    await session.execute(update(Event).where(Event.thread_id == thread_id).values(thread_id=None))
    await forget(session, thread_id)
    # The thread under a message has the message's id.
    await mark(session, guild_id, Gift("thread", thread_id, NOBODY), Mark.OWN)


async def assign(
    session: AsyncSession,
    event_id: int,
    part_id: int | None,
    role_id: int | None,
    *,
    now: datetime,
) -> Event:
    """Choose the role of those seated in an event, or in one of its parts; None takes it off.

    Raises:
        UserError: if the event is over, or the part is not one of its own.
    """
    event = await changes.coming(session, event_id, now)
    if part_id is None:
        event.role_id = role_id
        return event
    part = await session.get(Part, part_id)
    if part is None or part.event_id != event_id:
        raise UserError("belongings.other_event", event=event.title)
    part.role_id = role_id
    return event


async def communities(session: AsyncSession, event_ids: Collection[int]) -> set[int]:
    """The guilds of these events."""
    return set(await session.scalars(select(Event.guild_id).where(Event.id.in_(event_ids))))


async def with_role(session: AsyncSession, guild_id: int) -> dict[int, str]:
    """The roles that live events and parts give, each with the title of one of those events."""
    rows = await session.execute(_roles_of(guild_id).order_by(Event.id))
    return {
        role_id: event.title
        for event, part in rows
        for role_id in (event.role_id, part.role_id)
        if role_id is not None
    }


async def idle(
    session: AsyncSession, card: OpenCard, user_id: int, shown: Collection[str]
) -> tuple[str, ...]:
    """Those of the emojis shown by a member on a card of which nothing counts, in any part.

    Taking these off withdraws nothing: an answer goes with an emoji only if it says the same.
    """
    rows = await session.execute(
        select(Answer.part_id, Answer.choice).where(
            Answer.part_id.in_(card.parts), Answer.user_id == user_id
        )
    )
    counts = {(part_id, choice) for part_id, choice in rows}
    says = {emoji: emojis.says([emoji], card.parts).items() for emoji in card.emojis}
    return tuple(it for it in says if it in shown and counts.isdisjoint(says[it]))


def _gifts(kind: Kind, members: Members) -> Iterable[Gift]:
    for place_id, users in sorted(members.items()):
        for user_id in sorted(users):
            yield Gift(kind, place_id, user_id)


async def _held(session: AsyncSession, guild_id: int) -> dict[Key, Gift]:
    rows = await session.execute(
        select(Granted.place_id, Granted.user_id, Granted.kind)
        .where(Granted.guild_id == guild_id, Granted.user_id != NOBODY)
        .order_by(Granted.place_id, Granted.user_id)
    )
    held: dict[Key, Gift] = {}
    for place_id, user_id, text in rows:
        kind, _, how = text.partition(":")
        held[place_id, user_id] = Gift(cast("Kind", kind), place_id, user_id, Mark(how))
    return held


async def _in_line(session: AsyncSession, guild_id: int) -> Members:
    """Those seated or waiting, by their event's thread."""
    events = await session.scalars(
        select(Event).where(
            Event.guild_id == guild_id, Event.status.in_(LIVE), Event.thread_id.is_not(None)
        )
    )
    threads = {event.id: event.thread_id for event in events if event.thread_id is not None}
    members: dict[int, set[int]] = {thread_id: set() for thread_id in threads.values()}
    rows = await session.execute(
        select(Part.event_id, Answer.user_id)
        .join(Answer, Answer.part_id == Part.id)
        .where(Part.event_id.in_(threads), Answer.choice == Choice.YES, Answer.turn.is_not(None))
    )
    for event_id, user_id in rows:
        members[threads[event_id]].add(user_id)
    return members


async def _seated(session: AsyncSession, guild_id: int) -> Members:
    """Those seated, by role: of all live events and parts that give the same one."""
    rows = (await session.execute(_roles_of(guild_id))).all()
    rosters = await ledger.rosters(session, [part.id for _, part in rows]) if rows else {}
    members: defaultdict[int, set[int]] = defaultdict(set)
    for event, part in rows:
        for role_id in filter(None, (event.role_id, part.role_id)):
            members[role_id].update(said.user_id for said in rosters[part.id].seated)
    return members


def _roles_of(guild_id: int) -> Select[Event, Part]:
    return (
        select(Event, Part)
        .join(Part, Part.event_id == Event.id)
        .where(
            Event.guild_id == guild_id,
            Event.status.in_(LIVE),
            or_(Event.role_id.is_not(None), Part.role_id.is_not(None)),
        )
    )


async def _openings(session: AsyncSession, guild_id: int) -> Iterable[Opening]:
    """Live events whose posted card has no thread, and had none that somebody deleted."""
    if not (await guilds.settings(session, guild_id)).threads:
        return ()
    had = exists().where(Granted.place_id == Card.message_id, Granted.user_id == NOBODY)
    rows = await session.execute(
        select(Event.id, Event.title, Card.channel_id, Card.message_id)
        .join(Card, Card.event_id == Event.id)
        .where(
            Event.guild_id == guild_id,
            Event.status.in_(LIVE),
            Event.thread_id.is_(None),
            Card.state == CardState.LIVE,
            Card.message_id.is_not(None),
            ~had,
        )
        .order_by(Card.id)
    )
    return {
        event_id: Opening(event_id, title, channel_id, message_id)
        for event_id, title, channel_id, message_id in rows
        if message_id is not None
    }.values()


async def _closings(session: AsyncSession, guild_id: int, now: datetime) -> Iterable[int]:
    """Threads to put away: while rows of theirs are kept, that has not been done."""
    rows = await session.scalars(
        select(Event.thread_id)
        .join(Granted, Granted.place_id == Event.thread_id)
        .where(
            Event.guild_id == guild_id,
            Event.status.in_(OVER),
            Event.updated_at <= now - CLOSES_AFTER,
        )
        .distinct()
    )
    return [thread_id for thread_id in rows if thread_id is not None]
