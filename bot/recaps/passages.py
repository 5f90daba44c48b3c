import math
import re
import textwrap
from collections.abc import Iterator, Sequence

LONGEST = 2_000
"""How many characters a passage may have: what was found best for search and quotation."""

_BREAK = re.compile(r"[.!?…](?:\s?[)\]»”’\"])*+(\s+)")
_BEGINS = "«“\"'‘([–—-"
# "M. Martin", "A. Martin", "p. 3": these stops end no sentence.
_ABBREVIATION = re.compile(
    r"\b(?:MM?|Mmes?|Mlles?|Drs?|Prs?|Stes?|cf|env|ex|art|vol|fig|n|no|pp?|Mr?s?|Prof|vs|[A-ZÀ-Þ])\.$"
)
_ABBREVIATION_AT_MOST = 6


def passages(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Group the paragraphs of a section into passages of like length, at most `LONGEST` each.

    Paragraphs stay whole and in order, a blank line between them. Only one that is longer than
    a passage is cut, at the ends of sentences; and such a sentence, between words.
    """
    pieces = [piece for paragraph in paragraphs for piece in _pieces(paragraph)]
    return tuple(_grouped(pieces, "\n\n"))


def sentences(paragraph: str) -> tuple[str, ...]:
    """Cut a paragraph into its sentences, verbatim; in doubt, two stay together as one."""
    found: list[str] = []
    start = 0
    for gap in _BREAK.finditer(paragraph):
        ending = paragraph[max(start, gap.start() + 1 - _ABBREVIATION_AT_MOST) : gap.start() + 1]
        following = paragraph[gap.end() : gap.end() + 1]
        begins = following.isupper() or following.isdigit() or following in _BEGINS
        if begins and not _ABBREVIATION.search(ending):
            found.append(paragraph[start : gap.start(1)])
            start = gap.end()
    return tuple(filter(None, [*found, paragraph[start:].strip()]))


def _pieces(paragraph: str) -> Iterator[str]:
    if len(paragraph) <= LONGEST:
        return iter([paragraph])
    parts = [
        part
        for sentence in sentences(paragraph)
        for part in textwrap.wrap(sentence, LONGEST, break_on_hyphens=False)
    ]
    return _grouped(parts, " ")


def _grouped(pieces: Sequence[str], joint: str) -> Iterator[str]:
    """Join neighbours into as few groups as `LONGEST` allows, about equally long."""
    total = sum(map(len, pieces)) + len(joint) * (len(pieces) - 1)
    aim = total / max(1, math.ceil(total / LONGEST))
    group = ""
    for piece in pieces:
        joined = f"{group}{joint}{piece}" if group else piece
        # A piece goes where the greater part of it is within the aim.
        if group and (len(joined) > LONGEST or len(joined) - len(piece) / 2 > aim):
            yield group
            joined = piece
        group = joined
    if group:
        yield group
