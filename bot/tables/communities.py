"""Who meets: communities, their members, their kinds of meeting."""

from datetime import datetime

from sqlalchemy import (
    Boolean,
    ForeignKey,
    String,
    UniqueConstraint,
    false,
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
