"""A card posted again elsewhere: until it stands, the one before answers."""

from sqlalchemy import select

from bot.tables import Answer, Card, CardState, Choice
from tests.community import Community, shown


async def move(community: Community) -> None:
    """Let Alice announce the only event again, in another channel."""
    await community.alice.slash(
        community.general, "event announce", event="1", channel=community.general
    )


async def answers(community: Community) -> dict[int, Choice]:
    async with community.db.reading() as session:
        return {it.user_id: it.choice for it in await session.scalars(select(Answer))}


async def test_the_old_card_answers_until_the_new_one_stands(community: Community) -> None:
    card = await community.announce()
    path = f"/channels/{community.general.id}/messages"
    community.env.inject_error("POST", path, status=502, times=1)
    await move(community)
    await community.bob.react(card, "✅")
    await community.env.advance_time(60)
    assert await answers(community) == {community.bob.id: Choice.YES}
    assert "✅ Présents 1" in shown(community.card(community.general))
    assert community.announcements.history() == []


async def test_where_the_new_card_is_refused_the_old_one_answers_on(community: Community) -> None:
    card = await community.announce()
    path = f"/channels/{community.general.id}/messages"
    community.env.inject_error("POST", path, status=403, code=50013)
    await move(community)
    await community.bob.react(card, "✅")
    await community.restart()
    await community.carol.react(card, "✅")
    assert "✅ Présents 2" in shown(community.card())
    async with community.db.reading() as session:
        (known,) = await session.scalars(select(Card).where(Card.message_id.is_not(None)))
    assert known.state is CardState.LIVE


async def test_what_was_said_on_the_old_card_unheard_counts_before_it_goes(
    community: Community,
) -> None:
    card = await community.announce()
    path = f"/channels/{community.general.id}/messages"
    community.env.inject_error("POST", path, status=502, times=1)
    await move(community)
    await community.go_away()
    await community.bob.react(card, "✅")
    await community.env.advance_time(60)
    await community.come_back()
    await community.env.advance_time(60)
    assert community.announcements.history() == []
    assert "✅ Présents 1" in shown(community.card(community.general))


async def test_a_card_that_cannot_be_read_a_last_time_stays_until_it_can(
    community: Community,
) -> None:
    card = await community.announce()
    path = f"/channels/{community.announcements.id}/messages/{card.id}"
    community.env.inject_error("GET", path, status=502, times=1)
    await move(community)
    assert [message.id for message in community.announcements.history()] == [card.id]
    await community.bob.react(card, "✅")
    await community.env.advance_time(60)
    assert community.announcements.history() == []
    assert "✅ Présents 1" in shown(community.card(community.general))
