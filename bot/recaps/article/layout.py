import re

from bot.recaps.article.lines import plain
from bot.recaps.article.values import Section

_LONGEST_HEADING = 120
# The longest line of a text that was wrapped at a fixed width.
_WRAPPED = range(50, 101)

_HASHES = re.compile(r"#{1,6} (.+)")
_CLOSING_HASHES = re.compile(r" #+$")
_BOLD = re.compile(r"(\*\*|__)([^*_]+)\1")
_BULLET = re.compile(r"^[-*•–—‣◦▪●·]\s")
_NUMBER = re.compile(r"[0-9]{1,2}[.)]\s")
_SENTENCE_END = re.compile(r"[.!…:;,](?:\s?[)\]»”’\"])*$")
_ACRONYM = re.compile(r"(?:\b\w\.){2,}$")
_ACRONYM_AT_MOST = 20
# Quotations, captions, mentions and addresses stand alone on a line as headings do.
_NO_HEADING = re.compile(
    r"^[«“\"].*[»”\"]$|^[@#©]|://|^(?:crédits?|photos?|légende|caption)\b[^:©]{0,30}[:©]",
    re.IGNORECASE,
)


def divide(lines: list[str]) -> tuple[tuple[str, ...], tuple[Section, ...]]:
    """Divide what stands below the title into the lead and the sections.

    Where Markdown marks headings, those are the headings, and lines that follow each other are
    one paragraph. Elsewhere each line is a paragraph, and a short line that stands apart, ends
    without punctuation and has a paragraph below it is a heading.
    """
    marked = any(heading_words(line) for line in lines)
    blocks = _blocks(lines, marked=marked)
    headings = [heading_words(block) for block in blocks] if marked else _bare_headings(blocks)
    lead: list[str] = []
    sections: list[tuple[str, list[str]]] = []
    paragraphs = lead
    for block, heading in zip(blocks, headings, strict=True):
        if heading:
            sections.append((heading, []))
            paragraphs = sections[-1][1]
        elif words := words_of(block):
            paragraphs.append(words)
    return tuple(lead), tuple(Section(heading, tuple(found)) for heading, found in sections)


def heading_words(line: str) -> str | None:
    """The words of a line that is marked as a heading, `# so` or `**so**`, without the marks."""
    if hashes := _HASHES.fullmatch(line):
        return plain(_CLOSING_HASHES.sub("", hashes[1]))
    bold = _BOLD.fullmatch(line)
    return plain(line) if bold and not ends_sentence(bold[2]) else None


def words_of(line: str) -> str:
    """The words of a line or paragraph, without the marks of a heading, an item or emphasis."""
    return heading_words(line) or plain(_BULLET.sub("", line))


def ends_sentence(line: str) -> bool:
    """Whether a line ends like a sentence or a clause: "à bientôt." does, "les A.R.T.S." not."""
    return bool(_SENTENCE_END.search(line)) and not _ACRONYM.search(line[-_ACRONYM_AT_MOST:])


def could_head(line: str) -> bool:
    """Whether a line, without any mark, reads like a heading."""
    words = plain(line)
    return (
        0 < len(words) <= _LONGEST_HEADING
        and not words[0].islower()
        and any(map(str.isalpha, words))
        and not (ends_sentence(words) or _BULLET.match(line) or _NO_HEADING.search(words))
    )


def _blocks(lines: list[str], *, marked: bool) -> list[str]:
    """Join the lines of each paragraph; blank lines stay, as empty blocks."""
    width = max(map(len, lines), default=0)
    groups: list[list[str]] = []
    for above, line in zip(["", *lines], lines, strict=False):
        if _may_continue(above, line) and (marked or _is_broken(above, line, width)):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [" ".join(group) for group in groups]


def _may_continue(above: str, line: str) -> bool:
    starts = _BULLET.match(line) or _NUMBER.match(line) or heading_words(line)
    return bool(above and line and not starts and not heading_words(above))


def _is_broken(above: str, line: str, width: int) -> bool:
    """Whether a paragraph was broken between two lines, by a fixed width or by a form's limit."""
    word = line.split(maxsplit=1)[0]
    wrapped = width in _WRAPPED and len(above) + 1 + len(word) > width
    return wrapped or (word[0].islower() and not ends_sentence(above))


def _bare_headings(blocks: list[str]) -> list[str | None]:
    headings: list[str | None] = [None] * len(blocks)
    paragraph_below = False
    for at in reversed(range(len(blocks))):
        if not blocks[at]:
            continue
        above = blocks[at - 1] if at else ""
        short = could_head(blocks[at])
        if short and paragraph_below and (not above or ends_sentence(above)):
            headings[at] = plain(blocks[at])
        paragraph_below = not short
    return headings
