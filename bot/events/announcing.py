"""An event made from what an organiser proposed, and owed to its channel."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot import cards, guilds
from bot.events.proposal import Proposal, ProposedPart
from bot.tables import Event, EventStatus, Guild, Part


async def announce(
    session: AsyncSession, guild: Guild, proposal: Proposal, *, by: int, now: datetime
) -> Event:
    """Make the event, its parts and its card, and owe the card to the channel chosen.

    Raises:
        UserError: if no channel was chosen, for this event or for all.
    """
    channel_id = proposal.channel_id or guild.announcements_channel
    if channel_id is None:
        guilds.require(guild, "announcements_channel")
        raise AssertionError
    event = Event(
        guild_id=guild.id,
        series_id=proposal.series_id,
        edition=proposal.edition,
        created_by=by,
        created_at=now,
        dated_at=now,
        channel_id=channel_id,
        status=EventStatus.ANNOUNCED,
        **event_values(proposal),
        updated_at=now,
    )
    session.add(event)
    await session.flush()
    for position, part in enumerate(proposal.parts):
        session.add(
            Part(
                guild_id=guild.id,
                event_id=event.id,
                position=position,
                capacity=part.capacity,
                **part_values(part),
            )
        )
    await cards.owe(session, "event", event.id, guild_id=guild.id, channel_id=channel_id, now=now)
    return event


def touch(event: Event, now: datetime) -> None:
    """Note that an event changed, so that calendars notice."""
    event.revision += 1
    event.updated_at = now


def event_values(proposal: Proposal) -> dict[str, object]:
    """The columns of an event that an organiser writes."""
    return {
        "title": proposal.title,
        "description": proposal.description,
        "place": proposal.place,
        "contact": proposal.contact,
        "colour": proposal.colour,
        "starts_at": proposal.start,
        "ends_at": proposal.end,
        "local_start": proposal.start.replace(tzinfo=None).isoformat(timespec="seconds"),
        "zone": proposal.zone,
    }


def part_values(part: ProposedPart) -> dict[str, object]:
    """The columns of a part that an organiser writes, its capacity apart: that seats people."""
    return {
        "title": part.title,
        "about": part.about,
        "place": part.place,
        "starts_at": part.start,
        "ends_at": part.end,
        "guests_allowed": part.guests,
        "needs_approval": part.needs_approval,
        "roles": list(part.roles) or None,
        "deadline": None if part.deadline is None else int(part.deadline.total_seconds()) // 60,
    }
