"""Who is there: checked in at the door by an organiser, or by the word that is shown there."""

import enum
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import plain
from bot.errors import UserError
from bot.events import hours, ledger
from bot.events.programme import Programme
from bot.events.seats import Roster, Said, heads
from bot.tables import Event, EventStatus, Part, Presence

# The word at the door opens it from so long before the start to so long after the end.
OPENS = timedelta(hours=2)
SHUTS = timedelta(hours=3)
# Read from a screen and typed on a phone: no vowels, so no words, and no two letters look alike.
LETTERS = "BCDFGHJKMNPRTVX"
CODE_LENGTH = 6
# Wrong words a member may try, and for how long they count.
MOST_GUESSES = 5
GUESSES_LAST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Attendance:
    """A part at its door: who has a seat, who is there, and how many came besides."""

    part_id: int
    event_id: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    roster: Roster
    present: frozenset[int]
    # Counted at the door without being known to Discord.
    unknown: int
    door_code: str | None

    @property
    def arrived(self) -> tuple[Said, ...]:
        """Those with a seat who are there."""
        return tuple(said for said in self.roster.seated if said.user_id in self.present)

    @property
    def missing(self) -> tuple[Said, ...]:
        """Those with a seat who are not there; once it is over, the no-shows."""
        return tuple(said for said in self.roster.seated if said.user_id not in self.present)

    @property
    def unseated(self) -> frozenset[int]:
        """Members who are there without a seat."""
        return self.present - {said.user_id for said in self.roster.seated}

    @property
    def taken(self) -> bool:
        """Whether anybody was checked in: if not, nobody's absence means anything."""
        return bool(self.present or self.unknown)

    def is_over(self, now: datetime) -> bool:
        """Whether it has ended."""
        return now >= self.ends_at

    def figures(self) -> "Figures":
        """How many came, guests counted."""
        return Figures(
            seated=heads(self.roster.seated),
            present=heads(self.arrived),
            no_shows=heads(self.missing) if self.taken else 0,
            walk_ins=self.unknown + len(self.unseated),
            taken=self.taken,
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """How many had a seat and came, guests counted. They are final once the part is over.

    Without a single check-in (`taken` is False) nobody counts as a no-show.
    """

    seated: int
    present: int
    no_shows: int
    walk_ins: int
    taken: bool

    @property
    def rate(self) -> float | None:
        """The share of those seated who came, from 0 to 1; None if nobody counted."""
        return self.present / self.seated if self.taken and self.seated else None


class Arrival(enum.StrEnum):
    """What saying the word at the door did."""

    WELCOME = "welcome"
    KNOWN = "known"
    NO_SEAT = "no_seat"
    NOT_NOW = "not_now"
    WRONG = "wrong"


@dataclass(slots=True)
class Guesses:
    """The wrong words that members tried lately; in memory, for a restart helps nobody to guess."""

    _wrong: dict[int, list[datetime]] = field(default_factory=dict[int, list[datetime]])

    def allow(self, user_id: int, now: datetime) -> None:
        """Check that a member may try again.

        Raises:
            UserError: after too many wrong words.
        """
        self._wrong = {
            who: recent
            for who, times in self._wrong.items()
            if (recent := [at for at in times if at > now - GUESSES_LAST])
        }
        if len(self._wrong.get(user_id, ())) >= MOST_GUESSES:
            raise UserError("door.too_many_guesses")

    def wrong(self, user_id: int, now: datetime) -> None:
        """Remember a wrong word."""
        self._wrong.setdefault(user_id, []).append(now)


def is_on(shown: Programme, now: datetime) -> bool:
    """Whether people arrive at an event, or have just left it: the word at the door counts."""
    starts = [part.start or shown.start for part in shown.parts]
    return min(starts) - OPENS <= now <= shown.over_at + SHUTS


async def at_door(session: AsyncSession, guild_id: int, part_id: int) -> Attendance:
    """A part as it stands at its door.

    Raises:
        UserError: if there is no such part here.
    """
    found = await _at_doors(session, [part_id])
    if not found or found[0][0].guild_id != guild_id:
        raise UserError("rsvp.gone")
    return found[0][1]


async def of_parts(session: AsyncSession, part_ids: Iterable[int]) -> list[Attendance]:
    """Several parts as they stand at their doors, by event and in the programme's order."""
    return [attendance for _, attendance in await _at_doors(session, part_ids)]


async def of_part(session: AsyncSession, part_id: int) -> Figures | None:
    """How many had a seat in a part and came; None if it is gone."""
    found = await of_parts(session, [part_id])
    return found[0].figures() if found else None


async def check_in(
    session: AsyncSession,
    part_id: int,
    user_ids: Collection[int],
    *,
    guild_id: int,
    by: int,
    now: datetime,
) -> int:
    """Note that members are there, with a seat or without; who is noted already stays as noted.

    Returns:
        How many are new.

    Raises:
        UserError: if there is no such part here, or its day has not come.
    """
    part = await at_door(session, guild_id, part_id)
    _require_day(part, now)
    new = set(user_ids) - part.present
    session.add_all(
        Presence(part_id=part_id, user_id=user_id, guild_id=guild_id, at=now, checked_by=by)
        for user_id in sorted(new)
    )
    await session.flush()
    return len(new)


async def check_out(
    session: AsyncSession, part_id: int, user_ids: Collection[int], *, guild_id: int
) -> None:
    """Undo a check-in that was a mistake; who was not noted stays so."""
    await session.execute(
        delete(Presence).where(
            Presence.part_id == part_id,
            Presence.guild_id == guild_id,
            Presence.user_id.in_(user_ids),
        )
    )


async def count_unknown(
    session: AsyncSession, part_id: int, more: int, *, guild_id: int, now: datetime
) -> None:
    """Count people whom Discord does not know; a negative number takes back a mistake.

    Raises:
        UserError: if there is no such part here, or its day has not come.
    """
    part = await at_door(session, guild_id, part_id)
    _require_day(part, now)
    row = await session.get_one(Part, part_id)
    row.walk_ins = max(0, row.walk_ins + more)


async def open_door(
    session: AsyncSession, part_id: int, *, guild_id: int, renewed: bool = False
) -> str:
    """The word that opens a part's door; the first time, and when renewed, a new one.

    Raises:
        UserError: if there is no such part here.
    """
    await at_door(session, guild_id, part_id)
    part = await session.get_one(Part, part_id)
    if part.door_code is None or renewed:
        used = set(await session.scalars(select(Part.door_code).where(Part.guild_id == guild_id)))
        part.door_code = _code()
        while part.door_code in used:
            part.door_code = _code()
    return part.door_code


async def arrive(
    session: AsyncSession, code: str, user_id: int, *, guild_id: int, now: datetime
) -> Arrival:
    """Check in a member who has a seat and says the word that is shown at the door."""
    word = "".join(it for it in plain.folded(code).upper() if it.isalnum())
    part_id = await session.scalar(
        select(Part.id).where(Part.guild_id == guild_id, Part.door_code == word)
    )
    if part_id is None:
        return Arrival.WRONG
    part = await at_door(session, guild_id, part_id)
    if not part.starts_at - OPENS <= now <= part.ends_at + SHUTS:
        return Arrival.NOT_NOW
    if user_id in part.present:
        return Arrival.KNOWN
    if not part.roster.has_seat(user_id):
        return Arrival.NO_SEAT
    await check_in(session, part_id, [user_id], guild_id=guild_id, by=user_id, now=now)
    return Arrival.WELCOME


def _require_day(part: Attendance, now: datetime) -> None:
    """Check that it takes place today or within hours, or has taken place."""
    zone = ZoneInfo(part.zone)
    earlier = now.astimezone(zone).date() < part.starts_at.astimezone(zone).date()
    if earlier and now < part.starts_at - OPENS:
        raise UserError("door.too_early")


def _code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))


async def _at_doors(
    session: AsyncSession, part_ids: Iterable[int]
) -> list[tuple[Part, Attendance]]:
    wanted = set(part_ids)
    rows = (
        await session.execute(
            select(Part, Event)
            .join(Event, Event.id == Part.event_id)
            .where(Part.id.in_(wanted), Event.status != EventStatus.DRAFT)
            .order_by(Event.starts_at, Event.id, Part.position)
        )
    ).all()
    rosters = await ledger.rosters(session, wanted)
    present: dict[int, set[int]] = {}
    for part_id, user_id in await session.execute(
        select(Presence.part_id, Presence.user_id).where(Presence.part_id.in_(wanted))
    ):
        present.setdefault(part_id, set()).add(user_id)
    return [
        (part, _attendance(part, event, rosters[part.id], present.get(part.id, set())))
        for part, event in rows
    ]


def _attendance(part: Part, event: Event, roster: Roster, present: set[int]) -> Attendance:
    starts_at = part.starts_at or event.starts_at
    return Attendance(
        part_id=part.id,
        event_id=event.id,
        starts_at=starts_at,
        ends_at=hours.part_end(starts_at, part.ends_at, event.ends_at),
        zone=event.zone,
        roster=roster,
        present=frozenset(present),
        unknown=part.walk_ins,
        door_code=part.door_code,
    )
