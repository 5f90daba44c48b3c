"""Read a recap out of a text, as it was pasted or written in Markdown."""

import hashlib
import re
import unicodedata

from bot.errors import UserError
from bot.recaps.article.figures import read_figures
from bot.recaps.article.layout import divide
from bot.recaps.article.lines import LONGEST, decode, lines
from bot.recaps.article.masthead import read_masthead, read_series
from bot.recaps.article.related import cut_related
from bot.recaps.article.values import Article, Figure, Language, Related, Section

__all__ = [
    "LONGEST",
    "Article",
    "Figure",
    "Language",
    "Related",
    "Section",
    "decode",
    "fingerprint",
    "read",
]

_FRENCH = re.compile(
    r"\b(?:aux?|avec|dans|des|du|elle|en|est|et|la|les?|ont|par|pour|que|qui|sont|sur|une?)\b",
    re.IGNORECASE,
)
_ENGLISH = re.compile(
    r"\b(?:and|are|at|by|for|from|had|has|have|in|is|of|our|that|the|this|to|was|were|with)\b",
    re.IGNORECASE,
)


def read(text: str, *, link: str | None = None) -> Article:
    """Read a recap: its title, what it says, and what stood around it.

    Raises:
        UserError: `article.empty`, `.too_long`, `.not_text`, `.no_title` or `.title_only`.
    """
    own, related = cut_related(lines(text))
    masthead = read_masthead(own)
    lead, sections = divide(masthead.body)
    if not lead and not any(section.paragraphs for section in sections):
        raise UserError("article.title_only", title=masthead.title)
    series, edition = read_series(masthead.title)
    return Article(
        title=masthead.title,
        lead=lead,
        sections=sections,
        published=masthead.published,
        author=masthead.author,
        link=link,
        series=series,
        edition=edition,
        figures=read_figures(lead, sections),
        related=related,
        language=_language(_words(masthead.title, lead, sections)),
    )


def fingerprint(article: Article) -> str:
    """Name an article by its letters and digits alone, so that its next copy is recognised.

    Spaces, line breaks, punctuation, case and marks make no difference, nor do the byline, the
    link and the related items.
    """
    text = unicodedata.normalize("NFKC", _words(article.title, article.lead, article.sections))
    letters = "".join(filter(str.isalnum, text.casefold()))
    return hashlib.sha256(letters.encode()).hexdigest()


def _words(title: str, lead: tuple[str, ...], sections: tuple[Section, ...]) -> str:
    below = (words for section in sections for words in (section.heading, *section.paragraphs))
    return "\n".join((title, *lead, *below))


def _language(text: str) -> Language:
    """Guess by the small words that only one of the two languages has; in doubt, French."""
    return "en" if len(_ENGLISH.findall(text)) > len(_FRENCH.findall(text)) else "fr"
