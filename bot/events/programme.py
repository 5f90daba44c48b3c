"""Events and their parts: proposed, announced, shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import cards, moments, plain
from bot.errors import UserError
from bot.events import rsvp
from bot.events.seats import Roster
from bot.tables import Card, CardState, Event, EventStatus, Guild, Part

TITLE_LENGTH = 150
PLACE_LENGTH = 200
MOST_SEATS = 10_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """An event as an organiser described it, read and checked, not yet announced."""

    title: str
    start: datetime
    end: datetime | None
    zone: str
    place: str | None
    capacity: int | None


@dataclass(frozen=True, slots=True)
class Programme:
    """An event as a card shows it. An announced event has an id, and its part one too."""

    title: str
    start: datetime
    end: datetime | None
    zone: str
    place: str | None
    capacity: int | None
    roster: Roster
    status: EventStatus
    part_id: int | None = None


@dataclass(frozen=True, slots=True)
class OpenCard:
    """A posted card whose reactions and buttons count."""

    card_id: int
    guild_id: int
    channel_id: int
    message_id: int
    event_id: int
    part_id: int


def propose(fields: Mapping[str, str], *, now: datetime, zone: ZoneInfo) -> Proposal:
    """Read what an organiser wrote: `title`, `when`, `place`, `capacity`, as text.

    Raises:
        UserError: naming what to change.
    """
    title = plain.line(fields.get("title", ""))
    if not title:
        raise UserError("events.no_title")
    if len(title) > TITLE_LENGTH:
        raise UserError("events.long_title", most=TITLE_LENGTH)
    place = plain.line(fields.get("place", ""))
    if len(place) > PLACE_LENGTH:
        raise UserError("events.long_place", most=PLACE_LENGTH)
    moment = moments.parse(fields.get("when", ""), now=now, zone=zone)
    if not moment.has_time:
        raise UserError("events.no_time")
    if moment.start <= now:
        raise UserError("moments.past")
    return Proposal(
        title=title,
        start=moment.start,
        end=moment.end,
        zone=zone.key,
        place=place or None,
        capacity=_seats(fields.get("capacity", "")),
    )


def preview(proposal: Proposal) -> Programme:
    """The proposal as its card will show it, before anyone has answered."""
    return Programme(
        title=proposal.title,
        start=proposal.start,
        end=proposal.end,
        zone=proposal.zone,
        place=proposal.place,
        capacity=proposal.capacity,
        roster=Roster(),
        status=EventStatus.DRAFT,
    )


async def announce(
    session: AsyncSession, guild: Guild, proposal: Proposal, *, by: int, now: datetime
) -> Event:
    """Make the event, its one part and its card, and owe the card to the announcements channel."""
    event = Event(
        guild_id=guild.id,
        title=proposal.title,
        place=proposal.place,
        starts_at=proposal.start,
        ends_at=proposal.end,
        local_start=proposal.start.replace(tzinfo=None).isoformat(timespec="seconds"),
        zone=proposal.zone,
        status=EventStatus.ANNOUNCED,
        created_by=by,
        created_at=now,
        updated_at=now,
    )
    session.add(event)
    await session.flush()
    session.add(Part(guild_id=guild.id, event_id=event.id, position=0, capacity=proposal.capacity))
    assert guild.announcements_channel is not None  # noqa: S101 # `guilds.require` saw to it
    await cards.owe(
        session,
        "event",
        event.id,
        guild_id=guild.id,
        channel_id=guild.announcements_channel,
        now=now,
    )
    return event


async def shown(session: AsyncSession, event_id: int) -> Programme | None:
    """An event as its card shows it now; None if it is gone."""
    event = await session.get(Event, event_id)
    if event is None:
        return None
    part = (await session.scalars(select(Part).where(Part.event_id == event_id))).one()
    roster = (await rsvp.rosters(session, [part.id]))[part.id]
    return Programme(
        title=event.title,
        start=event.starts_at,
        end=event.ends_at,
        zone=event.zone,
        place=event.place,
        capacity=part.capacity,
        roster=roster,
        status=event.status,
        part_id=part.id,
    )


async def of_part(session: AsyncSession, part_id: int) -> Programme | None:
    """The event that a part belongs to, as its card shows it; None if it is gone."""
    event_id = await session.scalar(select(Part.event_id).where(Part.id == part_id))
    return await shown(session, event_id) if event_id is not None else None


async def open_cards(
    session: AsyncSession, now: datetime, event_id: int | None = None
) -> Sequence[OpenCard]:
    """The posted cards whose answers count: of one event, or all that have not started."""
    query = (
        select(Card.id, Card.guild_id, Card.channel_id, Card.message_id, Event.id, Part.id)
        .join(Event, Event.id == Card.event_id)
        .join(Part, Part.event_id == Event.id)
        .where(
            Card.state == CardState.LIVE,
            Card.message_id.is_not(None),
            Event.status == EventStatus.ANNOUNCED,
            Event.starts_at > now,
        )
    )
    if event_id is not None:
        query = query.where(Event.id == event_id)
    return [
        OpenCard(card_id, guild_id, channel_id, message_id, event, part_id)
        for card_id, guild_id, channel_id, message_id, event, part_id in await session.execute(
            query
        )
        if message_id is not None
    ]


def _seats(text: str) -> int | None:
    """Read a capacity; an empty field means no limit."""
    text = plain.line(text)
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= MOST_SEATS:
        raise UserError("events.bad_capacity", text=text, most=MOST_SEATS)
    return int(text)
