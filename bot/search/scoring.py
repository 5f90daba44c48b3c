"""How well a passage fits a question: Okapi BM25 on its words, and what titles add.

See Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

K1 = 1.2
"""How soon a word's repetitions stop to count."""
B = 0.75
"""How much long texts are held back."""

# What counts beside the stems: the very form, neighbours, the recap as a whole. What a title and
# a heading add is bounded, or they drown the texts of a mixed archive.
_FORM = 0.3
_PAIR = 0.4
_RECAP = 0.5
_TITLE = 0.5
_HEADING = 0.3


@dataclass(frozen=True, slots=True)
class Archive:
    """What a community has in its index; the lengths are mean numbers of words."""

    languages: tuple[str, ...]
    passages: int
    length: float
    recaps: int
    recap_length: float


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a question as it is searched, with its stem in each language of the archive.

    `weight` is its IDF among the passages: highest where none holds it. `form_weight` is that of
    the very form, `recap_weight` that among whole recaps.
    """

    word: str
    stems: Mapping[str, str]
    weight: float
    form_weight: float
    recap_weight: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that holds one of the words; each word of its texts has a space on either side.

    `score` and `recap_score` are the BM25 of its stems, and of its whole recap's.
    """

    passage_id: int
    language: str
    length: int
    title: str
    heading: str
    stems: str
    words: str
    score: float
    recap_score: float


def idf(total: int, holding: int) -> float:
    """What a word tells that `holding` of `total` texts hold; never negative, however common."""
    return math.log(1 + (total - holding + 0.5) / (holding + 0.5))


def bm25(weight: float, count: int, length: int, average: float) -> float:
    """The worth of a word that stands `count` times in a text of so many words."""
    return weight * count * (K1 + 1) / (count + K1 * (1 - B + B * length / average))


def rate(
    candidates: Sequence[Candidate], terms: Sequence[Term], archive: Archive
) -> dict[int, float]:
    """Score candidates closely, by the passage's number."""
    pairs = _pairs(candidates, terms, archive)
    return {
        it.passage_id: (
            it.score + _RECAP * it.recap_score + _FORM * _forms(it, terms, archive) + _PAIR * beside
        )
        * (1 + _TITLE * _share(it.title, it, terms) + _HEADING * _share(it.heading, it, terms))
        for it, beside in zip(candidates, pairs, strict=True)
    }


def _forms(candidate: Candidate, terms: Sequence[Term], archive: Archive) -> float:
    """What it is worth that the words stand there in the very form of the question."""
    return sum(
        bm25(term.form_weight, count, candidate.length, archive.length)
        for term in terms
        if (count := candidate.words.count(f" {term.word} "))
    )


def _pairs(candidates: Sequence[Candidate], terms: Sequence[Term], archive: Archive) -> list[float]:
    """What it is worth, for each candidate, that neighbours in the question are so there.

    A pair is as rare as it is among the candidates: who holds both words is among them.
    """
    worth = [0.0] * len(candidates)
    for first, second in pairwise(terms):
        beside = {
            language: f" {first.stems[language]} {second.stems[language]} "
            for language in archive.languages
        }
        counts = [it.stems.count(beside[it.language]) for it in candidates]
        weight = idf(archive.passages, sum(map(bool, counts)))
        for at, count in enumerate(counts):
            if count:
                worth[at] += bm25(weight, count, candidates[at].length, archive.length)
    return worth


def _share(text: str, candidate: Candidate, terms: Sequence[Term]) -> float:
    """How many of the question's words stand in a candidate's title or heading, at most 1."""
    held = sum(f" {term.stems[candidate.language]} " in text for term in terms)
    return held / len(terms)
