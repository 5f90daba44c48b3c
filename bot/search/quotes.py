"""Which sentences of the passages found are quoted, word for word."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.sentences import sentences

ROOM = 900
"""How many characters the quotes of an answer have together, at most."""
MOST = 3
"""How many quotes an answer has, at most."""

# How much less each next passage's sentences count.
_BEHIND = 0.3


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Words as they stand in a passage; `passage` counts from 0."""

    passage: int
    text: str


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence, by where it stands in its paragraph."""

    passage: int
    paragraph: str
    start: int
    end: int


def excerpts(passages: Sequence[str], worth: Callable[[str], float]) -> list[Excerpt]:
    """Choose the sentences worth most, with what stands beside them where there is room.

    The first is always chosen, and cut if it is too long; others only if they are worth something
    and there is room for all of them.

    Args:
        passages: the best first.
        worth: what a sentence tells of what was asked.
    """
    said = [it for at, text in enumerate(passages) for it in _sentences(at, text)]
    worths = [worth(it.paragraph[it.start : it.end]) * (1 - _BEHIND * it.passage) for it in said]
    taken: set[int] = set()
    chosen: list[Excerpt] = []
    room = ROOM
    for at in sorted(range(len(said)), key=lambda at: -worths[at]):
        if len(chosen) == MOST or (chosen and not worths[at]):
            break
        first, last = _widened(said, at, taken, min(room, ROOM // MOST))
        text = _text(said, first, last)
        if at in taken or (chosen and len(text) > room):
            continue
        taken.update(range(first, last + 1))
        chosen.append(Excerpt(said[at].passage, _start(text)))
        room -= len(chosen[-1].text)
    return chosen


def _sentences(passage: int, text: str) -> Iterator[_Sentence]:
    for paragraph in text.splitlines():
        end = 0
        for sentence in sentences(paragraph):
            start = paragraph.index(sentence, end)
            end = start + len(sentence)
            yield _Sentence(passage, paragraph, start, end)


def _widened(said: Sequence[_Sentence], at: int, taken: set[int], most: int) -> tuple[int, int]:
    """The first and last sentence of a quote: forwards, then backwards, within its paragraph."""
    first = last = at

    def fits(first: int, last: int) -> bool:
        return (
            first >= 0
            and last < len(said)
            and taken.isdisjoint((first, last))
            and said[first].paragraph is said[last].paragraph
            and said[last].end - said[first].start <= most
        )

    while fits(first, last + 1):
        last += 1
    while fits(first - 1, last):
        first -= 1
    return first, last


def _text(said: Sequence[_Sentence], first: int, last: int) -> str:
    return said[first].paragraph[said[first].start : said[last].end]


def _start(text: str) -> str:
    """As many of its first words as there is room for."""
    if len(text) <= ROOM:
        return text
    head, space, _ = text[: ROOM + 1].rpartition(" ")
    return head if space else text[:ROOM]
