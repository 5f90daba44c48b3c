"""What members said about the parts of an event: one ledger, whatever door they came through."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.events import emojis, ledger, reactions
from bot.events.ledger import Ledger, Refusal
from bot.events.programme import OpenCard
from bot.events.seats import Roster, Said
from bot.tables import Choice, Door

# Only an answer that came by an emoji goes with it.
BY_EMOJI = (Door.REACTION, Door.RECONCILIATION)

Saying: TypeAlias = tuple[int, Choice | None]


@dataclass(frozen=True, slots=True)
class Act:
    """Something a member did, before anyone knows what it changes.

    `says` gives, for each part it is about (by id), the answer; None takes it back. A reaction
    carries its card and emojis, the event's parts in order, and `taken_back` when it was removed:
    then only an answer that came by an emoji goes, and an emoji still shown speaks instead.
    """

    guild_id: int
    user_id: int
    says: tuple[Saying, ...]
    door: Door
    at: datetime
    # How many guests, in all, to bring to these parts; None leaves them as they are.
    guests: int | None = None
    # The member's roles, where they are known; a restricted part wants one of its own.
    roles: frozenset[int] = frozenset()
    card_id: int | None = None
    emojis: tuple[str, ...] = ()
    parts: tuple[int, ...] = ()
    taken_back: bool = False
    # Somebody took these emojis off the card altogether: that is nobody's answer.
    swept: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member stands in a part after an act, and whether the act changed it."""

    part_id: int
    said: Said | None
    roster: Roster
    changed: bool
    refusal: Refusal | None = None

    @property
    def choice(self) -> Choice | None:
        """What they say now, if anything."""
        return self.said.choice if self.said else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an act, in each part it was about, as things stand when all is written.

    `shown` are the emojis that the member still shows on the card of a reaction.
    """

    event_id: int
    user_id: int
    standings: tuple[Standing, ...]
    card_id: int | None = None
    shown: frozenset[str] = frozenset()

    @property
    def changed(self) -> bool:
        """Whether anything is different from before."""
        return any(standing.changed for standing in self.standings)


@dataclass(frozen=True, slots=True)
class _Played:
    """An act and what each of its sayings did: changed something, or why not."""

    act: Act
    results: tuple[bool | Refusal, ...]
    shown: frozenset[str]


async def play(session: AsyncSession, acts: Sequence[Act]) -> list[Outcome]:
    """Play acts in the order they came, as one thing that happened.

    Each part they touch is loaded once, decided by `seat()`, and the differences are written:
    answers, turns, reactions seen, and a private notice to whoever now has a seat.

    Returns:
        An outcome for each act, as things stand after all of them; a sweep's is about no part.

    Raises:
        UserError: if there is no such part in the act's guild.
    """
    ledgers = await ledger.load(session, {part_id for act in acts for part_id, _ in act.says})
    for act in acts:
        for part_id, _ in act.says:
            if part_id not in ledgers or ledgers[part_id].terms.guild_id != act.guild_id:
                raise UserError("rsvp.gone")
    seen = await reactions.seen(session, _reacting(acts))
    played = [_play(act, ledgers, seen) for act in acts]
    for act in acts:
        if act.swept and act.card_id is not None:
            await reactions.sweep(session, act.card_id, act.emojis)
    await reactions.store(session, seen)
    after = await ledger.save(session, ledgers.values(), now=acts[-1].at)
    return [_outcome(one, ledgers, after) for one in played]


async def reconcile(
    session: AsyncSession,
    card: OpenCard,
    *,
    present: Mapping[str, Collection[int]],
    now: datetime,
    swept: Collection[str] = (),
    leave_alone: Collection[int] = (),
    roles: Mapping[int, frozenset[int]] | None = None,
) -> list[Outcome]:
    """Play the differences between the reactions on a card and those last seen on it.

    Args:
        present: for each emoji whose whole list could be read, who shows it. What could not
            be read whole is absent, and nobody is withdrawn for it.
        now: when; newcomers take their turns after everyone known, in the order of their ids,
            for a list has no times.
        swept: emojis that someone took off the card altogether: that is nobody's answer.
        leave_alone: members who reacted while the lists were being read: their own events tell.
        roles: of members whose roles were looked up, for parts restricted to some.
    """
    known = {it for it in await reactions.of_card(session, card.card_id) if it[1] in present}
    there = {(user_id, emoji) for emoji, users in present.items() for user_id in users}
    new = [it for it in there - known if it[0] not in leave_alone]
    lost = [it for it in known - there if it[0] not in leave_alone]
    gone = [it for it in lost if it[1] not in swept]
    await reactions.forget(session, card.card_id, set(lost) - set(gone))
    # Arrivals first: an emoji exchanged for another is one change of mind, not a departure.
    acts = [
        Act(
            guild_id=card.guild_id,
            user_id=user_id,
            says=tuple(emojis.says(those, card.parts).items()),
            door=Door.RECONCILIATION,
            at=now,
            roles=(roles or {}).get(user_id, frozenset()),
            card_id=card.card_id,
            emojis=those,
            parts=card.parts,
            taken_back=taken_back,
        )
        for found, taken_back in ((_by_member(new), False), (_one_by_one(gone), True))
        for user_id, those in found
    ]
    return await play(session, acts) if acts else []


def _by_member(found: Iterable[tuple[int, str]]) -> list[tuple[int, tuple[str, ...]]]:
    """All of a member's new emojis at once: the one that commits most counts."""
    members: dict[int, list[str]] = {}
    for user_id, emoji in sorted(found):
        members.setdefault(user_id, []).append(emoji)
    return [(user_id, tuple(those)) for user_id, those in members.items()]


def _one_by_one(found: Iterable[tuple[int, str]]) -> list[tuple[int, tuple[str, ...]]]:
    return [(user_id, (emoji,)) for user_id, emoji in sorted(found)]


def _play(
    act: Act, ledgers: Mapping[int, Ledger], seen: dict[tuple[int, int], set[str]]
) -> _Played:
    if act.swept:
        _sweep(act, seen)
        return _Played(act, (), frozenset())
    shown = _note(act, seen)
    still = emojis.says(shown, act.parts) if act.taken_back else {}
    results = tuple(
        _answer(act, ledgers[part_id], choice, still.get(part_id)) for part_id, choice in act.says
    )
    if results and all(isinstance(it, Refusal) for it in results):
        # Not seen, so that it counts when answers are open again and it is still shown.
        _forget(act, seen)
    return _Played(act, results, frozenset(shown))


def _answer(act: Act, part: Ledger, choice: Choice | None, still: Choice | None) -> bool | Refusal:
    """Do to one part what an act says about it; `still` is what the emojis left say."""
    if act.taken_back:
        entry = part.entries.get(act.user_id)
        if entry is None or entry.said.choice is not choice or entry.door not in BY_EMOJI:
            return False
        choice = still
    changed = _change(act, part, choice)
    if act.guests is None or isinstance(changed, Refusal):
        return changed
    return _bring(act, part, act.guests) or changed


def _change(act: Act, part: Ledger, choice: Choice | None) -> bool | Refusal:
    said = part.said(act.user_id)
    known = said.choice if said else None
    if known is choice:
        return False
    refusal = part.terms.refuses(choice, act.at, known=known)
    if refusal is None and choice in {Choice.YES, Choice.MAYBE}:
        refusal = _role_missing(act, part)
    if refusal is not None:
        return refusal
    if choice is None:
        return part.withdraw(act.user_id)
    return part.say(act.user_id, choice, act.door, act.at)


def _bring(act: Act, part: Ledger, guests: int) -> bool | Refusal:
    said = part.said(act.user_id)
    if said is not None and said.guests == guests:
        return False
    fewer = said is not None and guests < said.guests
    refusal = part.terms.refuses(None if fewer else Choice.YES, act.at)
    return refusal or part.bring(act.user_id, guests) or True


def _role_missing(act: Act, part: Ledger) -> Refusal | None:
    wanted = part.terms.roles
    return Refusal.ROLES if wanted and wanted.isdisjoint(act.roles) else None


def _note(act: Act, seen: dict[tuple[int, int], set[str]]) -> set[str]:
    """Keep the reactions seen in step with the act; give what its member still shows."""
    if act.card_id is None:
        return set()
    shown = seen.setdefault((act.card_id, act.user_id), set())
    if act.taken_back:
        shown.difference_update(act.emojis)
    else:
        shown.update(act.emojis)
    return set(shown)


def _forget(act: Act, seen: dict[tuple[int, int], set[str]]) -> None:
    if act.card_id is not None and not act.taken_back:
        seen[act.card_id, act.user_id].difference_update(act.emojis)


def _sweep(act: Act, seen: dict[tuple[int, int], set[str]]) -> None:
    for (card_id, _), shown in seen.items():
        if card_id == act.card_id:
            shown.difference_update(act.emojis)


def _outcome(one: _Played, ledgers: Mapping[int, Ledger], after: Mapping[int, Roster]) -> Outcome:
    act = one.act
    standings = tuple(
        Standing(
            part_id=part_id,
            said=ledgers[part_id].said(act.user_id),
            roster=after[part_id],
            changed=result is True,
            refusal=result if isinstance(result, Refusal) else None,
        )
        for (part_id, _), result in zip(act.says, one.results, strict=True)
    )
    event_id = ledgers[act.says[0][0]].terms.event_id if act.says else 0
    return Outcome(event_id, act.user_id, standings, act.card_id, one.shown)


def _reacting(acts: Iterable[Act]) -> set[tuple[int, int]]:
    """The cards and members of those acts that are reactions."""
    return {(act.card_id, act.user_id) for act in acts if act.card_id is not None and act.says}
