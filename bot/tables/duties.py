"""What the bot has begun, owes and remembers."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.tables.base import NEVER_TWICE, Base, choices, identity, of_guild


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
    # When it is to publish itself, and how often that failed.
    publish_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(server_default=text("0"))

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
    # Words of an organiser's that go with it.
    detail: Mapped[str | None]
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
