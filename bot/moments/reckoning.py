import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Self
from zoneinfo import ZoneInfo

from dateutil.tz import datetime_ambiguous, datetime_exists

from bot.errors import UserError
from bot.moments.phrase import Phrase, unreadable
from bot.moments.printing import zone_name
from bot.moments.words import LANGUAGES, OFFSET, SEASON, any_of, fold

_WIDEST = timedelta(hours=14)
_SIXTY = 60
_DISTANCE = re.compile(r"(\d\d?)(?::?(\d\d))?$")


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What turns a day and an hour into one instant: the zone, or what was written instead."""

    zone: ZoneInfo
    offset: timezone | None = None
    summer: bool | None = None  # whether « heure d’été » or « heure d’hiver » was written
    written: str = ""  # either of them

    @classmethod
    def of(cls, phrase: Phrase, zone: ZoneInfo) -> Self:
        """Take an offset, « heure d’été » or « heure de Paris » from `phrase`."""
        phrase.take(any_of(fold(zone_name(zone, locale)) for locale in LANGUAGES))
        if match := phrase.take(SEASON):
            summer = match["summer"] is not None
            return cls(zone, summer=summer, written=phrase.written(match))
        if match := phrase.take(OFFSET):
            return cls(zone, offset=_offset(match[0]), written=phrase.written(match))
        return cls(zone)

    def today(self, now: datetime) -> date:
        """Tell which day it is on this clock."""
        return now.astimezone(self.offset or self.zone).date()

    def midnight(self, day: date) -> datetime:
        """Tell when a day without an hour begins in the zone.

        Raises:
            UserError: if an offset was written, which is lost without an hour.
        """
        if self.written:
            raise unreadable(self.written)
        return datetime.combine(day, time(), self.zone)

    def guess(self, day: date, elapsed: timedelta) -> datetime:
        """Tell roughly when that is: an hour that exists twice is taken to be the later one."""
        wall = datetime.combine(day, time()) + elapsed
        return wall.replace(tzinfo=self.offset or self.zone, fold=0 if self.summer else 1)

    def exact(self, day: date, elapsed: timedelta) -> datetime:
        """Tell when that is, in the zone.

        Raises:
            UserError: if the zone's clocks never show that hour, or show it twice and it was not
                written which of the two is meant, or are not on the time that was written.
        """
        moment = self.guess(day, elapsed)
        if self.offset:
            return moment.astimezone(self.zone)
        if not datetime_exists(moment):
            raise UserError("moments.no_such_hour", hour=f"{moment:%H:%M}")
        if datetime_ambiguous(moment):
            return self._one_of_two(moment)
        if self.summer is not None and moment.utcoffset() != self._seasonal_offset(moment.year):
            raise unreadable(self.written)
        return moment.replace(fold=0)

    def _one_of_two(self, moment: datetime) -> datetime:
        if self.summer is not None:
            return moment
        first, second = (f"UTC{moment.replace(fold=fold).isoformat()[-6:]}" for fold in (0, 1))
        raise UserError(
            "moments.twice",
            hour=f"{moment:%H:%M}",
            summer=first,
            winter=second,
        )

    def _seasonal_offset(self, year: int) -> timedelta | None:
        """The zone's summer or winter time in `year`; None where clocks do not change."""
        january, july = (
            datetime(year, month, 1, tzinfo=self.zone).utcoffset() or timedelta()
            for month in (1, 7)
        )
        if january == july:
            return None
        return max(january, july) if self.summer else min(january, july)


def _offset(written: str) -> timezone:
    """Read "+02:00", "utc-5", "z".

    Raises:
        UserError: if no clock on Earth is that far from UTC.
    """
    match = _DISTANCE.search(written)
    hours, minutes = match.groups(default="0") if match else ("0", "0")
    distance = timedelta(hours=int(hours), minutes=int(minutes))
    if distance > _WIDEST or int(minutes) >= _SIXTY:
        raise unreadable(written)
    return timezone(-distance if "-" in written else distance)
