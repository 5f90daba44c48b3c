"""How often something comes back: « chaque premier mardi du mois », "every 2 weeks on Tuesday"."""

import re
from dataclasses import dataclass
from itertools import product
from typing import Self

from babel.dates import get_day_names
from babel.lists import format_list

from bot.errors import UserError
from bot.moments.phrase import Phrase
from bot.moments.words import COUNTED, MONTHS, NO_HOUR, WEEKDAYS, number, one_of, whole

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_RARELY = 12  # weeks or months: beyond, it is no rhythm any more
_LAST = -1
_MONTH_END = 31

_ORDINALS = {
    word: place
    for place, words in (
        (1, "premier 1er first 1st"),
        (2, "deuxieme 2e 2eme second 2nd"),
        (3, "troisieme 3e 3eme third 3rd"),
        (4, "quatrieme 4e 4eme fourth 4th"),
        (5, "cinquieme 5e 5eme fifth 5th"),
        (_LAST, "dernier last"),
    )
    for word in words.split()
}
_ORDINAL_WORDS = {
    "fr": ("", "premier", "deuxième", "troisième", "quatrième", "cinquième", "dernier"),
    "en": ("", "first", "second", "third", "fourth", "fifth", "last"),
}

_NAME = (  # « mars » is no plural of « mar. »
    rf"(?:{one_of(name for name in WEEKDAYS if name.endswith(('di', 'day', 'dimanche')))}s?"
    rf"|{one_of(WEEKDAYS)}\.?)"
)
_AND = r"(?:, ?|,? (?:et|and) )(?:le |les |the |chaque |every )?"
_ORDINAL = f"{one_of(_ORDINALS)}s?"
_COUNT = rf"(?P<count>\d{{1,2}}|{one_of(COUNTED)})"
_PLACES = whole(
    rf"(?P<ordinals>{_ORDINAL}(?:{_AND}{_ORDINAL})*) (?P<weekdays>{_NAME}(?:{_AND}{_NAME})*)"
)
_WEEKDAYS = whole(rf"(?P<weekdays>{_NAME}(?:{_AND}{_NAME})*)")
_PLURAL = re.compile("(?:di|day|dimanche)s")
_ONE_IN = (
    whole(rf"une? (?P<weekdays>{_NAME}) sur {_COUNT}"),
    whole(rf"every other (?P<weekdays>{_NAME})"),
)
_INTERVALS = (
    whole(rf"(?:tou(?:te)?s les|every) {_COUNT} (?P<unit>semaines?|weeks?|mois|months?)"),
    whole(rf"une? (?P<unit>semaine|mois) sur {_COUNT}"),
    whole("every (?P<other>other) (?P<unit>week|month)"),
    whole("(?P<other>tous les (?:quinze|15) jours|every fortnight|fortnightly)"),
    whole(
        "(?:(?:de |of )?(?:chaque|tou(?:te)?s les|every|each)|du|of the)"
        " (?P<unit>semaine|week|mois|month)s?"
    ),
    whole("(?P<unit>monthly|mensuel(?:lement)?|weekly|hebdomadaire)"),
)
_OF_THE_MONTH = whole("du mois|of the month")
_EVERY = whole("chaque|tou(?:te)?s les|les|every|each")
_SECOND = whole(f"every second {_NAME}")
_LAST_DAY = whole("dernier jour|last day")
_DAY = r"(?P<day>\d\d?|premier|first)(?:er|e|st|nd|rd|th)?"
_MONTH_DAYS = (
    whole(rf"{_DAY}(?= (?:de chaque|de tous les|du|of (?:each|every|the)) mo(?:is|nth))"),
    whole(rf"(?:le|the) {_DAY}{NO_HOUR}(?!/| (?:of |de )?{one_of(MONTHS)})"),
)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Every so many weeks on `weekdays`, or months on a day or on the first, last… `weekdays`."""

    every: int = 1
    weekdays: tuple[int, ...] = ()
    ordinals: tuple[int, ...] = ()  # -1 is the last one of the month
    month_day: int | None = None  # -1 is the last one

    @classmethod
    def of(cls, rule: str) -> Self:
        """Read an RFC 5545 rule that `rule` wrote."""
        parts = dict(part.split("=") for part in rule.split(";"))
        places = [(place[:-2], place[-2:]) for place in parts.get("BYDAY", "").split(",") if place]
        return cls(
            every=int(parts.get("INTERVAL", 1)),
            weekdays=tuple(dict.fromkeys(_DAYS.index(day) for _, day in places)),
            ordinals=tuple(dict.fromkeys(int(ordinal) for ordinal, _ in places if ordinal)),
            month_day=int(parts["BYMONTHDAY"]) if "BYMONTHDAY" in parts else None,
        )

    @property
    def monthly(self) -> bool:
        """Whether it counts months, not weeks."""
        return bool(self.ordinals) or self.month_day is not None

    @property
    def rule(self) -> str:
        """Write it as RFC 5545 does: "FREQ=MONTHLY;BYDAY=+1TU"."""
        ordinals = [f"{ordinal:+d}" for ordinal in self.ordinals] or [""]
        places = (o + _DAYS[day] for o, day in product(ordinals, self.weekdays))
        on = f"BYMONTHDAY={self.month_day}" if self.month_day else f"BYDAY={','.join(places)}"
        interval = f"INTERVAL={self.every};" if self.every > 1 else ""
        return f"FREQ={'MONTHLY' if self.monthly else 'WEEKLY'};{interval}{on}"

    def in_words(self, locale: str) -> str:
        """Print it: « chaque premier mardi du mois », "every 2 weeks on Tuesday"."""
        words = _french if locale == "fr" else _english
        return words(self, self._on(locale))

    def _on(self, locale: str) -> str:
        """Name the days: « premier et dernier mardi », « 1er », "15th", "last day"."""
        if self.month_day is not None:
            return _day_in_words(self.month_day, locale)
        names = get_day_names("wide", locale=locale)
        weekdays = format_list([names[day] for day in self.weekdays], locale=locale)
        places = [_ORDINAL_WORDS[locale][ordinal] for ordinal in self.ordinals]
        return f"{format_list(places, locale=locale)} {weekdays}" if places else weekdays


def read_rhythm(phrase: Phrase) -> Rhythm | None:
    """Take from `phrase` how often something comes back; None if it does not say.

    Raises:
        UserError: if no month has that day, or two rhythms may be meant.
    """
    if match := phrase.take(*_ONE_IN):
        return _checked(Rhythm(_count(match), _weekdays(match)), monthly=False)
    ambiguous = phrase.find(_SECOND)
    places = phrase.take(_PLACES)
    month_day = None if places else _month_day(phrase)
    interval = phrase.take(*_INTERVALS)
    phrase.take(_OF_THE_MONTH)
    often = phrase.take(_EVERY) is not None or interval is not None
    every = _count(interval) if interval else 1
    monthly = interval is not None and (interval.groupdict().get("unit") or "").startswith("m")
    if ambiguous and not monthly:
        raise UserError("moments.second_or_other", words=phrase.written(ambiguous))
    if month_day is not None:
        return _checked(Rhythm(every, month_day=month_day), monthly=monthly)
    if places:
        rhythm = Rhythm(every, _weekdays(places), _ordinals(places))
        return _checked(rhythm, monthly=monthly or interval is None)
    days = phrase.take(_WEEKDAYS)
    if days is None or not (often or _PLURAL.search(days["weekdays"])):
        return None
    return _checked(Rhythm(every, _weekdays(days)), monthly=monthly)


def _checked(rhythm: Rhythm, *, monthly: bool) -> Rhythm | None:
    """Keep a rhythm that counts what was written: « tous les mois le mardi » says too little."""
    return rhythm if rhythm.monthly == monthly and 1 <= rhythm.every <= _RARELY else None


def _count(match: re.Match[str]) -> int:
    found = match.groupdict()
    if written := found.get("count"):
        return number(written)
    return 1 if found.get("unit") and not found.get("other") else 2


def _weekdays(match: re.Match[str]) -> tuple[int, ...]:
    words = (word.rstrip(".") for word in re.split(r"[ ,]+", match["weekdays"]))
    found = {WEEKDAYS.get(word, WEEKDAYS.get(word.removesuffix("s"))) for word in words}
    return tuple(sorted(day for day in found if day is not None))


def _ordinals(match: re.Match[str]) -> tuple[int, ...]:
    words = re.split(r"[ ,]+", match["ordinals"])
    found = {_ORDINALS.get(word, _ORDINALS.get(word.removesuffix("s"))) for word in words}
    known = (place for place in found if place is not None)
    return tuple(sorted(known, key=lambda place: (place < 0, place)))


def _month_day(phrase: Phrase) -> int | None:
    """Take « le 15 » or « dernier jour »."""
    if phrase.take(_LAST_DAY):
        return _LAST
    match = phrase.take(*_MONTH_DAYS)
    if match is None:
        return None
    day = 1 if match["day"] in _ORDINALS else int(match["day"])
    if not 1 <= day <= _MONTH_END:
        raise UserError("moments.no_such_day", words=phrase.written(match))
    return day


def _day_in_words(day: int, locale: str) -> str:
    if locale == "fr":
        return {1: "1er", _LAST: "dernier jour"}.get(day, str(day))
    if day == _LAST:
        return "last day"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{'th' if day in {11, 12, 13} else ending}"


def _french(rhythm: Rhythm, on: str) -> str:
    if rhythm.every > 1:
        often = "tous les {} mois" if rhythm.monthly else "toutes les {} semaines"
        return f"{often.format(rhythm.every)}, le {on}"
    if rhythm.month_day is not None:
        return f"le {on} de chaque mois"
    return f"chaque {on} du mois" if rhythm.monthly else f"chaque {on}"


def _english(rhythm: Rhythm, on: str) -> str:
    if rhythm.every > 1:
        often = "every {} months on the" if rhythm.monthly else "every {} weeks on"
        return f"{often.format(rhythm.every)} {on}"
    if rhythm.month_day is not None:
        return f"the {on} of every month"
    return f"every {on} of the month" if rhythm.monthly else f"every {on}"
