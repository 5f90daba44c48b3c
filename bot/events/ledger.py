"""The answers to a part, loaded whole, changed by its rules, written back as differences.

Every change of answers goes through here, a member's and an organiser's alike, so that every
vacancy is filled in order and everybody promoted is told once.
"""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import deliveries
from bot.events import hours
from bot.events.seats import Roster, Said, fits, heads, promoted, seat, unseated
from bot.tables import Answer, Approval, Choice, Door, Event, EventStatus, Part

# Being told of a seat is worth nothing long after.
NOTICE_LASTS = timedelta(days=2)


class Refusal(enum.StrEnum):
    """Why an act changed nothing, though it said something new."""

    CLOSED = "closed"
    OVER = "over"
    ROLES = "roles"
    NOT_COMING = "not_coming"
    NO_GUESTS = "no_guests"
    NO_ROOM = "no_room"


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a part is answered."""

    guild_id: int
    event_id: int
    part_id: int
    status: EventStatus
    starts_at: datetime
    # Until when one may sign up; leaving is allowed until the start.
    closes_at: datetime
    guests_allowed: int = 0
    needs_approval: bool = False
    roles: frozenset[int] = frozenset()

    def notice_lasts(self, now: datetime) -> datetime:
        """Until when it is worth telling somebody of a seat: not after the start, if it has one."""
        if self.status is EventStatus.POSTPONED:
            return now + NOTICE_LASTS
        return min(now + NOTICE_LASTS, self.starts_at)

    def refuses(
        self, choice: Choice | None, at: datetime, *, known: Choice | None = None
    ) -> Refusal | None:
        """Why going from `known` to `choice` does not count at this moment; None if it does.

        Who cannot come after all says so until the start: the seat goes to who waits.
        """
        if self.status in {EventStatus.DRAFT, EventStatus.CANCELLED, EventStatus.PAST}:
            return Refusal.OVER
        # Postponed without a new date, it has no start to be measured against.
        if self.status is not EventStatus.POSTPONED and at >= self.starts_at:
            return Refusal.OVER
        leaving = choice in {None, Choice.NO} or known is Choice.YES is not choice
        if not leaving and (at >= self.closes_at or self.status is not EventStatus.ANNOUNCED):
            return Refusal.CLOSED
        return None


@dataclass(slots=True)
class Entry:
    """An answer as the ledger holds it while acts are played."""

    said: Said
    door: Door
    # When, if it was said just now; what was said before keeps its time.
    at: datetime | None = None


@dataclass(slots=True)
class Ledger:
    """A part with all its answers, and what has been changed in it."""

    terms: Terms
    capacity: int | None
    turns: int
    cuts: int
    entries: dict[int, Entry] = field(default_factory=dict[int, Entry])
    before: Roster = field(default_factory=Roster)
    stored: frozenset[int] = frozenset()
    touched: set[int] = field(default_factory=set[int])
    requeued: set[int] = field(default_factory=set[int])

    def roster(self) -> Roster:
        """Who is seated and who waits, as things stand here."""
        return seat((entry.said for entry in self.entries.values()), self.capacity)

    def said(self, user_id: int) -> Said | None:
        """What a member says now, if anything."""
        entry = self.entries.get(user_id)
        return entry.said if entry else None

    def say(self, user_id: int, choice: Choice, door: Door, at: datetime) -> bool:
        """Take an answer down; the same answer again changes nothing, nor its place in line."""
        known = self.said(user_id)
        if known is not None and known.choice is choice:
            return False
        said = Said(user_id, choice)
        if choice is Choice.YES and self.terms.needs_approval:
            said = replace(said, approval=Approval.PENDING)
        elif choice is Choice.YES:
            said = replace(said, turn=self._turn())
        self._put(said, at=at, door=door)
        return True

    def withdraw(self, user_id: int) -> bool:
        """Take an answer out, as if it had never been given."""
        if self.entries.pop(user_id, None) is None:
            return False
        self.touched.add(user_id)
        return True

    def bring(self, user_id: int, guests: int) -> Refusal | None:
        """Change how many guests someone brings; more than fit are refused, and nothing changes.

        While anybody waits, no seat is free for a guest of who is seated already.
        """
        said = self.said(user_id)
        if said is None or said.choice is not Choice.YES:
            return Refusal.NOT_COMING
        if guests > self.terms.guests_allowed:
            return Refusal.NO_GUESTS
        wished = replace(said, guests=guests)
        if not fits(wished, self.capacity):
            return Refusal.NO_ROOM
        roster = self.roster()
        more = guests - said.guests
        if more > 0 and roster.has_seat(user_id) and not said.by_hand:
            free = self.free(roster)
            if free is not None and (roster.waiting or more > free):
                return Refusal.NO_ROOM
        if more:
            self._put(wished)
        return None

    def free(self, roster: Roster) -> int | None:
        """Seats that nobody has; None where there is no limit."""
        if self.capacity is None:
            return None
        return max(0, self.capacity - heads([said for said in roster.seated if not said.by_hand]))

    def approve(self, user_id: int) -> bool:
        """Grant what someone asked for; their turn is taken now."""
        said = self.said(user_id)
        if said is None or said.choice is not Choice.YES or said.turn is not None:
            return False
        granted = replace(said, approval=Approval.GRANTED, turn=self._turn())
        self._put(granted)
        return True

    def refuse(self, user_id: int) -> bool:
        """Refuse what someone asked for; they keep the answer, and get no place in line."""
        said = self.said(user_id)
        if said is None or said.approval is not Approval.PENDING:
            return False
        self._put(replace(said, approval=Approval.REFUSED))
        return True

    def seat_by_hand(self, user_id: int, at: datetime) -> bool:
        """Give someone a seat outside the capacity; who is seated already keeps the seat they have.

        Who waited leaves the line, and those behind move up.
        """
        said = self.said(user_id)
        if self.roster().has_seat(user_id):
            return False
        coming = said if said is not None and said.choice is Choice.YES else None
        seated = replace(
            coming or Said(user_id, Choice.YES),
            turn=(coming.turn if coming else None) or self._turn(),
            approval=Approval.GRANTED if self.terms.needs_approval else Approval.NOT_NEEDED,
            by_hand=True,
        )
        self._put(seated, at=at)
        return True

    def losing(self, capacity: int | None) -> tuple[Said, ...]:
        """Who would lose their seat if there were only that many."""
        after = seat((entry.said for entry in self.entries.values()), capacity)
        return unseated(self.roster(), after)

    def resize(self, capacity: int | None) -> None:
        """Change how many seats there are. The last seated go to the head of the line.

        A group that was larger than all the seats there were held nobody up, and others took seats
        meanwhile: if it fits now, it stands at the end of the line.
        """
        if self.losing(capacity):
            self.cuts += 1
        late = [it for it in self.roster().waiting if not fits(it, self.capacity)]
        self.capacity = capacity
        for said in late:
            if fits(said, capacity):
                self._put(replace(said, turn=self._turn()))
                self.requeued.add(said.user_id)

    def _turn(self) -> int:
        # A new turn: whoever left and came back stands at the end of the line.
        self.turns += 1
        return self.turns

    def _put(self, said: Said, *, at: datetime | None = None, door: Door | None = None) -> None:
        """Keep an answer; without a door or a time it stays the answer given then and there."""
        known = self.entries.get(said.user_id) or Entry(said, Door.ORGANISER)
        self.entries[said.user_id] = Entry(said, door or known.door, at or known.at)
        self.touched.add(said.user_id)


async def load(session: AsyncSession, part_ids: Iterable[int]) -> dict[int, Ledger]:
    """The ledgers of these parts, as committed; a part that does not exist is absent."""
    wanted = set(part_ids)
    parts = await session.execute(
        select(Part, Event.status, Event.starts_at)
        .join(Event, Event.id == Part.event_id)
        .where(Part.id.in_(wanted))
        .execution_options(populate_existing=True)
    )
    ledgers = {part.id: _ledger(part, status, start) for part, status, start in parts}
    answers = await session.execute(
        select(
            Answer.part_id,
            Answer.door,
            Answer.user_id,
            Answer.choice,
            Answer.turn,
            Answer.guests,
            Answer.approval,
            Answer.by_hand,
        ).where(Answer.part_id.in_(wanted))
    )
    for part_id, door, user_id, choice, turn, guests, approval, by_hand in answers:
        said = Said(user_id, choice, turn, guests, approval, by_hand)
        ledgers[part_id].entries[user_id] = Entry(said, door)
    for ledger in ledgers.values():
        ledger.stored = frozenset(ledger.entries)
        ledger.before = ledger.roster()
    return ledgers


async def rosters(session: AsyncSession, part_ids: Iterable[int]) -> dict[int, Roster]:
    """The rosters of these parts, as committed."""
    return {part_id: ledger.before for part_id, ledger in (await load(session, part_ids)).items()}


async def save(
    session: AsyncSession, ledgers: Iterable[Ledger], *, now: datetime
) -> dict[int, Roster]:
    """Write what was changed, and owe a private word to whoever got or lost a seat by it.

    Returns:
        Each part's roster as it now stands.
    """
    after: dict[int, Roster] = {}
    for ledger in ledgers:
        changed = ledger.touched or ledger.before.capacity != ledger.capacity
        after[ledger.terms.part_id] = roster = ledger.roster() if changed else ledger.before
        await _write(session, ledger)
        if changed:
            lucky = promoted(ledger.before, roster, ledger.requeued)
            await _tell(session, ledger, "promotion", lucky, now)
            await _tell(session, ledger, "unseated", unseated(ledger.before, roster), now)
    return after


def _ledger(part: Part, status: EventStatus, event_start: datetime) -> Ledger:
    starts_at = part.starts_at or event_start
    terms = Terms(
        guild_id=part.guild_id,
        event_id=part.event_id,
        part_id=part.id,
        status=status,
        starts_at=starts_at,
        closes_at=hours.closes_at(starts_at, timedelta(minutes=part.deadline or 0)),
        guests_allowed=part.guests_allowed,
        needs_approval=part.needs_approval,
        roles=frozenset(part.roles or ()),
    )
    return Ledger(terms, part.capacity, part.turns, part.cuts)


async def _write(session: AsyncSession, ledger: Ledger) -> None:
    part_id = ledger.terms.part_id
    rows = [
        _row(ledger, ledger.entries[user_id])
        for user_id in sorted(ledger.touched)
        if user_id in ledger.entries
    ]
    gone = [user_id for user_id in ledger.touched if user_id not in ledger.entries]
    known = [row for row in rows if row["user_id"] in ledger.stored]
    new = [row for row in rows if row["user_id"] not in ledger.stored]
    if gone:
        await session.execute(
            delete(Answer).where(Answer.part_id == part_id, Answer.user_id.in_(gone))
        )
    for said_now in (True, False):
        some = [row for row in known if ("answered_at" in row) is said_now]
        if some:
            await session.execute(update(Answer), some)
    if new:
        await session.execute(insert(Answer), new)
    if ledger.touched or ledger.before.capacity != ledger.capacity:
        await session.execute(
            update(Part)
            .where(Part.id == part_id)
            .values(turns=ledger.turns, cuts=ledger.cuts, capacity=ledger.capacity)
        )


def _row(ledger: Ledger, entry: Entry) -> dict[str, object]:
    said = entry.said
    row: dict[str, object] = {
        "part_id": ledger.terms.part_id,
        "user_id": said.user_id,
        "guild_id": ledger.terms.guild_id,
        "choice": said.choice,
        "guests": said.guests,
        "approval": said.approval,
        "by_hand": said.by_hand,
        "door": entry.door,
        "turn": said.turn,
    }
    return row if entry.at is None else row | {"answered_at": entry.at}


async def _tell(
    session: AsyncSession, ledger: Ledger, kind: str, whom: Sequence[Said], now: datetime
) -> None:
    """Owe each of these a private word, once for each turn and each time seats were taken away."""
    terms = ledger.terms
    part = f"part:{terms.part_id}"
    words = [
        (f"{part}:turn:{said.turn}:cut:{ledger.cuts}", deliveries.Recipient("user", said.user_id))
        for said in whom
    ]
    if words:
        await deliveries.owe_all(
            session,
            words,
            guild_id=terms.guild_id,
            kind=kind,
            now=now,
            expires_at=terms.notice_lasts(now),
        )
