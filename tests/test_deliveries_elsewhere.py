"""What a place does not take is said in another: a thread's words in its channel."""

import pytest
from sqlalchemy import select

from bot import cards
from bot.tables import Delivery
from tests.belonging import settle_on
from tests.community import Community

IN_A_WEEK = "jeudi 8 janvier à 1h02"


async def outcomes(community: Community, kind: str) -> list[tuple[str, str | None]]:
    """Where words of a kind were to be said, and why they were not."""
    query = select(Delivery).where(Delivery.kind == kind).order_by(Delivery.id)
    async with community.db.reading() as session:
        return [(it.recipient, it.reason) for it in await session.scalars(query)]


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (404, 10003, "deliveries.no_channel"),
        (403, 50001, "deliveries.no_access"),
        (403, 50013, "deliveries.no_right"),
        (400, 50083, "deliveries.no_right"),
    ],
)
async def test_what_a_thread_does_not_take_is_said_in_its_channel(
    community: Community, status: int, code: int, reason: str
) -> None:
    await settle_on(community, threads=True)
    card = await community.announce(when=IN_A_WEEK)
    await community.bob.react(card, "✅")
    path = f"/channels/{card.id}/messages"
    community.env.inject_error("POST", path, status=status, code=code, times=None)
    await community.env.advance_time(60)
    await community.env.advance_time(150)
    assert await outcomes(community, "reminder") == [
        (f"channel:{card.id}", reason),
        (f"channel:{community.announcements.id}", None),
    ]
    assert community.bob.mention in community.announcements.history()[-1].content


async def test_who_takes_no_messages_and_whose_thread_is_gone_is_told_in_its_channel(
    community: Community,
) -> None:
    await settle_on(community, threads=True)
    card = await community.announce(capacity=1)
    await community.bob.react(card, "✅")
    await community.carol.react(card, "✅")
    community.env.inject_error("POST", "/users/@me/channels", status=403, code=50007)
    path = f"/channels/{card.id}/messages"
    community.env.inject_error("POST", path, status=404, code=10003)
    await community.bob.unreact(card, "✅")
    carol, channel = community.carol.id, community.announcements.id
    assert await outcomes(community, "promotion") == [
        (f"user:{carol}", "deliveries.closed_messages"),
        (f"@{carol}/{card.id}", "deliveries.no_channel"),
        (f"@{carol}/{channel}", None),
    ]


async def test_a_thread_forgotten_meanwhile_still_leads_to_its_channel(
    community: Community,
) -> None:
    card = await community.announce()
    async with community.db.reading() as session:
        assert await cards.above(session, card.id) == community.announcements.id
        assert await cards.above(session, community.announcements.id) is None
