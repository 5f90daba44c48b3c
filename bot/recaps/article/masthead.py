import re
from dataclasses import dataclass
from datetime import date

from bot.errors import UserError
from bot.recaps.article.bylines import read_byline, take_bylines
from bot.recaps.article.layout import ends_sentence, heading_words, words_of

_LONGEST_TITLE = 250
_LONGEST_SERIES = 80

_EDITION = re.compile(
    r"(?:#\s?|\b(?:n\s?[°º]|no\.?|numéro|édition(?:\sn\s?[°º])?|edition)\s?)([0-9]{1,3})\b",
    re.IGNORECASE,
)
_INTRODUCTION = re.compile(
    r"(?:(?:retour(?:\sen\simages?)?\ssur|compte[ -]rendu(?:\sd(?:es?|u))?"
    r"|r[ée]cap(?:itulatif)?(?:\sd(?:es?|u)|\sof)?|looking\sback\s(?:at|on)|back\sto)\b[\s–—-]*)?"
    r"(?:(?:les?|la|the|our|notre|nos)\s|l['’]\s?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Masthead:
    """The top of an article, and the lines that are left below it."""

    title: str
    published: date | None
    author: str | None
    body: list[str]


def read_masthead(lines: list[str]) -> Masthead:
    """Take the title off, and the bylines above and right below it.

    The title is the only `# heading`, else the first line that is no byline.

    Raises:
        UserError: `article.no_title`, if that line is a paragraph or there is none.
    """
    at = _title_line(lines)
    title = _title(lines[at])
    below = at + 1
    while below < len(lines) and (not lines[below] or read_byline(lines[below])):
        below += 1
    published, author, above = take_bylines(lines[:at] + lines[at + 1 : below])
    return Masthead(title, published, author, body=[*above, "", *lines[below:]])


def read_series(title: str) -> tuple[str | None, int | None]:
    """Read the series and the edition that a title numbers: "Retour sur les Tablées #4 : …"."""
    number = _EDITION.search(title)
    if number is None:
        return None, None
    before = title[: number.start()].rpartition(": ")[2]
    series = _INTRODUCTION.sub("", before.strip(), count=1).rstrip(" \u00a0\u202f-–—,(|")
    named = series[:1].isalnum() and len(series) <= _LONGEST_SERIES
    return series if named else None, int(number[1])


def _title_line(lines: list[str]) -> int:
    marked = [at for at, line in enumerate(lines) if line.startswith("# ")]
    if len(marked) == 1:
        return marked[0]
    for at, line in enumerate(lines):
        if line and not read_byline(line):
            return at
    raise UserError("article.no_title")


def _title(line: str) -> str:
    title = words_of(line)
    is_paragraph = not heading_words(line) and ends_sentence(title)
    if not title or is_paragraph or len(title) > _LONGEST_TITLE:
        raise UserError("article.no_title")
    return title
