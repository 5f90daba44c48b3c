import re

_BREAK = re.compile(r"[.!?…](?:\s?[)\]»”’\"])*+(\s+)")
_BEGINS = "«“\"'‘([–—-"
# "M. Martin", "A. Martin", "p. 3": these stops end no sentence.
_ABBREVIATION = re.compile(
    r"\b(?:MM?|Mmes?|Mlles?|Drs?|Prs?|Stes?|cf|env|ex|art|vol|fig|n|no|pp?|Mr?s?|Prof|vs|[A-ZÀ-Þ])\.$"
)
_ABBREVIATION_AT_MOST = 6


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
