"""The words and shapes of dates in French and English, as patterns over folded text.

Numeric dates are day first, always: 03/04/2026 is 3 April, also for those who write in English.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from babel.dates import get_day_names, get_month_names
from dateutil.relativedelta import relativedelta

LANGUAGES = ("fr", "en")


def fold(text: str) -> str:
    """Write `text` in plain small letters, hyphens, apostrophes and spaces.

    Every character stays in its place, so that a match also says where the original stands.
    """
    return "".join(map(_fold_character, text))


def _fold_character(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] in "ZC":  # spaces, line breaks, invisible marks
        return " "
    if category == "Pd" or character == "−":
        return "-"
    if character in "’‘ʼ´`":
        return "'"
    decomposed = unicodedata.normalize("NFKD", character)
    small = decomposed[0].lower()
    return (
        small if len(small) == 1 and all(map(unicodedata.combining, decomposed[1:])) else character
    )


def _names(*tables: Mapping[Any, str]) -> dict[str, int]:
    """Number the folded names of CLDR's tables, without the dots of abbreviations."""
    return {fold(name).rstrip("."): int(key) for table in tables for key, name in table.items()}


def _one_of(words: Iterable[str]) -> str:
    """Match any of `words`, the longest first."""
    return f"(?:{'|'.join(sorted(map(re.escape, words), key=len, reverse=True))})"


def _whole(pattern: str) -> re.Pattern[str]:
    """Compile a pattern that neither begins nor ends within a word or a number."""
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Compile a pattern for any of `words`, which are folded."""
    return _whole(_one_of(words))


def number(written: str) -> int:
    """Read a number in figures or in words."""
    return int(written) if written.isdecimal() else _NUMBERS[written]


MONTHS = _names(
    *(get_month_names("wide", locale=locale) for locale in LANGUAGES),
    *(get_month_names("abbreviated", locale=locale) for locale in LANGUAGES),
) | {"fev": 2, "juill": 7, "sept": 9}
WEEKDAYS = _names(
    *(get_day_names("wide", locale=locale) for locale in LANGUAGES),
    *(get_day_names("abbreviated", locale=locale) for locale in LANGUAGES),
) | {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}
_COUNTED = {
    word: number
    for number, words in enumerate(
        (
            *("un une one", "deux two", "trois three", "quatre four", "cinq five", "six"),
            *("sept seven", "huit eight", "neuf nine", "dix ten", "onze eleven", "douze twelve"),
            *("treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"),
            *("vingt", "vingt-et-un vingt-et-une", "vingt-deux", "vingt-trois"),
        ),
        start=1,
    )
    for word in words.split()
} | {"vingt et un": 21, "vingt et une": 21}
_FIRST = {"premier": 1, "first": 1}
_SOME = {"a": 1, "an": 1}
_HOURS_BY_NAME = {"midi": 12, "noon": 12, "midday": 12, "minuit": 0, "midnight": 0}
_NUMBERS = _COUNTED | _FIRST | _SOME | _HOURS_BY_NAME

_MONTH = rf"(?P<month>{_one_of(MONTHS)})"
_WEEKDAY = _one_of(WEEKDAYS)
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DAY = rf"(?P<day>\d{{1,2}}|{_one_of(_FIRST)})(?:er|re|st|nd|rd|th|eme|e)?"
_HOUR_UNIT = "(?:heures?|hours?|hrs?|h)"
_HALF = r"[ap]\.?m"
# What makes the number before it an hour, and not a day.
_NO_HOUR = rf"(?! ?{_HOUR_UNIT}(?![a-z])| ?{_HALF}|[:.]\d|-\d)"

# In this order: « mar. 17 mars » must not be read as 17 March and a lost « mars ».
DATES = (
    re.compile(  # 2026-01-15, also in 2026-01-15T18:30
        rf"(?<![\w/.-]){_YEAR}(?P<separator>[-/.])(?P<month>\d\d?)(?P=separator)(?P<day>\d\d?)"
        r"(?:t(?=\d\d:)|(?!\w|[-/.]\d))"
    ),
    re.compile(  # 15/01/2026, 15.01.26
        r"(?<![\w/.-])(?P<day>\d\d?)(?P<separator> ?[-/.] ?)(?P<month>\d\d?)(?P=separator)"
        r"(?P<year>(?:19|20)\d\d|\d\d)(?!\w|[-/.]\d)"
    ),
    re.compile(r"(?<![\w/.-])(?P<day>\d\d?) ?/ ?(?P<month>\d\d?)(?!\w|[-/.]\d)"),
    _whole(rf"{_DAY} (?:de |of )?{_MONTH}(?:\.?,? ?{_YEAR})?"),
    _whole(rf"{_MONTH}\.? {_DAY}(?:,? {_YEAR})?{_NO_HOUR}"),
)
# A day of the month alone: « jeudi 15 », « le 15 », "15th".
DAY_NUMBERS = (
    _whole(rf"(?:{_WEEKDAY}\.?,? |le |the )+(?P<taken>{_DAY}){_NO_HOUR}"),
    _whole(r"(?P<day>\d\d?)(?:er|st|nd|rd|th)"),
)
ON_WEEKDAY = _whole(
    rf"(?:(?P<before>next|prochain) |ce |this )?(?P<weekday>{_WEEKDAY})\b"
    r"(?:\.? (?P<after>prochain|en huit|en quinze|(?:de )?la semaine prochaine|next week))?"
)

_PARTS = {
    "morning": "matinee|matin|morning",
    "afternoon": "apres[- ]midi|aprem|afternoon",
    "evening": "soiree|soir|evening|night",
}
# The hours that a part of the day can mean; 24 is the midnight at its end.
HOURS = {
    "am": range(12),
    "pm": range(12, 24),
    "morning": range(13),
    "afternoon": range(12, 20),
    "evening": range(17, 25),
}
PART = _whole(
    r"(?:en |au |le |l'|dans l'|dans la |in the |at )?"
    rf"(?:{'|'.join(f'(?P<{part}>{words})' for part, words in _PARTS.items())})"
)
NAMED_HOURS = frozenset(_HOURS_BY_NAME)
FRACTIONS = {
    "et quart": 15,
    "quinze": 15,
    "et demi": 30,
    "et demie": 30,
    "trente": 30,
    "quarante-cinq": 45,
    "moins le quart": -15,
}
_HOUR = rf"\d\d?|(?<!apres[- ]){_one_of(_HOURS_BY_NAME)}|(?<!-){_one_of(_COUNTED)}(?!-)"


def _clock(which: str) -> str:
    """Match a time of day, or a bare number; the groups end in `which`."""
    parts = "|".join(f"(?P<{part}{which}>{words})" for part, words in _PARTS.items())
    return (
        rf"(?P<hour{which}>{_HOUR})"
        rf"(?:(?P<unit{which}> ?{_HOUR_UNIT}|[:.](?=\d\d))"
        rf"(?: ?(?P<minute{which}>\d\d)(?:(?<=:\d\d):(?P<second{which}>\d\d)(?:\.0+)?)?"
        rf"(?: ?(?:minutes?|min|mn)(?!\w)|(?<=:\d\d)h)?)?)?"
        rf"(?: (?P<fraction{which}>{_one_of(FRACTIONS)}))?"
        rf"(?: ?(?:(?P<am{which}>a\.?m)|(?P<pm{which}>p\.?m))"
        rf"| (?:du |le |de l'|in the |at )(?:{parts}))?"
    )


TIMES = (
    _whole(f"(?:entre|between) {_clock('1')} (?:et|and) {_clock('2')}"),
    _whole(f"{_clock('1')} ?(?:-|→|a|to|until|till|jusqu'a) ?{_clock('2')}"),
    _whole(rf"(?P<at>(?<=\ba )|(?<=\bat ))?{_clock('1')}"),
)
SEASON = _whole(
    "(?P<summer>heure d'ete|summer time|daylight (?:saving )?time)"
    "|heure d'hiver|winter time|standard time"
)
# "-05:00" alone would be the end of a range: it counts after UTC, and in 2026-01-15T18:30-05:00.
OFFSET = re.compile(
    r"(?:(?<!\w)(?:utc|gmt)(?: ?[+-]\d\d?(?::?\d\d)?)?|\+\d\d:?\d\d|(?<=\d)z"
    r"|(?:(?<=t\d\d:\d\d)|(?<=:\d\d:\d\d))-\d\d:?\d\d)(?!\w)"
)

_COUNT = rf"(?P<count>\d{{1,3}}|{_one_of(_COUNTED | _SOME)})"
SPANS = {
    **dict.fromkeys(("minute", "min"), timedelta(minutes=1)),
    **dict.fromkeys(("heure", "hour", "h"), timedelta(hours=1)),
}
IN_HOURS = _whole(rf"(?:dans|in) {_COUNT} ?(?P<unit>{_one_of(SPANS)})s?")
STEPS = {
    **dict.fromkeys(("jour", "day"), relativedelta(days=1)),
    **dict.fromkeys(("semaine", "week"), relativedelta(weeks=1)),
    **dict.fromkeys(("mois", "month"), relativedelta(months=1)),
}
# « huit jours » is a week to most and « quinze jours » two: only figures are taken at their word.
IN_DAYS = _whole(rf"(?:dans|in) (?!(?:huit|quinze) jours){_COUNT} (?P<unit>{_one_of(STEPS)})s?")
NEAR_DAYS = (
    (2, _whole("apres[- ]?demain|(?:the )?day after tomorrow")),
    (1, _whole("demain|tomorrow")),
    (0, _whole("aujourd'? ?hui|today")),
    # Of « ce soir » and "tonight" the part of the day stays to be read.
    (0, re.compile(r"(?<!\w)(?:cet?|this)(?= (?:midi|matin|apr|soir|morning|afternoon|evening))")),
    (0, re.compile(r"(?<!\w)to(?=night(?!\w))")),
)
FILLERS = _whole("(?:a partir|starting) (?:de|at|from)|des|le|la|the|on|at|a|de|du|of|from|au")
