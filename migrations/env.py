"""What alembic runs. The connection is handed over by `bot.migrate`, inside its transaction."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from bot.search.index import is_index_table
from bot.tables import Base, UTCDateTime


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave the search index out: a full-text engine keeps its own shadow tables."""
    return kind != "table" or name is None or not is_index_table(name)


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our type as the plain one it stands on, so that a revision imports nothing of ours."""
    return (
        "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UTCDateTime) else False
    )


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_name=include_name,
    render_item=render_item,
    transactional_ddl=True,
)
context.run_migrations()
