import discord
import pytest
from sqlalchemy import select

from bot.tables import Answer, Card, CardState
from tests.community import Community, shown


async def test_reactions_and_buttons_count_in_one_ledger(community: Community) -> None:
    card = await community.announce(capacity=2)
    await community.bob.react(card, "✅")
    await community.carol.click(card, label="Je viens")
    assert "✅ Présents 2 / 2" in shown(community.card())


async def test_who_comes_late_waits_and_is_told_where(community: Community) -> None:
    card = await community.announce(capacity=1)
    await community.bob.react(card, "✅")
    reply = await community.carol.click(card, label="Je viens")
    assert reply.response is not None
    assert reply.ephemeral
    assert "position 1" in reply.response.content
    assert "⏳ 1 personne" in shown(community.card())


async def test_a_free_seat_goes_to_who_waited_who_is_told_once(community: Community) -> None:
    card = await community.announce(capacity=1)
    await community.bob.react(card, "✅")
    await community.carol.react(card, "✅")
    await community.bob.unreact(card, "✅")
    messages = community.carol.user.dm_channel.history()
    assert len(messages) == 1
    assert "vous avez maintenant une place" in messages[0].content
    assert "⏳" not in shown(community.card())


async def test_the_last_act_wins_whatever_its_door_and_outlives_a_restart(
    community: Community,
) -> None:
    card = await community.announce(capacity=5)
    await community.bob.react(card, "✅")
    await community.bob.click(card, label="Non")
    await community.restart()
    assert "✅ Présents 0 / 5" in shown(community.card())
    assert "❌ Absents 1" in shown(community.card())


@pytest.mark.parametrize("pace", [10.0])
async def test_a_hundred_at_once_get_ten_seats_in_order_and_two_edits(
    community: Community,
) -> None:
    card = await community.announce(capacity=10)
    crowd = community.crowd(100)
    await community.env.advance_time(15)
    before = len(community.env.http_requests)
    await community.react_at_once(card, "✅", crowd)
    await community.env.advance_time(15)
    edits = [r for r in community.env.http_requests[before:] if r.method == "PATCH"]
    assert 1 <= len(edits) <= 2
    assert "✅ Présents 10 / 10" in shown(community.card())
    assert "⏳ 90 personnes" in shown(community.card())
    for place, member in enumerate(crowd[10:13], 1):
        reply = await member.click(card, label="Je viens")
        assert reply.response is not None
        assert f"position {place}." in reply.response.content


async def test_reactions_given_while_away_are_found(community: Community) -> None:
    card = await community.announce()
    await community.bob.react(card, "✅")
    await community.carol.react(card, "✅")
    await community.go_away()
    await community.bob.unreact(card, "✅")
    await community.carol.unreact(card, "✅")
    await community.carol.react(card, "❌")
    await community.dave.react(card, "❔")
    await community.come_back()
    text = shown(community.card())
    assert "✅ Présents 0" in text
    assert "❔ Peut-être 1" in text
    assert "❌ Absents 1" in text


async def test_a_list_that_fails_half_way_withdraws_nobody(community: Community) -> None:
    card = await community.announce()
    crowd = community.crowd(130)
    await community.react_at_once(card, "✅", crowd)
    assert "✅ Présents 130" in shown(community.card())
    await community.go_away()
    await community.env.settle()
    community.env.backend.set_reaction(card.channel.id, card.id, "✅", crowd[0].id, False)
    community.env.inject_error(
        "GET", f"/channels/{card.channel.id}/messages/{card.id}/reactions/*", status=500, times=3
    )
    await community.come_back()
    assert "✅ Présents 130" in shown(community.card())
    await community.restart()
    assert "✅ Présents 129" in shown(community.card())


async def test_reactions_swept_away_withdraw_nobody(community: Community) -> None:
    card = await community.announce()
    await community.bob.react(card, "✅")
    message = await community.bot.get_partial_messageable(card.channel.id).fetch_message(card.id)
    await message.clear_reactions()
    await community.env.settle()
    assert "✅ Présents 1" in shown(community.card())
    await community.restart()
    assert "✅ Présents 1" in shown(community.card())


async def test_an_emoji_swept_meanwhile_brings_no_old_answer_back(community: Community) -> None:
    card = await community.announce()
    await community.bob.react(card, "✅")
    await community.bob.click(card, label="Non")
    await community.go_away()
    me = community.me.id
    community.env.backend.set_reaction(card.channel.id, card.id, "✅", me, False)
    await community.come_back()
    assert "✅ Présents 0 · ❔ Peut-être 0 · ❌ Absents 1" in shown(community.card())


async def test_a_card_that_is_gone_is_given_up_and_answers_stay(community: Community) -> None:
    card = await community.announce()
    await community.bob.react(card, "✅")
    await community.alice.delete(card)
    await community.restart()
    async with community.db.reading() as session:
        assert (await session.scalars(select(Card.state))).all() == [CardState.BROKEN]
        assert (await session.scalars(select(Answer.user_id))).all() == [community.bob.id]


async def test_without_the_right_to_react_buttons_still_answer(community: Community) -> None:
    silent = discord.PermissionOverwrite(add_reactions=False)
    channel = community.guild.create_text_channel(
        "sans-reactions", overwrites={community.me: silent}
    )
    await community.alice.slash(community.general, "setup", announcements=channel)
    card = await community.announce(channel=channel)
    reply = await community.bob.click(card, label="Je viens")
    assert reply.response is not None
    assert "votre place est réservée" in reply.response.content


async def test_other_bots_take_no_seats(community: Community) -> None:
    card = await community.announce(capacity=2)
    robot = community.guild.add_member(community.env.create_user("robot", bot=True))
    await community.react_at_once(card, "✅", [robot])
    await community.bob.react(card, "✅")
    assert "Présents 1 / 2" in shown(community.card())
    await community.restart()
    assert "Présents 1 / 2" in shown(community.card())


async def test_a_card_that_was_asked_for_too_often_is_drawn_later(community: Community) -> None:
    card = await community.announce()
    community.env.inject_error("PATCH", "/channels/*/messages/*", status=429, code=0)
    await community.bob.react(card, "✅")
    assert "Présents 0" in shown(community.card())
    await community.env.advance_time(31)
    assert "Présents 1" in shown(community.card())
