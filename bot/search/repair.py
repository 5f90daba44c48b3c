"""Words that a community's recaps do not hold, read as the words that were meant."""

from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz.distance import OSA
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.search.index import WORD

_SHORTEST = 4
_LONG = 8
_SHORTEST_HALF = 3


@dataclass(frozen=True, slots=True)
class Correction:
    """A word as it was written, and the word or two it was searched as."""

    written: str
    searched: tuple[str, ...]


async def corrected(session: AsyncSession, guild_id: int, written: str) -> tuple[str, ...] | None:
    """What an unknown word was meant to be, one word or two; None if nothing known is near.

    Two words written as one come before slips: they make up all its letters.
    """
    if len(written) < _SHORTEST or not written.isalpha():
        return None
    if halves := split(written, await _among(session, guild_id, _parts(written))):
        return halves
    meant = closest(written, await _alike(session, guild_id, written))
    return (meant,) if meant else None


def split(written: str, known: Mapping[str, int]) -> tuple[str, str] | None:
    """The two known words that were written as one; the rarer of them as frequent as can be.

    Args:
        known: how many passages hold each word.
    """
    pairs = [pair for pair in _halves(written) if known.keys() >= set(pair)]
    return max(pairs, key=lambda pair: min(known[half] for half in pair), default=None)


def closest(written: str, known: Mapping[str, int]) -> str | None:
    """The known word that one slip makes into this one, or two slips if it has 8 letters.

    A slip is a letter too many, missing, wrong, or in its neighbour's place (optimal string
    alignment). The first letter is seldom wrong, so a word with the same one comes first, and no
    other may be two slips away; then the nearer, then the more frequent.

    Args:
        known: how many passages hold each word.
    """
    most = _slips(written)
    distances = {word: OSA.distance(written, word, score_cutoff=most) for word in known}
    near = [
        (word[0] != written[0], distance, -known[word], word)
        for word, distance in distances.items()
        if distance <= (most if word[0] == written[0] else 1)
    ]
    return min(near)[-1] if near else None


def _slips(written: str) -> int:
    return 2 if len(written) >= _LONG else 1


def _halves(written: str) -> list[tuple[str, str]]:
    cuts = range(_SHORTEST_HALF, len(written) - _SHORTEST_HALF + 1)
    return [(written[:at], written[at:]) for at in cuts]


def _parts(written: str) -> set[str]:
    return {part for pair in _halves(written) for part in pair}


async def _among(session: AsyncSession, guild_id: int, forms: set[str]) -> dict[str, int]:
    rows = await session.execute(
        select(WORD.c.word, WORD.c.passages).where(
            WORD.c.guild_id == guild_id, WORD.c.word.in_(forms)
        )
    )
    return {row.word: row.passages for row in rows}


async def _alike(session: AsyncSession, guild_id: int, written: str) -> dict[str, int]:
    """The words of about this length that could be it."""
    length, slips = len(written), _slips(written)
    rows = await session.execute(
        select(WORD.c.word, WORD.c.passages).where(
            WORD.c.guild_id == guild_id,
            func.length(WORD.c.word).between(max(length - slips, _SHORTEST - 1), length + slips),
        )
    )
    return {row.word: row.passages for row in rows}
