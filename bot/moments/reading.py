from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import UserError
from bot.moments.clock import Hours, read_hours
from bot.moments.days import Days, read_days
from bot.moments.phrase import Phrase, shown, unreadable
from bot.moments.reckoning import Reckoning
from bot.moments.spans import amount
from bot.moments.words import (
    AROUND,
    DATES,
    IN_HOURS,
    NEAR_DAYS,
    OFFSET,
    ON_WEEKDAY,
    UNTIL,
    VAGUE,
)

_ANY_DAY = date(2000, 1, 1)
# « Du 16 au 15 janvier » is a mistake, not a year.
_LONGEST = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment as someone wrote it. Without a time of day, `start` is the midnight of its day."""

    start: datetime
    end: datetime | None
    has_time: bool


def parse(text: str, *, now: datetime, zone: ZoneInfo) -> Moment:
    """Read a date, with or without year, hour and end, as seen from `now` in `zone`.

    What is left open means the next such moment: « 22 décembre », « samedi », « 18 h ». « samedi
    prochain » and "next Saturday" are the first one after today; « à minuit » begins the day;
    3/4/2026 is the third of April. « du 15 janvier 18 h au 16 janvier 2 h » is one moment, « du 15
    au 17 janvier » is none.

    Raises:
        UserError: if a word is not understood, or the moment is past, does not exist, exists
            twice, disagrees with its weekday, or ends before it begins.
    """
    phrase = Phrase.of(text)
    reckoning = Reckoning.of(phrase, zone)
    if length := phrase.take(IN_HOURS):
        phrase.finish()
        start = now.astimezone(UTC) + amount(length)
        return Moment(start.astimezone(zone).replace(second=0, microsecond=0), None, has_time=True)
    if halves := _halves(phrase):
        return _through(*halves, now, reckoning)
    return _read(phrase, now, reckoning)


def hours(text: str, *, on: datetime, zone: ZoneInfo, now: datetime | None = None) -> Moment:
    """Read an hour, or two, on the day that `on` is in `zone`: « 14 h », « de 14 h à 15 h 30 ».

    A day may be written too, and is seen from that day: « le lendemain à 9 h », « vendredi », « 16
    janvier » are the ones nearest to it. What is over at `now` is refused; None allows it.

    Raises:
        UserError: as for `parse`, or if there is no hour.
    """
    phrase = Phrase.of(text)
    reckoning = Reckoning.of(phrase, zone)
    today = reckoning.today(on)
    if halves := _halves(phrase):
        moment = _through(*halves, datetime.combine(today, time(), zone), reckoning)
    else:
        moment = _on(today, phrase, reckoning)
    if now and moment.start.timestamp() < now.timestamp():
        raise UserError("moments.past")
    return moment


def complete(moment: Moment, usual: str, *, now: datetime, zone: ZoneInfo) -> Moment:
    """Give a moment that has no time of day the `usual` one: « 18h30 », « 14h-18h ».

    Raises:
        UserError: if it is over by then, or that day does not have that hour.
    """
    return moment if moment.has_time else hours(usual, on=moment.start, zone=zone, now=now)


def published(text: str) -> date | None:
    """Read a day with its year, as articles print it; None if `text` is anything else."""
    try:
        phrase = Phrase.of(text)
        phrase.take(OFFSET)
        days = read_days(phrase, _ANY_DAY)  # a day with its year is the same from any day
        read_hours(phrase)
        phrase.finish()
        if not days.dated:
            return None
        [day] = days.candidates
        days.check(day)
    except UserError:
        return None
    return day


def _read(phrase: Phrase, now: datetime, reckoning: Reckoning) -> Moment:
    """Read one day, or none, and its hours, or none."""
    today = reckoning.today(now)
    days = read_days(phrase, today)
    _refuse_vague(phrase, days)
    found = read_hours(phrase)
    phrase.finish()
    if not days.candidates and not found:
        raise unreadable(phrase.text)
    candidates = days.candidates or [today, today + timedelta(days=1)]
    day = _next(candidates, found, now, reckoning)
    days.check(day)
    return _moment(day, found, reckoning)


def _on(today: date, phrase: Phrase, reckoning: Reckoning) -> Moment:
    """Read hours on `today`, or on the day that is written with them."""
    around = next((days for days, word in AROUND if phrase.take(word)), 0)
    days = read_days(phrase, today) if not around else Days([today + timedelta(days=around)])
    found = read_hours(phrase)
    phrase.finish()
    if found is None:
        raise UserError("moments.no_hour")
    day = min(days.candidates or [today], key=lambda day: abs(day - today))
    days.check(day)
    return _moment(day, found, reckoning)


def _refuse_vague(phrase: Phrase, days: Days) -> None:
    """Refuse « fin janvier » where no day is written."""
    if not days.candidates and (match := phrase.find(VAGUE)):
        raise UserError("moments.vague", words=phrase.written(match))


def _halves(phrase: Phrase) -> tuple[Phrase, Phrase] | None:
    """Part a phrase that goes from one day and hour to another day and hour."""
    for gap in UNTIL.finditer(phrase.rest):
        start, end = gap.span()
        first = Phrase(phrase.text[:start], phrase.rest[:start])
        last = Phrase(phrase.text[end:], phrase.rest[end:])
        if _is_whole(first) and _is_whole(last):
            return first, last
    return None


def _is_whole(half: Phrase) -> bool:
    """Whether a day and an hour are written."""
    phrase = replace(half)
    near = [word for _, word in NEAR_DAYS]
    try:
        return bool(phrase.take(*DATES, ON_WEEKDAY, *near)) and read_hours(phrase) is not None
    except UserError:
        return False


def _through(first: Phrase, last: Phrase, now: datetime, reckoning: Reckoning) -> Moment:
    """Read a moment that goes on into another day; its end is the next such one after its start.

    Raises:
        UserError: as for `parse`.
    """
    start = _read(first, now, reckoning)
    try:
        end = _read(replace(last), now, reckoning)
        if end.start.timestamp() <= start.start.timestamp():
            end = _read(last, start.start, reckoning)
    except UserError as error:
        if error.key != "moments.past":
            raise
        raise _reversed(first.text, last.text) from None
    if start.end or end.end:
        raise unreadable(f"{first.text} … {last.text}")
    if not 0 < end.start.timestamp() - start.start.timestamp() <= _LONGEST.total_seconds():
        raise _reversed(first.text, last.text)
    return Moment(start.start, end.start, has_time=True)


def _reversed(start: str, end: str) -> UserError:
    return UserError("moments.end_before_start", start=shown(start), end=shown(end))


def _next(days: Sequence[date], found: Hours | None, now: datetime, reckoning: Reckoning) -> date:
    """Find the first of `days` that is not over.

    Raises:
        UserError: if all of them are.
    """
    for day in days:
        if found is None:
            if day >= reckoning.today(now):
                return day
        elif reckoning.guess(day, found.start).timestamp() >= now.timestamp():
            return day
    raise UserError("moments.past")


def _moment(day: date, found: Hours | None, reckoning: Reckoning) -> Moment:
    """Place what was written on the zone's clock."""
    if found is None:
        return Moment(reckoning.midnight(day), None, has_time=False)
    start = reckoning.exact(day, found.start)
    if found.end is None:
        return Moment(start, None, has_time=True)
    end = reckoning.exact(day, found.end)
    if end.timestamp() <= start.timestamp():
        raise _reversed(f"{start:%H:%M}", f"{end:%H:%M}")
    return Moment(start, end, has_time=True)
