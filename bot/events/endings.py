"""What follows from time passing: an event is over, people are thanked, a card looks different."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import cards, deliveries
from bot.events import attendance, hours, ledger, reminders
from bot.events.programme import shown
from bot.tables import (
    Delivery,
    Event,
    EventStatus,
    Part,
    Presence,
    Recap,
    RecapStatus,
)

# A night that ends before this hour belongs to the day before.
DAWN = timedelta(hours=6)
MORNING = time(10)
# Thanks are worth nothing a day later, nor the link to a recap long after the evening.
THANKS_LAST = timedelta(days=1)
RECAP_LASTS = timedelta(days=60)


def morning_after(end: datetime, zone: ZoneInfo) -> datetime:
    """10:00 of the next day on the local clock, when people are thanked."""
    day = (end.astimezone(zone) - DAWN).date() + timedelta(days=1)
    return datetime.combine(day, MORNING, zone).astimezone(UTC)


async def over(session: AsyncSession, now: datetime) -> list[Event]:
    """The events that have ended and are not marked as past."""
    begun = await _begun(session, now)
    return [event for event, parts in begun if hours.end_of(event, parts) <= now]


async def end(session: AsyncSession, event_id: int, now: datetime) -> bool:
    """Mark an event as past, once, and owe its thanks for the next morning if anybody was there.

    Returns:
        Whether it was marked just now.
    """
    event = await session.get(Event, event_id, populate_existing=True)
    if event is None or event.status not in reminders.DATED:
        return False
    parts = (await session.scalars(select(Part).where(Part.event_id == event_id))).all()
    ended = hours.end_of(event, parts)
    if ended > now:
        return False
    event.status = EventStatus.PAST
    event.updated_at = now
    if await _came(session, [part.id for part in parts]):
        await _owe_thanks(session, event, morning_after(ended, ZoneInfo(event.zone)))
    return True


async def recapped(session: AsyncSession, now: datetime) -> list[Recap]:
    """The recaps that came out after the thanks for their event, and whose link is still owed.

    Thanks carry the link of a recap that was there on their morning; one message tells of a
    later one.
    """
    rows = await session.scalars(
        select(Recap).where(
            Recap.event_id.is_not(None),
            Recap.status == RecapStatus.PUBLISHED,
            Recap.created_at > now - RECAP_LASTS,
        )
    )
    recaps = {f"event:{recap.event_id}": recap for recap in rows}
    found = await session.scalars(
        select(Delivery).where(
            Delivery.kind.in_(("thanks", "recap_out")), Delivery.subject.in_(recaps)
        )
    )
    thanked: dict[str, datetime] = {}
    for delivery in found:
        if delivery.kind == "recap_out":
            recaps.pop(delivery.subject, None)
        else:
            thanked[delivery.subject] = delivery.created_at
    return [
        recap
        for subject, recap in recaps.items()
        if subject in thanked and recap.created_at > thanked[subject]
    ]


async def owe_recap(session: AsyncSession, recap: Recap, now: datetime) -> bool:
    """Owe the link to a recap where its event's people were thanked, once it has one."""
    programme = await shown(session, recap.event_id or 0)
    if programme is None or await _link(session, recap) is None:
        return False
    return await deliveries.owe(
        session,
        guild_id=recap.guild_id,
        kind="recap_out",
        subject=f"event:{recap.event_id}",
        recipient=await reminders.place(session, programme),
        now=now,
        expires_at=now + THANKS_LAST,
    )


async def link(session: AsyncSession, delivery: Delivery) -> str | None:
    """The address of the recap that a delivery tells of, if there is one.

    For thanks it must have been there when they came due, so that trying again says the same.
    """
    event_id = int(delivery.subject.partition(":")[2])
    query = select(Recap).where(Recap.event_id == event_id, Recap.status == RecapStatus.PUBLISHED)
    if delivery.kind == "thanks":
        query = query.where(Recap.created_at <= delivery.created_at)
    recap = await session.scalar(query.order_by(Recap.id.desc()).limit(1))
    return await _link(session, recap) if recap else None


async def turned(session: AsyncSession, since: datetime, now: datetime) -> set[int]:
    """The events whose cards look different for time alone: answers closed, a part began or ended.

    Args:
        since: what was looked at before; a moment counts once, at or before `now`.
    """
    rows = await session.execute(
        select(Event, Part)
        .join(Part, Part.event_id == Event.id)
        .where(
            Event.status.in_((*reminders.DATED, EventStatus.PAST)),
            Event.starts_at > since - RECAP_LASTS,
        )
    )
    return {
        event.id
        for event, part in rows
        if any(since < moment <= now for moment in _turns(event, part))
    }


def _turns(event: Event, part: Part) -> Iterable[datetime]:
    start = part.starts_at or event.starts_at
    yield hours.closes_at(start, timedelta(minutes=part.deadline or 0))
    yield start - attendance.OPENS
    yield start
    yield hours.part_end(start, part.ends_at, event.ends_at)


async def _begun(session: AsyncSession, now: datetime) -> Sequence[tuple[Event, list[Part]]]:
    rows = await session.execute(
        select(Event, Part)
        .join(Part, Part.event_id == Event.id)
        .where(Event.status.in_(reminders.DATED), Event.starts_at <= now)
        .order_by(Event.id)
    )
    found: dict[int, tuple[Event, list[Part]]] = {}
    for event, part in rows:
        found.setdefault(event.id, (event, []))[1].append(part)
    return [*found.values()]


async def _came(session: AsyncSession, part_ids: Sequence[int]) -> bool:
    """Whether anybody was checked in or, where nobody is, had a seat."""
    present = select(Presence.user_id).where(Presence.part_id.in_(part_ids)).limit(1)
    if await session.scalar(present) is not None:
        return True
    rosters = await ledger.rosters(session, part_ids)
    return any(roster.seated for roster in rosters.values())


async def _owe_thanks(session: AsyncSession, event: Event, morning: datetime) -> None:
    programme = await shown(session, event.id)
    assert programme is not None  # noqa: S101 # it was just ended
    await deliveries.owe(
        session,
        guild_id=event.guild_id,
        kind="thanks",
        subject=f"event:{event.id}",
        recipient=await reminders.place(session, programme),
        now=morning,
        expires_at=morning + THANKS_LAST,
    )


async def _link(session: AsyncSession, recap: Recap) -> str | None:
    """Where a recap can be read: its page, or its card."""
    if recap.link:
        return recap.link
    card = await cards.find(session, "recap", recap.id)
    if card is None:
        return None
    return f"https://discord.com/channels/{recap.guild_id}/{card.channel_id}/{card.message_id}"
