"""What every table shares."""

import enum
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Integer,
    MetaData,
    Text,
    TypeDecorator,
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
        list[dict[str, Any]]: JSON(),
        # None is no value, not the value null.
        list[int]: JSON(none_as_null=True),
    }


def identity() -> Mapped[int]:
    """A row's own number, never given twice, even after a deletion."""
    return mapped_column(Id, primary_key=True, autoincrement=True)


def of_guild() -> Mapped[int]:
    """The community a row belongs to."""
    return mapped_column(ForeignKey("guild.id", ondelete="CASCADE"), index=True)


NEVER_TWICE = {"sqlite_autoincrement": True}
