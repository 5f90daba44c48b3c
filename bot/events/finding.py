"""Events, parts and series by what someone types of their names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import plain
from bot.errors import UserError
from bot.tables import Event, EventStatus, Part, Series

# As many as Discord offers.
CHOICES = 25
# An event is offered until this long after its start: who came is noted afterwards too.
RECENT = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Found:
    """Something with a name: its id, and what tells it from others like it."""

    id: int
    name: str
    start: datetime | None = None
    zone: str | None = None


async def events(session: AsyncSession, guild_id: int, wish: str, *, now: datetime) -> list[Found]:
    """Events whose title holds what is typed: those to come, the next first, then recent ones."""
    rows = await session.scalars(
        select(Event).where(Event.guild_id == guild_id, *_recent(now)).order_by(Event.starts_at)
    )
    found = [Found(event.id, event.title, event.starts_at, event.zone) for event in rows]
    found.sort(key=lambda it: _nearness(it, now))
    return _named_like(found, wish)


async def parts(session: AsyncSession, guild_id: int, wish: str, *, now: datetime) -> list[Found]:
    """Parts of those events, as "event — part" where an event has several."""
    rows = await session.execute(
        select(Part.id, Part.title, Event.title, Event.starts_at, Event.zone)
        .join(Event, Event.id == Part.event_id)
        .where(Event.guild_id == guild_id, *_recent(now))
        .order_by(Event.starts_at, Part.position)
    )
    found = [
        Found(part_id, f"{title} — {part}" if part else title, start, zone)
        for part_id, part, title, start, zone in rows
    ]
    found.sort(key=lambda it: _nearness(it, now))
    return _named_like(found, wish)


async def series(session: AsyncSession, guild_id: int, wish: str) -> list[Found]:
    """Series whose name holds what is typed."""
    rows = await session.scalars(
        select(Series).where(Series.guild_id == guild_id).order_by(func.lower(Series.name))
    )
    return _named_like([Found(one.id, one.name) for one in rows], wish)


def pick(found: Sequence[Found], wish: str, key: str) -> Found:
    """The one that is meant: by its id, as a choice gives it, or by its name.

    Raises:
        UserError: `key`, with the `name`, if there is none or more than one.
    """
    if wish.isdecimal() and (meant := [it for it in found if it.id == int(wish)]):
        return meant[0]
    exact = [it for it in found if plain.folded(it.name) == plain.folded(plain.line(wish))]
    if len(exact or found) == 1:
        return (exact or list(found))[0]
    raise UserError(key, name=plain.cut(plain.line(wish), 100))


def _recent(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Announced, and not long past; one that waits for a new date never is."""
    near = Event.starts_at > now - RECENT
    return Event.status != EventStatus.DRAFT, near | (Event.status == EventStatus.POSTPONED)


def _named_like(found: Sequence[Found], wish: str) -> list[Found]:
    """Those whose name holds every word that is typed, or whose id it is."""
    if wish.isdecimal() and (meant := [it for it in found if it.id == int(wish)]):
        return meant
    words = plain.folded(plain.line(wish)).split()
    return [it for it in found if all(word in plain.folded(it.name) for word in words)]


def _nearness(found: Found, now: datetime) -> tuple[bool, float]:
    """To come before past; then the nearer first."""
    assert found.start is not None  # noqa: S101 # an event has one
    away = (found.start - now).total_seconds()
    return away < 0, abs(away)
