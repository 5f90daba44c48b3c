"""An event brought to what an organiser wrote of it anew."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.events import announcing, emojis, people
from bot.events.changes.dates import redated, retimed
from bot.events.changes.ground import Change, coming, concerned
from bot.events.changes.seating import pending, reseat
from bot.events.proposal import Proposal, ProposedPart
from bot.tables import Answer, Card, Event, Part, ReactionSeen

log = structlog.get_logger()


async def apply(
    session: AsyncSession,
    event_id: int,
    proposal: Proposal,
    *,
    now: datetime,
    by: int,
    confirmed: bool = False,
) -> Change:
    """Bring an announced event to what is proposed: all it shows, its parts, seats and date.

    Parts keep their order, for emojis count by it: new ones come last. A part that nobody
    answered may be left out. Where approval is no longer wanted, everybody pending is accepted, in
    the order they asked. Another start is a postponement, and told as one; other hours of a part
    are told to those who answered it.

    Raises:
        UnconfirmedError: if anybody would lose a seat and that is not `confirmed`. Nothing is to
            be committed then.
        UserError: if the event can no longer be changed, or not in this way.
    """
    event = await coming(session, event_id, now)
    parts = await _parts(session, event_id)
    kept, new = _matched(parts, proposal.parts)
    is_moved, shifted = event.starts_at != proposal.start, _shifted(event, parts, kept, proposal)
    await _leave_out(session, event, parts, kept, len(new))
    relaxed = [
        part.id
        for part in parts
        if part.id in kept and part.needs_approval and not kept[part.id].needs_approval
    ]
    _write(event, announcing.event_values(proposal))
    for part in parts:
        if part.id in kept:
            _write(part, announcing.part_values(kept[part.id]))
    _append(session, event, new, parts[-1].position + 1)
    await session.flush()
    seats = {part_id: proposed.capacity for part_id, proposed in kept.items()}
    done = await reseat(session, seats, now=now, confirmed=confirmed)
    for part_id in relaxed:
        await people.approve(session, part_id, await pending(session, part_id), now=now)
    if is_moved:
        told = await redated(session, event, now)
    else:
        announcing.touch(event, now)
        told = await retimed(session, event, shifted, now)
    log.info("event changed", event_id=event_id, by=by)
    return Change(event.id, event.title, seated=done.seated, unseated=done.unseated, told=told)


async def hearing(session: AsyncSession, event_id: int, proposal: Proposal) -> Sequence[int]:
    """Who would be told that what they mean to come to begins at another time."""
    event = await session.get_one(Event, event_id)
    if event.starts_at != proposal.start:
        return await concerned(session, event_id)
    parts = await _parts(session, event_id)
    shifted = _shifted(event, parts, _matched(parts, proposal.parts)[0], proposal)
    return await concerned(session, event_id, [part.id for part in shifted])


async def _parts(session: AsyncSession, event_id: int) -> Sequence[Part]:
    rows = await session.scalars(
        select(Part).where(Part.event_id == event_id).order_by(Part.position)
    )
    return rows.all()


def _matched(
    parts: Sequence[Part], proposed: Sequence[ProposedPart]
) -> tuple[dict[int, ProposedPart], list[ProposedPart]]:
    """Which proposed part each of these is, by its id, and the proposed parts that are new.

    Raises:
        UserError: if one of them is no longer a part of the event.
    """
    if len(parts) == len(proposed) == 1 and proposed[0].title is None:
        return {parts[0].id: proposed[0]}, []
    kept = {one.part_id: one for one in proposed if one.part_id is not None}
    if not kept.keys() <= {part.id for part in parts}:
        raise UserError("changes.part_gone")
    return kept, [one for one in proposed if one.part_id is None]


def _shifted(
    event: Event, parts: Iterable[Part], kept: Mapping[int, ProposedPart], proposal: Proposal
) -> list[Part]:
    """The parts that are to begin at another time."""
    return [
        part
        for part in parts
        if part.id in kept
        and (part.starts_at or event.starts_at) != (kept[part.id].start or proposal.start)
    ]


async def _leave_out(
    session: AsyncSession,
    event: Event,
    parts: Sequence[Part],
    kept: Collection[int],
    new: int,
) -> None:
    """Remove the parts that are not kept.

    Raises:
        UserError: if somebody answered one of them, or shows a number that would mean another.
    """
    gone = [part for part in parts if part.id not in kept]
    for part in gone:
        answered = await session.scalar(select(Answer).where(Answer.part_id == part.id).limit(1))
        if answered is not None:
            raise UserError("changes.answered", part=part.title or event.title)
    # The new parts have no ids yet; what a number means must be the same with them.
    after = [*(part.id for part in parts if part.id in kept), *[0] * new]
    others = _renumbered([part.id for part in parts], after)
    if gone and await _shown(session, event.id, others):
        raise UserError("changes.numbered", part=gone[0].title or event.title)
    for part in gone:
        await session.delete(part)


def _renumbered(before: Sequence[int], after: Sequence[int]) -> set[str]:
    """The numbers that would stand for another part than they do, or for none."""
    return {
        number
        for number in emojis.NUMBERS
        if (meant := emojis.says([number], before)) and meant != emojis.says([number], after)
    }


async def _shown(session: AsyncSession, event_id: int, numbers: Collection[str]) -> bool:
    """Whether any member shows one of these emojis on the event's cards."""
    found = await session.scalar(
        select(ReactionSeen.user_id)
        .join(Card, Card.id == ReactionSeen.card_id)
        .where(Card.event_id == event_id, ReactionSeen.emoji.in_(numbers))
        .limit(1)
    )
    return found is not None


def _append(
    session: AsyncSession, event: Event, new: Sequence[ProposedPart], position: int
) -> None:
    for offset, proposed in enumerate(new):
        session.add(
            Part(
                guild_id=event.guild_id,
                event_id=event.id,
                position=position + offset,
                capacity=proposed.capacity,
                **announcing.part_values(proposed),
            )
        )


def _write(row: Event | Part, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
