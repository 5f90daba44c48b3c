"""Drafts found again, by those who may."""

import discord
import pytest

from bot import drafts
from tests.community import Community
from tests.organising import (
    WHEN,
    allow,
    change,
    guided,
    kept,
    plain,
    preview_of,
    propose,
    said,
)

SECTIONS = ["Titre et date", "Lieu et contact", "Tables rondes", "Limites", "Annonce"]


async def test_two_presses_and_two_organisers_announce_once(community: Community) -> None:
    message = await guided(community)
    (draft,) = await kept(community)
    erin = community.guild.add_member(
        community.env.create_user("erin"), roles=[community.organisers]
    )
    listed = await erin.slash(community.general, "event drafts")
    other = preview_of(listed)
    await erin.select(other, [str(draft.id)])
    await community.alice.click(message, label="Publier")
    refused = await erin.click(other, label="Publier")
    assert "a été publié ou abandonné" in said(refused)
    assert len(community.announcements.history()) == 1


async def test_drafts_are_found_again_after_a_restart(community: Community) -> None:
    await propose(community, title="Première")
    await propose(community, title="Seconde", when="un de ces jours")
    await community.restart()
    listed = await community.alice.slash(community.general, "event drafts")
    assert "2 brouillons, gardés 90 jours" in said(listed)
    first, second = await kept(community)
    message = preview_of(listed)
    await community.alice.select(message, [str(second.id)])
    assert "Je n’ai pas compris" in plain(message.content)
    await change(community, message, "Corriger", when=WHEN)
    await community.alice.click(message, label="Publier")
    assert [draft.id for draft in await kept(community)] == [first.id]


async def test_of_a_hundred_drafts_the_newest_are_listed(community: Community) -> None:
    now = community.bot.clock()
    async with community.db.writing() as session:
        for number in range(100):
            fields = {"title": f"{number} " + "*_" * 2000, "when": "x" * 4000}
            await drafts.keep(
                session,
                "event",
                fields,
                guild_id=community.guild.id,
                user_id=community.bob.id,
                now=now,
            )
    listed = await community.alice.slash(community.general, "event drafts")
    (menu,) = preview_of(listed).components[0]["components"]
    assert len(menu["options"]) == 25
    assert menu["options"][0]["label"].startswith("📝 99 ")
    await community.alice.select(preview_of(listed), [menu["options"][3]["value"]])
    assert "150 caractères au plus" in plain(preview_of(listed).content)


async def test_without_drafts_it_is_said_how_to_begin(community: Community) -> None:
    listed = await community.alice.slash(community.general, "event drafts")
    assert "Aucun brouillon" in said(listed)


@pytest.mark.parametrize("label", [*SECTIONS, "Publier", "Publier à…", "Abandonner"])
async def test_every_button_of_a_draft_is_for_organisers(community: Community, label: str) -> None:
    await allow(community, community.bob)
    result = await community.bob.slash(community.general, "event create", title="Café", when=WHEN)
    refused = await community.bob.click(preview_of(result), label=label)
    assert said(refused) == "Cette action est réservée à l’organisation."


async def test_a_form_is_for_organisers_when_it_is_sent(community: Community) -> None:
    bureau = community.guild.create_role("Bureau", permissions=discord.Permissions.none())
    erin = community.guild.add_member(community.env.create_user("erin"), roles=[bureau])
    await allow(community, bureau)
    await community.alice.slash(community.general, "setup", organisers=bureau)
    result = await erin.slash(community.general, "event create", title="Café", when=WHEN)
    opened = await erin.click(preview_of(result), label="Titre et date")
    await community.alice.slash(community.general, "setup", organisers=community.organisers)
    refused = await erin.submit_modal(opened, {"title": "Thé", "when": WHEN})
    assert said(refused) == "Cette action est réservée à l’organisation."
    (draft,) = await kept(community)
    assert draft.fields["title"] == "Café"
