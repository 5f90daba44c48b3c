"""What an organiser has begun: kept until it is published or given up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.tables import Draft


async def keep(
    session: AsyncSession,
    kind: str,
    fields: Mapping[str, Any],
    *,
    guild_id: int,
    user_id: int,
    now: datetime,
) -> Draft:
    """Keep what was written, read or not: nothing that somebody typed is lost."""
    draft = Draft(
        guild_id=guild_id, user_id=user_id, kind=kind, fields=dict(fields), created_at=now
    )
    session.add(draft)
    await session.flush()
    return draft


async def rewrite(
    session: AsyncSession, draft_id: int, fields: Mapping[str, Any], *, guild_id: int
) -> Draft:
    """Keep a draft's new wording in place of the old.

    Raises:
        UserError: if it was published or given up already.
    """
    draft = await find(session, draft_id, guild_id=guild_id)
    draft.fields = dict(fields)
    return draft


async def drop(session: AsyncSession, draft: Draft) -> None:
    """Forget a draft: it was published, or given up."""
    await session.delete(draft)


async def find(session: AsyncSession, draft_id: int, *, guild_id: int) -> Draft:
    """The draft with this id, in its own guild.

    Raises:
        UserError: if it was published or given up already.
    """
    draft = await session.get(Draft, draft_id)
    if draft is None or draft.guild_id != guild_id:
        raise UserError("drafts.gone")
    return draft
