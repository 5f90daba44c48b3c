"""The guided private message: tables, limits, announcement, drafts found again."""

from typing import Any

import discord
import pytest
import simcord
from sqlalchemy import select

from bot import drafts, guilds
from bot.tables import Part
from tests.community import Community, shown
from tests.organising import (
    FULL,
    WHEN,
    add_table,
    change,
    fill_in,
    guided,
    inputs,
    kept,
    labels,
    plain,
    preview_of,
    said,
)

SECTIONS = ["Titre et date", "Lieu et contact", "Tables rondes", "Limites", "Annonce"]


async def parts(community: Community) -> list[Part]:
    async with community.db.reading() as session:
        return [*(await session.scalars(select(Part).order_by(Part.position)))]


def card_text(message: discord.Message) -> str:
    """Everything on a card, its fields too."""
    (embed,) = message.embeds
    fields = [f"{field.name}\n{field.value}" for field in embed.fields]
    return plain("\n".join([shown(message), *fields]))


async def press(
    community: Community, message: simcord.ResponseMessage, label: str
) -> simcord.InteractionResult:
    return await community.alice.click(message, label=label)


async def three_tables(community: Community, message: simcord.ResponseMessage) -> None:
    """Describe three tables, and go back to the preview."""
    await press(community, message, "Tables rondes")
    assert "on s’inscrit à la rencontre entière" in plain(message.content)
    first = await press(community, message, "Ajouter une table")
    assert inputs(first)["capacity"]["value"] == "40", "what was written for the event"
    await fill_in(community, first, title="IA", hours="18h30-19h30", capacity="12")
    await add_table(community, message, "Son", about="Avec Nadia", hours="20h", capacity="")
    await add_table(community, message, "Soirée", place="Terrasse", capacity="100")
    assert "1️⃣ **IA** · 18h30-19h30 · places : 12" in plain(message.content)
    await press(community, message, "Monter")
    await press(community, message, "Retour")


async def test_from_the_form_to_a_card_with_three_tables(community: Community) -> None:
    opened = await community.alice.slash(community.general, "event create")
    result = await fill_in(
        community, opened, title="Rencontres Pro", when=WHEN, capacity="40", description="À nous !"
    )
    message = preview_of(result)
    assert FULL in said(result)
    assert labels(message) == [*SECTIONS, "Publier", "Publier à…", "Abandonner"]
    await change(community, message, "Lieu et contact", place="Arles", contact="Camille")
    await three_tables(community, message)
    previewed = message.message.embeds[0].to_dict()
    await press(community, message, "Publier")
    assert "C’est parti" in plain(message.content)
    card = community.card()
    assert card.embeds[0].to_dict() == previewed
    for text in ("À nous !", "📍 Arles", "IA", "Soirée", "Terrasse", "Avec Nadia"):
        assert text in card_text(card)
    described = [(part.title, part.capacity) for part in await parts(community)]
    assert described == [("IA", 12), ("Soirée", 100), ("Son", None)]
    assert await kept(community) == []


async def test_a_refused_table_says_why_and_opens_again_filled_in(community: Community) -> None:
    message = await guided(community)
    await press(community, message, "Tables rondes")
    await add_table(community, message, "", hours="15h-14h", capacity="0", about="x" * 30)
    refused = plain(message.content)
    assert "Il manque un titre à cette table" in refused
    assert "doit venir après le début" in refused
    assert "« 0 » n’est pas un nombre de places" in refused
    opened = await press(community, message, "Corriger")
    values = {name: field.get("value") for name, field in inputs(opened).items()}
    assert (values["hours"], values["capacity"], values["about"]) == ("15h-14h", "0", "x" * 30)
    await press(community, message, "Retour")
    assert "Publier" not in labels(message)
    assert "Table « Sans titre » :" in plain(message.content)
    await change(community, message, "Corriger", title="IA", hours="18h30", capacity="8")
    await press(community, message, "Retour")
    assert FULL in plain(message.content)


async def test_ten_tables_and_no_eleventh(community: Community) -> None:
    message = await guided(community)
    await press(community, message, "Tables rondes")
    for number in range(1, 11):
        await add_table(community, message, f"Table {number}")
    refused = await press(community, message, "Ajouter une table")
    assert "10 tables au plus" in said(refused)
    assert len(await kept(community)) == 1


async def test_an_eleventh_table_from_a_form_left_open_is_kept_and_refused(
    community: Community,
) -> None:
    message = await guided(community)
    await press(community, message, "Tables rondes")
    for number in range(1, 10):
        await add_table(community, message, f"Table {number}")
    forms = [await press(community, message, "Ajouter une table") for _ in range(2)]
    for form in forms:
        await fill_in(community, form, title="La dernière")
    assert "10 tables au plus" in plain(message.content)
    await press(community, message, "Retirer")
    await press(community, message, "Retour")
    assert FULL in plain(message.content)


async def test_a_button_of_an_old_message_takes_out_the_table_it_was_about(
    community: Community,
) -> None:
    old = await guided(community)
    await press(community, old, "Tables rondes")
    for title in ("IA", "Son", "Image"):
        await add_table(community, old, title)
    await community.alice.select(old, ["2"])
    (draft,) = await kept(community)
    listed = await community.alice.slash(community.general, "event drafts")
    other = preview_of(listed)
    await community.alice.select(other, [str(draft.id)])
    await press(community, other, "Tables rondes")
    await community.alice.select(other, ["1"])
    await press(community, other, "Retirer")
    await press(community, old, "Retirer")
    (draft,) = await kept(community)
    assert [one["title"] for one in draft.fields["parts"]] == ["Image"]
    await community.alice.select(other, ["3"])
    await press(community, old, "Retirer")
    refused = await press(community, other, "Monter")
    assert "a été retirée entre-temps" in said(refused)


async def test_limits_are_chosen_for_the_whole_event(community: Community) -> None:
    message = await guided(community, capacity=20)
    opened = await press(community, message, "Limites")
    assert inputs(opened)["capacity"]["value"] == "20"
    await fill_in(
        community,
        opened,
        capacity="12",
        guests=["2"],
        deadline="la veille",
        approval=["yes"],
        roles=[community.organisers],
    )
    again = await press(community, message, "Limites")
    standing = inputs(again)
    assert standing["deadline"]["value"] == "la veille"
    assert [one["value"] for one in standing["guests"]["options"] if one.get("default")] == ["2"]
    (role,) = standing["roles"]["default_values"]
    assert int(role["id"]) == community.organisers.id
    await fill_in(community, again)
    await press(community, message, "Publier")
    (part,) = await parts(community)
    assert (part.capacity, part.guests_allowed, part.deadline) == (12, 2, 24 * 60)
    assert (part.needs_approval, part.roles) == (True, [community.organisers.id])


async def test_limits_of_some_tables_leave_the_others_as_they_are(community: Community) -> None:
    message = await guided(community)
    await press(community, message, "Tables rondes")
    for title, seats in (("IA", "12"), ("Son", "8"), ("Image", "")):
        await add_table(community, message, title, capacity=seats)
    await press(community, message, "Retour")
    await change(community, message, "Limites", tables=["1", "2"], guests=["1"], deadline="2 j")
    opened = await press(community, message, "Limites")
    assert "capacity" not in inputs(opened)
    assert inputs(opened)["deadline"].get("value", "") == "", "they differ"
    await fill_in(community, opened, approval=["yes"])
    await press(community, message, "Publier")
    assert [
        (part.capacity, part.guests_allowed, part.deadline, part.needs_approval)
        for part in await parts(community)
    ] == [(12, 1, 2880, True), (8, 1, 2880, True), (None, 0, None, True)]


async def test_refused_limits_of_some_tables_open_again_for_those(community: Community) -> None:
    message = await guided(community)
    await press(community, message, "Tables rondes")
    for title in ("IA", "Son", "Image"):
        await add_table(community, message, title)
    await press(community, message, "Retour")
    await change(community, message, "Limites", tables=["1", "3"], deadline="90 jours")
    assert "Table « IA » : Cette clôture est trop en avance" in plain(message.content)
    opened = await press(community, message, "Corriger")
    chosen = [one["value"] for one in inputs(opened)["tables"]["options"] if one.get("default")]
    assert (chosen, inputs(opened)["deadline"]["value"]) == (["1", "3"], "90 jours")
    await fill_in(community, opened, deadline="9 jours")
    await press(community, message, "Publier")
    assert [part.deadline for part in await parts(community)] == [12960, None, 12960]


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ({"capacity": "0"}, "« 0 » n’est pas un nombre de places"),
        ({"deadline": "90 jours"}, "60 jours avant le début au plus"),
        ({"deadline": "3 semaines"}, "les réponses seraient déjà closes"),
        ({"deadline": "tantôt"}, "Je n’ai pas compris « tantôt »"),
    ],
)
async def test_refused_limits_say_why_and_open_again_filled_in(
    community: Community, written: dict[str, Any], sentence: str
) -> None:
    message = await guided(community)
    await change(community, message, "Limites", **written)
    assert sentence in plain(message.content)
    opened = await press(community, message, "Corriger")
    assert {name: inputs(opened)[name]["value"] for name in written} == written
    await fill_in(community, opened, capacity="", deadline="")
    assert FULL in plain(message.content)


async def test_all_that_is_wrong_in_a_form_is_said_at_once(community: Community) -> None:
    opened = await community.alice.slash(community.general, "event create", title="Café")
    result = await fill_in(
        community, opened, title="\u202e ", when="bientôt", place="x" * 199, capacity="mille"
    )
    refused = said(result)
    for sentence in ("Il manque un titre", "Je n’ai pas compris « bientôt »", "« mille »"):
        assert sentence in refused
    message = preview_of(result)
    await change(community, message, "Corriger", title="Café", when=WHEN)
    assert "« mille »" in plain(message.content)
    await change(community, message, "Corriger", capacity="1000")
    assert FULL in plain(message.content)


async def test_the_usual_hour_is_proposed_in_the_form(community: Community) -> None:
    message = await guided(community)
    (draft,) = await kept(community)
    async with community.db.writing() as session:
        usual = {"usual_time": "18h30-20h"}
        await drafts.change(
            session,
            draft.id,
            lambda fields: {**fields, **usual},
            guild_id=community.guild.id,
            now=community.bot.clock(),
        )
    await change(community, message, "Titre et date", when="jeudi 15 janvier")
    assert "D’habitude : 18h30-20h" in plain(message.content)
    opened = await press(community, message, "Corriger")
    assert inputs(opened)["when"]["value"] == "jeudi 15 janvier 18h30-20h"
    await fill_in(community, opened)
    assert FULL in plain(message.content)


async def test_a_title_of_4000_characters_is_refused_and_kept(community: Community) -> None:
    message = await guided(community, title="x" * 4000)
    assert "150 caractères au plus" in plain(message.content)
    opened = await press(community, message, "Corriger")
    assert inputs(opened)["title"]["value"] == "x" * 4000


async def test_the_announcement_goes_where_it_was_chosen_in_its_colour(
    community: Community,
) -> None:
    message = await guided(community)
    opened = await press(community, message, "Annonce")
    (default,) = inputs(opened)["channel"]["default_values"]
    assert int(default["id"]) == community.announcements.id
    await fill_in(community, opened, channel=[community.general], colour=["red"])
    assert community.general.mention in plain(message.content)
    assert message.message.embeds[0].colour == discord.Colour(0xE74C3C)
    await press(community, message, "Publier")
    assert community.announcements.history() == []
    assert community.card(community.general).embeds[0].colour == discord.Colour(0xE74C3C)


async def test_without_a_channel_nothing_written_is_lost(community: Community) -> None:
    guild = community.env.create_guild("Autre", preferred_locale="fr")
    await community.env.settle()
    room = guild.create_text_channel("general")
    role = guild.create_role("Bureau", permissions=discord.Permissions(manage_events=True))
    erin = guild.add_member(community.env.create_user("erin"), roles=[role])
    async with community.db.writing() as session:
        await guilds.configure(session, guild.id, {"language": "fr"})
    result = await erin.slash(room, "event create", title="Café", when=WHEN)
    message = preview_of(result)
    assert "Il manque le salon des annonces" in plain(message.content)
    refused = await erin.click(message, label="Publier")
    assert "Il manque le salon des annonces" in said(refused)
    opened = await erin.click(message, label="Annonce")
    await erin.submit_modal(opened, {"channel": [room]})
    await erin.click(message, label="Publier")
    public = room.history(viewer=guild.add_member(community.env.create_user("frank")))
    assert [message.embeds[0].title for message in public if message.embeds] == ["Café"]


async def test_where_the_bot_may_not_post_the_preview_warns_and_publishing_is_refused(
    community: Community,
) -> None:
    closed = community.guild.create_text_channel(
        "ferme", overwrites={community.me: discord.PermissionOverwrite(send_messages=False)}
    )
    message = await guided(community)
    await change(community, message, "Annonce", channel=[closed])
    assert "Je n’ai pas le droit d’annoncer" in plain(message.content)
    refused = await press(community, message, "Publier")
    assert "Je n’ai pas le droit d’annoncer" in said(refused)
    assert len(await kept(community)) == 1
