"""A series in its guided private message, and the private word when an edition is prepared."""

from typing import Any

import discord
import pytest
import simcord
from sqlalchemy import select

from bot.tables import Event, Series
from tests.community import Community, shown
from tests.organising import change, fill_in, inputs, kept, labels, plain, preview_of

# The non-breaking space is French.
RULE = "Revient quand\u00a0?"
SECTIONS = ["Nom, lieu, horaire", "Tables rondes", "Rappels", "Salon et couleur", RULE]
CONTACT = {"name": "Petit-déjeuner", "place": "Arles", "capacity": "30", "usual_time": "9h-10h30"}


async def begin(community: Community, **fields: Any) -> simcord.ResponseMessage:
    """The guided message of a new series."""
    opened = await community.alice.slash(community.general, "series create")
    return preview_of(await fill_in(community, opened, **(CONTACT | fields)))


async def create(community: Community, **fields: Any) -> None:
    message = await begin(community, **fields)
    await community.alice.click(message, label="Enregistrer")
    assert "C’est enregistré" in plain(message.content)


async def edit(community: Community, name: str = "Petit-déjeuner") -> simcord.ResponseMessage:
    return preview_of(await community.alice.slash(community.general, "series edit", series=name))


async def stored(community: Community) -> list[Series]:
    async with community.db.reading() as session:
        return [*await session.scalars(select(Series).order_by(Series.id))]


def seen(message: simcord.ResponseMessage) -> str:
    """All that the guided message says, with plain spaces."""
    return plain(shown(message.message))


def private(who: simcord.MemberActor) -> list[discord.Message]:
    """The private messages that somebody got."""
    return [*who.user.dm_channel.history()]


async def demote(community: Community) -> None:
    """Take the organisers' role from Alice, who is none any more."""
    guild = community.bot.get_guild(community.guild.id)
    assert guild is not None
    alice = await guild.fetch_member(community.alice.id)
    await alice.remove_roles(discord.Object(community.organisers.id))


async def minutes(community: Community, count: int) -> None:
    await community.env.advance_time(count * 60)


async def test_from_the_form_to_a_series_with_everything(community: Community) -> None:
    message = await begin(community)
    assert labels(message) == [*SECTIONS, "Enregistrer", "Abandonner"]
    assert "Petit-déjeuner #1" in seen(message)
    assert "J-7, J-1, H-2" in seen(message)
    await change(community, message, "Rappels", reminders="la veille, H-2")
    await change(
        community, message, "Salon et couleur", channel=[community.general], colour="orange"
    )
    assert "🔔 Rappels : J-1, H-2" in seen(message)
    assert community.general.mention in seen(message)
    assert message.message.embeds[0].colour == discord.Colour(0xE67E22)
    assert await stored(community) == [], "shown before it is kept"
    await community.alice.click(message, label="Enregistrer")
    assert labels(message) == []
    (made,) = await stored(community)
    assert (made.name, made.place, made.capacity) == ("Petit-déjeuner", "Arles", 30)
    assert (made.channel_id, made.reminders) == (community.general.id, [1440, 120])
    assert made.owner_id == community.alice.id
    assert await kept(community) == []


async def test_a_rule_is_said_in_words_and_by_its_dates_before_it_is_kept(
    community: Community,
) -> None:
    message = await begin(community)
    assert "Ne revient pas de lui-même" in seen(message)
    await change(community, message, RULE, rule="chaque premier mardi", lead="10")
    for text in (
        "chaque premier mardi du mois à 9 h 00, heure de Paris",
        "mardi 6 janvier 2026 à 9 h 00, heure de Paris",
        "mardi 3 février 2026 à 9 h 00, heure de Paris",
        "mardi 3 mars 2026 à 9 h 00, heure de Paris",
        "préparée 10 jours avant",
    ):
        assert text in seen(message)
    await change(community, message, RULE, rule="non")
    assert "Ne revient pas de lui-même" in seen(message)


async def test_tables_are_written_down_and_put_in_order(community: Community) -> None:
    message = await begin(community)
    await community.alice.click(message, label="Tables rondes")
    await change(community, message, "Ajouter une table", title="IA", hours="9h-10h")
    await change(community, message, "Ajouter une table", title="Son", capacity="8")
    await community.alice.click(message, label="Monter")
    await community.alice.click(message, label="Retour")
    assert "1️⃣ **Son** · places : 8\n2️⃣ **IA** · 9h-10h · places : 30" in seen(message)
    await community.alice.click(message, label="Enregistrer")
    (made,) = await stored(community)
    assert [part["title"] for part in made.parts] == ["Son", "IA"]


async def test_everything_that_is_wrong_is_said_and_put_right(community: Community) -> None:
    message = await begin(community, name="", capacity="beaucoup", usual_time="un soir")
    for sentence in ("Il manque un nom", "« beaucoup » n’est pas", "« un soir »"):
        assert sentence in seen(message)
    assert labels(message) == ["Corriger", "Abandonner"]
    await community.restart()
    opened = await community.alice.click(message, label="Corriger")
    assert inputs(opened)["capacity"]["value"] == "beaucoup"
    assert inputs(opened)["place"]["value"] == "Arles"
    await fill_in(community, opened, **CONTACT)
    for form, field, typed, sentence in (
        ("Rappels", "reminders", "souvent", "« souvent »"),
        ("Salon et couleur", "colour", "taupe", "« taupe » n’est pas une couleur"),
        (RULE, "rule", "de temps en temps", "comme une date qui revient"),
        (RULE, "lead", "400", "de 1 à 60"),
    ):
        await change(community, message, form, **{field: typed})
        assert sentence in seen(message)
        opened = await community.alice.click(message, label="Corriger")
        assert inputs(opened)[field]["value"] == typed
        await fill_in(community, opened, **{field: ""})
    await community.alice.click(message, label="Enregistrer")
    assert len(await stored(community)) == 1


@pytest.mark.parametrize("name", ["petit-dejeuner", "PETIT-DÉJEUNER", "Petit-déjeuner\u200b"])
async def test_a_name_that_is_taken_is_refused_at_once(community: Community, name: str) -> None:
    await create(community)
    message = await begin(community, name=name)
    assert "Vous avez déjà un cycle « Petit-déjeuner »" in seen(message)
    await change(community, message, "Corriger", name="Petit-déjeuner du soir")
    await community.alice.click(message, label="Enregistrer")
    assert len(await stored(community)) == 2


async def test_what_was_begun_is_found_again(community: Community) -> None:
    await begin(community)
    await community.restart()
    again = preview_of(await community.alice.slash(community.general, "series create"))
    assert "Arles" in seen(again)
    await community.alice.click(again, label="Abandonner")
    opened = await community.alice.slash(community.general, "series create")
    assert inputs(opened)["name"].get("value", "") == ""


async def test_each_thing_is_edited_over_what_there_was(community: Community) -> None:
    await create(community)
    message = await edit(community)
    assert labels(message) == [*SECTIONS, "Enregistrer", "Supprimer", "Abandonner"]
    await community.restart()
    await change(community, message, "Nom, lieu, horaire", place="Nîmes", name="Café")
    await change(community, message, "Rappels", reminders="aucun")
    assert "Aucun rappel" in seen(message)
    await community.alice.click(message, label="Enregistrer")
    (made,) = await stored(community)
    assert (made.name, made.place, made.capacity, made.reminders) == ("Café", "Nîmes", 30, [])
    opened = await community.alice.click(await edit(community, "Café"), label="Rappels")
    assert inputs(opened)["reminders"]["value"] == "aucun"


async def test_tables_are_changed_and_taken_out(community: Community) -> None:
    message = await begin(community)
    await community.alice.click(message, label="Tables rondes")
    assert "on s’inscrit à l’ensemble" in seen(message)
    await change(community, message, "Ajouter une table", title="", hours="bientôt")
    assert "Il manque un titre" in seen(message)
    await change(community, message, "Modifier", title="IA", hours="10h")
    assert "⚠️" not in seen(message)
    for number in range(9):
        await change(community, message, "Ajouter une table", title=f"Table {number}")
    refused = await community.alice.click(message, label="Ajouter une table")
    assert "10 tables au plus" in plain(preview_of(refused).content)
    await community.alice.select(message, ["1"], custom_id=message_id(message))
    await community.alice.click(message, label="Retirer")
    assert "**IA**" not in seen(message)


def message_id(message: simcord.ResponseMessage) -> str:
    """The id of the menu in a message."""
    items = [item for row in message.components for item in row["components"]]
    return next(str(item["custom_id"]) for item in items if "options" in item)


async def test_a_series_without_editions_is_deleted_after_a_question(community: Community) -> None:
    await create(community)
    message = await edit(community)
    await community.alice.click(message, label="Supprimer")
    assert len(await stored(community)) == 1
    await community.alice.click(message, label="Retour")
    await community.alice.click(message, label="Supprimer")
    await community.alice.click(message, label="Supprimer pour de bon")
    assert await stored(community) == []
    assert await kept(community) == []


@pytest.mark.parametrize("name", ["@everyone **gras** [x](http://y.fr)", "🎬" * 100, "*_" * 50])
async def test_a_name_is_text_and_pings_nobody(community: Community, name: str) -> None:
    message = await begin(community, name=name)
    assert "@everyone" not in seen(message)
    assert "**gras**" not in seen(message)
    await community.alice.click(message, label="Enregistrer")
    (made,) = await stored(community)
    assert made.name == name


@pytest.mark.parametrize("label", [*SECTIONS, "Enregistrer", "Supprimer", "Abandonner"])
async def test_only_organisers_press_its_buttons(community: Community, label: str) -> None:
    await create(community)
    message = await edit(community)
    await demote(community)
    refused = await community.alice.click(message, label=label)
    assert "organis" in plain(preview_of(refused).content)
    assert len(await stored(community)) == 1
    assert len(await kept(community)) == 1


async def test_members_do_not_see_the_command(community: Community) -> None:
    assert "series create" in community.alice.available_commands(community.general)
    assert "series create" not in community.bob.available_commands(community.general)


async def test_a_recurring_series_is_prepared_told_and_published(community: Community) -> None:
    message = await begin(community)
    await change(community, message, RULE, rule="chaque premier mardi")
    await community.alice.click(message, label="Enregistrer")
    assert "préparée 14 jours avant" in seen(message)
    await minutes(community, 2)
    (word,) = private(community.alice)
    assert "L’édition du mardi 6 janvier 2026 à 9 h 00, heure de Paris est prête" in plain(
        word.content
    )
    await minutes(community, 3)
    await community.restart()
    await minutes(community, 3)
    assert len(private(community.alice)) == 1
    opened = await community.alice.user.click(word, label="Relire et publier")
    await community.alice.user.click(preview_of(opened), label="Publier")
    card = community.card()
    assert "Petit-déjeuner #1" in shown(card)
    assert "mardi 6 janvier 2026 à 9 h 00" in plain(shown(card))
    async with community.db.reading() as session:
        (event,) = await session.scalars(select(Event))
    (made,) = await stored(community)
    assert (event.series_id, event.edition) == (made.id, 1)


async def test_an_edition_begun_in_private_is_for_organisers_alone(community: Community) -> None:
    message = await begin(community)
    await change(community, message, RULE, rule="chaque premier mardi")
    await community.alice.click(message, label="Enregistrer")
    await minutes(community, 2)
    (word,) = private(community.alice)
    await demote(community)
    refused = await community.alice.user.click(word, label="Relire et publier")
    assert "organis" in plain(preview_of(refused).content)


async def test_closed_private_messages_leave_the_draft(community: Community) -> None:
    message = await begin(community)
    await change(community, message, RULE, rule="chaque premier mardi")
    community.env.inject_error(
        "POST", "/users/@me/channels", status=403, code=50007, message="closed"
    )
    await community.alice.click(message, label="Enregistrer")
    await minutes(community, 2)
    assert private(community.alice) == []
    assert [draft.fields["title"] for draft in await kept(community)] == ["Petit-déjeuner #1"]
