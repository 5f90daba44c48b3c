"""Everything the community says and hears."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "guild",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("announcements_channel", sa.BigInteger(), nullable=True),
        sa.Column("recaps_channel", sa.BigInteger(), nullable=True),
        sa.Column("organiser_role", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.String(length=5), nullable=True),
        sa.Column("zone", sa.String(length=64), server_default="Europe/Paris", nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_guild"),
    )
    op.create_table(
        "state",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_state"),
    )
    op.create_table(
        "delivery",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("recipient", sa.String(length=40), nullable=False),
        sa.Column("nonce", sa.String(length=25), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guild.id"], name="fk_delivery_guild_id_guild", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint("kind", "subject", "recipient", name="uq_delivery_kind"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_delivery_due", "delivery", ["state", "due_at"], unique=False)
    op.create_index("ix_delivery_guild_id", "delivery", ["guild_id"], unique=False)
    op.create_table(
        "draft",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guild.id"], name="fk_draft_guild_id_guild", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_draft_guild_id", "draft", ["guild_id"], unique=False)
    op.create_table(
        "member",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("language", sa.String(length=5), nullable=True),
        sa.Column("visible", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("notify", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guild.id"], name="fk_member_guild_id_guild", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("guild_id", "user_id", name="pk_member"),
    )
    op.create_table(
        "series",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("capacity", sa.BigInteger(), nullable=True),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guild.id"], name="fk_series_guild_id_guild", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
        sa.UniqueConstraint("guild_id", "name", name="uq_series_guild_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_series_guild_id", "series", ["guild_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("series_id", ID, nullable=True),
        sa.Column("edition", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("local_start", sa.String(length=19), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guild.id"], name="fk_event_guild_id_guild", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name="fk_event_series_id_series", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_guild_id", "event", ["guild_id"], unique=False)
    op.create_index("ix_event_guild_starts", "event", ["guild_id", "starts_at"], unique=False)
    op.create_table(
        "part",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("capacity", sa.BigInteger(), nullable=True),
        sa.Column("guests_allowed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("needs_approval", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=True),
        sa.Column("turns", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("capacity > 0", name="ck_part_capacity_positive"),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name="fk_part_event_id_event", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guild.id"], name="fk_part_guild_id_guild", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_part"),
        sa.UniqueConstraint("event_id", "position", name="uq_part_event_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_part_event_id", "part", ["event_id"], unique=False)
    op.create_index("ix_part_guild_id", "part", ["guild_id"], unique=False)
    op.create_table(
        "recap",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("series_id", ID, nullable=True),
        sa.Column("event_id", ID, nullable=True),
        sa.Column("edition", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("published", sa.Date(), nullable=True),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name="fk_recap_event_id_event", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guild.id"], name="fk_recap_guild_id_guild", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name="fk_recap_series_id_series", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recap"),
        sa.UniqueConstraint("guild_id", "fingerprint", name="uq_recap_guild_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_recap_guild_id", "recap", ["guild_id"], unique=False)
    op.create_table(
        "answer",
        sa.Column("part_id", ID, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("choice", sa.String(20), nullable=False),
        sa.Column("guests", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("approval", sa.String(20), server_default="not_needed", nullable=False),
        sa.Column("by_hand", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("door", sa.String(20), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("guests >= 0", name="ck_answer_guests_positive"),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guild.id"], name="fk_answer_guild_id_guild", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["part_id"], ["part.id"], name="fk_answer_part_id_part", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("part_id", "user_id", name="pk_answer"),
        sa.UniqueConstraint("part_id", "turn", name="uq_answer_part_id"),
    )
    op.create_index("ix_answer_guild_id", "answer", ["guild_id"], unique=False)
    op.create_table(
        "card",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", ID, nullable=True),
        sa.Column("recap_id", ID, nullable=True),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("(event_id IS NULL) <> (recap_id IS NULL)", name="ck_card_one_subject"),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name="fk_card_event_id_event", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guild.id"], name="fk_card_guild_id_guild", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["recap_id"], ["recap.id"], name="fk_card_recap_id_recap", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_card"),
        sa.UniqueConstraint("message_id", name="uq_card_message_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_card_guild_id", "card", ["guild_id"], unique=False)
    op.create_table(
        "related",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("recap_id", ID, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("published", sa.Date(), nullable=True),
        sa.Column("excerpt", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guild.id"], name="fk_related_guild_id_guild", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["recap_id"], ["recap.id"], name="fk_related_recap_id_recap", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_related"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_related_guild_id", "related", ["guild_id"], unique=False)
    op.create_index("ix_related_recap_id", "related", ["recap_id"], unique=False)
    op.create_table(
        "section",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("recap_id", ID, nullable=False),
        sa.Column("part_id", ID, nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guild.id"], name="fk_section_guild_id_guild", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["part_id"], ["part.id"], name="fk_section_part_id_part", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["recap_id"], ["recap.id"], name="fk_section_recap_id_recap", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_section"),
        sa.UniqueConstraint("recap_id", "position", name="uq_section_recap_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_section_guild_id", "section", ["guild_id"], unique=False)
    op.create_table(
        "figure",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("section_id", ID, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("bound", sa.String(20), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guild.id"], name="fk_figure_guild_id_guild", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name="fk_figure_section_id_section", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_figure"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_figure_guild_id", "figure", ["guild_id"], unique=False)
    op.create_index("ix_figure_section_id", "figure", ["section_id"], unique=False)
    op.create_table(
        "passage",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("section_id", ID, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guild_id"], ["guild.id"], name="fk_passage_guild_id_guild", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name="fk_passage_section_id_section", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_passage"),
        sa.UniqueConstraint("section_id", "position", name="uq_passage_section_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_passage_guild_id", "passage", ["guild_id"], unique=False)
    op.create_table(
        "reaction_seen",
        sa.Column("card_id", ID, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("emoji", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_id"], ["card.id"], name="fk_reaction_seen_card_id_card", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("card_id", "user_id", "emoji", name="pk_reaction_seen"),
    )


def downgrade() -> None:
    op.drop_table("reaction_seen")
    op.drop_index("ix_passage_guild_id", table_name="passage")
    op.drop_table("passage")
    op.drop_index("ix_figure_section_id", table_name="figure")
    op.drop_index("ix_figure_guild_id", table_name="figure")
    op.drop_table("figure")
    op.drop_index("ix_section_guild_id", table_name="section")
    op.drop_table("section")
    op.drop_index("ix_related_recap_id", table_name="related")
    op.drop_index("ix_related_guild_id", table_name="related")
    op.drop_table("related")
    op.drop_index("ix_card_guild_id", table_name="card")
    op.drop_table("card")
    op.drop_index("ix_answer_guild_id", table_name="answer")
    op.drop_table("answer")
    op.drop_index("ix_recap_guild_id", table_name="recap")
    op.drop_table("recap")
    op.drop_index("ix_part_guild_id", table_name="part")
    op.drop_index("ix_part_event_id", table_name="part")
    op.drop_table("part")
    op.drop_index("ix_event_guild_starts", table_name="event")
    op.drop_index("ix_event_guild_id", table_name="event")
    op.drop_table("event")
    op.drop_index("ix_series_guild_id", table_name="series")
    op.drop_table("series")
    op.drop_table("member")
    op.drop_index("ix_draft_guild_id", table_name="draft")
    op.drop_table("draft")
    op.drop_index("ix_delivery_guild_id", table_name="delivery")
    op.drop_index("ix_delivery_due", table_name="delivery")
    op.drop_table("delivery")
    op.drop_table("state")
    op.drop_table("guild")
