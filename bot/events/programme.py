"""Events and their parts as they are shown: on a card, in a list, to who asks."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.events import emojis, hours, ledger
from bot.events.proposal import Proposal, ProposedPart
from bot.events.seats import Roster
from bot.tables import Card, CardState, Event, EventStatus, Part

# A card is followed until this long after the end: what is changed then is still drawn.
FOLLOWED = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part of an event, with who comes. Without a title it is the event itself."""

    part_id: int
    title: str | None
    about: str | None
    place: str | None
    start: datetime | None
    end: datetime | None
    roster: Roster
    guests_allowed: int
    needs_approval: bool
    roles: tuple[int, ...]
    # Before its start, or the event's.
    deadline: timedelta | None


@dataclass(frozen=True, slots=True)
class Programme:
    """An event as it is shown. One not yet announced, and its parts, have 0 for an id."""

    event_id: int
    title: str
    start: datetime
    end: datetime | None
    zone: str
    status: EventStatus
    parts: tuple[ShownPart, ...]
    place: str | None = None
    contact: str | None = None
    description: str | None = None
    reason: str | None = None
    colour: int | None = None
    series_id: int | None = None
    edition: int | None = None
    channel_id: int | None = None
    thread_id: int | None = None

    @property
    def part_ids(self) -> tuple[int, ...]:
        """The ids of its parts, in order."""
        return tuple(part.part_id for part in self.parts)

    @property
    def over_at(self) -> datetime:
        """When it is over."""
        return hours.over_at(self.start, self.end, ((it.start, it.end) for it in self.parts))

    @property
    def spoken_in(self) -> int | None:
        """Where its people are spoken to: in its thread or, without one, under its card."""
        return self.thread_id or self.channel_id

    def part(self, part_id: int) -> ShownPart:
        """One of its parts."""
        return next(part for part in self.parts if part.part_id == part_id)

    def closes_at(self, part: ShownPart) -> datetime:
        """Until when one may sign up for a part."""
        return hours.closes_at(part.start or self.start, part.deadline)

    def is_open(self, part: ShownPart, now: datetime) -> bool:
        """Whether one may sign up for a part now."""
        return self.status is EventStatus.ANNOUNCED and now < self.closes_at(part)


@dataclass(frozen=True, slots=True)
class OpenCard:
    """A posted card whose reactions and buttons are listened to."""

    card_id: int
    guild_id: int
    channel_id: int
    message_id: int
    event_id: int
    parts: tuple[int, ...]
    restricted: bool

    @property
    def emojis(self) -> tuple[str, ...]:
        """The reactions that are answers here."""
        return emojis.offered(len(self.parts))


def preview(proposal: Proposal) -> Programme:
    """The proposal as its card will show it, before anyone has answered."""
    return Programme(
        event_id=0,
        title=proposal.title,
        start=proposal.start,
        end=proposal.end,
        zone=proposal.zone,
        status=EventStatus.DRAFT,
        parts=tuple(_preview_part(part) for part in proposal.parts),
        place=proposal.place,
        contact=proposal.contact,
        description=proposal.description,
        colour=proposal.colour,
        series_id=proposal.series_id,
        edition=proposal.edition,
        channel_id=proposal.channel_id,
    )


async def shown(
    session: AsyncSession, event_id: int, part_ids: Collection[int] | None = None
) -> Programme | None:
    """An event as its card shows it now; None if it is gone.

    Args:
        part_ids: with these parts alone: who answered the others is not read.
    """
    event = await session.get(Event, event_id)
    if event is None:
        return None
    return (await of_events(session, [event], part_ids))[0]


async def of_events(
    session: AsyncSession, events: Sequence[Event], part_ids: Collection[int] | None = None
) -> list[Programme]:
    """These events as they are shown, in the same order; with these of their parts, or all."""
    query = select(Part).where(Part.event_id.in_([event.id for event in events]))
    if part_ids is not None:
        query = query.where(Part.id.in_(part_ids))
    rows = (await session.scalars(query.order_by(Part.event_id, Part.position))).all()
    rosters = await ledger.rosters(session, [part.id for part in rows])
    return [
        _programme(event, [part for part in rows if part.event_id == event.id], rosters)
        for event in events
    ]


async def of_part(session: AsyncSession, part_id: int) -> Programme | None:
    """A part with the event that it belongs to, the other parts left out; None if it is gone."""
    event_id = await session.scalar(select(Part.event_id).where(Part.id == part_id))
    return await shown(session, event_id, [part_id]) if event_id is not None else None


async def open_cards(
    session: AsyncSession, now: datetime, event_id: int | None = None
) -> Sequence[OpenCard]:
    """The posted cards that are followed: of one event, or of all that are not long past."""
    query = (
        select(Card, Part)
        .join(Event, Event.id == Card.event_id)
        .join(Part, Part.event_id == Event.id)
        .where(
            Card.state == CardState.LIVE,
            Card.message_id.is_not(None),
            # What waits for a new date is answered, however long ago it was to be.
            or_(Event.status == EventStatus.POSTPONED, hours.not_over(now - FOLLOWED)),
        )
        .order_by(Card.id, Part.position)
        .execution_options(populate_existing=True)
    )
    if event_id is not None:
        query = query.where(Event.id == event_id)
    found: dict[int, tuple[Card, list[Part]]] = {}
    for card, part in await session.execute(query):
        found.setdefault(card.id, (card, []))[1].append(part)
    return [_open_card(card, parts) for card, parts in found.values()]


def _open_card(card: Card, parts: Iterable[Part]) -> OpenCard:
    assert card.message_id is not None  # noqa: S101 # the query asked for it
    parts = list(parts)
    return OpenCard(
        card_id=card.id,
        guild_id=card.guild_id,
        channel_id=card.channel_id,
        message_id=card.message_id,
        event_id=parts[0].event_id,
        parts=tuple(part.id for part in parts),
        restricted=any(part.roles for part in parts),
    )


def _programme(event: Event, parts: Sequence[Part], rosters: dict[int, Roster]) -> Programme:
    return Programme(
        event_id=event.id,
        title=event.title,
        start=event.starts_at,
        end=event.ends_at,
        zone=event.zone,
        status=event.status,
        parts=tuple(_shown_part(part, rosters[part.id]) for part in parts),
        place=event.place,
        contact=event.contact,
        description=event.description,
        reason=event.reason,
        colour=event.colour,
        series_id=event.series_id,
        edition=event.edition,
        channel_id=event.channel_id,
        thread_id=event.thread_id,
    )


def _shown_part(part: Part, roster: Roster) -> ShownPart:
    return ShownPart(
        part_id=part.id,
        title=part.title,
        about=part.about,
        place=part.place,
        start=part.starts_at,
        end=part.ends_at,
        roster=roster,
        guests_allowed=part.guests_allowed,
        needs_approval=part.needs_approval,
        roles=tuple(part.roles or ()),
        deadline=timedelta(minutes=part.deadline) if part.deadline is not None else None,
    )


def _preview_part(part: ProposedPart) -> ShownPart:
    return ShownPart(
        part_id=part.part_id or 0,
        title=part.title,
        about=part.about,
        place=part.place,
        start=part.start,
        end=part.end,
        roster=Roster(capacity=part.capacity),
        guests_allowed=part.guests,
        needs_approval=part.needs_approval,
        roles=part.roles,
        deadline=part.deadline,
    )
