"""Discord's own scheduled events as a mirror of ours: one way, one for each edition.

`Event.scheduled_event_id` is the mirror, `Event.mirrored` the revision that it shows. A revision
without a mirror says that somebody deleted it in Discord: it is not made again.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import guilds
from bot.events import hours
from bot.tables import Card, CardState, Event, EventStatus, Part

SHOWN = (EventStatus.ANNOUNCED, EventStatus.CLOSED)
OFF = (EventStatus.CANCELLED, EventStatus.POSTPONED)
# A revision that no event has: what is shown is to be brought up to date.
STALE = -1


@dataclass(frozen=True, slots=True)
class Reflection:
    """An event as its mirror is to show it."""

    event_id: int
    scheduled_event_id: int | None
    mirrored: int | None
    revision: int
    title: str
    description: str | None
    place: str | None
    start: datetime
    end: datetime
    # Its card's address; None once there is no card any more.
    link: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be made, brought up to date, and taken away (as event and scheduled event)."""

    making: tuple[Reflection, ...]
    changing: tuple[Reflection, ...]
    removing: tuple[tuple[int, int], ...]


async def plan(session: AsyncSession, guild_id: int, now: datetime) -> Plan:
    """Compare a guild's events with their mirrors; Discord itself ends those that have begun."""
    wanted = (await guilds.settings(session, guild_id)).mirror
    ours = Event.guild_id == guild_id
    to_come = and_(Event.status.in_(SHOWN), Event.starts_at > now)
    shown = await _reflections(session, ours & to_come) if wanted else list[Reflection]()
    off = Event.status.in_(OFF)
    removing = await session.execute(
        select(Event.id, Event.scheduled_event_id).where(
            ours, Event.scheduled_event_id.is_not(None), off if wanted else off | to_come
        )
    )
    return Plan(
        making=tuple(it for it in shown if it.mirrored is None and it.link is not None),
        changing=tuple(
            it for it in shown if it.scheduled_event_id is not None and it.mirrored != it.revision
        ),
        removing=tuple((event_id, mirror_id) for event_id, mirror_id in removing if mirror_id),
    )


async def reflected(session: AsyncSession, reflection: Reflection, scheduled_event_id: int) -> None:
    """Note the mirror of an event, and the revision that it shows."""
    await _note(session, reflection.event_id, scheduled_event_id, reflection.revision)


async def removed(session: AsyncSession, event_id: int) -> None:
    """Note that an event's mirror was taken away: a new date makes another."""
    await _note(session, event_id, None, None)


async def deleted(session: AsyncSession, event_id: int) -> None:
    """Note that somebody deleted an event's mirror in Discord: there is none any more."""
    await _note(session, event_id, None, STALE)


async def outdated(session: AsyncSession, event_id: int) -> None:
    """Note that an event's mirror is to be brought up to date: its card stands elsewhere now."""
    await session.execute(
        update(Event)
        .where(Event.id == event_id, Event.scheduled_event_id.is_not(None))
        .values(mirrored=STALE)
    )


async def _note(
    session: AsyncSession, event_id: int, mirror_id: int | None, revision: int | None
) -> None:
    await session.execute(
        update(Event)
        .where(Event.id == event_id)
        .values(scheduled_event_id=mirror_id, mirrored=revision)
    )


async def _reflections(session: AsyncSession, which: ColumnElement[bool]) -> Sequence[Reflection]:
    events = (await session.scalars(select(Event).where(which).order_by(Event.starts_at))).all()
    ids = [event.id for event in events]
    parts: defaultdict[int, list[Part]] = defaultdict(list)
    for part in await session.scalars(select(Part).where(Part.event_id.in_(ids))):
        parts[part.event_id].append(part)
    cards = await session.scalars(
        select(Card)
        .where(Card.event_id.in_(ids), Card.state == CardState.LIVE, Card.message_id.is_not(None))
        .order_by(Card.id)
    )
    links = {card.event_id: _link(card) for card in cards}
    return [_reflection(event, parts[event.id], links.get(event.id)) for event in events]


def _reflection(event: Event, parts: Sequence[Part], link: str | None) -> Reflection:
    return Reflection(
        event_id=event.id,
        scheduled_event_id=event.scheduled_event_id,
        mirrored=event.mirrored,
        revision=event.revision,
        title=event.title,
        description=event.description,
        place=event.place,
        start=event.starts_at,
        end=hours.end_of(event, parts),
        link=link,
    )


def _link(card: Card) -> str:
    return f"https://discord.com/channels/{card.guild_id}/{card.channel_id}/{card.message_id}"
