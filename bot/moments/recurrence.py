"""Moments that come back, on the clock of a place."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_time
from dateutil.rrule import rrule, rrulestr
from dateutil.tz import datetime_exists, resolve_imaginary

from bot.errors import UserError
from bot.moments.clock import Hours, read_hours
from bot.moments.days import read_days
from bot.moments.phrase import Phrase, shown
from bot.moments.printing import long, zone_name
from bot.moments.reckoning import Reckoning
from bot.moments.rhythm import Rhythm, read_rhythm
from bot.moments.words import STARTING

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_SIXTY = 60
_AT = {"fr": "à {}", "en": "at {}"}
_CLOCK = {"fr": "H\u00a0'h'\u00a0mm", "en": "HH:mm"}
_FROM = {"fr": "à partir du {}", "en": "starting {}"}


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A moment that comes back: an RFC 5545 rule, its first time on the clock, and whose clock."""

    rule: str
    start: datetime  # without a zone: what the clock of `zone` shows
    zone: str


def recurring(text: str, *, now: datetime, zone: ZoneInfo, usual: str | None = None) -> Recurrence:
    """Read what comes back: « chaque premier mardi à 9 h », "every other Thursday at 7pm".

    It starts at its next time after `now`, or with the day after « à partir du », which for a
    meeting every two weeks also decides in which. Without an hour it gets that of `usual`.

    Raises:
        UserError: if it does not come back, or has no hour, or an end: that is for its editions.
    """
    phrase = Phrase.of(text)
    reckoning = Reckoning.of(phrase, zone)
    rhythm = read_rhythm(phrase)
    if rhythm is None or reckoning.written:
        raise UserError("moments.not_recurring", words=shown(text))
    local = now.astimezone(zone).replace(tzinfo=None)
    first = _first_day(phrase, local.date())
    found = read_hours(phrase)
    if phrase.left:
        raise UserError("moments.not_recurring", words=shown(phrase.left))
    clock = _clock(found, usual, text)
    earliest = datetime.combine(first, time()) if first else local
    # Whatever the interval, the next such day is the first: the interval counts from there.
    nearest = _rule(replace(rhythm, every=1).rule, datetime.combine(earliest, clock))
    start = next(iter(nearest.xafter(earliest, inc=True)))
    return Recurrence(rhythm.rule, start, zone.key)


def occurrences(recurrence: Recurrence, *, after: datetime, before: datetime) -> Iterator[datetime]:
    """Tell when it comes back after `after` and until `before`, which still counts.

    The clock shows the same hour all year round. Where clocks go forward over that hour it is as
    much later as they jump; where they show it twice, the first time counts. A month that has no
    31st is left out, and so is one without a fifth Tuesday.
    """
    zone = ZoneInfo(recurrence.zone)
    around = after.astimezone(zone).replace(tzinfo=None) - _DAY
    for wall in _rule(recurrence.rule, recurrence.start).xafter(around, inc=True):
        moment = wall.replace(tzinfo=zone)
        if not datetime_exists(moment):
            moment = resolve_imaginary(moment)
        instant = moment.astimezone(UTC)
        if instant > before:
            return
        if instant > after:
            yield moment


def in_words(recurrence: Recurrence, locale: str) -> str:
    """Print it: « chaque premier mardi du mois à 9 h 00, heure de Paris ».

    `recurring` reads it back. What comes less often than every week or month also says from when.
    """
    rhythm = Rhythm.of(recurrence.rule)
    clock = format_time(recurrence.start.time(), _CLOCK[locale], locale=locale)
    words = [f"{rhythm.in_words(locale)} {_AT[locale].format(clock)}"]
    if rhythm.every > 1:
        words.append(_FROM[locale].format(long(recurrence.start, locale)))
    return ", ".join([*words, zone_name(ZoneInfo(recurrence.zone), locale)])


def _rule(rule: str, start: datetime) -> rrule:
    parsed = rrulestr(rule, dtstart=start)
    if not isinstance(parsed, rrule):
        raise TypeError(rule)
    return parsed


def _first_day(phrase: Phrase, today: date) -> date | None:
    """Take « à partir du 13 janvier »; a day that is over counts too, if it has its year.

    Raises:
        UserError: if a day is written in any other way.
    """
    begins = phrase.take(STARTING)
    days = read_days(phrase, today)
    if not days.candidates:
        return None
    if begins is None:
        raise UserError("moments.not_recurring", words=shown(phrase.text))
    first = next((day for day in days.candidates if day >= today), days.candidates[-1])
    days.check(first)
    return first


def _clock(found: Hours | None, usual: str | None, text: str) -> time:
    """Tell the hour that was written, or the usual one.

    Raises:
        UserError: if there is none, or if it has an end.
    """
    if found is None and usual:
        found = read_hours(Phrase.of(usual))
    elif found and found.end:
        raise UserError("moments.recurring_end")
    if found is None:
        raise UserError("moments.no_hour")
    if found.start >= _DAY:  # « jeudi à 24 h » is Friday
        raise UserError("moments.not_recurring", words=shown(text))
    return time(*divmod(found.start // _MINUTE, _SIXTY))
