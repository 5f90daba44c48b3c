import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from bot.moments.phrase import Phrase, unreadable
from bot.moments.words import FRACTIONS, HOURS, NAMED_HOURS, PART, TIMES, number

_DAY = timedelta(days=1)
_EVENING = timedelta(hours=18)
_DAWN = timedelta(hours=6)
_HOUR = timedelta(hours=1)
_SIXTY = 60
_TWELVE = 12


@dataclass(frozen=True, slots=True)
class Hours:
    """When something begins and ends, counted from the midnight before its day."""

    start: timedelta
    end: timedelta | None = None


def read_hours(phrase: Phrase) -> Hours | None:
    """Take a time of day, or a beginning and an end, from `phrase`; None if there is none.

    « de 22 h à 2 h » and « de 20 h à minuit » end on the next day. A bare number is an hour only
    beside one that is written in full ("6 to 9 pm") or with a part of the day ("tonight at 8").

    Raises:
        UserError: if the numbers are no time of day.
    """
    match = phrase.find(*TIMES)
    clocks = _clocks(match) if match else []
    clear = any(clock.clear for clock in clocks)
    if match and clear:
        phrase.remove(match)  # first, for its « du soir » is its own
    part_of_day = phrase.take(PART)
    if match is None or not (clear or (part_of_day and _is_hour(match))):
        return None
    phrase.remove(match)
    hours = _together(clocks, part_of_day.lastgroup if part_of_day else None)
    if hours is None:
        raise unreadable(phrase.written(match))
    return hours


def _is_hour(match: re.Match[str]) -> bool:
    """Whether bare numbers stand where hours do: « à 8 », « de 8 à 10 »."""
    found = match.groupdict()
    return "hour2" in found or found["at"] is not None


@dataclass(frozen=True, slots=True)
class _Clock:
    """A time of day as written; which half of the day it means may depend on its neighbours."""

    hour: int
    rest: timedelta | None  # minutes and seconds; None if no hour has that many
    named: bool  # noon, midnight
    unit: str | None
    part: str | None  # a key of HOURS

    @classmethod
    def of(cls, match: re.Match[str], which: str) -> Self:
        """Read the groups of `match` whose names end in `which`."""
        found = {
            name.removesuffix(which): words
            for name, words in match.groupdict().items()
            if name.endswith(which) and words is not None
        }
        minutes, seconds = (int(found.get(name, 0)) for name in ("minute", "second"))
        fraction = FRACTIONS.get(found.get("fraction") or found.get("past", ""), 0)
        possible = max(minutes, seconds) < _SIXTY and not (minutes and fraction)
        return cls(
            hour=number(found["hour"]),
            rest=timedelta(minutes=minutes + fraction, seconds=seconds) if possible else None,
            named=found["hour"] in NAMED_HOURS,
            unit=found.get("unit"),
            part=next((part for part in HOURS if part in found), None),
        )

    @property
    def clear(self) -> bool:
        """Whether this is a time of day by itself: "18.30" could be a date."""
        return self.named or self.part is not None or self.unit not in {None, "."}

    def at(self, part: str | None) -> timedelta | None:
        """Tell the time since midnight, taken to be in `part` of the day; None if it cannot be."""
        hours = [hour for hour in self._readings() if hour in HOURS[part]] if part else [self.hour]
        if not hours or self.rest is None:
            return None
        elapsed = timedelta(hours=hours[0]) + self.rest
        return elapsed if timedelta() <= elapsed <= _DAY else None

    def _readings(self) -> list[int]:
        if self.named or self.hour == 0:
            return [self.hour, self.hour + 24]
        again = [self.hour + 12, self.hour + 24]
        return [self.hour, *again, *([0] if self.hour == _TWELVE else [])]


def _clocks(match: re.Match[str]) -> list[_Clock]:
    return [_Clock.of(match, which) for which in "12" if match.groupdict().get(f"hour{which}")]


def _together(clocks: Sequence[_Clock], part: str | None) -> Hours | None:
    """Read one or two times; None if they cannot be."""
    first, *others = clocks
    if not others:
        start = first.at(first.part or part)
        return Hours(start) if start is not None and _within(start, part) else None
    start, end = _range(first, others[0], part)
    if start is None or end is None or not _within(start, part):
        return None
    return Hours(start, _overnight(start, end))


def _within(start: timedelta, part: str | None) -> bool:
    """Whether a start is in the part of the day beside it: « 8 h du matin ce soir » is not."""
    return part is None or start // _HOUR in HOURS[part]


def _range(
    first: _Clock, second: _Clock, part: str | None
) -> tuple[timedelta | None, timedelta | None]:
    """Read two times: what one of them leaves open, the other or the part of the day tells."""
    if known := first.part or part:
        start = first.at(known)
        ends = [second.at(second.part)] if second.part else [second.at(known), second.at(None)]
        return start, next((end for end in ends if start and end and start < end), ends[-1])
    end = second.at(second.part)
    starts = [first.at(second.part), first.at(None)]
    fitting = (start for start in starts if start is not None and end and start < end)
    return next(fitting, starts[-1]), end


def _overnight(start: timedelta, end: timedelta) -> timedelta:
    """Move an end that can only be in the night that follows to the next day."""
    midnight = end == timedelta()
    late = start >= _EVENING and end <= _DAWN
    return end + _DAY if midnight or late else end
