import re

from bot.recaps.article.bylines import read_byline, take_bylines
from bot.recaps.article.layout import could_head, words_of
from bot.recaps.article.values import Related

_OPENING = re.compile(
    r"(?:[àa]\sne\spas\smanquer|[àa]\slire\s(?:aussi|également)|voir\saussi"
    r"|(?:articles?|contenus?)\s(?:liés?|similaires?|récents?)|don['’]t\smiss|read\s(?:also|more)"
    r"|related(?:\s(?:articles|posts|stories))?|you\s(?:may|might)\salso\slike)\s?:?",
    re.IGNORECASE,
)
_NEAR = 5


def cut_related(lines: list[str]) -> tuple[list[str], tuple[Related, ...]]:
    """Cut off the items that stand below an article, under "À ne pas manquer" or the like.

    A section of the article may bear the same name: what follows is items only if a byline
    opens it, or if it is nothing but titles.
    """
    sentences = [at for at, line in enumerate(lines) if line and not could_head(words_of(line))]
    last_sentence = max(sentences, default=-1)
    for at, line in enumerate(lines):
        if _OPENING.fullmatch(words_of(line)):
            below = list(filter(None, lines[at + 1 : at + 1 + _NEAR]))
            if at > last_sentence or any(map(read_byline, below[:2])):
                return lines[:at], _items(list(filter(None, lines[at + 1 :])))
    return lines, ()


def _items(lines: list[str]) -> tuple[Related, ...]:
    begins = _byline_below_words if lines and read_byline(lines[0]) else _title_of_item
    groups: list[list[str]] = []
    for line in lines:
        if not groups or begins(groups[-1], line):
            groups.append([])
        groups[-1].append(line)
    return tuple(item for group in groups if (item := _item(group)))


def _byline_below_words(group: list[str], line: str) -> bool:
    # A date and an author may stand on two lines: the second begins no item.
    return read_byline(line) is not None and not read_byline(group[-1])


def _title_of_item(_group: list[str], line: str) -> bool:
    return could_head(words_of(line)) and not read_byline(line)


def _item(lines: list[str]) -> Related | None:
    published, author, rest = take_bylines(lines)
    words = [words_of(line) for line in rest if line]
    if not words:
        return None
    title, *excerpt = words
    return Related(title, published, author, " ".join(excerpt))
