"""How long before something: « 2 jours », "J-7", « la veille »."""

import re
from datetime import timedelta
from itertools import pairwise

from babel.units import format_unit

from bot.errors import UserError
from bot.moments.phrase import Phrase, shown
from bot.moments.words import AMOUNT, BEFORE, COUNTDOWN, EVE, NONE, UNITS, fold, number

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_LONGEST = timedelta(days=366)
_DAYS_LEFT = {"fr": "J", "en": "D"}
# A comma is also the one of « 1,5 jour », and « et » also the one of « une heure et demie ».
_BETWEEN = re.compile(
    r"(?<!\d),|,(?!\d)|[;\n]| (?:et|and|&) (?!demi|a half)| (?=[jdh] ?- ?\d)", re.IGNORECASE
)


def span(text: str) -> timedelta:
    """Read how long before something is meant: « 24 h », « J-2 », « la veille », "a week".

    A month counts 30 days.

    Raises:
        UserError: if it is none, or nothing, or longer than a year.
    """
    try:
        length = _length(Phrase.of(text))
    except UserError:  # too long a text
        length = timedelta()
    if not length or length % _MINUTE:
        raise UserError("moments.unreadable_span", words=shown(text))
    if length > _LONGEST:
        raise UserError("moments.long_span", words=shown(text))
    return length


def spans(text: str) -> tuple[timedelta, ...]:
    """Read several lengths of time: « J-7, J-1, H-2 », « 7 jours et 2 heures », « 48, 24 et 2 h ».

    The longest comes first, none comes twice, and « aucun » is none at all.

    Raises:
        UserError: naming the one that cannot be read.
    """
    if NONE.fullmatch(fold(text).strip(" .")):
        return ()
    unit = ""
    found: set[timedelta] = set()
    pieces = [piece.strip() for piece in _BETWEEN.split(_spaced(text))]
    for piece in reversed([piece for piece in pieces if piece] or [text]):
        written = f"{piece} {unit}" if piece.isdecimal() else piece
        found.add(span(written))
        unit = written.lstrip("0123456789 ")
    return tuple(sorted(found, reverse=True))


def span_in_words(length: timedelta, locale: str) -> str:
    """Print whole minutes: « 2 jours », "1 hour 30 minutes". `span` reads it back."""
    days, rest = divmod(length, _DAY)
    hours, rest = divmod(rest, _HOUR)
    counts = {"day": days, "hour": hours, "minute": rest // _MINUTE}
    return " ".join(
        format_unit(count, f"duration-{unit}", "long", locale=locale)
        for unit, count in counts.items()
        if count
    )


def countdown(length: timedelta, locale: str) -> str:
    """Print a length of time as a field can hold it: « J-7 », « H-2 ». `span` reads it back."""
    for unit, sign in ((_DAY, _DAYS_LEFT[locale]), (_HOUR, "H")):
        if length % unit == timedelta():
            return f"{sign}-{length // unit}"
    return span_in_words(length, locale)


def amount(match: re.Match[str]) -> timedelta:
    """Tell how long a match of `AMOUNT` is."""
    if match["half_hour"]:
        return _HOUR / 2
    unit = UNITS[match["unit"]]
    halves = bool(match["decimal"]) + bool(match["half"])
    return unit * number(match["count"]) + unit / 2 * halves + _MINUTE * int(match["minutes"] or 0)


def _spaced(text: str) -> str:
    """Write every space as one that can be searched for."""
    return "".join(" " if letter.isspace() and letter != "\n" else letter for letter in text)


def _length(phrase: Phrase) -> timedelta:
    """Read the whole of `phrase`; nothing if it cannot be read."""
    if match := phrase.take(COUNTDOWN):
        lengths = [UNITS[match["unit"]] * int(match["count"])]
    elif days := next((days for days, word in EVE if phrase.take(word)), 0):
        lengths = [_DAY * days]
    else:
        lengths = [amount(match) for match in iter(lambda: phrase.take(AMOUNT), None)]
    phrase.take(BEFORE)
    falling = all(first > second for first, second in pairwise(lengths))
    return sum(lengths, timedelta()) if falling and not phrase.left else timedelta()
