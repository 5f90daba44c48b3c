from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_timezone_location
from dateutil.tz import datetime_ambiguous

# Patterns of CLDR, https://unicode.org/reports/tr35/tr35-dates.html#Date_Field_Symbol_Table
_FULL = {"fr": "{day} 'à' H\u00a0'h'\u00a0mm", "en": "{day} 'at' HH:mm"}
_VOWELS = frozenset("AEIOUYÀÂÉÈÊÎÔ")


@dataclass(frozen=True, slots=True)
class DayInWords:
    """A day that each sentence prints in its own language: "{day:fr}", "{day:en}"."""

    day: date

    def __format__(self, locale: str) -> str:
        return long(self.day, locale)


def full(moment: datetime, *, zone: ZoneInfo, locale: str) -> str:
    """Print a moment so that nobody can take it for another.

    « jeudi 15 janvier 2026 à 18 h 30, heure de Paris » or "Thursday 15 January 2026 at 18:30, Paris
    time". An hour that the clocks show twice also gets its offset. `parse` reads all of it back.
    """
    local = moment.astimezone(zone)
    pattern = _FULL[locale].format(day=_day_pattern(local, locale, weekday=True))
    printed = format_datetime(local, pattern, tzinfo=zone, locale=locale)
    offset = f" (UTC{local.isoformat()[-6:]})" if datetime_ambiguous(local) else ""
    return f"{printed}, {zone_name(zone, locale)}{offset}"


def long(day: date, locale: str) -> str:
    """Print a day with its weekday: « dimanche 1er février 2026 »."""
    return format_date(day, _day_pattern(day, locale, weekday=True), locale)


def short(day: date, locale: str) -> str:
    """Print a day: « 1er février 2026 ». A datetime counts as the day it is in its own zone."""
    return format_date(day, _day_pattern(day, locale, weekday=False), locale)


def stamp(moment: datetime, style: str = "F") -> str:
    """Write a moment so that Discord shows it in each reader's own zone and language."""
    return f"<t:{int(moment.timestamp())}:{style}>"


def zone_name(zone: ZoneInfo, locale: str) -> str:
    """Name a zone by its city: « heure de Paris », « heure du Caire », "Paris time"."""
    city = get_timezone_location(zone, locale, return_city=True)
    if locale != "fr":
        return f"{city} time"
    if city.isupper():  # UTC, GMT
        return f"heure {city}"
    if city.startswith("Le "):
        return f"heure du {city.removeprefix('Le ')}"
    return f"heure d’{city}" if city[0] in _VOWELS else f"heure de {city}"


def _day_pattern(day: date, locale: str, *, weekday: bool) -> str:
    """Give babel the day's pattern; French says « 1er », which CLDR's own patterns do not."""
    number = "d'er'" if locale == "fr" and day.day == 1 else "d"
    return f"EEEE {number} MMMM y" if weekday else f"{number} MMMM y"
