"""Series, parts with terms of their own, attendance, calendars, and what Discord itself shows."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def columns() -> dict[str, list[sa.Column[object]]]:
    """What each table gains; made anew for each use, as SQLAlchemy wants it."""
    return {
        "guild": [
            sa.Column("threads", sa.Boolean(), server_default=sa.true(), nullable=False),
            sa.Column("mirror", sa.Boolean(), server_default=sa.true(), nullable=False),
        ],
        "series": [
            sa.Column("contact", sa.Text()),
            sa.Column("colour", sa.BigInteger()),
            sa.Column("usual_time", sa.String(40)),
            sa.Column("lead_days", sa.BigInteger()),
            sa.Column("parts", sa.JSON(), server_default="[]", nullable=False),
            sa.Column("reminders", sa.JSON()),
            sa.Column("rule", sa.Text()),
            sa.Column("rule_start", sa.String(19)),
            sa.Column("zone", sa.String(64)),
            sa.Column("prepared_until", TIME),
            sa.Column("owner_id", sa.BigInteger()),
        ],
        "event": [
            sa.Column("channel_id", sa.BigInteger()),
            sa.Column("colour", sa.BigInteger()),
            sa.Column("reason", sa.Text()),
            sa.Column("dated_at", TIME),
            sa.Column("thread_id", sa.BigInteger()),
            sa.Column("role_id", sa.BigInteger()),
            sa.Column("scheduled_event_id", sa.BigInteger()),
            sa.Column("mirrored", sa.BigInteger()),
        ],
        "part": [
            sa.Column("about", sa.Text()),
            sa.Column("roles", sa.JSON()),
            sa.Column("role_id", sa.BigInteger()),
            sa.Column("cuts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
            sa.Column("walk_ins", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
            sa.Column("door_code", sa.String(43)),
        ],
        "draft": [
            sa.Column("publish_at", TIME),
            sa.Column("tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        ],
        "delivery": [sa.Column("detail", sa.Text())],
    }


def upgrade() -> None:
    for table, added in columns().items():
        for column in added:
            op.add_column(table, column)
    op.create_table(
        "presence",
        *of_part_and_member("presence"),
        sa.Column("at", TIME, nullable=False),
        sa.Column("checked_by", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "bell",
        sa.Column("event_id", ID, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *of_guild("bell"),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name="fk_bell_event_id_event", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "user_id", name="pk_bell"),
    )
    op.create_table(
        "granted",
        sa.Column("place_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *of_guild("granted"),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("place_id", "user_id", name="pk_granted"),
    )
    op.create_table(
        "feed",
        sa.Column("token", sa.String(43), nullable=False),
        *of_guild("feed"),
        sa.Column("user_id", sa.BigInteger()),
        sa.Column("series_id", ID),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name="fk_feed_series_id_series", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token", name="pk_feed"),
    )
    for table in ("presence", "bell", "granted", "feed"):
        op.create_index(f"ix_{table}_guild_id", table, ["guild_id"])


def downgrade() -> None:
    for table in ("feed", "granted", "bell", "presence"):
        op.drop_table(table)
    for table, added in columns().items():
        for column in added:
            op.drop_column(table, column.name)


def of_guild(table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    return (
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guild.id"], name=f"fk_{table}_guild_id_guild", ondelete="CASCADE"
        ),
    )


def of_part_and_member(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("part_id", ID, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *of_guild(table),
        sa.ForeignKeyConstraint(
            ["part_id"], ["part.id"], name=f"fk_{table}_part_id_part", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("part_id", "user_id", name=f"pk_{table}"),
    ]
