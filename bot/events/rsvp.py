"""What members said about the parts of an event: one ledger, whatever door they came through."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import deliveries
from bot.errors import UserError
from bot.events import reactions
from bot.events.seats import Roster, Said, promoted, seat
from bot.tables import Answer, Approval, Choice, Door, Event, EventStatus, Part

EMOJIS: Mapping[str, Choice] = {"✅": Choice.YES, "❔": Choice.MAYBE, "❌": Choice.NO}
COMMITMENT = (Choice.YES, Choice.MAYBE, Choice.NO)
# Only an answer that came by an emoji goes with it.
BY_EMOJI = (Door.REACTION, Door.RECONCILIATION)
# Being told of a seat is worth nothing long after.
PROMOTION_WINDOW = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Act:
    """Something a member did, before anyone knows what it changes.

    A reaction carries its card and emoji, and `taken_back` when it was removed.
    """

    guild_id: int
    part_id: int
    user_id: int
    choice: Choice
    door: Door
    at: datetime
    card_id: int | None = None
    emoji: str | None = None
    taken_back: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an act: where the member stands now, and whether the act changed it."""

    event_id: int
    part_id: int
    user_id: int
    roster: Roster
    choice: Choice | None
    changed: bool
    closed: bool = False


@dataclass(slots=True)
class _Entry:
    """An answer as the ledger holds it while acts are played."""

    said: Said
    door: Door
    # When, if it was said just now.
    at: datetime | None = None


@dataclass(slots=True)
class _Ledger:
    """A part with all its answers, loaded once, and what the acts changed in it."""

    guild_id: int
    part_id: int
    event_id: int
    capacity: int | None
    needs_approval: bool
    is_open: bool
    starts_at: datetime
    turns: int
    entries: dict[int, _Entry] = field(default_factory=dict[int, _Entry])
    stored: frozenset[int] = frozenset()
    touched: set[int] = field(default_factory=set[int])

    def takes(self, at: datetime) -> bool:
        """Whether answers count at this moment: until the event starts."""
        return self.is_open and at < self.starts_at

    def roster(self) -> Roster:
        return seat((entry.said for entry in self.entries.values()), self.capacity)

    def choice(self, user_id: int) -> Choice | None:
        entry = self.entries.get(user_id)
        return entry.said.choice if entry else None

    def say(self, act: Act, choice: Choice) -> bool:
        """Take an answer down; the same answer again changes nothing, nor its place in line."""
        if self.choice(act.user_id) is choice:
            return False
        said = Said(act.user_id, choice)
        if choice is Choice.YES and self.needs_approval:
            said = replace(said, approval=Approval.PENDING)
        elif choice is Choice.YES:
            # A new turn: whoever left and came back stands at the end of the line.
            self.turns += 1
            said = replace(said, turn=self.turns)
        self.entries[act.user_id] = _Entry(said, act.door, act.at)
        self.touched.add(act.user_id)
        return True

    def take_back(self, act: Act, left: Collection[str]) -> bool:
        """Withdraw an answer that came through the emoji now gone; another still there counts."""
        entry = self.entries.get(act.user_id)
        if entry is None or entry.said.choice is not act.choice or entry.door not in BY_EMOJI:
            return False
        remaining = most_committed(left)
        if remaining is not None:
            return self.say(act, remaining)
        del self.entries[act.user_id]
        self.touched.add(act.user_id)
        return True


def most_committed(emojis: Collection[str]) -> Choice | None:
    """What a member who shows several emojis says: the one that commits most."""
    said = {EMOJIS[emoji] for emoji in emojis if emoji in EMOJIS}
    return next((choice for choice in COMMITMENT if choice in said), None)


async def play(session: AsyncSession, acts: Sequence[Act]) -> list[Outcome]:
    """Play acts in the order they came, as one thing that happened.

    Each part they touch is loaded once, decided by `seat()`, and the differences are written:
    answers, turns, reactions seen, and a private notice to whoever now has a seat.

    Returns:
        An outcome for each act, as things stand after all of them.

    Raises:
        UserError: if there is no such part in the act's guild.
    """
    ledgers = await _ledgers(session, {act.part_id for act in acts})
    for act in acts:
        if act.part_id not in ledgers or ledgers[act.part_id].guild_id != act.guild_id:
            raise UserError("rsvp.gone")
    seen = await reactions.seen(session, _reacting(acts))
    before = {part_id: ledger.roster() for part_id, ledger in ledgers.items()}
    changed = [_play(act, ledgers[act.part_id], seen) for act in acts]
    await reactions.store(session, seen)
    after: dict[int, Roster] = {}
    for part_id, ledger in ledgers.items():
        after[part_id] = ledger.roster() if ledger.touched else before[part_id]
        await _write(session, ledger)
        await _promote(session, ledger, promoted(before[part_id], after[part_id]), acts[-1].at)
    return [
        Outcome(
            event_id=ledgers[act.part_id].event_id,
            part_id=act.part_id,
            user_id=act.user_id,
            roster=after[act.part_id],
            choice=ledgers[act.part_id].choice(act.user_id),
            changed=change,
            closed=not ledgers[act.part_id].takes(act.at),
        )
        for act, change in zip(acts, changed, strict=True)
    ]


async def reconcile(
    session: AsyncSession,
    *,
    guild_id: int,
    part_id: int,
    card_id: int,
    present: Mapping[str, Collection[int]],
    now: datetime,
    swept: Collection[str] = (),
    leave_alone: Collection[int] = (),
) -> list[Outcome]:
    """Play the differences between the reactions on a card and those last seen there.

    Args:
        present: for each emoji whose whole list could be read, who shows it. What could not
            be read whole is absent, and nobody is withdrawn for it.
        now: when; newcomers take their turns after everyone known, in the order of their ids,
            for a list has no times.
        swept: emojis that someone took off the card altogether: that is nobody's answer.
        leave_alone: members who reacted while the lists were being read: their own events tell.
    """
    seen = await reactions.of_card(session, card_id)
    known = {(user_id, emoji) for user_id, emoji in seen if emoji in present}
    there = {(user_id, emoji) for emoji, users in present.items() for user_id in users}
    new = {reaction for reaction in there - known if reaction[0] not in leave_alone}
    # Of several new emojis of one member the most committed comes last, and stays.
    counted = dict(sorted(new, key=_by_id_then_least_committed))
    lost = [reaction for reaction in sorted(known - there) if reaction[0] not in leave_alone]
    gone = [reaction for reaction in lost if reaction[1] not in swept]
    await reactions.forget(session, card_id, set(lost) - set(gone))
    await reactions.add(session, card_id, new - set(counted.items()))
    act = Act(guild_id, part_id, 0, Choice.NO, Door.RECONCILIATION, now, card_id)
    # Arrivals first: an emoji exchanged for another is one change of mind, not a departure.
    acts = [
        replace(act, user_id=user_id, emoji=emoji, choice=EMOJIS[emoji], taken_back=taken_back)
        for shown, taken_back in ((counted.items(), False), (gone, True))
        for user_id, emoji in shown
    ]
    return await play(session, acts) if acts else []


def _by_id_then_least_committed(reaction: tuple[int, str]) -> tuple[int, int]:
    user_id, emoji = reaction
    return user_id, -COMMITMENT.index(EMOJIS[emoji])


def _play(act: Act, ledger: _Ledger, seen: dict[tuple[int, int], set[str]]) -> bool:
    shown = _note(act, seen)
    if not ledger.takes(act.at):
        return False
    if act.taken_back:
        return ledger.take_back(act, shown)
    return ledger.say(act, act.choice)


def _note(act: Act, seen: dict[tuple[int, int], set[str]]) -> set[str]:
    """Keep the reactions seen in step with the act; give what its member still shows."""
    if act.card_id is None or act.emoji is None:
        return set()
    shown = seen.setdefault((act.card_id, act.user_id), set())
    if act.taken_back:
        shown.discard(act.emoji)
    else:
        shown.add(act.emoji)
    return shown


def _reacting(acts: Iterable[Act]) -> set[tuple[int, int]]:
    """The cards and members of those acts that are reactions."""
    return {(act.card_id, act.user_id) for act in acts if act.card_id is not None}


async def rosters(session: AsyncSession, part_ids: Iterable[int]) -> dict[int, Roster]:
    """The rosters of these parts, as committed."""
    ledgers = await _ledgers(session, part_ids)
    return {part_id: ledger.roster() for part_id, ledger in ledgers.items()}


async def _ledgers(session: AsyncSession, part_ids: Iterable[int]) -> dict[int, _Ledger]:
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
        ledgers[part_id].entries[user_id] = _Entry(said, door)
    for ledger in ledgers.values():
        ledger.stored = frozenset(ledger.entries)
    return ledgers


def _ledger(part: Part, status: EventStatus, starts_at: datetime) -> _Ledger:
    return _Ledger(
        guild_id=part.guild_id,
        part_id=part.id,
        event_id=part.event_id,
        capacity=part.capacity,
        needs_approval=part.needs_approval,
        is_open=status is EventStatus.ANNOUNCED,
        starts_at=starts_at,
        turns=part.turns,
    )


async def _write(session: AsyncSession, ledger: _Ledger) -> None:
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
            delete(Answer).where(Answer.part_id == ledger.part_id, Answer.user_id.in_(gone))
        )
    if known:
        await session.execute(update(Answer), known)
    if new:
        await session.execute(insert(Answer), new)
    if ledger.touched:
        await session.execute(
            update(Part).where(Part.id == ledger.part_id).values(turns=ledger.turns)
        )


def _row(ledger: _Ledger, entry: _Entry) -> dict[str, object]:
    said = entry.said
    return {
        "part_id": ledger.part_id,
        "user_id": said.user_id,
        "guild_id": ledger.guild_id,
        "choice": said.choice,
        "guests": said.guests,
        "approval": said.approval,
        "by_hand": said.by_hand,
        "door": entry.door,
        "turn": said.turn,
        "answered_at": entry.at,
    }


async def _promote(
    session: AsyncSession, ledger: _Ledger, lucky: Sequence[Said], now: datetime
) -> None:
    """Owe each of these a private word that they have a seat, once for each turn."""
    for said in lucky:
        await deliveries.owe(
            session,
            guild_id=ledger.guild_id,
            kind="promotion",
            subject=f"part:{ledger.part_id}:turn:{said.turn}",
            recipient=deliveries.Recipient("user", said.user_id),
            now=now,
            expires_at=min(now + PROMOTION_WINDOW, ledger.starts_at),
        )
