"""Who has a seat and who waits: computed from the answers, never stored."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bot.tables import Approval, Choice


@dataclass(frozen=True, slots=True)
class Said:
    """What one member said about one part, as far as seats depend on it."""

    user_id: int
    choice: Choice
    turn: int | None = None
    guests: int = 0
    approval: Approval = Approval.NOT_NEEDED
    by_hand: bool = False

    @property
    def in_line(self) -> bool:
        """Whether it asks for a seat now: a refused or undecided yes does not."""
        return self.choice is Choice.YES and self.turn is not None

    @property
    def size(self) -> int:
        """Seats it needs: the member and their guests."""
        return 1 + self.guests


@dataclass(frozen=True, slots=True)
class Roster:
    """A part's answers, each in its place. Seated and waiting stand in the order of their turns."""

    seated: tuple[Said, ...] = ()
    waiting: tuple[Said, ...] = ()
    pending: tuple[Said, ...] = ()
    maybe: tuple[Said, ...] = ()
    declined: tuple[Said, ...] = ()
    refused: tuple[Said, ...] = ()
    capacity: int | None = None

    def place(self, user_id: int) -> int | None:
        """The place in the waiting list, from 1; None for who does not wait."""
        for place, said in enumerate(self.waiting, 1):
            if said.user_id == user_id:
                return place
        return None

    def has_seat(self, user_id: int) -> bool:
        """Whether this member is seated."""
        return any(said.user_id == user_id for said in self.seated)


def seat(answers: Iterable[Said], capacity: int | None) -> Roster:
    """Give seats to those who said yes, in the order of their turns, until `capacity` is reached.

    The others wait, in the same order: a group that does not fit waits whole, and nobody
    overtakes it, but for one larger than all the seats there are, which would wait for ever. A
    seat given by hand stands outside the capacity. No capacity means no limit.
    """
    said = sorted(answers, key=lambda answer: (answer.turn or 0, answer.user_id))
    seated, waiting = _placed([answer for answer in said if answer.in_line], capacity)
    return Roster(
        seated=tuple(seated),
        waiting=tuple(waiting),
        pending=tuple(a for a in said if a.approval is Approval.PENDING and not a.in_line),
        maybe=tuple(answer for answer in said if answer.choice is Choice.MAYBE),
        declined=tuple(answer for answer in said if answer.choice is Choice.NO),
        refused=tuple(a for a in said if a.approval is Approval.REFUSED and not a.in_line),
        capacity=capacity,
    )


def promoted(before: Roster, after: Roster, requeued: Collection[int] = ()) -> tuple[Said, ...]:
    """Those who waited and now have a seat, in order: each of them is to be told once.

    Args:
        before: who waited.
        after: who has a seat now.
        requeued: those given another turn without having left: for them the turn is no matter.
    """
    waited = {(said.user_id, said.turn) for said in before.waiting}
    users = {said.user_id for said in before.waiting} & {*requeued}
    return tuple(
        said
        for said in after.seated
        if (said.user_id, said.turn) in waited or said.user_id in users
    )


def unseated(before: Roster, after: Roster) -> tuple[Said, ...]:
    """Those who had a seat and now wait at the head of the line, in order."""
    had = {(said.user_id, said.turn) for said in before.seated}
    return tuple(said for said in after.waiting if (said.user_id, said.turn) in had)


def heads(answers: Sequence[Said]) -> int:
    """How many people these answers stand for, guests counted."""
    return sum(answer.size for answer in answers)


def fits(said: Said, capacity: int | None) -> bool:
    """Whether a group could ever be seated: it is not larger than all the seats there are."""
    return said.by_hand or capacity is None or said.size <= capacity


def _placed(line: Sequence[Said], capacity: int | None) -> tuple[list[Said], list[Said]]:
    """Part a line into those who are seated and those who wait."""
    if capacity is None:
        return list(line), []
    seated: list[Said] = []
    waiting: list[Said] = []
    free, full = capacity, False
    for answer in line:
        if answer.by_hand:
            seated.append(answer)
        elif not fits(answer, capacity):
            waiting.append(answer)
        elif full or answer.size > free:
            full = True
            waiting.append(answer)
        else:
            free -= answer.size
            seated.append(answer)
    return seated, waiting
