"""Events with several round tables, announced straight through the rules."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
from sqlalchemy import update

from bot import guilds
from bot.events import announcing
from bot.events.proposal import Proposal, ProposedPart
from bot.tables import Event, Guild, Part
from tests.community import Community

# Thursday 15 January 2026, 14:00 in Paris; the tests' clock begins a fortnight before.
AFTERNOON = datetime(2026, 1, 15, 13, tzinfo=UTC)


def table(title: str, hour: int = 0, hours: int = 1, **terms: Any) -> ProposedPart:
    """A round table that begins so many hours after the event and lasts so long."""
    start = AFTERNOON + timedelta(hours=hour)
    return ProposedPart(title=title, start=start, end=start + timedelta(hours=hours), **terms)


def proposed(parts: Sequence[ProposedPart], **terms: Any) -> Proposal:
    """An afternoon with these parts."""
    given: dict[str, Any] = {
        "title": "Rencontres Pro",
        "start": AFTERNOON,
        "end": AFTERNOON + timedelta(hours=5),
        "zone": "Europe/Paris",
    }
    return Proposal(parts=tuple(parts), **(given | terms))


async def announce_programme(
    community: Community, *, parts: Sequence[ProposedPart], **terms: Any
) -> discord.Message:
    """Announce an event with these parts, and give its card."""
    now = community.bot.clock()
    async with community.db.writing(community.guild.id) as session:
        guild: Guild = await guilds.settings(session, community.guild.id)
        proposal = proposed(parts, **terms)
        await announcing.announce(session, guild, proposal, by=community.alice.id, now=now)
    await hear(community, "delivery_due")
    return community.card()


async def change_event(community: Community, **values: object) -> None:
    """Change the only event as an organiser would, in the table, and have its card redrawn."""
    async with community.db.writing(community.guild.id) as session:
        event_id = await session.scalar(update(Event).values(**values).returning(Event.id))
    await hear(community, "event_changed", event_id)


async def change_part(community: Community, title: str | None = None, **values: object) -> None:
    """Change a part in the table; its card is redrawn when somebody answers."""
    async with community.db.writing(community.guild.id) as session:
        await session.execute(update(Part).where(Part.title == title).values(**values))


async def hear(community: Community, event: str, *values: object) -> None:
    """Let the bot hear of something, as it hears of what it dispatches itself."""
    scope = getattr(community.env, "_bot_scope")  # noqa: B009 # only so is its work waited for
    with scope():
        community.bot.dispatch(event, *values)
    await community.env.settle()
