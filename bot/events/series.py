"""Kinds of meeting that come back: kept, changed, deleted; and what their editions begin with.

Beside what `plan` reads, a draft of a series that exists holds its `id` and, under `before`, what
it was like when the draft was begun.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import drafts, guilds, moments, plain
from bot.errors import UserError
from bot.events import plan
from bot.events.plan import Plan, Reading
from bot.events.proposal import Fields, Problem
from bot.moments import Recurrence
from bot.tables import Draft, Event, EventStatus, Recap, Series

# What ties a draft of an event to its series.
_OURS = frozenset({"series", "edition", "occurrence", "prepared"})
_NONE = {"fr": "aucun", "en": "none"}
# Two rules that agree on so many dates are the same.
_AGREEING = 5
# The rarest rule comes once a year.
_LONG = timedelta(days=6 * 366)


async def read(session: AsyncSession, draft: Draft, *, now: datetime) -> Reading:
    """Read a draft, as `plan.check` does, and see whether its name is free."""
    guild = await guilds.settings(session, draft.guild_id)
    reading = plan.check(draft.fields, now=now, zone=guilds.zone(guild))
    names = await session.execute(
        select(Series.id, Series.name).where(Series.guild_id == draft.guild_id)
    )
    wish = plain.folded(plain.line(str(draft.fields.get("name") or "")))
    for series_id, name in names:
        if series_id != draft.fields.get("id") and plain.folded(name) == wish:
            taken = Problem("name", UserError("series.taken", name=name))
            return Reading(None, (taken, *reading.problems))
    return reading


async def begun(session: AsyncSession, *, guild_id: int, user_id: int) -> Draft | None:
    """The new series that an organiser began last and has not saved."""
    found = await drafts.begun(session, "series", guild_id=guild_id, user_id=user_id)
    return next((draft for draft in found if "id" not in draft.fields), None)


async def reopen(
    session: AsyncSession,
    series_id: int,
    *,
    guild_id: int,
    user_id: int,
    locale: str,
    now: datetime,
) -> Draft:
    """Open a series for changes: what this organiser had begun to change in it is still there.

    Raises:
        UserError: if it was deleted.
    """
    current = of_series(await find(session, series_id, guild_id=guild_id), locale)
    for draft in await drafts.begun(session, "series", guild_id=guild_id, user_id=user_id):
        if draft.fields.get("id") == series_id:
            draft.fields = _merged(draft.fields, current)
            return draft
    fields = {**current, "before": current}
    return await drafts.keep(session, "series", fields, guild_id=guild_id, user_id=user_id, now=now)


async def save(
    session: AsyncSession, draft_id: int, *, guild_id: int, by: int, locale: str, now: datetime
) -> Series:
    """Make the series that a draft describes, or change it, and drop the draft.

    What somebody else changed meanwhile, and this draft did not, stays as they left it.

    Raises:
        UserError: naming what to change first, or if the draft or its series is gone.
    """
    draft = await drafts.find(session, draft_id, guild_id=guild_id)
    series = Series(guild_id=guild_id, parts=[])
    if "id" in draft.fields:
        series = await find(session, draft.fields["id"], guild_id=guild_id)
        draft.fields = _merged(draft.fields, of_series(series, locale))
    reading = await read(session, draft, now=now)
    if reading.plan is None:
        raise reading.problems[0].error
    _write(series, reading.plan, now)
    series.owner_id = by
    session.add(series)
    await drafts.drop(session, draft)
    await session.flush()
    return series


async def delete(session: AsyncSession, series_id: int, *, guild_id: int) -> str:
    """Delete a series that has no editions yet; drafts of its first one are kept without it.

    Returns:
        Its name.

    Raises:
        UserError: if events or recaps belong to it, which are found by its name, or it is gone.
    """
    series = await find(session, series_id, guild_id=guild_id)
    for kind in (Event, Recap):
        if await session.scalar(select(exists().where(kind.series_id == series_id))):
            raise UserError("series.has_editions")
    for draft in await drafts_of(session, series):
        draft.fields = {name: it for name, it in draft.fields.items() if name not in _OURS}
    await session.delete(series)
    return series.name


async def find(session: AsyncSession, series_id: int, *, guild_id: int) -> Series:
    """A series of this guild.

    Raises:
        UserError: if it was deleted.
    """
    series = await session.get(Series, series_id)
    if series is None or series.guild_id != guild_id:
        raise UserError("series.gone")
    return series


async def defaults(session: AsyncSession, series: Series, *, now: datetime) -> Fields:
    """What a draft of the next edition begins with: all that the series knows, and its number."""
    return edition(series, await next_number(session, series, now=now))


def edition(series: Series, number: int) -> Fields:
    """What the edition of this number begins with."""
    return {
        "title": title(series.name, number),
        "series": series.id,
        "edition": number,
        "place": series.place or "",
        "contact": series.contact or "",
        "capacity": str(series.capacity or ""),
        "usual_time": series.usual_time or "",
        "channel": series.channel_id,
        "colour": series.colour,
        "parts": list(series.parts),
    }


def title(name: str, number: int) -> str:
    """What an edition is called: « Rencontres Pro #10 »."""
    return f"{name} #{number}"


async def next_number(session: AsyncSession, series: Series, *, now: datetime) -> int:
    """The number of the next edition: one more than any event, recap or prepared draft has."""
    known = [
        await session.scalar(select(func.max(kind.edition)).where(kind.series_id == series.id))
        for kind in (Event, Recap)
    ]
    # Only what the rule prepared: attempts by hand would each take a number for themselves.
    coming = [it for it in await drafts_of(session, series) if (occurrence(it) or now) > now]
    numbers = [*known, *(draft.fields["edition"] for draft in coming)]
    return 1 + max((number for number in numbers if number is not None), default=0)


async def last(session: AsyncSession, series_id: int) -> Event | None:
    """The newest edition, to be duplicated; none that was cancelled."""
    query = (
        select(Event)
        .where(
            Event.series_id == series_id,
            Event.status.not_in((EventStatus.DRAFT, EventStatus.CANCELLED)),
        )
        .order_by(Event.starts_at.desc(), Event.id.desc())
    )
    return (await session.scalars(query)).first()


async def drafts_of(session: AsyncSession, series: Series) -> list[Draft]:
    """The drafts of editions of a series that are not announced, oldest first."""
    query = (
        select(Draft)
        .where(Draft.guild_id == series.guild_id, Draft.kind == "event")
        .order_by(Draft.id)
    )
    found = await session.scalars(query)
    return [it for it in found if it.fields.get("series") == series.id and "event" not in it.fields]


def occurrence(draft: Draft) -> datetime | None:
    """The moment of its series' rule for which a draft was prepared; None: by hand."""
    written = draft.fields.get("occurrence")
    return datetime.fromisoformat(written) if written else None


def recurrence(series: Series) -> Recurrence | None:
    """When a series comes back."""
    if series.rule is None or series.rule_start is None or series.zone is None:
        return None
    return Recurrence(series.rule, datetime.fromisoformat(series.rule_start), series.zone)


def upcoming(rule: Recurrence | None, now: datetime, count: int) -> list[datetime]:
    """The next dates of a rule; none without one."""
    if rule is None:
        return []
    return list(islice(moments.occurrences(rule, after=now, before=now + _LONG), count))


def of_series(series: Series, locale: str) -> Fields:
    """A series as an organiser would have written it: read again, it gives the same."""
    found = recurrence(series)
    return {
        "id": series.id,
        "name": series.name,
        "place": series.place or "",
        "contact": series.contact or "",
        "capacity": str(series.capacity or ""),
        "usual_time": series.usual_time or "",
        "channel": series.channel_id,
        "colour": "" if series.colour is None else f"#{series.colour:06X}",
        "parts": list(series.parts),
        "reminders": reminders_in_words(series.reminders, locale),
        "rule": moments.in_words(found, locale) if found else "",
        "lead": str(series.lead_days or ""),
    }


def reminders_in_words(minutes: Sequence[int] | None, locale: str) -> str:
    """Print reminders as a field can hold them: « J-7, J-1 »; nothing for the usual ones."""
    if minutes is None:
        return ""
    lengths = (timedelta(minutes=it) for it in minutes)
    return ", ".join(moments.countdown(it, locale) for it in lengths) or _NONE[locale]


def _write(series: Series, wish: Plan, now: datetime) -> None:
    series.name, series.place, series.contact = wish.name, wish.place, wish.contact
    series.capacity, series.usual_time = wish.capacity, wish.usual_time
    series.channel_id, series.colour = wish.channel_id, wish.colour
    series.parts = [dict(part) for part in wish.parts]
    series.reminders = None if wish.reminders is None else list(wish.reminders)
    series.lead_days = wish.lead_days
    rule = wish.recurrence
    # Read again, a rule begins at a later date; where it gives the same ones it is left alone.
    if upcoming(rule, now, _AGREEING) != upcoming(recurrence(series), now, _AGREEING):
        series.rule = rule.rule if rule else None
        series.rule_start = rule.start.isoformat(timespec="seconds") if rule else None
        series.zone = rule.zone if rule else None
        series.prepared_until = None


def _merged(fields: Fields, current: Fields) -> dict[str, Any]:
    """A draft's own changes, over what its series is like by now."""
    before: Mapping[str, Any] = fields["before"]
    own = {name: fields[name] for name in current if fields.get(name) != before.get(name)}
    return {**current, **own, "before": current}
