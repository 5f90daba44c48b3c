"""What an organiser has begun: kept until it is published or given up."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.tables import Draft

# After its last change; what is to publish itself is kept until then.
KEPT = timedelta(days=90)
# As many as Discord lists.
LISTED = 25


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
        guild_id=guild_id, user_id=user_id, kind=kind, fields=dict(fields), created_at=now, tries=0
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


async def change(
    session: AsyncSession,
    draft_id: int,
    edit: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    *,
    guild_id: int,
    now: datetime,
) -> Draft:
    """Change what a draft holds by now, whoever wrote it; the days it is kept begin again.

    Raises:
        UserError: if it was published or given up already.
    """
    draft = await find(session, draft_id, guild_id=guild_id)
    draft.fields = dict(edit(draft.fields))
    draft.created_at = now
    draft.tries = 0
    return draft


async def set_hour(
    session: AsyncSession, draft_id: int, publish_at: datetime | None, *, guild_id: int
) -> Draft:
    """Set when a draft publishes itself; None: not by itself.

    Raises:
        UserError: if it was published or given up already.
    """
    draft = await find(session, draft_id, guild_id=guild_id)
    draft.publish_at, draft.tries = publish_at, 0
    return draft


async def drop(session: AsyncSession, draft: Draft) -> None:
    """Forget a draft: it was published, or given up."""
    await session.delete(draft)


async def find(session: AsyncSession, draft_id: int, *, guild_id: int | None) -> Draft:
    """The draft with this id, in its own guild; None looks in all, for who asks in private.

    Raises:
        UserError: if it was published or given up already.
    """
    draft = await session.get(Draft, draft_id)
    if draft is None or guild_id not in {None, draft.guild_id}:
        raise UserError("drafts.gone")
    return draft


async def begun(
    session: AsyncSession, kind: str, *, guild_id: int, user_id: int | None = None
) -> Sequence[Draft]:
    """The drafts of a guild, or of one of its organisers, those changed last first."""
    query = (
        select(Draft)
        .where(Draft.guild_id == guild_id, Draft.kind == kind)
        .order_by(Draft.created_at.desc(), Draft.id.desc())
        .limit(LISTED)
    )
    if user_id is not None:
        query = query.where(Draft.user_id == user_id)
    return (await session.scalars(query)).all()


async def forget_old(session: AsyncSession, now: datetime) -> None:
    """Forget what nobody has touched for long, unless it is still to publish itself."""
    old = now - KEPT
    await session.execute(
        delete(Draft).where(
            Draft.created_at < old, or_(Draft.publish_at.is_(None), Draft.publish_at < old)
        )
    )
