"""What went wrong lately in a community, counted and named, for its organisers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.tables import Card, CardState, Delivery, DeliveryState, Draft, Event, EventStatus

RECENT = timedelta(days=7)
UNDONE = (DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.MISSED)
# Missed because an organiser called it off: nothing is wrong with that.
CALLED_OFF = "changes.called_off"


@dataclass(frozen=True, slots=True)
class Broken:
    """A card of an event to come that can no longer be drawn, and why."""

    title: str
    channel_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Undone:
    """How many messages did not go out for a reason."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Unpublished:
    """A draft that would not publish itself, and why."""

    title: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All of it; and the channels in which cards of events to come stand."""

    broken: Sequence[Broken]
    undone: Sequence[Undone]
    unpublished: Sequence[Unpublished]
    channels: Sequence[int]


async def look(session: AsyncSession, guild_id: int, now: datetime) -> Diagnosis:
    """Look at what happened in the last days and at what is to come."""
    return Diagnosis(
        broken=await _broken(session, guild_id, now),
        undone=await _undone(session, guild_id, now - RECENT),
        unpublished=await _unpublished(session, guild_id, now - RECENT),
        channels=await _channels(session, guild_id, now),
    )


async def _broken(session: AsyncSession, guild_id: int, now: datetime) -> Sequence[Broken]:
    """Cards in whose place no other stands."""
    rows = await session.execute(
        select(Event.id, Event.title, Card.channel_id, Card.reason, Card.state)
        .join(Card, Card.event_id == Event.id)
        .where(
            Event.guild_id == guild_id,
            Event.starts_at > now,
            Event.status != EventStatus.CANCELLED,
            Card.state != CardState.CLOSED,
        )
        .order_by(Event.starts_at, Card.id)
    )
    newest = {
        event_id: (state, Broken(title, channel_id, reason or "cards.gone"))
        for event_id, title, channel_id, reason, state in rows
    }
    return [broken for state, broken in newest.values() if state is CardState.BROKEN]


async def _undone(session: AsyncSession, guild_id: int, since: datetime) -> Sequence[Undone]:
    count = func.count()
    rows = await session.execute(
        select(Delivery.reason, count)
        .where(
            Delivery.guild_id == guild_id,
            Delivery.state.in_(UNDONE),
            Delivery.created_at > since,
            Delivery.reason != CALLED_OFF,
        )
        .group_by(Delivery.reason)
        .order_by(count.desc(), Delivery.reason)
    )
    return [Undone(reason, times) for reason, times in rows if reason]


async def _unpublished(
    session: AsyncSession, guild_id: int, since: datetime
) -> Sequence[Unpublished]:
    """Drafts whose maker was told that they would not publish, and that are still drafts."""
    told = Delivery.subject.startswith("draft:" + cast(Draft.id, String) + ":")
    rows = await session.execute(
        select(Draft.id, Draft.fields, Delivery.detail)
        .join(Delivery, told)
        .where(
            Draft.guild_id == guild_id,
            Delivery.kind == "unpublished",
            Delivery.created_at > since,
        )
        .order_by(Delivery.id)
    )
    found = {draft_id: (fields, why) for draft_id, fields, why in rows}
    return [Unpublished(str(fields.get("title") or "?"), why) for fields, why in found.values()]


async def _channels(session: AsyncSession, guild_id: int, now: datetime) -> Sequence[int]:
    rows = await session.scalars(
        select(Card.channel_id)
        .join(Event, Event.id == Card.event_id)
        .where(Event.guild_id == guild_id, Event.starts_at > now, Card.state == CardState.LIVE)
        .distinct()
        .order_by(Card.channel_id)
    )
    return rows.all()
