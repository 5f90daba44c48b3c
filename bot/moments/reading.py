from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.errors import UserError
from bot.moments.clock import Hours, read_hours
from bot.moments.days import read_days
from bot.moments.phrase import Phrase, unreadable
from bot.moments.reckoning import Reckoning
from bot.moments.words import IN_HOURS, OFFSET, SPANS, number


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
    3/4/2026 is the third of April.

    Raises:
        UserError: if a word is not understood, or the moment is past, does not exist, exists
            twice, disagrees with its weekday, or ends before it begins.
    """
    phrase = Phrase.of(text)
    reckoning = Reckoning.of(phrase, zone)
    if span := phrase.take(IN_HOURS):
        phrase.finish()
        start = now.astimezone(UTC) + number(span["count"]) * SPANS[span["unit"]]
        return Moment(start.astimezone(zone).replace(second=0, microsecond=0), None, has_time=True)
    today = reckoning.today(now)
    days = read_days(phrase, today)
    hours = read_hours(phrase)
    phrase.finish()
    if not days.candidates and not hours:
        raise unreadable(text)
    candidates = days.candidates or [today, today + timedelta(days=1)]
    day = _next(candidates, hours, now, reckoning)
    days.check(day)
    return _moment(day, hours, reckoning)


def published(text: str) -> date | None:
    """Read a day with its year, as articles print it; None if `text` is anything else."""
    try:
        phrase = Phrase.of(text)
        phrase.take(OFFSET)
        days = read_days(phrase, date.min)  # a day with its year is the same from any day
        read_hours(phrase)
        phrase.finish()
        if not days.dated:
            return None
        [day] = days.candidates
        days.check(day)
    except UserError:
        return None
    return day


def _next(days: Sequence[date], hours: Hours | None, now: datetime, reckoning: Reckoning) -> date:
    """Find the first of `days` that is not over.

    Raises:
        UserError: if all of them are.
    """
    for day in days:
        if hours is None:
            if day >= reckoning.today(now):
                return day
        elif reckoning.guess(day, hours.start).timestamp() >= now.timestamp():
            return day
    raise UserError("moments.past")


def _moment(day: date, hours: Hours | None, reckoning: Reckoning) -> Moment:
    """Place what was written on the zone's clock."""
    if hours is None:
        return Moment(reckoning.midnight(day), None, has_time=False)
    start = reckoning.exact(day, hours.start)
    if hours.end is None:
        return Moment(start, None, has_time=True)
    end = reckoning.exact(day, hours.end)
    if end.timestamp() <= start.timestamp():
        raise UserError("moments.end_before_start", start=f"{start:%H:%M}", end=f"{end:%H:%M}")
    return Moment(start, end, has_time=True)
