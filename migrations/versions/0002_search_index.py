"""What answers are found by."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "search_stem",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("stem", sa.Text(), nullable=False),
        sa.Column("passages", sa.Integer(), nullable=False),
        sa.Column("recaps", sa.Integer(), nullable=False),
        of_guild("search_stem"),
        sa.PrimaryKeyConstraint("id", name="pk_search_stem"),
        sa.UniqueConstraint("guild_id", "stem", name="uq_search_stem_guild_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "search_word",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("passages", sa.Integer(), nullable=False),
        of_guild("search_word"),
        sa.PrimaryKeyConstraint("guild_id", "word", name="pk_search_word"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_passage",
        sa.Column("passage_id", ID, autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("recap_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("stems", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        of_guild("search_passage"),
        # Whoever deletes a passage takes it out of the index in the same transaction.
        sa.ForeignKeyConstraint(
            ["passage_id"],
            ["passage.id"],
            name="fk_search_passage_passage_id_passage",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("passage_id", name="pk_search_passage"),
    )
    op.create_index("ix_search_passage_recap_id", "search_passage", ["recap_id"])
    op.create_index(
        "ix_search_passage_guild_id",
        "search_passage",
        ["guild_id", "language", "recap_id", "length"],
    )
    for table in ("search_in_passage", "search_in_recap"):
        postings(table)


def of_guild(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["guild_id"], ["guild.id"], name=f"fk_{table}_guild_id_guild", ondelete="CASCADE"
    )


def postings(table: str) -> None:
    op.create_table(
        table,
        sa.Column("stem_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stem_id"],
            ["search_stem.id"],
            name=f"fk_{table}_stem_id_search_stem",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("stem_id", "subject_id", name=f"pk_{table}"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in (
        "search_in_recap",
        "search_in_passage",
        "search_passage",
        "search_word",
        "search_stem",
    ):
        op.drop_table(table)
    # The program builds the index anew where it finds none.
    op.execute("DELETE FROM state WHERE key = 'index'")
