"""What was said around the tables."""

import enum
from datetime import date, datetime

from sqlalchemy import (
    ForeignKey,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.tables.base import NEVER_TWICE, Base, choices, identity, of_guild


class RecapStatus(enum.StrEnum):
    """Whether a recap may be shown and quoted."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Recap(Base):
    """The published account of an event. Its lead is the section at position 0."""

    __tablename__ = "recap"

    id: Mapped[int] = identity()
    guild_id: Mapped[int] = of_guild()
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id", ondelete="SET NULL"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="SET NULL"))
    edition: Mapped[int | None]
    title: Mapped[str]
    link: Mapped[str | None]
    author: Mapped[str | None]
    published: Mapped[date | None]
    language: Mapped[str] = mapped_column(String(5))
    # Of the words, white space apart: the same text is the same recap.
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[RecapStatus] = mapped_column(choices(RecapStatus))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("guild_id", "fingerprint"), NEVER_TWICE)


class Section(Base):
    """A heading and its words, or the lead; it may tell of a part people signed up for."""

    __tablename__ = "section"

    id: Mapped[int] = identity()
    guild_id: Mapped[int] = of_guild()
    recap_id: Mapped[int] = mapped_column(ForeignKey("recap.id", ondelete="CASCADE"))
    part_id: Mapped[int | None] = mapped_column(ForeignKey("part.id", ondelete="SET NULL"))
    position: Mapped[int]
    heading: Mapped[str | None]

    __table_args__ = (UniqueConstraint("recap_id", "position"), NEVER_TWICE)


class Passage(Base):
    """Paragraphs of one section, together 900 to 2,000 characters: what search finds."""

    __tablename__ = "passage"

    id: Mapped[int] = identity()
    guild_id: Mapped[int] = of_guild()
    section_id: Mapped[int] = mapped_column(ForeignKey("section.id", ondelete="CASCADE"))
    position: Mapped[int]
    text: Mapped[str]

    __table_args__ = (UniqueConstraint("section_id", "position"), NEVER_TWICE)


class Bound(enum.StrEnum):
    """How exactly a source stated a number: "plus de 150" is at least 150."""

    AT_LEAST = "at_least"
    ABOUT = "about"
    EXACTLY = "exactly"
    AT_MOST = "at_most"


class Figure(Base):
    """A number as the source stated it, with the sentence it stands in."""

    __tablename__ = "figure"

    id: Mapped[int] = identity()
    guild_id: Mapped[int] = of_guild()
    section_id: Mapped[int] = mapped_column(
        ForeignKey("section.id", ondelete="CASCADE"), index=True
    )
    value: Mapped[int]
    bound: Mapped[Bound] = mapped_column(choices(Bound))
    what: Mapped[str]
    sentence: Mapped[str]

    __table_args__ = (NEVER_TWICE,)


class Related(Base):
    """An item that stood beside an article: kept, never indexed, never posted."""

    __tablename__ = "related"

    id: Mapped[int] = identity()
    guild_id: Mapped[int] = of_guild()
    recap_id: Mapped[int] = mapped_column(ForeignKey("recap.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    author: Mapped[str | None]
    published: Mapped[date | None]
    excerpt: Mapped[str]

    __table_args__ = (NEVER_TWICE,)
