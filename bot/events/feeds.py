"""Whose calendar holds what, and the secret addresses under which programs fetch it."""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import cards, guilds, texts
from bot.events import entries, ics, ledger
from bot.events.entries import Attendance, Edition
from bot.events.ics import Entry
from bot.tables import Answer, Choice, Event, EventStatus, Feed, Guild, Part, Series
from bot.texts import Voice

# How long a calendar keeps what is over.
KEPT = timedelta(days=365)
# Minutes before the start, where the series chose none: a telephone need not ring a week ahead.
USUAL_ALARMS = (1440, 120)


async def address(
    session: AsyncSession,
    *,
    guild_id: int,
    user_id: int | None = None,
    series_id: int | None = None,
    now: datetime,
) -> str:
    """The token of a member's calendar, a series', or with neither the whole community's.

    It is made when it is first asked for. Whoever knows it can read the calendar.
    """
    known = await session.scalar(select(Feed.token).where(*_whose(guild_id, user_id, series_id)))
    return known or await renew(
        session, guild_id=guild_id, user_id=user_id, series_id=series_id, now=now
    )


async def renew(
    session: AsyncSession,
    *,
    guild_id: int,
    user_id: int | None = None,
    series_id: int | None = None,
    now: datetime,
) -> str:
    """Give a calendar another token; there is nothing under the old one any more."""
    await session.execute(delete(Feed).where(*_whose(guild_id, user_id, series_id)))
    token = secrets.token_urlsafe(32)
    session.add(
        Feed(token=token, guild_id=guild_id, user_id=user_id, series_id=series_id, created_at=now)
    )
    await session.flush()
    return token


async def of_event(
    session: AsyncSession, event_id: int, voice: Voice, *, user_id: int | None = None
) -> bytes | None:
    """Write one event: as far as this member takes part in it, or else whole.

    None if there is no such event, or if it is a draft.
    """
    editions = await _editions(session, Event.id == event_id)
    if not editions:
        return None
    mine = await _mine(session, editions, user_id, voice) if user_id is not None else []
    return ics.file(mine[0] if mine else _ringing(editions[0], voice))


def _ringing(edition: Edition, voice: Voice) -> Entry:
    return entries.ringing(entries.whole(edition, voice), edition.alarms)


async def of_token(
    session: AsyncSession, token: str, voices: Mapping[str, Voice], now: datetime
) -> bytes | None:
    """Write the calendar that has this token, in its reader's language; None if none has.

    It holds what is to come and what was within a year; what was cancelled says so.
    """
    feed = await session.get(Feed, token)
    if feed is None:
        return None
    guild = await guilds.settings(session, feed.guild_id)
    chosen = await guilds.languages(session, guild.id, feed.user_id or 0)
    voice = texts.pick(voices, chosen.member, chosen.guild)
    name = await _name(session, feed, guild, voice)
    return ics.feed(name, guild.zone, await _entries(session, feed, voice, now))


async def _name(session: AsyncSession, feed: Feed, guild: Guild, voice: Voice) -> str:
    if feed.user_id is not None:
        return voice("calendar.mine", guild=guild.name)
    if feed.series_id is not None:
        return (await session.get_one(Series, feed.series_id)).name
    return guild.name


async def _entries(
    session: AsyncSession, feed: Feed, voice: Voice, now: datetime
) -> Sequence[Entry]:
    wanted = [Event.guild_id == feed.guild_id, Event.starts_at >= now - KEPT]
    if feed.series_id is not None:
        wanted.append(Event.series_id == feed.series_id)
    if feed.user_id is None:
        return [entries.whole(edition, voice) for edition in await _editions(session, *wanted)]
    editions = await _editions(session, *wanted, _said_yes(feed.user_id))
    return await _mine(session, editions, feed.user_id, voice)


def _whose(
    guild_id: int, user_id: int | None, series_id: int | None
) -> tuple[ColumnElement[bool], ...]:
    return Feed.guild_id == guild_id, Feed.user_id == user_id, Feed.series_id == series_id


def _said_yes(user_id: int) -> ColumnElement[bool]:
    return Event.id.in_(
        select(Part.event_id)
        .join(Answer, Answer.part_id == Part.id)
        .where(Answer.user_id == user_id, Answer.choice == Choice.YES)
    )


async def _mine(
    session: AsyncSession, editions: Sequence[Edition], user_id: int, voice: Voice
) -> list[Entry]:
    """Those of these events in which a member takes part, as far as they do."""
    part_ids = [part.id for edition in editions for part in edition.parts]
    answers = await session.execute(
        select(Answer.part_id, Answer.choice, Answer.answered_at).where(
            Answer.user_id == user_id, Answer.part_id.in_(part_ids)
        )
    )
    said = {part_id: (choice, at) for part_id, choice, at in answers}
    yes = [part_id for part_id, (choice, _) in said.items() if choice is Choice.YES]
    attendance = Attendance(
        user_id=user_id,
        rosters=await ledger.rosters(session, yes),
        said={part_id: at for part_id, (_, at) in said.items()},
    )
    shown = (entries.own(edition, attendance, voice) for edition in editions)
    return [entry for entry in shown if entry is not None]


async def _editions(session: AsyncSession, *wanted: ColumnElement[bool]) -> list[Edition]:
    """The events that are wanted, drafts apart, in the order of their dates."""
    query = select(Event).where(Event.status != EventStatus.DRAFT, *wanted)
    events = (await session.scalars(query.order_by(Event.starts_at, Event.id))).all()
    ids = [event.id for event in events]
    parts = await _parts(session, ids)
    links = await cards.links(session, ids)
    alarms = await _alarms(session, {event.series_id for event in events if event.series_id})
    return [
        Edition(
            event,
            parts[event.id],
            alarms.get(event.series_id or 0, USUAL_ALARMS),
            links.get(event.id),
        )
        for event in events
    ]


async def _parts(session: AsyncSession, event_ids: Sequence[int]) -> Mapping[int, list[Part]]:
    found = defaultdict[int, list[Part]](list)
    query = select(Part).where(Part.event_id.in_(event_ids)).order_by(Part.position)
    for part in await session.scalars(query):
        found[part.event_id].append(part)
    return found


async def _alarms(session: AsyncSession, series_ids: Iterable[int]) -> Mapping[int, Sequence[int]]:
    """The reminders of those of these series that chose any, or chose to have none."""
    found = await session.scalars(select(Series).where(Series.id.in_(series_ids)))
    return {series.id: series.reminders for series in found if series.reminders is not None}
