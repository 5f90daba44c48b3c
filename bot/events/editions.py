"""Editions of a recurring series, prepared ahead as drafts: one for each date, and once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import deliveries, drafts, moments
from bot.deliveries import Recipient
from bot.errors import UserError
from bot.events import drafting, series
from bot.events.plan import LEAD_DAYS
from bot.events.proposal import Fields
from bot.moments import Recurrence
from bot.tables import Draft, Event, Guild, Series

# However often a series comes back, and however early it is prepared.
MOST_AHEAD = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Prepared:
    """An edition that waits as a draft to be read over."""

    draft_id: int
    title: str
    start: datetime


async def due(session: AsyncSession, now: datetime) -> list[Series]:
    """The series with an edition to prepare."""
    query = (
        select(Series)
        .join(Guild, Guild.id == Series.guild_id)
        .where(Series.rule.is_not(None), Guild.left_at.is_(None))
        .order_by(Series.id)
    )
    return [one for one in await session.scalars(query) if coming(one, now)]


async def prepare(
    session: AsyncSession, series_id: int, *, locale: str, now: datetime
) -> list[Draft]:
    """Draft the next editions of a series whose time has come, and owe its organiser a word each.

    A date is prepared once, whatever becomes of its draft. One that is over is left out, and so is
    a day on which the series has an edition already.
    """
    found = await session.get(Series, series_id)
    if found is None or not (ahead := coming(found, now)):
        return []
    taken = await _days(session, found, now)
    made = [
        await _draft(session, found, moment, locale=locale, now=now)
        for moment in ahead
        if moment.date() not in taken
    ]
    found.prepared_until = ahead[-1]
    return made


async def prepared(session: AsyncSession, draft_id: int, *, guild_id: int) -> Prepared | None:
    """What was prepared; None once it is published or given up."""
    draft = await session.get(Draft, draft_id)
    if draft is None or draft.guild_id != guild_id or (start := series.occurrence(draft)) is None:
        return None
    return Prepared(draft.id, draft.fields["title"], start)


async def follow(session: AsyncSession, changed: Series, *, locale: str, now: datetime) -> None:
    """Bring prepared editions that nobody has touched to what their series says by now.

    Those whose date it no longer gives are dropped.
    """
    rule = series.recurrence(changed)
    for draft in await series.drafts_of(session, changed):
        moment = series.occurrence(draft)
        if moment is None or moment <= now or not _untouched(draft):
            continue
        if rule is None or not _gives(rule, moment):
            await drafts.drop(session, draft)
            continue
        number = draft.fields["edition"]
        marks = {name: draft.fields[name] for name in ("occurrence", "prepared")}
        local = moment.astimezone(ZoneInfo(rule.zone))
        draft.fields = {**_fields(changed, number, local, locale), **marks}


def lead_days(found: Series) -> int:
    """How many days before an edition it is prepared."""
    return found.lead_days or LEAD_DAYS


def coming(found: Series, now: datetime) -> list[datetime]:
    """The dates, on the series' own clock, that are near enough and not prepared."""
    rule = series.recurrence(found)
    if rule is None or found.owner_id is None:
        return []
    horizon = now + lead_days(found) * _DAY
    ahead = islice(moments.occurrences(rule, after=now, before=horizon), MOST_AHEAD)
    since = found.prepared_until
    return [moment for moment in ahead if since is None or moment > since]


async def _days(session: AsyncSession, found: Series, now: datetime) -> set[date]:
    """The days, on the series' own clock, on which it has an edition or a draft of one."""
    query = select(Event.starts_at).where(Event.series_id == found.id, Event.starts_at > now - _DAY)
    starts: Iterable[datetime | None] = [
        *await session.scalars(query),
        *map(series.occurrence, await series.drafts_of(session, found)),
    ]
    zone = ZoneInfo(found.zone or "UTC")
    return {start.astimezone(zone).date() for start in starts if start is not None}


async def _draft(
    session: AsyncSession, found: Series, moment: datetime, *, locale: str, now: datetime
) -> Draft:
    """Draft one edition for the organiser who looks after the series, and owe them a word."""
    assert found.owner_id is not None  # noqa: S101 # `coming` asked for it
    number = await series.next_number(session, found, now=now)
    marks = {"occurrence": moment.astimezone(UTC).isoformat(), "prepared": now.isoformat()}
    draft = await drafts.keep(
        session,
        "event",
        {**_fields(found, number, moment, locale), **marks},
        guild_id=found.guild_id,
        user_id=found.owner_id,
        now=now,
    )
    await deliveries.owe(
        session,
        guild_id=found.guild_id,
        kind="edition",
        subject=f"draft:{draft.id}",
        recipient=Recipient("user", found.owner_id),
        now=now,
        expires_at=moment,
    )
    return draft


def _fields(found: Series, number: int, start: datetime, locale: str) -> Fields:
    """An edition as an organiser would have written it."""
    zone = ZoneInfo(found.zone or "UTC")
    written = drafting.in_words(start, _end(found, start, zone), zone=zone, locale=locale)
    return {**series.edition(found, number), "when": written}


def _end(found: Series, start: datetime, zone: ZoneInfo) -> datetime | None:
    """The end that the usual hours give an edition that begins when they do."""
    if not found.usual_time:
        return None
    try:
        usual = moments.hours(found.usual_time, on=start, zone=zone)
    except UserError:  # on this day the clocks skip the hour, or show it twice
        return None
    return usual.end if usual.start == start else None


def _gives(rule: Recurrence, moment: datetime) -> bool:
    before = moment - timedelta(seconds=1)
    return any(moments.occurrences(rule, after=before, before=moment))


def _untouched(draft: Draft) -> bool:
    """Whether a prepared draft is as it was made: a change begins its days anew."""
    prepared = datetime.fromisoformat(draft.fields["prepared"])
    return draft.created_at == prepared and draft.publish_at is None
