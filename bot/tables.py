"""Every table. The words are those of README's glossary; what follows from them is computed."""

import enum
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Id = BigInteger().with_variant(Integer, "sqlite")


class UTCDateTime(TypeDecorator[datetime]):
    """An aware time, kept as UTC. SQLite would drop the zone without converting."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 # SQLAlchemy's signature
    ) -> datetime | None:
        """Refuse a time without its zone; give the others to the database as UTC."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without its zone")
        return value.astimezone(UTC) if value else None

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 # SQLAlchemy's signature
    ) -> datetime | None:
        """Give back the zone that SQLite does not keep."""
        if value is not None and value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value


def _values(kind: type[enum.StrEnum]) -> list[str]:
    return [member.value for member in kind]


def choices(kind: type[enum.StrEnum]) -> Enum:
    """A column of an enumeration, kept by value and without a database type to alter later."""
    return Enum(
        kind,
        values_callable=_values,
        native_enum=False,
        create_constraint=False,
        length=20,
    )


class Base(DeclarativeBase):
    """The tables' common ground: names of constraints, types of columns."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 # SQLAlchemy reads it as it stands
        int: BigInteger(),
        str: Text(),
        datetime: UTCDateTime(),
        dict[str, Any]: JSON(),
    }


def identity() -> Mapped[int]:
    """A row's own number, never given twice, even after a deletion."""
    return mapped_column(Id, primary_key=True, autoincrement=True)


def of_guild() -> Mapped[int]:
    """The community a row belongs to."""
    return mapped_column(ForeignKey("guild.id", ondelete="CASCADE"), index=True)


NEVER_TWICE = {"sqlite_autoincrement": True}


class Guild(Base):
    """A Discord server: one community and what its organisers set up."""

    __tablename__ = "guild"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    announcements_channel: Mapped[int | None]
    recaps_channel: Mapped[int | None]
    organiser_role: Mapped[int | None]
    language: Mapped[str | None] = mapped_column(String(5))
    zone: Mapped[str] = mapped_column(String(64), server_default="Europe/Paris")
    left_at: Mapped[datetime | None]


class Member(Base):
    """What a member chose; no row means the defaults: hidden, never written to."""

    __tablename__ = "member"

    guild_id: Mapped[int] = mapped_column(
        ForeignKey("guild.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    language: Mapped[str | None] = mapped_column(String(5))
    visible: Mapped[bool] = mapped_column(Boolean, server_default=false())
    notify: Mapped[bool] = mapped_column(Boolean, server_default=false())


class Series(Base):
    """A kind of meeting that comes back, and the defaults of its next edition."""

    __tablename__ = "series"

    id: Mapped[int] = identity()
    guild_id: Mapped[int] = of_guild()
    name: Mapped[str]
    place: Mapped[str | None]
    capacity: Mapped[int | None]
    channel_id: Mapped[int | None]

    __table_args__ = (UniqueConstraint("guild_id", "name"), NEVER_TWICE)


class EventStatus(enum.StrEnum):
    """Where an event stands in its life."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    CLOSED = "closed"
    PAST = "past"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"


class Event(Base):
    """One edition, on a date, in a place. What is on sale is its parts."""

    __tablename__ = "event"

    id: Mapped[int] = identity()
    guild_id: Mapped[int] = of_guild()
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id", ondelete="SET NULL"))
    edition: Mapped[int | None]
    title: Mapped[str]
    description: Mapped[str | None]
    place: Mapped[str | None]
    contact: Mapped[str | None]
    # The instant, and what was written: "18:30 in Paris" stays so if the zone's rules change.
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    local_start: Mapped[str] = mapped_column(String(19))
    zone: Mapped[str] = mapped_column(String(64))
    status: Mapped[EventStatus] = mapped_column(choices(EventStatus))
    # Rises with each change that a calendar must notice.
    revision: Mapped[int] = mapped_column(server_default=text("0"))
    created_by: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (Index("ix_event_guild_starts", "guild_id", "starts_at"), NEVER_TWICE)


class Part(Base):
    """What one signs up for: a round table, a reception. No capacity means no limit."""

    __tablename__ = "part"

    id: Mapped[int] = identity()
    guild_id: Mapped[int] = of_guild()
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    title: Mapped[str | None]
    place: Mapped[str | None]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    capacity: Mapped[int | None]
    guests_allowed: Mapped[int] = mapped_column(server_default=text("0"))
    needs_approval: Mapped[bool] = mapped_column(Boolean, server_default=false())
    # Minutes before the start, so that it moves with the event.
    deadline: Mapped[int | None]
    # The last turn given; a turn is never given twice.
    turns: Mapped[int] = mapped_column(server_default=text("0"))

    __table_args__ = (
        UniqueConstraint("event_id", "position"),
        CheckConstraint("capacity > 0", name="capacity_positive"),
        NEVER_TWICE,
    )


class Choice(enum.StrEnum):
    """What a member can say."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


class Approval(enum.StrEnum):
    """What an organiser said of a yes, where the part wants to be asked."""

    NOT_NEEDED = "not_needed"
    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"


class Door(enum.StrEnum):
    """How an answer came in."""

    REACTION = "reaction"
    BUTTON = "button"
    ORGANISER = "organiser"
    RECONCILIATION = "reconciliation"


class Answer(Base):
    """What a member said about a part. Seats and places in line follow from it, by `turn`."""

    __tablename__ = "answer"

    part_id: Mapped[int] = mapped_column(
        ForeignKey("part.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guild_id: Mapped[int] = of_guild()
    choice: Mapped[Choice] = mapped_column(choices(Choice))
    guests: Mapped[int] = mapped_column(server_default=text("0"))
    approval: Mapped[Approval] = mapped_column(
        choices(Approval), server_default=Approval.NOT_NEEDED.value
    )
    by_hand: Mapped[bool] = mapped_column(Boolean, server_default=false())
    door: Mapped[Door] = mapped_column(choices(Door))
    # Taken when a member goes from not-yes to yes; none while not yes, or not yet approved.
    turn: Mapped[int | None]
    answered_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("part_id", "turn"),
        CheckConstraint("guests >= 0", name="guests_positive"),
    )


class CardState(enum.StrEnum):
    """Whether a card can still be drawn, and still answers."""

    LIVE = "live"
    BROKEN = "broken"
    CLOSED = "closed"


class Card(Base):
    """A message of the bot that shows something that can change."""

    __tablename__ = "card"

    id: Mapped[int] = identity()
    guild_id: Mapped[int] = of_guild()
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    recap_id: Mapped[int | None] = mapped_column(ForeignKey("recap.id", ondelete="CASCADE"))
    channel_id: Mapped[int]
    message_id: Mapped[int | None] = mapped_column(unique=True)
    state: Mapped[CardState] = mapped_column(choices(CardState))
    # Why Discord would not let it be drawn, as a key of the texts.
    reason: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("(event_id IS NULL) <> (recap_id IS NULL)", name="one_subject"),
        NEVER_TWICE,
    )


class ReactionSeen(Base):
    """A reaction the bot last saw on a card: what a list read after an absence is held against."""

    __tablename__ = "reaction_seen"

    card_id: Mapped[int] = mapped_column(
        ForeignKey("card.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    emoji: Mapped[str] = mapped_column(String(64), primary_key=True)


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


class Draft(Base):
    """What an organiser has begun and not published, or a form that was refused."""

    __tablename__ = "draft"

    id: Mapped[int] = identity()
    guild_id: Mapped[int] = of_guild()
    user_id: Mapped[int]
    # "event" or "recap": which form opens it again.
    kind: Mapped[str] = mapped_column(String(20))
    fields: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]

    __table_args__ = (NEVER_TWICE,)


class DeliveryState(enum.StrEnum):
    """What became of a delivery; `unknown` is for an organiser to judge."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    MISSED = "missed"


class Delivery(Base):
    """One thing the bot owes Discord, and the log of what came of it."""

    __tablename__ = "delivery"

    id: Mapped[int] = identity()
    guild_id: Mapped[int] = of_guild()
    kind: Mapped[str] = mapped_column(String(40))
    # What it is about ("event:3", "part:7:turn:12") and where it goes ("channel:1", "user:2").
    subject: Mapped[str] = mapped_column(String(80))
    recipient: Mapped[str] = mapped_column(String(40))
    nonce: Mapped[str] = mapped_column(String(25))
    state: Mapped[DeliveryState] = mapped_column(choices(DeliveryState))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    # When to try (again); a row claimed and never marked comes due by it too.
    due_at: Mapped[datetime]
    # Later than this it is worth nothing any more: missed, not sent.
    expires_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    message_id: Mapped[int | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("kind", "subject", "recipient"),
        Index("ix_delivery_due", "state", "due_at"),
        NEVER_TWICE,
    )


class State(Base):
    """What the application remembers of itself: the hash of its commands, its index's version."""

    __tablename__ = "state"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str]
