import math
import textwrap
from collections.abc import Iterator, Sequence

from bot.sentences import sentences

LONGEST = 2_000
"""How many characters a passage may have: what was found best for search and quotation."""


def passages(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Group the paragraphs of a section into passages of like length, at most `LONGEST` each.

    Paragraphs stay whole and in order, a blank line between them. Only one that is longer than
    a passage is cut, at the ends of sentences; and such a sentence, between words.
    """
    pieces = [piece for paragraph in paragraphs for piece in _pieces(paragraph)]
    return tuple(_grouped(pieces, "\n\n"))


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
