"""What organisers do with those who answered: decide, seat by hand, take out.

All of it goes through the ledger, so that seats that come free are filled in order.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import deliveries
from bot.deliveries import Recipient
from bot.errors import UserError
from bot.events import ledger, programme
from bot.events.ledger import NOTICE_LASTS, Ledger
from bot.events.programme import Programme
from bot.tables import Answer, Approval, Choice, Delivery, Event, EventStatus, Part

# Who says yes and no and yes again is brought before an organiser so many times a day.
MOST_REQUESTS = 3
# An event in one of these may still take place.
ALIVE = (EventStatus.ANNOUNCED, EventStatus.CLOSED, EventStatus.POSTPONED)


class _Asking(NamedTuple):
    """Somebody who waits for an organiser's decision."""

    guild_id: int
    part_id: int
    user_id: int
    asked_at: datetime
    organiser: int
    starts_at: datetime

    @property
    def who(self) -> str:
        return f"part:{self.part_id}:user:{self.user_id}"

    @property
    def subject(self) -> str:
        return f"{self.who}:at:{int(self.asked_at.timestamp())}"


async def of_part(session: AsyncSession, guild_id: int, part_id: int) -> Programme:
    """A part with its event, the other parts left out, and everybody's answers to it.

    Raises:
        UserError: if there is no such part here.
    """
    owner = await session.scalar(select(Part.guild_id).where(Part.id == part_id))
    shown = await programme.of_part(session, part_id) if owner == guild_id else None
    if shown is None:
        raise UserError("rsvp.gone")
    return shown


async def request(
    session: AsyncSession, *, now: datetime, part_ids: Collection[int] | None = None
) -> bool:
    """Bring those who ask for a seat before the event's creator, once for each asking.

    Args:
        part_ids: where somebody asked just now; None means wherever somebody waits for a decision.

    Returns:
        Whether anything is owed that was not before.
    """
    asking = await _asking(session, now, part_ids)
    known, today = await _brought(session, asking, now)
    new = False
    for one in asking:
        if one.subject in known or today[one.who] >= MOST_REQUESTS:
            continue
        new |= await deliveries.owe(
            session,
            guild_id=one.guild_id,
            kind="request",
            subject=one.subject,
            recipient=Recipient("user", one.organiser),
            now=now,
            expires_at=one.starts_at,
        )
    return new


async def decide(
    session: AsyncSession,
    part_id: int,
    user_id: int,
    *,
    accepted: bool,
    guild_id: int,
    now: datetime,
) -> None:
    """Accept or refuse who asks for a seat, and tell them; their turn is taken now.

    Raises:
        UserError: if they no longer ask, or the event is cancelled.
    """
    part = await _alive(session, guild_id, part_id)
    said = part.said(user_id)
    if said is None or said.approval is not Approval.PENDING:
        raise UserError("people.not_asking")
    if accepted:
        part.approve(user_id)
    else:
        part.refuse(user_id)
    await ledger.save(session, [part], now=now)
    await _tell(session, part, [user_id], "approved" if accepted else "refused", now=now)


async def approve(
    session: AsyncSession, part_id: int, user_ids: Sequence[int], *, now: datetime
) -> None:
    """Accept all of these who ask for a seat in a part, in this order, and tell them."""
    part = (await ledger.load(session, [part_id]))[part_id]
    accepted = [user_id for user_id in user_ids if part.approve(user_id)]
    await ledger.save(session, [part], now=now)
    await _tell(session, part, accepted, "approved", now=now)


async def place(
    session: AsyncSession,
    part_id: int,
    user_id: int,
    *,
    guild_id: int,
    now: datetime,
    guests: int | None = None,
) -> None:
    """Give someone a seat by hand, outside the capacity, and tell them.

    Args:
        guests: how many come along, whatever the part allows; None keeps those they announced.

    Raises:
        UserError: if they have a seat already, or the event is cancelled.
    """
    part = await _alive(session, guild_id, part_id)
    if not part.seat_by_hand(user_id, now):
        raise UserError("people.seated_already")
    if guests is not None:
        entry = part.entries[user_id]
        entry.said = replace(entry.said, guests=guests)
    await ledger.save(session, [part], now=now)
    # Who waited is told by the ledger, like everybody for whom a seat was found.
    if part.before.place(user_id) is None:
        await _tell(session, part, [user_id], "placed", now=now)


async def remove(
    session: AsyncSession,
    part_id: int,
    user_id: int,
    *,
    guild_id: int,
    now: datetime,
    reason: str | None = None,
) -> None:
    """Take someone out, tell them why, and give their seat to who waits.

    Raises:
        UserError: if they neither come nor may come.
    """
    part = await _load(session, guild_id, part_id)
    said = part.said(user_id)
    if said is None or said.choice is Choice.NO:
        raise UserError("people.not_coming")
    part.withdraw(user_id)
    await ledger.save(session, [part], now=now)
    await _tell(session, part, [user_id], "removed", now=now, detail=reason)


async def departed(
    session: AsyncSession, guild_id: int, user_ids: Collection[int], now: datetime
) -> frozenset[int]:
    """Take members who left the community out of every part to come.

    Returns:
        The events this changes: their cards are to be drawn again.
    """
    starts_at = func.coalesce(Part.starts_at, Event.starts_at)
    part_ids = await session.scalars(
        select(Answer.part_id)
        .distinct()
        .join(Part, Part.id == Answer.part_id)
        .join(Event, Event.id == Part.event_id)
        .where(
            Answer.guild_id == guild_id,
            Answer.user_id.in_(user_ids),
            Event.status.in_(ALIVE),
            or_(starts_at > now, Event.status == EventStatus.POSTPONED),
        )
    )
    parts = (await ledger.load(session, part_ids)).values()
    for part in parts:
        for user_id in user_ids:
            part.withdraw(user_id)
    await ledger.save(session, parts, now=now)
    return frozenset(part.terms.event_id for part in parts)


async def _load(session: AsyncSession, guild_id: int, part_id: int) -> Ledger:
    part = (await ledger.load(session, [part_id])).get(part_id)
    if part is None or part.terms.guild_id != guild_id:
        raise UserError("rsvp.gone")
    return part


async def _alive(session: AsyncSession, guild_id: int, part_id: int) -> Ledger:
    """A part in which a seat still means something."""
    part = await _load(session, guild_id, part_id)
    if part.terms.status is EventStatus.CANCELLED:
        raise UserError("people.cancelled")
    return part


async def _tell(
    session: AsyncSession,
    part: Ledger,
    user_ids: Iterable[int],
    kind: str,
    *,
    now: datetime,
    detail: str | None = None,
) -> None:
    """Owe each of these a private word about what an organiser just did."""
    terms = part.terms
    subject = f"part:{terms.part_id}:at:{now.timestamp():.6f}"
    await deliveries.owe_all(
        session,
        [(subject, Recipient("user", user_id)) for user_id in user_ids],
        guild_id=terms.guild_id,
        kind=kind,
        now=now,
        expires_at=now + NOTICE_LASTS,
        detail=detail,
    )


async def _asking(
    session: AsyncSession, now: datetime, part_ids: Collection[int] | None
) -> Sequence[_Asking]:
    """Those who wait for a decision about a part to come, in the order they asked."""
    starts_at = func.coalesce(Part.starts_at, Event.starts_at)
    query = (
        select(
            Answer.guild_id,
            Answer.part_id,
            Answer.user_id,
            Answer.answered_at,
            Event.created_by,
            starts_at,
        )
        .join(Part, Part.id == Answer.part_id)
        .join(Event, Event.id == Part.event_id)
        .where(
            Answer.approval == Approval.PENDING,
            Answer.choice == Choice.YES,
            Event.status.in_(ALIVE),
            starts_at > now,
        )
        .order_by(Answer.answered_at, Answer.user_id)
    )
    if part_ids is not None:
        query = query.where(Answer.part_id.in_(part_ids))
    return [_Asking(*row) for row in await session.execute(query)]


async def _brought(
    session: AsyncSession, asking: Sequence[_Asking], now: datetime
) -> tuple[set[str], Counter[str]]:
    """Which of these were brought before an organiser, and who was how often in a day."""
    subjects = await session.execute(
        select(Delivery.subject, Delivery.created_at).where(
            Delivery.kind == "request",
            or_(
                Delivery.subject.in_([one.subject for one in asking]),
                Delivery.created_at > now - timedelta(days=1),
            ),
        )
    )
    known = [(subject, at) for subject, at in subjects]
    today = [subject for subject, at in known if at > now - timedelta(days=1)]
    return {it for it, _ in known}, Counter(it.rpartition(":at:")[0] for it in today)
