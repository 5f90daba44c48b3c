"""Recaps that organisers propose: what they pasted, and what they then corrected.

The fields are those of a draft, as they were written, so that any form opens again as it was left:
`pieces` (the text, in one or more parts), `link`, and once corrected `title`, `published`,
`series` and `edition`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from bot import moments, plain
from bot.errors import UserError
from bot.recaps import article
from bot.recaps.article import Article

# What a field of a form can hold.
PIECE_LENGTH = 4000
TITLE_LENGTH = 250
SERIES_LENGTH = 100
LINK_LENGTH = 500
LAST_EDITION = 999
_CONTINUING = ",;:.!?)»"
_APOSTROPHES = ("’", "'")
_LONGEST_HEADING = 120


@dataclass(frozen=True, slots=True)
class Proposal:
    """An article as its text has it (`source`), and as the organiser corrected it."""

    source: Article
    article: Article


def propose(fields: Mapping[str, Any]) -> Proposal:
    """Read what an organiser wrote.

    Raises:
        UserError: naming what to change, in the text (`article.…`) or beside it (`recaps.…`).
    """
    source = article.read(join(fields["pieces"]))
    linked = replace(source, link=_link(fields["link"]))
    if "title" not in fields:
        return Proposal(source, linked)
    return Proposal(
        source,
        replace(
            linked,
            title=_title(fields["title"]),
            published=_day(fields["published"]),
            series=_series(fields["series"]),
            edition=_edition(fields["edition"]),
        ),
    )


def answers(fields: Mapping[str, Any], language: str) -> Mapping[str, str]:
    """What the form of corrections opens with: what was typed there, else what the text says."""
    if "title" in fields:
        return fields
    source = article.read(join(fields["pieces"]))
    return {
        "title": source.title,
        "published": moments.short(source.published, language) if source.published else "",
        "link": fields["link"],
        "series": source.series or "",
        "edition": str(source.edition or ""),
    }


def join(pieces: Sequence[str]) -> str:
    """Put together a text that was pasted in parts.

    A blank line comes between two parts, unless the cut is plainly inside a paragraph.
    """
    given = [piece for piece in pieces if piece.strip()]
    text = "".join(given[:1])
    for above, below in pairwise(given):
        text = f"{text.rstrip()}{_joint(above, below)}{below.lstrip()}"
    return text


def fits_form(fields: Mapping[str, Any]) -> bool:
    """Whether the text can be corrected in a form; a file's may be too long for its fields."""
    return all(len(piece) <= PIECE_LENGTH for piece in fields["pieces"])


def _joint(above: str, below: str) -> str:
    """What stands between two parts: nothing inside a word, a space inside a paragraph."""
    if above.endswith("\n") or below.startswith("\n"):
        return "\n\n"
    full = len(above) >= PIECE_LENGTH and above[-1].isalpha() and below[0].islower()
    if full or above.endswith(_APOSTROPHES) or below.startswith(_APOSTROPHES):
        return ""
    line = above.rstrip().rpartition("\n")[2]
    begins = below.lstrip()[0]
    continues = begins.islower() or begins in _CONTINUING
    unfinished = line.endswith(",") or (len(line) > _LONGEST_HEADING and line[-1].isalnum())
    return " " if continues or unfinished else "\n\n"


def _title(text: str) -> str:
    title = plain.line(text)
    if not title:
        raise UserError("recaps.missing_title")
    if len(title) > TITLE_LENGTH:
        raise UserError("recaps.long_title", most=TITLE_LENGTH)
    return title


def _day(text: str) -> date | None:
    text = plain.line(text)
    day = moments.published(text) if text else None
    if text and day is None:
        raise UserError("recaps.bad_date", text=plain.cut(text, 100))
    return day


def _series(text: str) -> str | None:
    series = plain.line(text)
    if len(series) > SERIES_LENGTH:
        raise UserError("recaps.long_series", most=SERIES_LENGTH)
    return series or None


def _edition(text: str) -> int | None:
    text = plain.line(text).removeprefix("#")
    if text and not (text.isdecimal() and 1 <= int(text) <= LAST_EDITION):
        raise UserError("recaps.bad_edition", text=plain.cut(text, 100), most=LAST_EDITION)
    return int(text) if text else None


def _link(text: str) -> str | None:
    """Read an address; "example.org/page", as phones show it, is taken for https."""
    text = plain.line(text)
    if not text:
        return None
    link = text if "://" in text else f"https://{text}"
    if len(link) > LINK_LENGTH or " " in link or not _is_web(link):
        raise UserError("recaps.bad_link", link=plain.cut(text, 100))
    return link


def _is_web(link: str) -> bool:
    try:
        parts = urlsplit(link)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and "." in (parts.hostname or "").strip(".")
