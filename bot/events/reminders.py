"""When people are reminded of the seats they have, and who: what is due is a query."""

import math
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import cards, deliveries
from bot.deliveries import Recipient
from bot.errors import UserError
from bot.events import bells, programme
from bot.events.programme import Programme, ShownPart
from bot.tables import (
    Delivery,
    DeliveryState,
    Event,
    EventStatus,
    Guild,
    Part,
    Series,
)

DAY = timedelta(days=1)
# Minutes before the start, where a series chose none: J-7, J-1, H-2.
USUAL = (7 * 24 * 60, 24 * 60, 2 * 60)
# An event in one of these takes place at its date.
DATED = (EventStatus.ANNOUNCED, EventStatus.CLOSED)
# A reminder is worth sending late by a quarter of what it announces, between these two.
LATEST = timedelta(hours=6)
LEAST = timedelta(minutes=15)
# Members mentioned in one message: it holds some more beside the longest programme, for who gets a
# seat between owing and sending.
TOGETHER = 40
# The cue of a reminder that an organiser asks for begins so.
ASKED = "asked"

# By member, the parts they have a seat in.
Seats: TypeAlias = Mapping[int, Sequence[ShownPart]]


@dataclass(frozen=True, slots=True)
class Occasion:
    """One reminder of an event, for those whose first seat counts from `start`.

    `cue` says what brings it about: minutes before the start, or, for one that an organiser asks
    for, the word "asked" and the day, so that there is one a day. A new date is a new start: it is
    reminded of again.
    """

    guild_id: int
    event_id: int
    start: datetime
    cue: str

    @classmethod
    def of(cls, delivery: Delivery) -> "Occasion":
        """The occasion that a delivery belongs to."""
        _, event_id, start, cue, *_ = delivery.subject.split(":")
        begins = datetime.fromtimestamp(int(start), UTC)
        return cls(delivery.guild_id, int(event_id), begins, cue)

    @property
    def before(self) -> timedelta | None:
        """How long before the start; None for one that an organiser asks for."""
        return timedelta(minutes=int(self.cue)) if self.cue.isdecimal() else None

    @property
    def subject(self) -> str:
        """What its deliveries are about."""
        return f"event:{self.event_id}:{int(self.start.timestamp())}:{self.cue}"


def moment(start: datetime, zone: ZoneInfo, before: timedelta) -> datetime:
    """When to remind: days are counted on the local clock, hours as they pass.

    The day before a meeting at 14:00 is 14:00, whatever the clocks did in the night; two hours
    before are two hours. An hour that the clocks skip comes as much later, and of one that they
    show twice the first counts.
    """
    days, rest = divmod(before, DAY)
    if days:
        # Arithmetic within a zone is that of its clock, and gives the first of two equal hours.
        start = (start.astimezone(zone) - days * DAY).astimezone(UTC)
    return start - rest


def expiry(start: datetime, due: datetime, before: timedelta) -> datetime:
    """Until when a reminder due at a moment is worth sending: never after the start."""
    return min(start, due + max(LEAST, min(LATEST, before / 4)))


async def due(session: AsyncSession, now: datetime) -> list[Occasion]:
    """The occasions whose moment has come and that nothing was noted of yet.

    Those too late to be sent are among them: `owe` notes that they were missed. A moment before
    the event's present date was made known is no occasion.
    """
    rows = await session.execute(
        select(Event, Series.reminders, Part.starts_at)
        .join(Guild, Guild.id == Event.guild_id)
        .join(Part, Part.event_id == Event.id)
        .outerjoin(Series, Series.id == Event.series_id)
        .where(Event.status.in_(DATED), Guild.left_at.is_(None))
        .order_by(Event.starts_at, Event.id)
    )
    starts: dict[int, set[datetime]] = {}
    events: dict[int, tuple[Event, Sequence[int]]] = {}
    for event, chosen, start in rows:
        events[event.id] = (event, USUAL if chosen is None else chosen)
        starts.setdefault(event.id, set()).add(start or event.starts_at)
    found = [
        occasion
        for event, cues in events.values()
        for occasion in _occasions(event, starts[event.id], cues, now)
    ]
    known = await _noted(session, found)
    return [occasion for occasion in found if occasion.subject not in known]


async def owe(session: AsyncSession, occasion: Occasion, now: datetime) -> bool:
    """Owe an occasion's messages, once: in the event's thread, and in private to who has 🔔.

    Too late, or with nobody to remind, it is noted as missed.

    Returns:
        Whether there is something to send.
    """
    shown = await programme.shown(session, occasion.event_id)
    before = occasion.before
    assert before is not None  # noqa: S101 # `due` gives no other
    if shown is None or shown.status not in DATED or await _noted(session, [occasion]):
        return False
    due_at = moment(occasion.start, ZoneInfo(shown.zone), before)
    expires_at = expiry(occasion.start, due_at, before)
    seats = seats_of(shown, occasion)
    if seats and now <= expires_at:
        await _note(session, occasion, shown, seats, now=now, expires_at=expires_at)
        await _ring(session, occasion, seats, now=now, expires_at=expires_at)
        return True
    await _note(session, occasion, shown, [], now=now, expires_at=expires_at)
    await _miss(session, occasion, "deliveries.too_late" if seats else "reminders.nobody")
    return False


async def whom(session: AsyncSession, occasion: Occasion) -> Collection[int]:
    """Whom an occasion would reach now."""
    shown = await programme.shown(session, occasion.event_id)
    return seats_of(shown, occasion) if shown else ()


async def live(session: AsyncSession, event_id: int, guild_id: int) -> Programme:
    """An event of this guild that is to come or under way.

    Raises:
        UserError: if it is over, called off, or there is none.
    """
    event = await session.get(Event, event_id)
    if event is None or event.guild_id != guild_id or event.status not in DATED:
        raise UserError("reminders.over")
    return (await programme.of_events(session, [event]))[0]


async def asked(
    session: AsyncSession, shown: Programme, *, guild_id: int, now: datetime
) -> Occasion:
    """The reminder that an organiser asks for now, of what has not begun yet; one a day.

    Raises:
        UserError: if all has begun, nobody has a seat, or there was one today.
    """
    coming = [start for part in shown.parts if (start := part.start or shown.start) > now]
    if not coming:
        raise UserError("reminders.over")
    today = now.astimezone(ZoneInfo(shown.zone)).strftime("%Y%m%d")
    occasion = Occasion(guild_id, shown.event_id, min(coming), f"{ASKED}{today}")
    if not seats_of(shown, occasion):
        raise UserError("reminders.nobody_yet")
    # Of whatever start: another part may have begun since the last one.
    if await _any(session, "reminder", f"event:{shown.event_id}:%:{occasion.cue}:0"):
        raise UserError("reminders.again")
    return occasion


async def owe_asked(session: AsyncSession, occasion: Occasion, now: datetime) -> int:
    """Owe the reminder that an organiser asked for; give how many it reaches."""
    shown = await live(session, occasion.event_id, occasion.guild_id)
    seats = seats_of(shown, occasion)
    expires_at = min(now + LATEST, occasion.start)
    await _note(session, occasion, shown, seats, now=now, expires_at=expires_at)
    return len(seats)


def seats_of(shown: Programme, occasion: Occasion) -> dict[int, list[ShownPart]]:
    """Whom an occasion reaches, as things stand, and of which of their seats it reminds them.

    A reminder of days is about all that a member has that day, and one for everybody. One of hours
    comes before a member's first seat of the day and names the later ones: whoever comes for the
    reception alone is not called at noon, and nobody is called before each table. So there is one
    for each member, day and cue, and nobody hears of a part they have no seat in.
    """
    counts = _counts(shown, occasion)
    seats: dict[int, list[ShownPart]] = {}
    for part in shown.parts:
        for said in part.roster.seated if part.part_id in counts else ():
            seats.setdefault(said.user_id, []).append(part)
    return {
        user_id: those
        for user_id, those in seats.items()
        if min(counts[part.part_id] for part in those) == occasion.start
    }


def share(delivery: Delivery, seats: Seats) -> Seats:
    """Those of the members reached whom one message of several mentions.

    Which message a member belongs to depends on nothing but their id and how many messages there
    are, so that whoever comes and goes in between moves nobody from one to another.
    """
    number, _, many = (delivery.detail or "1/1").partition("/")
    mine = [it for it in seats if _share(it, int(many)) == int(number) - 1]
    return {user_id: seats[user_id] for user_id in mine}


async def place(session: AsyncSession, shown: Programme) -> Recipient:
    """Where an event's people are spoken to: its thread, or the channel of its card."""
    channel_id = shown.spoken_in
    if channel_id is None:
        card = await cards.find(session, "event", shown.event_id)
        channel_id = card.channel_id if card else 0
    return Recipient("channel", channel_id)


def _occasions(
    event: Event, starts: Collection[datetime], cues: Iterable[int], now: datetime
) -> Iterator[Occasion]:
    """The occasions of an event whose moment has come since its date was made known."""
    zone = ZoneInfo(event.zone)
    known_since = event.dated_at or event.created_at
    for cue in cues:
        before = timedelta(minutes=cue)
        every = {event.starts_at, *starts}
        for start in sorted({_counting(start, every, zone, before) for start in starts}):
            if known_since <= moment(start, zone, before) <= now:
                yield Occasion(event.guild_id, event.id, start, str(cue))


def _counts(shown: Programme, occasion: Occasion) -> dict[int, datetime]:
    """The parts that an occasion may be about, by id, and from when each counts."""
    zone = ZoneInfo(shown.zone)
    starts = {part.part_id: part.start or shown.start for part in shown.parts}
    if (before := occasion.before) is None:
        return {it: occasion.start for it, start in starts.items() if start >= occasion.start}
    day = occasion.start.astimezone(zone).date()
    every = {shown.start, *starts.values()}
    return {
        part_id: _counting(start, every, zone, before)
        for part_id, start in starts.items()
        if start.astimezone(zone).date() == day
    }


def _counting(
    start: datetime, starts: Iterable[datetime], zone: ZoneInfo, before: timedelta
) -> datetime:
    """From when a part that begins at `start` counts: days from the first hour of its day."""
    if before % DAY:
        return start
    day = start.astimezone(zone).date()
    return min(it for it in starts if it.astimezone(zone).date() == day)


def _share(user_id: int, many: int) -> int:
    # Not the id itself: people who joined together would stand in the same one.
    return zlib.crc32(str(user_id).encode()) % many


def _shares(user_ids: Collection[int]) -> int:
    """How many messages it takes for none to mention more than `TOGETHER`."""
    many = max(1, math.ceil(len(user_ids) / TOGETHER))
    while max(Counter(_share(it, many) for it in user_ids).values(), default=0) > TOGETHER:
        many += 1
    return many


async def _note(
    session: AsyncSession,
    occasion: Occasion,
    shown: Programme,
    whom: Collection[int],
    *,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Owe the messages in the event's thread; there is one, even if it is not to be sent."""
    recipient = await place(session, shown)
    many = _shares(whom)
    for number in range(many):
        await deliveries.owe(
            session,
            guild_id=occasion.guild_id,
            kind="reminder",
            subject=f"{occasion.subject}:{number}",
            recipient=recipient,
            detail=f"{number + 1}/{many}",
            now=now,
            expires_at=expires_at,
        )


async def _ring(
    session: AsyncSession,
    occasion: Occasion,
    whom: Collection[int],
    *,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Owe a private word to those who asked for it."""
    ringing = sorted(await bells.of_event(session, occasion.event_id) & set(whom))
    await deliveries.owe_all(
        session,
        [(occasion.subject, Recipient("user", user_id)) for user_id in ringing],
        guild_id=occasion.guild_id,
        kind="bell",
        now=now,
        expires_at=expires_at,
    )


async def _miss(session: AsyncSession, occasion: Occasion, reason: str) -> None:
    """Note why nothing is sent on an occasion."""
    await session.execute(
        update(Delivery)
        .where(Delivery.kind == "reminder", Delivery.subject == f"{occasion.subject}:0")
        .values(state=DeliveryState.MISSED, reason=reason)
    )


async def _noted(session: AsyncSession, occasions: Collection[Occasion]) -> set[str]:
    """Which of these something was noted of: the first of their messages is there."""
    query = select(Delivery.subject).where(
        Delivery.kind == "reminder",
        Delivery.subject.in_([f"{occasion.subject}:0" for occasion in occasions]),
    )
    return {subject.removesuffix(":0") for subject in await session.scalars(query)}


async def _any(session: AsyncSession, kind: str, like: str) -> bool:
    query = select(Delivery.id).where(Delivery.kind == kind, Delivery.subject.like(like)).limit(1)
    return await session.scalar(query) is not None
