"""What counts as the same word: the analysis that texts and questions both go through."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import snowballstemmer  # pyright: ignore[reportMissingTypeStubs] # it ships none

_APOSTROPHES = re.compile("[’‘ʼ′´`‛＇]")
_OPENED = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})
# Marks that stand on letters, and characters that are not seen: soft hyphens, joiners.
_UNSEEN = frozenset({"Mn", "Cf"})
_ACRONYM = re.compile(r"\b(?:[^\W\d_]\.)+[^\W\d_]\b")
_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|presqu|quelqu|entr)'(?=\w)")
_CONTRACTION = re.compile(r"'(?:d|ll|m|re|s|t|ve)\b")
# "8mm" and "8 mm" are the same two words.
_WORD = re.compile(r"\d+|[^\W\d_]+")

# With what only asks: "que pensent-ils de…", "combien de personnes…". Without "son", which is a
# trade here, and "ai", which is a subject in English.
_FRENCH = """
    a aie aient ait alors as au aucun aucune aussi autre autres aux avaient avait avec avez avoir
    avons ayant c ca ce ceci cela celle celles celui ces cet cette ceux ci combien comme comment d
    dans de des desquelles desquels dire disent dit dites donc dont du duquel e elle elles eme en
    encore entre er es est et etaient etait etant ete etes etre eu eux faire fait faites faut fois
    font furent fut gens il ils j je l la laquelle le lequel les lesquelles lesquels leur leurs
    lui m ma mais me meme memes mes moi moins mon n ne ni nos notre nous on ont or ou par parce
    parle parlent pas pense pensent personne personnes peu peut peuvent plus pour pourquoi puis qu
    quand que quel quelle quelles quelque quelques quels qui quoi s sa sans se sera serait seront
    ses si soi soit sommes sont suis sur t ta te tes toi ton tous tout toute toutes tres tu un une
    va vers veut vont vos votre vous y
"""
_ENGLISH = """
    a about all also am an and any are aren as at be been being but by can could couldn did didn do
    does doesn doing don for from had hadn has hasn have having he her here hers him his how i if
    in into is isn it its just me more most my no nor not of on or our ours out over please she
    should shouldn so some such than that the their theirs them then there these they this those
    to too us was wasn we were weren what when where which who whom whose why will with would
    wouldn you your yours
"""
_STOP = {"fr": frozenset(_FRENCH.split()), "en": frozenset(_ENGLISH.split())}
_SNOWBALL: Any = snowballstemmer
_STEMMERS = {"fr": _SNOWBALL.stemmer("french"), "en": _SNOWBALL.stemmer("english")}


def words(text: str) -> list[str]:
    """Every word, in order: small letters without accents, elisions, or an acronym's dots.

    A hyphen parts words, so "post-production" and "post production" are the same two.
    """
    text = unicodedata.normalize("NFKD", _APOSTROPHES.sub("'", text)).lower().translate(_OPENED)
    text = "".join(c for c in text if unicodedata.category(c) not in _UNSEEN)
    text = _ACRONYM.sub(lambda acronym: acronym[0].replace(".", ""), text)
    text = _CONTRACTION.sub("", _ELISION.sub("", text))
    return _WORD.findall(text)


def content(text: str, language: str) -> list[str]:
    """The words that tell what a text is about: all but its language's stop words, in order."""
    stop = _STOP.get(language, frozenset())
    return [word for word in words(text) if word not in stop]


def language_of(question: str, *, otherwise: str) -> str:
    """The language whose stop words a question holds most of; a tie goes to `otherwise`."""
    asked = words(question)
    counts = {language: sum(word in stop for word in asked) for language, stop in _STOP.items()}
    best = max(counts.values())
    fitting = [language for language, count in counts.items() if count == best]
    return otherwise if otherwise in fitting else fitting[0]


@lru_cache(maxsize=1 << 16)
def stem(word: str, language: str) -> str:
    """What a folded word shares with its plural, its feminine, its conjugation.

    Accents go before the stemmer and not after: questions typed without them lose nothing.
    A word of a language without a stemmer stands for itself.
    """
    stemmer = _STEMMERS.get(language)
    return str(stemmer.stemWord(word)) if stemmer else word


def stems(these: Sequence[str], language: str) -> list[str]:
    """The stem of each of these words."""
    return [stem(word, language) for word in these]
