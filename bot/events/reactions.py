"""The reactions last seen on cards: what a list read after an absence is held against."""

from collections.abc import Collection, Mapping

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.tables import ReactionSeen


async def of_card(session: AsyncSession, card_id: int) -> set[tuple[int, str]]:
    """Who (user id) was last seen with which emoji on a card."""
    rows = await session.execute(
        select(ReactionSeen.user_id, ReactionSeen.emoji).where(ReactionSeen.card_id == card_id)
    )
    return {(user_id, emoji) for user_id, emoji in rows}


async def seen(
    session: AsyncSession, keys: Collection[tuple[int, int]]
) -> dict[tuple[int, int], set[str]]:
    """The emojis last seen of each of these (card id, user id)."""
    found: dict[tuple[int, int], set[str]] = {key: set() for key in keys}
    if not keys:
        return found
    rows = await session.execute(
        select(ReactionSeen.card_id, ReactionSeen.user_id, ReactionSeen.emoji).where(
            ReactionSeen.card_id.in_({card_id for card_id, _ in keys}),
            ReactionSeen.user_id.in_({user_id for _, user_id in keys}),
        )
    )
    for card_id, user_id, emoji in rows:
        if (card_id, user_id) in found:
            found[card_id, user_id].add(emoji)
    return found


async def store(session: AsyncSession, shown: Mapping[tuple[int, int], Collection[str]]) -> None:
    """Keep the emojis of each of these (card id, user id), in place of what was kept of them."""
    for card_id in sorted({card_id for card_id, _ in shown}):
        users = {user_id: emojis for (card, user_id), emojis in shown.items() if card == card_id}
        await session.execute(
            delete(ReactionSeen).where(
                ReactionSeen.card_id == card_id, ReactionSeen.user_id.in_(users)
            )
        )
        await add(session, card_id, {(user, it) for user, emojis in users.items() for it in emojis})


async def add(session: AsyncSession, card_id: int, reactions: Collection[tuple[int, str]]) -> None:
    """Keep having seen these (user id, emoji) on a card."""
    rows = [
        {"card_id": card_id, "user_id": user_id, "emoji": emoji}
        for user_id, emoji in sorted(reactions)
    ]
    if rows:
        await session.execute(insert(ReactionSeen), rows)


async def forget(
    session: AsyncSession, card_id: int, reactions: Collection[tuple[int, str]]
) -> None:
    """Forget having seen these (user id, emoji) on a card."""
    for emoji in sorted({emoji for _, emoji in reactions}):
        users = [user_id for user_id, it in reactions if it == emoji]
        await session.execute(
            delete(ReactionSeen).where(
                ReactionSeen.card_id == card_id,
                ReactionSeen.emoji == emoji,
                ReactionSeen.user_id.in_(users),
            )
        )


async def sweep(session: AsyncSession, card_id: int, emojis: Collection[str]) -> None:
    """Forget having seen these emojis of anybody: they were taken off the card altogether."""
    await session.execute(
        delete(ReactionSeen).where(ReactionSeen.card_id == card_id, ReactionSeen.emoji.in_(emojis))
    )
