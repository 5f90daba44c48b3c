from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.tables import Bound

Language = Literal["fr", "en"]


@dataclass(frozen=True, slots=True)
class Section:
    """What stands below one heading; `paragraphs` is empty where two headings follow each other."""

    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of people as the source stated it, with the sentence it stands in.

    `what` are the words counted ("professionnels en salle"). `section` is an index into the
    article's sections; None is the lead.
    """

    value: int
    bound: Bound
    what: str
    sentence: str
    section: int | None


@dataclass(frozen=True, slots=True)
class Related:
    """An item that stood beside an article ("À ne pas manquer"), and is no part of it."""

    title: str
    published: date | None
    author: str | None
    excerpt: str


@dataclass(frozen=True, slots=True)
class Article:
    """A recap as its source tells it: plain text, no word added and none changed.

    An article without headings is all lead. `series` and `edition` are None unless the title
    numbers the edition ("Rencontres Pro #2"). `published` is the day of the article, which says
    nothing of the day of the event.
    """

    title: str
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
    published: date | None
    author: str | None
    link: str | None
    series: str | None
    edition: int | None
    figures: tuple[Figure, ...]
    related: tuple[Related, ...]
    language: Language
