"""Reminders as people meet them: who is called, where, and what the buttons do."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import simcord
from sqlalchemy import select, update

from bot.tables import Bell, Delivery, DeliveryState, Event, Part
from tests.community import Community, shown

# In Paris; a week after two minutes past midnight on the tests' clock, which begins on 1 January.
IN_A_WEEK = "jeudi 8 janvier à 1h02"
SOON = 150
HOUR = timedelta(hours=1)


async def posts(community: Community, channel: int | None = None) -> list[dict[str, Any]]:
    """The reminders posted to a channel, as they were sent."""
    path = f"/channels/{channel or community.announcements.id}/messages"
    sent = [
        entry.json
        for entry in community.env.http_requests
        if (entry.method, entry.path) == ("POST", path) and entry.json is not None
    ]
    return [body for body in sent if "Rappel" in (body.get("content") or "")]


def pinged(body: dict[str, Any]) -> list[int]:
    return [int(user_id) for user_id in body["allowed_mentions"].get("users", [])]


async def owed(community: Community, kind: str = "reminder") -> Sequence[Delivery]:
    async with community.db.reading() as session:
        query = select(Delivery).where(Delivery.kind == kind).order_by(Delivery.id)
        return (await session.scalars(query)).all()


async def change(community: Community, **values: object) -> None:
    async with community.db.writing() as session:
        await session.execute(update(Event).values(**values))


async def ring(community: Community, *members: simcord.MemberActor) -> None:
    async with community.db.writing() as session:
        session.add_all(
            Bell(event_id=1, user_id=member.id, guild_id=community.guild.id) for member in members
        )


def private(member: simcord.MemberActor) -> list[str]:
    assert member.user.dm_channel is not None
    return [shown(message) for message in member.user.dm_channel.history()]


async def test_who_has_a_seat_is_called_once_and_nobody_else(community: Community) -> None:
    card = await community.announce(when=IN_A_WEEK, capacity=1)
    await community.bob.react(card, "✅")
    await community.carol.react(card, "✅")
    await community.dave.react(card, "❌")
    await community.env.advance_time(60)
    assert await posts(community) == []
    await community.env.advance_time(SOON)
    (reminder,) = await posts(community)
    assert pinged(reminder) == [community.bob.id]
    assert community.carol.mention not in reminder["content"]
    assert "jeudi 8 janvier 2026 à 1\u00a0h\u00a002" in reminder["content"]


async def test_each_is_told_of_their_own_tables_in_the_thread(community: Community) -> None:
    card = await community.announce(when=IN_A_WEEK)
    async with community.db.writing() as session:
        first = (await session.scalars(select(Part))).one()
        first.title = "Table IA"
        session.add(
            Part(guild_id=first.guild_id, event_id=1, position=1, title="Réception", deadline=None)
        )
        await session.execute(update(Event).values(thread_id=community.general.id))
    await community.restart()
    await community.bob.react(card, "1️⃣")
    await community.carol.react(card, "1️⃣")
    await community.carol.react(card, "2️⃣")
    await community.env.advance_time(SOON)
    (reminder,) = await posts(community, community.general.id)
    assert sorted(pinged(reminder)) == sorted([community.bob.id, community.carol.id])
    assert f"1️⃣ {community.bob.mention}" in reminder["content"]
    assert f"1️⃣ 2️⃣ {community.carol.mention}" in reminder["content"]


async def test_who_asked_for_it_is_told_in_private_too_and_can_leave_there(
    community: Community,
) -> None:
    card = await community.announce(when=IN_A_WEEK, capacity=1, place="Le Comptoir")
    await community.bob.react(card, "✅")
    await community.carol.react(card, "✅")
    await ring(community, community.bob, community.carol)
    await community.env.advance_time(SOON)
    (said,) = private(community.bob)
    assert "Le Comptoir" in said
    assert private(community.carol) == []
    assert community.bob.user.dm_channel is not None
    (message,) = community.bob.user.dm_channel.history()
    await community.bob.user.click(message, label="Je ne peux plus venir")
    (promoted,) = private(community.carol)
    assert "Une place s’est libérée" in promoted


async def test_closed_private_messages_are_said_where_everybody_is_reminded(
    community: Community,
) -> None:
    card = await community.announce(when=IN_A_WEEK)
    await community.bob.react(card, "✅")
    await ring(community, community.bob)
    community.env.inject_error("POST", "/users/@me/channels", status=403, code=50007)
    await community.env.advance_time(SOON)
    assert [pinged(body) for body in await posts(community)] == [[community.bob.id]] * 2


async def test_the_button_gives_the_seat_to_who_waits(community: Community) -> None:
    card = await community.announce(when=IN_A_WEEK, capacity=1)
    await community.bob.react(card, "✅")
    await community.carol.react(card, "✅")
    await community.env.advance_time(SOON)
    message = community.announcements.history()[-1]
    await community.restart()
    await community.bob.click(message, label="Je ne peux plus venir")
    assert "Une place s’est libérée" in private(community.carol)[0]


async def test_hundreds_are_each_called_once(community: Community) -> None:
    card = await community.announce(when=IN_A_WEEK)
    crowd = community.crowd(130)
    await community.react_at_once(card, "✅", crowd)
    await community.env.advance_time(SOON)
    bodies = await posts(community)
    calls = Counter(user_id for body in bodies for user_id in pinged(body))
    assert calls == Counter(member.id for member in crowd)
    assert all(body["content"].count("<@") == len(pinged(body)) for body in bodies)
    assert len(bodies) < 8


async def test_who_left_the_server_is_not_called_and_their_seat_is_given_on(
    community: Community,
) -> None:
    card = await community.announce(when=IN_A_WEEK, capacity=1)
    await community.bob.react(card, "✅")
    await community.carol.react(card, "✅")
    community.guild.remove_member(community.bob)
    await community.env.settle()
    await community.env.advance_time(SOON)
    (reminder,) = await posts(community)
    assert pinged(reminder) == [community.carol.id]


@pytest.mark.parametrize(("away", "sent"), [(HOUR, 1), (7 * HOUR, 0)])
async def test_one_that_came_due_while_the_bot_was_away_is_sent_unless_it_is_too_late(
    community: Community, away: timedelta, sent: int
) -> None:
    card = await community.announce(when=IN_A_WEEK)
    await community.bob.react(card, "✅")
    await community.go_away()
    await community.env.advance_time(away.total_seconds())
    await community.come_back()
    await community.env.advance_time(60)
    assert len(await posts(community)) == sent
    (delivery,) = await owed(community)
    assert delivery.state is (DeliveryState.SENT if sent else DeliveryState.MISSED)


async def test_a_restart_after_it_was_sent_does_not_send_it_again(community: Community) -> None:
    card = await community.announce(when=IN_A_WEEK)
    await community.bob.react(card, "✅")
    await community.env.advance_time(SOON)
    await community.restart()
    await community.env.advance_time(60)
    assert len(await posts(community)) == 1


@pytest.mark.parametrize("where", ["channel", "private"])
async def test_one_posted_before_a_crash_is_known_again_whoever_came_and_went_since(
    community: Community, where: str
) -> None:
    card = await community.announce(when=IN_A_WEEK, capacity=1)
    await community.bob.react(card, "✅")
    await community.carol.react(card, "✅")
    if where == "private":
        await ring(community, community.bob, community.carol)
    await community.env.advance_time(SOON)
    kind = "bell" if where == "private" else "reminder"
    async with community.db.writing() as session:
        # As a process leaves it that dies between posting and marking, long enough ago for
        # Discord to have forgotten the nonce.
        await session.execute(
            update(Delivery)
            .where(Delivery.kind == kind)
            .values(
                state=DeliveryState.SENDING,
                message_id=None,
                due_at=community.bot.clock() + timedelta(minutes=3),
            )
        )
        await session.execute(update(Event).values(title="Petit-déjeuner de janvier"))
    if where == "channel":
        await community.bob.unreact(card, "✅")
    for _ in range(4):
        await community.env.advance_time(60)
    assert len(await posts(community)) == 1
    assert len(private(community.bob) if where == "private" else [""]) == 1
    (delivery,) = await owed(community, kind)
    assert delivery.state is DeliveryState.SENT


# Asked for by an organiser.


async def test_an_organiser_reminds_those_who_have_a_seat_once_a_day(community: Community) -> None:
    card = await community.announce()
    reply = await community.alice.slash(community.general, "event remind", event="1")
    assert reply.response is not None
    assert "Personne n’a encore de place" in reply.response.content
    await community.bob.react(card, "✅")
    reply = await community.alice.slash(community.general, "event remind", event="1")
    assert reply.response is not None
    assert community.announcements.mention in reply.response.content
    assert await posts(community) == []
    await community.alice.click(reply.response, label="Envoyer")
    assert reply.response.content == "🔔 C’est parti\u00a0: 1 personne est prévenue."
    (reminder,) = await posts(community)
    assert pinged(reminder) == [community.bob.id]
    again = await community.alice.slash(community.general, "event remind", event="1")
    assert again.response is not None
    assert "déjà parti aujourd’hui" in again.response.content


async def test_pressed_twice_it_is_sent_once(community: Community) -> None:
    card = await community.announce()
    await community.bob.react(card, "✅")
    first = await community.alice.slash(community.general, "event remind", event="1")
    second = await community.alice.slash(community.general, "event remind", event="1")
    assert first.response is not None
    assert second.response is not None
    await community.alice.click(first.response, label="Envoyer")
    await community.alice.click(second.response, label="Envoyer")
    assert len(await posts(community)) == 1


async def test_without_the_members_intent_a_role_cannot_be_asked(community: Community) -> None:
    await community.announce()
    reply = await community.alice.slash(
        community.general, "event remind", event="1", role=community.organisers
    )
    assert reply.response is not None
    assert "MEMBERS_INTENT" in reply.response.content


async def test_a_button_in_private_answers_in_the_language_of_its_community(
    community: Community,
) -> None:
    card = await community.announce(when=IN_A_WEEK)
    await community.bob.react(card, "✅")
    await ring(community, community.bob)
    await community.env.advance_time(60)
    await community.env.advance_time(SOON)
    word = community.bob.user.dm_channel.history()[-1]
    done = await community.bob.user.click(word, label="Je ne peux plus venir")
    assert done.response is not None
    assert "vous ne venez pas" in done.response.content
