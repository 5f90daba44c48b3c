"""What is announced, and what members said about it."""

import enum
from datetime import datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.tables.base import NEVER_TWICE, Base, choices, identity, of_guild


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
    # Whom to ask once answers are closed.
    contact: Mapped[str | None]
    channel_id: Mapped[int | None]
    colour: Mapped[int | None]
    # The instant, and what was written: "18:30 in Paris" stays so if the zone's rules change.
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    local_start: Mapped[str] = mapped_column(String(19))
    zone: Mapped[str] = mapped_column(String(64))
    status: Mapped[EventStatus] = mapped_column(choices(EventStatus))
    # Why it was cancelled or postponed, in an organiser's words.
    reason: Mapped[str | None]
    # When its present date was made known: reminders due before that are not owed.
    dated_at: Mapped[datetime | None]
    # Rises with each change that a calendar must notice.
    revision: Mapped[int] = mapped_column(server_default=text("0"))
    # Discord's own: the thread under the card, the role of those seated, the scheduled event.
    thread_id: Mapped[int | None]
    role_id: Mapped[int | None]
    scheduled_event_id: Mapped[int | None]
    # The revision that the scheduled event shows.
    mirrored: Mapped[int | None]
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
    # Theme and speakers.
    about: Mapped[str | None]
    place: Mapped[str | None]
    # None: when the event does.
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    capacity: Mapped[int | None]
    guests_allowed: Mapped[int] = mapped_column(server_default=text("0"))
    needs_approval: Mapped[bool] = mapped_column(Boolean, server_default=false())
    # Discord's ids of the roles it is restricted to; none means everybody.
    roles: Mapped[list[int] | None]
    # The role of those seated, where an organiser chose one.
    role_id: Mapped[int | None]
    # Minutes before the start, so that it moves with the event.
    deadline: Mapped[int | None]
    # The last turn given; a turn is never given twice.
    turns: Mapped[int] = mapped_column(server_default=text("0"))
    # How often seats were taken away: whoever gets theirs back after that is told again.
    cuts: Mapped[int] = mapped_column(server_default=text("0"))
    # Who came without being known to Discord, counted at the door.
    walk_ins: Mapped[int] = mapped_column(server_default=text("0"))
    # What the QR code at the door carries.
    door_code: Mapped[str | None] = mapped_column(String(43))

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


class Presence(Base):
    """Who was there, as checked in at the door; with a seat or without."""

    __tablename__ = "presence"

    part_id: Mapped[int] = mapped_column(
        ForeignKey("part.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guild_id: Mapped[int] = of_guild()
    at: Mapped[datetime]
    # The organiser at the door, or the member with the code.
    checked_by: Mapped[int]


class Bell(Base):
    """Who asked to be reminded of an event in private."""

    __tablename__ = "bell"

    event_id: Mapped[int] = mapped_column(
        ForeignKey("event.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guild_id: Mapped[int] = of_guild()


class Granted(Base):
    """What the bot gave a member on Discord for their seat, and takes back with it."""

    __tablename__ = "granted"

    # Of a thread or of a role.
    place_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guild_id: Mapped[int] = of_guild()
    # "thread" or "role".
    kind: Mapped[str] = mapped_column(String(10))


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
