"""Seats added and taken away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.events import ledger
from bot.events.changes.ground import Change, coming
from bot.events.proposal import MOST_SEATS
from bot.events.seats import heads, promoted, unseated
from bot.tables import Answer, Approval, Part


class UnconfirmedError(UserError):
    """Seats would be taken away from `losing` people: an organiser is to confirm that."""

    def __init__(self, losing: int) -> None:
        super().__init__("changes.unconfirmed", count=losing)
        self.losing = losing


@dataclass(frozen=True, slots=True)
class Reseated:
    """How many people got a seat and how many lost theirs, guests counted."""

    seated: int
    unseated: int


async def resize(
    session: AsyncSession,
    part_id: int,
    seats: int | None,
    *,
    now: datetime,
    confirmed: bool = False,
) -> Change:
    """Change how many seats a part has; None means no limit.

    More seat those who wait, in order. Fewer than are taken move the last seated to the head of
    the line. Whoever gets or loses a seat is told.

    Raises:
        UnconfirmedError: if anybody would lose a seat and that is not `confirmed`.
        UserError: if there is no such part, or its event can no longer be changed.
    """
    if seats is not None and not 1 <= seats <= MOST_SEATS:
        raise UserError("events.bad_capacity", text=str(seats), most=MOST_SEATS)
    found = await ledger.load(session, [part_id])
    if part_id not in found:
        raise UserError("rsvp.gone")
    event = await coming(session, found[part_id].terms.event_id, now)
    part = await session.get_one(Part, part_id)
    done = await reseat(session, {part_id: seats}, now=now, confirmed=confirmed)
    name = f"{event.title} — {part.title}" if part.title else event.title
    return Change(event.id, name, seated=done.seated, unseated=done.unseated)


async def reseat(
    session: AsyncSession, capacities: Mapping[int, int | None], *, now: datetime, confirmed: bool
) -> Reseated:
    """Give these parts that many seats.

    Raises:
        UnconfirmedError: if anybody would lose a seat and that is not `confirmed`.
    """
    ledgers = await ledger.load(session, capacities)
    losing = sum(heads(ledgers[part_id].losing(seats)) for part_id, seats in capacities.items())
    if losing and not confirmed:
        raise UnconfirmedError(losing)
    for part_id, seats in capacities.items():
        ledgers[part_id].resize(seats)
    after = await ledger.save(session, ledgers.values(), now=now)
    changes = [(one.before, after[part_id]) for part_id, one in ledgers.items()]
    return Reseated(
        seated=sum(heads(promoted(*change)) for change in changes),
        unseated=sum(heads(unseated(*change)) for change in changes),
    )


async def pending(session: AsyncSession, part_id: int) -> list[int]:
    """Who waits for an organiser's word, in the order they asked."""
    rows = await session.scalars(
        select(Answer.user_id)
        .where(Answer.part_id == part_id, Answer.approval == Approval.PENDING)
        .order_by(Answer.answered_at, Answer.user_id)
    )
    return [*rows]
