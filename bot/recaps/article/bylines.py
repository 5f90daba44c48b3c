import re
from dataclasses import dataclass
from datetime import date

from bot import moments
from bot.recaps.article.lines import plain

_LONGEST = 200

_MONTH = (
    r"(?:janv|f[ée]v|mars|avr|mai|juin|juil|ao[uû]t|sept|oct|nov|d[ée]c"
    r"|jan|feb|mar|apr|may|june?|july?|aug)[^\W\d]*\.?"
)
_WEEKDAY = (
    r"(?:(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
)
_DAY = r"[0-9]{1,2}(?:er|st|nd|rd|th)?"
_DATE = (
    rf"(?:(?:{_WEEKDAY},?\s)?(?:{_DAY}\s{_MONTH}|{_MONTH}\s{_DAY}),?\s[0-9]{{4}}"
    r"|[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2})"
)
_HOUR = r"(?:\s?(?:,|à|at)?\s?[0-9]{1,2}\s?[h:]\s?(?:[0-9]{2})?(?:\s?[ap]m)?)"
_PUBLISHED = (
    r"(?:(?:publi|post|rédig)ée?|écrite?|parue?|mise?\sen\sligne|posted|published|written"
    r"|date(?:\sde\spublication)?)"
)
_UPDATED = r"(?:mise?\sà\sjour|modifiée?|(?:last\s)?updated|modified)"
_BY = r"(?:par|by|auteure?|author)\s?:?\s"
_DASH = r"\s?[-–—|•·]\s?"
# A name is one word, as in "admin", or words that begin with a capital.
_CAPITAL = r"(?-i:[A-ZÀ-ÖØ-Þ])[\w.’'-]*"
_NAME = rf"(?:[\w.’'-]+|{_CAPITAL}(?:\s(?:{_CAPITAL}|d[eu]|van|von|et|and|&)){{0,4}}\s{_CAPITAL})"

_BYLINE = re.compile(
    rf"""
    (?:(?:{_PUBLISHED}|(?P<updated>{_UPDATED}))\s?:?\s)?
    (?:{_BY}(?P<first>[^|•·–—]{{1,80}}?)(?:{_DASH}|,?\s))?
    (?:(?:le|on)\s)?(?P<date>{_DATE}){_HOUR}?
    (?:(?:{_DASH}|,?\s){_BY}(?P<last>[^|•·–—]{{1,80}}?)|{_DASH}(?P<bare>{_NAME}))?
    (?:\s[-–—|•·]\s.*)?
    |
    (?:{_PUBLISHED}\s)?{_BY}(?P<alone>{_NAME})
    """,
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Byline:
    """Who published something, and when, in its own words: "23 décembre 2025", "admin"."""

    day: str | None
    author: str | None

    @property
    def published(self) -> date | None:
        """The day of publication; None if there is none, or no such day ("32 décembre 2025")."""
        return moments.published(self.day) if self.day else None


def read_byline(line: str) -> Byline | None:
    """Read a line that holds nothing but a date of publication, an author, or both.

    The date of an update is no date of publication.
    """
    if len(line) > _LONGEST:
        return None
    match = _BYLINE.fullmatch(plain(line))
    if match is None:
        return None
    author = match["first"] or match["last"] or match["bare"] or match["alone"]
    return Byline(None if match["updated"] else match["date"], author and author.strip())


def take_bylines(lines: list[str]) -> tuple[date | None, str | None, list[str]]:
    """Blank out the bylines: the first day and author that they name, and the lines then."""
    read = [(line, read_byline(line)) for line in lines]
    bylines = [byline for _, byline in read if byline]
    published = next((day for byline in bylines if (day := byline.published)), None)
    author = next((byline.author for byline in bylines if byline.author), None)
    return published, author, ["" if byline else line for line, byline in read]
