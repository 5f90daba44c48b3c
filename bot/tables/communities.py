"""Who meets: communities, their members, their kinds of meeting."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    ForeignKey,
    String,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.tables.base import NEVER_TWICE, Base, identity, of_guild


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
    # Whether an event gets a thread, and a mirror among Discord's own events.
    threads: Mapped[bool] = mapped_column(Boolean, server_default=true())
    mirror: Mapped[bool] = mapped_column(Boolean, server_default=true())
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
    contact: Mapped[str | None]
    capacity: Mapped[int | None]
    channel_id: Mapped[int | None]
    colour: Mapped[int | None]
    # As an organiser would write it: "14h-18h". Proposed where a date comes without its time.
    usual_time: Mapped[str | None] = mapped_column(String(40))
    # Days before an edition at which it is to be prepared and announced.
    lead_days: Mapped[int | None]
    # As a draft holds them: what was written, field by field.
    parts: Mapped[list[dict[str, Any]]] = mapped_column(JSON, server_default="[]")
    # Minutes before the start; none chosen means the usual ones.
    reminders: Mapped[list[int] | None]
    # RFC 5545: when it comes back, on the local clock of `zone`, from `rule_start` on.
    rule: Mapped[str | None]
    rule_start: Mapped[str | None] = mapped_column(String(19))
    zone: Mapped[str | None] = mapped_column(String(64))
    # The newest edition that the rule has been asked for.
    prepared_until: Mapped[datetime | None]
    # The organiser who wrote it down last, and is told of editions that are prepared.
    owner_id: Mapped[int | None]

    __table_args__ = (UniqueConstraint("guild_id", "name"), NEVER_TWICE)


class Feed(Base):
    """The secret address of a calendar: a member's, a series', or the whole community's."""

    __tablename__ = "feed"

    token: Mapped[str] = mapped_column(String(43), primary_key=True)
    guild_id: Mapped[int] = of_guild()
    user_id: Mapped[int | None]
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
