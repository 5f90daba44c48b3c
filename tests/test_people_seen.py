"""What organisers and members see when people are decided upon, seated by hand, taken out."""

import csv
import io
from typing import Any

import discord
import pytest
import simcord
from simcord import InteractionResult
from sqlalchemy import update

from bot.events import export
from bot.tables import Part
from tests.community import Community, shown

CLOSED_MESSAGES = 50007


def said(result: InteractionResult) -> str:
    assert result.response is not None
    return result.response.content.replace("\u00a0", " ")


def private(member: simcord.MemberActor) -> list[discord.Message]:
    return list(member.user.dm_channel.history())


async def ask(community: Community, command: str, **options: Any) -> InteractionResult:
    return await community.alice.slash(
        community.general, f"event {command}", part="Petit-déjeuner", **options
    )


async def with_approval(community: Community, *, capacity: int | None = None) -> discord.Message:
    card = await community.announce(capacity=capacity)
    async with community.db.writing() as session:
        await session.execute(update(Part).values(needs_approval=True))
    return card


# The list.


async def test_the_list_says_who_comes_who_waits_and_who_was_seated_by_hand(
    community: Community,
) -> None:
    card = await community.announce(capacity=1)
    await community.bob.click(card, label="Je viens")
    await community.carol.click(card, label="Je viens")
    await ask(community, "seat", member=community.dave, guests=2)
    text = said(await ask(community, "attendees"))
    assert "✅ Présents 4 / 1" in text
    assert "✍️ dont 3 places données à la main" in text
    assert f"1. {community.bob.mention}\n2. {community.dave.mention} +2 · à la main" in text
    assert f"**⏳ En attente, dans l’ordre (1)**\n1. {community.carol.mention}" in text


async def test_nobody_is_said_to_be_nobody(community: Community) -> None:
    await community.announce()
    assert "Personne n’a encore répondu." in said(await ask(community, "attendees"))


async def test_two_hundred_and_sixty_stand_in_pages_that_turn_after_a_restart(
    community: Community,
) -> None:
    card = await community.announce(capacity=200, title="_" * 90)
    crowd = community.crowd(260)
    await community.react_at_once(card, "✅", crowd)
    reply = await community.alice.slash(community.general, "event attendees", part="_" * 90)
    seen = [said(reply)]
    assert reply.response is not None
    await community.restart()
    for _ in range(10):
        turned = await community.alice.click(reply.response, custom_id=_turn(reply, "▶"))
        assert turned.response is None or turned.response.ephemeral
        seen.append(said(reply))
    assert "Page 11 sur 11" in seen[-1]
    text = "\n".join(seen)
    assert all(len(page) <= 2000 for page in seen)
    assert all(text.count(member.mention) == 1 for member in crowd)
    with pytest.raises(simcord.SetupError):
        _turn(reply, "▶")


def _turn(reply: InteractionResult, arrow: str) -> str:
    assert reply.response is not None
    for row in reply.response.components:
        for item in row["components"]:
            if item.get("emoji", {}).get("name") == arrow:
                return str(item["custom_id"])
    raise simcord.SetupError(f"no {arrow}")


# Requests.


async def test_a_request_comes_to_the_organiser_who_accepts_it_after_a_restart(
    community: Community,
) -> None:
    card = await with_approval(community, capacity=1)
    await community.bob.click(card, label="Je viens")
    (request,) = private(community.alice)
    assert f"✋ {community.bob.mention} demande une place" in request.content
    await community.restart()
    await community.alice.user.click(request, label="Accepter")
    assert f"{community.bob.mention} a une place" in private(community.alice)[0].content
    (word,) = private(community.bob)
    assert "Votre demande est acceptée" in word.content
    assert "✅ Présents 1" in shown(community.card())


async def test_who_is_accepted_when_it_is_full_is_told_their_place_once(
    community: Community,
) -> None:
    card = await with_approval(community, capacity=1)
    for member in (community.bob, community.carol):
        await member.click(card, label="Je viens")
    for request in private(community.alice):
        await community.alice.user.click(request, label="Accepter")
    (word,) = private(community.carol)
    assert "vous êtes en liste d’attente, en position 1" in word.content
    assert "attend en position 1" in private(community.alice)[1].content


async def test_a_refusal_is_said_once_and_a_stale_button_says_so(community: Community) -> None:
    card = await with_approval(community)
    await community.bob.click(card, label="Je viens")
    (request,) = private(community.alice)
    listed = await ask(community, "attendees")
    assert listed.response is not None
    picked = await community.alice.select(listed.response, [str(community.bob.id)])
    assert picked.response is not None
    await community.alice.click(picked.response, label="Refuser")
    assert "est refusée" in said(picked)
    late = await community.alice.user.click(request, label="Accepter")
    assert "no longer waits for an answer" in said(late), "a client in English, in private"
    again = await community.alice.select(listed.response, [str(community.bob.id)])
    assert "n’attend plus de réponse" in said(again)
    (word,) = private(community.bob)
    assert "n’a pas pu être acceptée" in word.content
    assert "🚫 Demande refusée (1)" in said(await ask(community, "attendees"))


async def test_a_request_made_just_before_the_end_is_brought_after_a_restart(
    community: Community,
) -> None:
    card = await with_approval(community)
    await community.go_away()
    await community.bob.react(card, "✅")
    await community.come_back()
    assert len(private(community.alice)) == 1
    await community.restart()
    assert len(private(community.alice)) == 1


async def test_who_organises_no_more_decides_and_sees_nothing(community: Community) -> None:
    card = await with_approval(community)
    await community.bob.click(card, label="Je viens")
    (request,) = private(community.alice)
    listed = await ask(community, "attendees")
    assert listed.response is not None
    await retire(community)
    select = await community.alice.select(listed.response, [str(community.bob.id)])
    assert "réservée à l’organisation" in said(select)
    refused = await community.alice.user.click(request, label="Accepter")
    assert "for organisers only" in said(refused), "a client in English, in private"
    community.guild.remove_member(community.alice)
    gone = await community.alice.user.click(request, label="Accepter")
    assert "for organisers only" in said(gone)
    assert private(community.bob) == []


async def retire(community: Community) -> None:
    guild = community.bot.get_guild(community.guild.id)
    assert guild is not None
    alice = await guild.fetch_member(community.alice.id)
    await alice.remove_roles(discord.Object(community.organisers.id))
    await community.env.settle()


# By hand.


def robot(community: Community) -> simcord.MemberActor:
    return community.guild.add_member(community.env.create_user("robot", bot=True))


async def test_who_is_seated_or_removed_by_hand_is_told_once_and_why(
    community: Community,
) -> None:
    await community.announce(capacity=1)
    placed = await ask(community, "seat", member=community.bob)
    assert f"{community.bob.mention} a une place" in said(placed)
    assert placed.ephemeral
    removed = await ask(community, "remove", member=community.bob, reason="le **bus** est plein")
    assert "en est averti en privé" in said(removed)
    words = [message.content for message in private(community.bob)]
    assert len(words) == 2
    assert "vous a donné une place" in words[0]
    assert words[1].endswith("Motif\u00a0: le \\*\\*bus\\*\\* est plein")


async def test_silly_wishes_are_answered_in_words(community: Community) -> None:
    await community.announce()
    assert "C’est un bot" in said(await ask(community, "seat", member=robot(community)))
    assert "n’est pas inscrite" in said(await ask(community, "remove", member=community.bob))
    await ask(community, "seat", member=community.bob)
    assert "a déjà une place" in said(await ask(community, "seat", member=community.bob))


async def test_who_left_can_be_removed_and_not_seated(community: Community) -> None:
    card = await community.announce()
    await community.bob.click(card, label="Je viens")
    community.guild.remove_member(community.bob)
    gone = community.bob.user
    await ask(community, "remove", member=gone)
    assert "✅ Présents 0" in shown(community.card())
    assert "n’est plus membre" in said(await ask(community, "seat", member=gone))


# The table.


async def test_the_table_has_everybody_by_name(community: Community) -> None:
    card = await community.announce(capacity=1)
    evil = community.guild.add_member(community.env.create_user("mallory"), nick="=1+1;2")
    for member in (community.bob, evil):
        await member.click(card, label="Je viens")
    reply = await community.alice.slash(community.general, "event export", event="Petit-déjeuner")
    assert reply.response is not None
    assert "2 lignes" in said(reply)
    (file,) = reply.response.message.attachments
    assert file.filename == "petit-dejeuner.csv"
    text = (await file.read()).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [(it["name"], it["seat"]) for it in rows] == [
        ("bob", "seated"),
        ("'=1+1;2", "waiting"),
    ]
    assert tuple(rows[0]) == export.COLUMNS


async def test_without_an_event_the_table_asks_for_one(community: Community) -> None:
    await community.announce()
    reply = await community.alice.slash(community.general, "event export")
    assert "Choisissez une rencontre" in said(reply)


async def test_who_takes_no_private_messages_is_told_of_a_seat_under_the_card(
    community: Community,
) -> None:
    card = await with_approval(community)
    await community.bob.click(card, label="Je viens")
    (request,) = private(community.alice)
    path = "/users/@me/channels"
    community.env.inject_error("POST", path, status=403, code=CLOSED_MESSAGES, times=None)
    await community.alice.user.click(request, label="Accepter")
    word = community.announcements.history(viewer=community.bob)[-1]
    assert word.content.startswith(community.bob.mention)
    assert "Votre demande est acceptée" in word.content
    left = await community.bob.click(word, label="Je ne peux plus venir")
    assert left.ephemeral
