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
_EMOJI_STYLE = "\ufe0f"


def fold(text: str) -> str:
    """Write `text` in plain small letters, hyphens, apostrophes and spaces.

    Every character stays in its place, so that a match also says where the original stands.
    """
    return "".join(map(_fold_character, text))


def _fold_character(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] in "ZC" or category == "So" or character == _EMOJI_STYLE:
        return " "  # spaces, line breaks, invisible marks, emojis
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


def one_of(words: Iterable[str]) -> str:
    """Match any of `words`, the longest first."""
    return f"(?:{'|'.join(sorted(map(re.escape, words), key=len, reverse=True))})"


def whole(pattern: str) -> re.Pattern[str]:
    """Compile a pattern that neither begins nor ends within a word or a number."""
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Compile a pattern for any of `words`, which are folded."""
    return whole(one_of(words))


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
COUNTED = {
    word: number
    for number, words in enumerate(
        (
            *("un une one", "deux two", "trois three", "quatre four", "cinq five", "six"),
            *("sept seven", "huit eight", "neuf nine", "dix ten", "onze eleven", "douze twelve"),
            *("treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"),
            *("vingt", "vingt-et-un vingt-et-une", "vingt-deux", "vingt-trois", "vingt-quatre"),
            *("vingt-cinq", "vingt-six", "vingt-sept", "vingt-huit", "vingt-neuf", "trente"),
            "trente-et-un",
        ),
        start=1,
    )
    for word in words.split()
} | {"vingt et un": 21, "vingt et une": 21, "trente et un": 31}
_FIRST = {"premier": 1, "first": 1}
_SOME = {"a": 1, "an": 1}
_HOURS_BY_NAME = {"midi": 12, "noon": 12, "midday": 12, "minuit": 0, "midnight": 0}
# Of hours and minutes to come.
_MANY = {
    word: number
    for number, words in (
        *((15, "fifteen"), (20, "twenty"), (24, "twenty-four"), (30, "thirty"), (40, "quarante")),
        *((45, "quarante-cinq forty-five"), (48, "quarante-huit forty-eight")),
        *((72, "soixante-douze seventy-two"), (90, "ninety")),
    )
    for word in words.split()
}
_NUMBERS = COUNTED | _MANY | _FIRST | _SOME | _HOURS_BY_NAME

_MONTH = rf"(?P<month>{one_of(MONTHS)})"
_WEEKDAY = one_of(WEEKDAYS)
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DAY = rf"(?P<day>\d{{1,2}}|{one_of(_FIRST)})(?:er|re|st|nd|rd|th|eme|e)?"
_DAY_OF_MONTH = rf"(?:{_DAY}|(?P<word>(?<!-){one_of(COUNTED)}))"
_HOUR_UNIT = "(?:heures?|hours?|hrs?|h)"
_HALF = r"[ap]\.?m"
# What makes the number before it an hour, and not a day.
NO_HOUR = rf"(?! ?{_HOUR_UNIT}(?![a-z])| ?{_HALF}|[:.]\d|-\d| ?: ?\d\d(?![:\d]| ?h))"

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
    re.compile(  # 15 01 2026
        rf"(?<![\w/.-])(?P<day>\d\d?) (?P<month>\d\d?) {_YEAR}(?!\w|[-/.:]\d)"
    ),
    re.compile(r"(?<![\w/.-])(?P<day>\d\d?) ?/ ?(?P<month>\d\d?)(?!\w|[-/.]\d)"),
    whole(rf"(?P<day>\d\d?)(?P<separator>[-/.]){_MONTH}(?P=separator){_YEAR}"),  # 15-Jan-2026
    whole(rf"{_DAY_OF_MONTH} (?:de |of )?{_MONTH}(?:\.?,? ?{_YEAR}|\.? prochain)?"),
    whole(rf"{_MONTH}\.? {_DAY}(?:,? {_YEAR})?{NO_HOUR}"),
)
# A day of the month alone: « jeudi 15 », « le 15 », "15th".
DAY_NUMBERS = (
    whole(rf"(?:{_WEEKDAY}\.?,? |le |the )+(?P<taken>{_DAY}){NO_HOUR}"),
    whole(r"(?P<day>\d\d?)(?:er|st|nd|rd|th)"),
)
_NEXT_WEEK = "(?:(?:de )?(?:la )?semaine prochaine|next week)"
ON_WEEKDAY = whole(
    rf"(?:(?P<before>next|prochain|{_NEXT_WEEK},?(?: le| on)?) |ce |this )?"
    rf"(?P<weekday>{_WEEKDAY})\b"
    rf"(?:\.? (?P<after>prochain|en (?:huit|8|quinze|15)|{_NEXT_WEEK}))?"
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
PART = whole(
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
    "half past": 30,
    "quarter past": 15,
    "quarter to": -15,
}
_PAST = one_of(("half past", "quarter past", "quarter to"))
_HOUR = rf"\d\d?|(?<!apres[- ]){one_of(_HOURS_BY_NAME)}|(?<!-){one_of(COUNTED)}(?!-)"


def _clock(which: str) -> str:
    """Match a time of day, or a bare number; the groups end in `which`."""
    parts = "|".join(f"(?P<{part}{which}>{words})" for part, words in _PARTS.items())
    return (
        rf"(?:(?P<past{which}>{_PAST}) )?(?P<hour{which}>{_HOUR})(?: o'clock)?"
        rf"(?:(?P<unit{which}> ?{_HOUR_UNIT}|[:.](?=\d\d)| ?: ?(?=\d\d(?![:\d]| ?h)))"
        rf"(?: ?(?P<minute{which}>\d\d)(?:(?<=:\d\d):(?P<second{which}>\d\d)(?:\.0+)?)?"
        rf"(?: ?(?:minutes?|min|mn)(?!\w)|(?<=:\d\d)h)?)?)?"
        rf"(?: (?P<fraction{which}>{one_of(FRACTIONS)}))?"
        rf"(?: ?(?:(?P<am{which}>a\.?m)|(?P<pm{which}>p\.?m))"
        rf"| (?:du |le |de l'|in the |at )(?:{parts}))?"
    )


TIMES = (
    whole(f"(?:entre|between) {_clock('1')} (?:et|and) {_clock('2')}"),
    whole(f"{_clock('1')} ?(?:-|→|>|a|to|until|till|(?:et )?jusqu'a) ?{_clock('2')}"),
    whole(rf"(?P<at>(?<=\ba )|(?<=\bat ))?{_clock('1')}"),
)
SEASON = whole(
    "(?P<summer>heure d'ete|summer time|daylight (?:saving )?time)"
    "|heure d'hiver|winter time|standard time"
)
# "-05:00" alone would be the end of a range: it counts after UTC, and in 2026-01-15T18:30-05:00.
OFFSET = re.compile(
    r"(?:(?<!\w)(?:utc|gmt)(?: ?[+-]\d\d?(?::?\d\d)?)?|\+\d\d:?\d\d|(?<=\d)z"
    r"|(?:(?<=t\d\d:\d\d)|(?<=:\d\d:\d\d))-\d\d:?\d\d)(?!\w)"
)

# « huit jours » is a week to most and « quinze jours » two: only figures are taken at their word.
_COUNT = rf"(?!(?:huit|quinze) jours)(?P<count>\d{{1,4}}|{one_of(COUNTED | _MANY | _SOME)})"
_SHORT_UNITS = {
    **dict.fromkeys(("minute", "min", "mn"), timedelta(minutes=1)),
    **dict.fromkeys(("heure", "hour", "hr", "h"), timedelta(hours=1)),
}
UNITS = _SHORT_UNITS | {
    **dict.fromkeys(("jour", "day", "j", "d"), timedelta(days=1)),
    **dict.fromkeys(("semaine", "week"), timedelta(weeks=1)),
    "fortnight": timedelta(weeks=2),
    **dict.fromkeys(("mois", "month"), timedelta(days=30)),
}


def _amount(units: Iterable[str]) -> str:
    """Match a length of time: « 2 h », « 1 h 30 », « 1,5 jour », "an hour and a half"."""
    return (
        r"(?:(?P<half_hour>(?:une |a )?demi[- ]heure|half an hour)"
        rf"|{_COUNT}(?P<decimal>[.,]5)? ?(?P<unit>{one_of(units)})s?"
        r"(?:(?:(?<=h)|(?<=heure)|(?<=heures)|(?<=hour)|(?<=hours))"
        rf" ?(?P<minutes>\d\d)(?: ?(?:minutes?|min|mn)(?!\w)|(?! ?{one_of(UNITS)}s?(?!\w))))?"
        r"(?P<half> et demie?| and a half)?)"
    )


IN_HOURS = whole(f"(?:dans|in) {_amount(_SHORT_UNITS)}")
AMOUNT = whole(f"(?:et |and )?{_amount(UNITS)}")
COUNTDOWN = whole(r"(?P<unit>[jdh]) ?- ?(?P<count>\d{1,4})")
NONE = re.compile(
    "aucune?(?: rappel)?|pas de rappels?|rien|non|sans|jamais|none|no reminders?|no|nothing|never"
)
EVE = (
    (2, whole("(?:l')?avant[- ]veille")),
    (1, whole("(?:la )?veille|the day before|the eve")),
)
BEFORE = whole(
    "(?:avant|before|prior to|ahead of|in advance|ahead|earlier|plus tot|a l'avance)"
    "(?: (?:le debut|la rencontre|l'evenement|the start|the event|it starts))?"
)
STEPS = {
    **dict.fromkeys(("jour", "day"), relativedelta(days=1)),
    **dict.fromkeys(("semaine", "week"), relativedelta(weeks=1)),
    "fortnight": relativedelta(weeks=2),
    **dict.fromkeys(("mois", "month"), relativedelta(months=1)),
}
IN_DAYS = whole(rf"(?:dans|in) {_COUNT} (?P<unit>{one_of(STEPS)})s?")
DAYS_AGO = (
    whole(rf"il y a {_COUNT} (?P<unit>{one_of(STEPS)})s?"),
    whole(rf"{_COUNT} (?P<unit>{one_of(STEPS)})s? ago"),
)
NEAR_DAYS = (
    (-2, whole("avant[- ]?hier|(?:the )?day before yesterday")),
    (-1, whole("hier|yesterday")),
    (2, whole("apres[- ]?demain|(?:the )?day after tomorrow")),
    (1, whole("demain|tomorrow")),
    (0, whole("aujourd'? ?hui(?: meme)?|today")),
    # Of « ce soir » and "tonight" the part of the day stays to be read.
    (0, re.compile(r"(?<!\w)(?:cet?|this)(?= (?:midi|matin|apr|soir|morning|afternoon|evening))")),
    (0, re.compile(r"(?<!\w)to(?=night(?!\w))")),
)
# Seen from a day that is known: the evening before it, the night after it.
AROUND = (
    (1, whole("(?:le )?lendemain|(?:the )?(?:next|following) day|(?:the )?day after")),
    (-1, whole("(?:la )?veille|(?:the )?day before")),
)
STARTING = whole(
    "a partir du|a compter du|des le|depuis le|starting(?: on| from)?|from|since|as of"
)
VAGUE = whole(
    r"(?:fin|debut|mi|courant|milieu|(?:the )?(?:end|beginning|start|middle)|mid|early|late)"
    rf"[- ](?:de |d'|du mois de |of )?{one_of(MONTHS)}|(?:ce |le |this |the )?week-?end"
)
# Between two days that each have their hour: « du 15 janvier 18 h au 16 janvier 2 h ».
UNTIL = re.compile(" (?:au|a|to|until|till|jusqu'au|jusqu'a|-|→|>) ")
FILLERS = whole(
    "(?:a partir|starting) (?:de|at|from)|des|le|la|the|on|at|a|de|du|of|from|au"
    "|precises?|pile|tapantes?|sharp|exactly|heure locale|local time|rendez-vous|rdv"
)
