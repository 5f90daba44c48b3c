import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dateutil.relativedelta import MO, relativedelta
from dateutil.relativedelta import weekday as on_weekday

from bot.errors import UserError
from bot.moments.phrase import Phrase
from bot.moments.printing import DayInWords
from bot.moments.words import (
    DATES,
    DAY_NUMBERS,
    DAYS_AGO,
    IN_DAYS,
    MONTHS,
    NEAR_DAYS,
    ON_WEEKDAY,
    STEPS,
    WEEKDAYS,
    number,
)

_YEARS = 9  # however the leap years fall, a 29 February is among them
_MONTHS = 12
_CENTURY = 2000


@dataclass(frozen=True, slots=True)
class Days:
    """The days that were written: one, or each that it can be where something was left open."""

    candidates: Sequence[date] = ()  # in order; none if no day was written
    dated: bool = False  # with a year
    weekday: int | None = None  # what the day has to be
    weekday_written: str = ""

    def check(self, day: date) -> None:
        """Make sure that `day` falls on the weekday that was written.

        Raises:
            UserError: if it does not, naming the day.
        """
        if self.weekday not in {None, day.weekday()}:
            raise UserError(
                "moments.weekday_mismatch", written=self.weekday_written, day=DayInWords(day)
            )


def read_days(phrase: Phrase, today: date) -> Days:
    """Take a day from `phrase`, as seen from `today`.

    Raises:
        UserError: if there is no such day.
    """
    days = _dates(phrase, today) or _days_of_month(phrase, today) or _near_days(phrase, today)
    match = phrase.take(ON_WEEKDAY)
    if match is None:
        return days or Days()
    named = days or Days(_weekdays(match, today))
    weekday = WEEKDAYS[match["weekday"]]
    return replace(named, weekday=weekday, weekday_written=phrase.written(match, "weekday"))


def _dates(phrase: Phrase, today: date) -> Days | None:
    """Take a day and a month; without a year it can be in any year from this one on."""
    match = phrase.take(*DATES)
    if match is None:
        return None
    year = match.groupdict().get("year")
    years = range(today.year, today.year + _YEARS) if year is None else [_year(year)]
    month = MONTHS.get(match["month"]) or int(match["month"])
    day = number(match["day"] or match["word"])
    existing = _existing(((year, month, day) for year in years), phrase.written(match))
    return Days(existing, dated=year is not None)


def _year(written: str) -> int:
    return int(written) + (_CENTURY if len(written) == len("26") else 0)


def _days_of_month(phrase: Phrase, today: date) -> Days | None:
    """Take « jeudi 15 » or "the 15th": in this month or any of those that follow."""
    match = phrase.take(*DAY_NUMBERS)
    if match is None:
        return None
    months = (today + relativedelta(months=ahead) for ahead in range(_MONTHS))
    day = number(match["day"])
    return Days(
        _existing(((month.year, month.month, day) for month in months), phrase.written(match))
    )


def _existing(numbers: Iterable[tuple[int, int, int]], written: str) -> list[date]:
    """Keep those years, months and days that the calendar has.

    Raises:
        UserError: if it has none of them.
    """
    days: list[date] = []
    for year, month, day in numbers:
        try:
            days.append(date(year, month, day))
        except ValueError:  # 30 February
            continue
    if not days:
        raise UserError("moments.no_such_day", words=written)
    return days


def _near_days(phrase: Phrase, today: date) -> Days | None:
    """Take « demain », « ce soir », « dans 3 jours » or « hier »."""
    if match := phrase.take(IN_DAYS):
        return Days([today + number(match["count"]) * STEPS[match["unit"]]])
    if match := phrase.take(*DAYS_AGO):
        return Days([today - number(match["count"]) * STEPS[match["unit"]]])
    for distance, word in NEAR_DAYS:
        if phrase.take(word):
            return Days([today + timedelta(days=distance)])
    return None


def _weekdays(match: re.Match[str], today: date) -> list[date]:
    """Find the weekday that was named: the next one, or the one that « prochain » or so picks."""
    weekday = on_weekday(WEEKDAYS[match["weekday"]])
    following = today + relativedelta(days=1, weekday=weekday)
    match match["before"] or match["after"]:
        case None:
            return [today + relativedelta(weekday=weekday), following]
        case "prochain" | "next":
            return [following]
        case "en huit" | "en 8":
            return [following + timedelta(weeks=1)]
        case "en quinze" | "en 15":
            return [following + timedelta(weeks=2)]
        case _:  # « de la semaine prochaine », "next week"
            monday = today + relativedelta(days=1, weekday=MO)
            return [monday + relativedelta(weekday=weekday)]
