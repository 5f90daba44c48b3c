import discord
import pytest

from bot.tables import EventStatus
from tests.belonging import (
    asked,
    change,
    choose_role,
    give,
    having,
    ids,
    in_thread,
    kept,
    settle_on,
    the_event,
)
from tests.community import Community
from tests.organising import said
from tests.programmes import announce_programme, table


async def test_a_seat_brings_a_role_and_takes_it_along(community: Community) -> None:
    role = community.guild.create_role("Tablée")
    card = await community.announce(capacity=1)
    reply = said(await choose_role(community, role))
    assert f"qui a une place pour **Petit-déjeuner** reçoit {role.mention}" in reply
    await community.bob.react(card, "✅")
    await community.carol.react(card, "✅")
    assert having(community, role) == ids(community.bob)
    await community.bob.unreact(card, "✅")
    assert having(community, role) == ids(community.carol)


async def test_who_is_seated_already_gets_a_role_chosen_later(community: Community) -> None:
    role = community.guild.create_role("Tablée")
    card = await community.announce()
    await community.bob.react(card, "✅")
    await choose_role(community, role)
    assert having(community, role) == ids(community.bob)
    await choose_role(community)
    assert having(community, role) == set()


async def test_a_role_given_by_hand_is_kept(community: Community) -> None:
    role = community.guild.create_role("Tablée")
    card = await community.announce()
    await choose_role(community, role)
    give(community, role, community.bob)
    await community.bob.react(card, "✅")
    await community.bob.unreact(card, "✅")
    assert having(community, role) == ids(community.bob)


async def test_a_role_of_one_table_is_for_those_seated_there(community: Community) -> None:
    role = community.guild.create_role("Écriture")
    await announce_programme(community, parts=[table("IA"), table("Scénario", 1)])
    reply = await choose_role(community, role, event="Rencontres Pro", part="Scénario")
    assert role.mention in said(reply)
    card = community.card()
    await community.bob.react(card, "1️⃣")
    await community.carol.react(card, "2️⃣")
    assert having(community, role) == ids(community.carol)


async def test_a_part_of_another_event_is_refused(community: Community) -> None:
    role = community.guild.create_role("Tablée")
    await community.announce()
    await announce_programme(community, parts=[table("IA"), table("Scénario", 1)])
    reply = await choose_role(community, role, part="IA")
    assert "n’est pas au programme de Petit-déjeuner" in said(reply)


async def test_a_role_goes_back_after_the_event_unless_another_needs_it(
    community: Community,
) -> None:
    role = community.guild.create_role("Tablée")
    first = await community.announce(title="Déjeuner")
    second = await community.announce(title="Dîner")
    await choose_role(community, role, event="Déjeuner")
    await choose_role(community, role, event="Dîner")
    for member in (community.bob, community.carol):
        await member.react(first, "✅")
    await community.bob.react(second, "✅")
    assert having(community, role) == ids(community.bob, community.carol)
    await community.alice.slash(community.general, "event cancel", event="Déjeuner")
    question = community.general.history(viewer=community.alice)[-1]
    await community.alice.click(question, label="Confirmer")
    assert having(community, role) == ids(community.bob)


async def test_a_role_goes_back_when_the_event_is_past(community: Community) -> None:
    role = community.guild.create_role("Tablée")
    card = await community.announce()
    await choose_role(community, role)
    await community.bob.react(card, "✅")
    await change(community, status=EventStatus.PAST)
    assert having(community, role) == set()
    assert await kept(community) == []


async def test_a_deleted_role_asks_for_nothing(community: Community) -> None:
    role = community.guild.create_role("Tablée")
    card = await community.announce()
    await choose_role(community, role)
    await community.bob.react(card, "✅")
    real = community.me.guild.get_role(role.id)
    assert real is not None
    await real.delete()
    await community.env.settle()
    before = len(community.env.http_requests)
    await community.carol.react(card, "✅")
    await community.bob.unreact(card, "✅")
    assert asked(community, before, "/roles/", "/members/") == []
    assert await kept(community) == []


async def test_a_member_who_left_is_passed_over(community: Community) -> None:
    role = community.guild.create_role("Tablée")
    card = await community.announce()
    await choose_role(community, role)
    await community.bob.react(card, "✅")
    community.guild.remove_member(community.bob)
    await choose_role(community)
    assert await kept(community) == []


async def test_without_manage_roles_nothing_is_tried(community: Community) -> None:
    role = community.guild.create_role("Tablée")
    card = await community.announce()
    await choose_role(community, role)
    mine = community.me.top_role
    rights = discord.Permissions(mine.permissions.value)
    rights.manage_roles = False
    community.env.backend.edit_role(community.guild.id, mine.id, {"permissions": rights.value})
    await community.env.settle()
    before = len(community.env.http_requests)
    await community.bob.react(card, "✅")
    assert asked(community, before, "/roles/", "/members/") == []
    assert "il me manque « Gérer les rôles »" in said(await choose_role(community, role))


@pytest.mark.parametrize(
    ("rights", "sentence"),
    [
        ({"administrator": True}, "donne des pouvoirs"),
        ({"manage_messages": True}, "donne des pouvoirs"),
        ({"mention_everyone": True}, "donne des pouvoirs"),
    ],
)
async def test_a_role_with_powers_is_refused(
    community: Community, rights: dict[str, bool], sentence: str
) -> None:
    role = community.guild.create_role("Chef", permissions=discord.Permissions(**rights))
    await community.announce()
    assert sentence in said(await choose_role(community, role))
    assert (await the_event(community)).role_id is None


async def test_the_roles_that_nobody_can_give_are_refused(community: Community) -> None:
    high = community.guild.create_role("Haut", position=99)
    await community.announce()
    everyone = community.guild.default_role
    assert "@everyone" in said(await choose_role(community, everyone))
    assert "placez" in said(await choose_role(community, high))
    assert "donne des pouvoirs" in said(await choose_role(community, community.organisers))
    managed = community.guild.create_role("Appli", managed=True)
    assert "appartient à une application" in said(await choose_role(community, managed))


async def test_a_role_that_becomes_powerful_is_given_no_more(community: Community) -> None:
    role = community.guild.create_role("Tablée")
    card = await community.announce()
    await choose_role(community, role)
    powers = discord.Permissions(ban_members=True).value
    community.env.backend.edit_role(community.guild.id, role.id, {"permissions": powers})
    await community.env.settle()
    await community.bob.react(card, "✅")
    assert having(community, role) == set()


async def test_both_a_thread_and_a_role_survive_restarts(community: Community) -> None:
    role = community.guild.create_role("Tablée")
    await settle_on(community, threads=True)
    card = await community.announce()
    await choose_role(community, role)
    await community.bob.react(card, "✅")
    await community.go_away()
    await community.bob.unreact(card, "✅")
    await community.carol.react(card, "✅")
    await community.come_back()
    assert having(community, role) == ids(community.carol)
    assert in_thread(community, card.id) == ids(community.carol)
