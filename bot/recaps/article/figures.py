import re
from collections.abc import Iterator, Sequence

from bot.recaps.article.values import Figure, Section
from bot.sentences import sentences
from bot.tables import Bound

_BEFORE = {
    Bound.AT_LEAST: (
        r"plus\sd(?:e\b|['’])|\+\s?de\b|\+|au\smoins|au\sminimum|pas\smoins\sd(?:e\b|['’])"
        r"|more\sthan|over|at\sleast|no\s(?:fewer|less)\sthan|upwards\sof|[>≥]"
    ),
    Bound.AT_MOST: (
        r"pas\splus\sd(?:e\b|['’])|moins\sd(?:e\b|['’])|jusqu['’](?:à|au)|au\splus|au\smaximum"
        r"|n(?:o|ot)\smore\sthan|(?:fewer|less)\sthan|under|up\sto|at\smost|[<≤]"
    ),
    Bound.ABOUT: (
        r"plus\sou\smoins|près\sd(?:e\b|['’])|environ|quelques?|presque|quasi(?:ment)?|autour\sd(?:e\b|['’])"
        r"|à\speu\sprès|aux\salentours\sde|dans\sles|about|around|some|approximately|roughly"
        r"|nearly|almost|close\sto|[~≈]"
    ),
}
_AFTER = {
    Bound.AT_LEAST: r"au\smoins|au\sminimum|(?:et|ou)\splus|(?:and|or)\smore|at\sleast",
    Bound.AT_MOST: r"au\splus|au\smaximum|at\smost",
    Bound.ABOUT: r"environ|à\speu\sprès|or\sso|approximately",
}
_ROUND = {
    "dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30,
    "quarantaine": 40, "cinquantaine": 50, "soixantaine": 60, "centaine": 100, "millier": 1000,
    "dozen": 12, "hundred": 100, "thousand": 1000,
}  # fmt: skip


def _either(patterns: dict[Bound, str], suffix: str = "") -> str:
    return "|".join(f"(?P<{bound}{suffix}>{pattern})" for bound, pattern in patterns.items())


_NUMBER = r"(?<![\w.,#])(?:[0-9]{1,3}(?:[\s.,][0-9]{3}){1,2}|[0-9]{1,7})(?![0-9])"
_RANGE = (
    rf"(?:entre|between)\s(?P<from>{_NUMBER})\s(?:et|and)\s"
    rf"|(?P<low>{_NUMBER})\s?(?:à|to|ou|or|-|–)\s?"
)
_ROUND_NUMBER = (
    rf"(?<!half\s)\b(?:une?|a)\s(?:bonne\s|petite\s|grosse\s)?(?P<round>{'|'.join(_ROUND)})"
)
_PEOPLE = (
    r"(?:(?:jeunes|nouveaux|autres|young|film|industry|invited)\s)?"
    r"(?:(?:participant|invité|inscrit|professionnel)(?:[·•.(-]?l?e[·•.)-]?)?s"
    r"|personnes|specta(?:teur|trice)s|visiteu(?:r|se)s|convives|curieux"
    r"|people|guests|attendees|participants|professionals|spectators|visitors)\b"
)
_PLACE = (
    r"\s(?:en|au|aux|à|dans|lors|pendant|sur|in|at|during)\b(?:[^,.;:!?()«»–—]|\.(?=\S)){1,60}?"
    r"(?=\s(?:ont|sont|étaient|se|s['’]|et|puis|qui|pour|were|was|are|have|had|and|then|who|for"
    rf"|{'|'.join(_AFTER.values())})\b|[,;:!?()«»–—]|\.\s|\.?$)"
)
_FIGURE = re.compile(
    rf"""
    (?:(?<!\w)(?:{_either(_BEFORE)})\s?)?
    (?:{_RANGE})?
    (?:(?P<number>{_NUMBER})(?P<more>\+)?|{_ROUND_NUMBER})
    (?:\sd(?:e\b|['’])|\sof\b)?
    \s?(?P<what>{_PEOPLE}(?!\s(?:{"|".join(_AFTER.values())})\b)(?:{_PLACE})?|{_PEOPLE})
    (?:,?\s(?:{_either(_AFTER, "_after")})\b)?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CLAUSE_END = re.compile(r"[,;:()–—]")
_CLAUSE_AT_MOST = 100
# People who were counted, but not there.
_ABSENT = re.compile(
    r"moyenne|average|questionnaire|sondage|survey|capacité|jauge|capacity|accueillir|can\shold"
    r"|attendu|expected|prévu|emploi|employ|salarié"
    r"|\b(?:par|du)\s(?:an|mois|jour)\b|\bchaque\b|\bevery\b|\b(?:a|per)\s(?:year|month|day)\b"
    r"|l['’]an\s(?:dernier|passé)|l['’]année\sdernière|last\syear",
    re.IGNORECASE,
)


def read_figures(lead: Sequence[str], sections: Sequence[Section]) -> tuple[Figure, ...]:
    """Find how many people the text says were there, each time that it says so."""
    places = [(None, lead), *((at, section.paragraphs) for at, section in enumerate(sections))]
    return tuple(
        Figure(value, bound, what, sentence, place)
        for place, paragraphs in places
        for paragraph in paragraphs
        for sentence in sentences(paragraph)
        for value, bound, what in _counts(sentence)
    )


def _counts(sentence: str) -> Iterator[tuple[int, Bound, str]]:
    for match in _FIGURE.finditer(sentence):
        if not _ABSENT.search(_clause(sentence, match)):
            for value, bound in _values(match):
                yield value, bound, match["what"]


def _values(match: re.Match[str]) -> list[tuple[int, Bound]]:
    """What the words claim, and no more: "de 80 à 100" is at least 80 and at most 100."""
    bound = _bound(match)
    value = _ROUND[match["round"].lower()] if match["round"] else _integer(match["number"])
    low = match["from"] or match["low"]
    if not low:
        return [(value, bound)]
    if bound is Bound.EXACTLY:
        return [(_integer(low), Bound.AT_LEAST), (value, Bound.AT_MOST)]
    return [(_integer(low), bound), (value, bound)] if bound is Bound.ABOUT else []


def _bound(match: re.Match[str]) -> Bound:
    for bound in _BEFORE:
        if match[bound] or match[f"{bound}_after"]:
            return bound
    if match["more"]:
        return Bound.AT_LEAST
    return Bound.ABOUT if match["round"] else Bound.EXACTLY


def _integer(number: str) -> int:
    return int(re.sub(r"[^0-9]", "", number))


def _clause(sentence: str, match: re.Match[str]) -> str:
    """The words around a match, up to the nearest punctuation on both sides."""
    before = sentence[max(0, match.start() - _CLAUSE_AT_MOST) : match.start()]
    after = sentence[match.end() : match.end() + _CLAUSE_AT_MOST]
    return f"{_CLAUSE_END.split(before)[-1]}{match[0]}{_CLAUSE_END.split(after)[0]}"
