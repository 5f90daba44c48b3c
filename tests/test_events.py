from typing import Any

import discord
import pytest
import simcord

from bot.tables import Member
from tests.community import Community, shown
from tests.organising import (
    FULL,
    STAMP,
    WHEN,
    allow,
    fill_in,
    inputs,
    kept,
    plain,
    preview_of,
    propose,
    said,
    stored,
)


async def test_an_event_by_options_is_previewed_then_published(community: Community) -> None:
    result = await propose(community, place="Arles", capacity=30)
    assert FULL in said(result)
    assert STAMP in said(result)
    assert community.announcements.mention in said(result)
    assert community.announcements.history() == []
    previewed = preview_of(result).message.embeds[0].to_dict()
    done = await community.alice.click(preview_of(result), label="Publier")
    assert "C’est parti : l’annonce arrive" in plain(done.response.content if done.response else "")
    card = community.card()
    assert card.embeds[0].to_dict() == previewed
    assert FULL in plain(shown(card))
    assert STAMP.replace(":F>", ":R>") in shown(card)
    assert await stored(community) == [("Petit-déjeuner", "Arles", 30)]


async def test_an_event_by_form(community: Community) -> None:
    opened = await community.alice.slash(community.general, "event create", title="Café")
    assert inputs(opened)["title"]["value"] == "Café"
    result = await fill_in(community, opened, when=WHEN, capacity=" 12 ")
    assert FULL in said(result)
    await community.alice.click(preview_of(result), label="Publier")
    assert await stored(community) == [("Café", None, 12)]


async def test_a_refused_date_is_put_right_in_the_form_that_opens_again(
    community: Community,
) -> None:
    result = await propose(community, when="mardi 15 janvier à 18h30", place="Arles", capacity=8)
    assert "Corrigez le jour ou la date" in said(result)
    opened = await community.alice.click(preview_of(result), label="Corriger")
    values = {name: field.get("value") for name, field in inputs(opened).items()}
    assert (values["title"], values["when"]) == ("Petit-déjeuner", "mardi 15 janvier à 18h30")
    await fill_in(community, opened, when=WHEN)
    # In its place: what was refused does not stay above.
    assert FULL in said(result)
    assert "📍 Arles" in shown(preview_of(result).message)
    assert len(await kept(community)) == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"when": "1er janvier 2025 à 10h"}, "déjà passé"),
        ({"when": "jeudi 15 janvier"}, "Il manque l’heure"),
        ({"when": "un de ces jours"}, "Je n’ai pas compris « un de ces jours »"),
        ({"when": "29/03/2026 à 02:30"}, "n’existe pas"),
        ({"when": "25/10/2026 à 02:30"}, "arrive deux fois"),
        ({"when": "x" * 6000}, "Je n’ai pas compris"),
        ({"title": "x" * 300}, "150 caractères au plus"),
        ({"title": "\u202e\u0000 \u200b"}, "Il manque un titre"),
        ({"place": "x" * 300}, "200 caractères au plus"),
    ],
)
async def test_what_cannot_be_announced_gets_a_sentence_and_a_way_to_put_it_right(
    community: Community, options: dict[str, str], sentence: str
) -> None:
    result = await propose(community, **options)
    assert sentence in said(result)
    assert len(said(result)) < 600
    opened = await community.alice.click(preview_of(result), label="Corriger")
    for name, written in options.items():
        assert inputs(opened)[name]["value"] == written[:4000], "nothing typed is lost"
    assert community.announcements.history() == []


async def test_a_refused_capacity_is_put_right_in_the_form(community: Community) -> None:
    opened = await community.alice.slash(community.general, "event create")
    result = await fill_in(community, opened, title="Café", when=WHEN, capacity="beaucoup")
    assert "« beaucoup » n’est pas un nombre de places" in said(result)
    opened = await community.alice.click(preview_of(result), label="Corriger")
    assert inputs(opened)["capacity"]["value"] == "beaucoup"


@pytest.mark.parametrize(
    ("title", "as_text"),
    [
        ("@everyone **gras** <@&123456789012345678>", "@everyone **gras** <@&123456789012345678>"),
        ("a\u202eb\u0000c\nd\te  f", "abc d e f"),
        ("👩‍👩‍👧 Café _à_ `midi`", "👩‍👩‍👧 Café _à_ `midi`"),
        ("*_" * 75, "*_" * 75),
    ],
)
async def test_a_title_is_text_and_pings_nobody(
    community: Community, title: str, as_text: str
) -> None:
    before = len(community.env.http_requests)
    await community.announce(title=title)
    ((kept, _, _),) = await stored(community)
    assert kept == as_text
    drawn = shown(community.card())
    for forbidden in ("@everyone", "**gras**", "<@&123456789012345678>", " _à_ ", "`midi`", "*_*_"):
        assert forbidden not in drawn.partition("🗓️")[0]
    bodies: list[Any] = [r.json for r in community.env.http_requests[before:] if r.json]
    messages = [body.get("data", body) for body in bodies]
    allowed = [message["allowed_mentions"] for message in messages if "embeds" in message]
    assert [pings for pings in allowed if pings["parse"] or pings.get("users")] == []


async def test_a_draft_outlives_a_restart(community: Community) -> None:
    preview = preview_of(await propose(community))
    await community.restart()
    await community.alice.click(preview, label="Publier")
    assert await stored(community) == [("Petit-déjeuner", None, None)]
    assert FULL in plain(shown(community.card()))


async def test_a_form_open_during_a_restart_is_opened_again_from_the_draft(
    community: Community,
) -> None:
    preview = preview_of(await propose(community))
    await community.restart()
    opened = await community.alice.click(preview, label="Titre et date")
    result = await fill_in(community, opened, title="Déjeuner")
    await community.alice.click(preview_of(result), label="Publier")
    assert await stored(community) == [("Déjeuner", None, None)]


async def test_a_corrected_preview_stands_in_place_of_the_first(community: Community) -> None:
    preview = preview_of(await propose(community))
    opened = await community.alice.click(preview, label="Titre et date")
    await fill_in(community, opened, title="Café")
    assert preview.message.embeds[0].title == "Café"
    await community.alice.click(preview, label="Publier")
    assert await stored(community) == [("Café", None, None)]
    with pytest.raises(simcord.SetupError, match="No matching component"):
        await community.alice.click(preview, label="Publier")


async def test_giving_up_publishes_nothing_and_forgets_the_draft(community: Community) -> None:
    preview = preview_of(await propose(community))
    asked = await community.alice.click(preview, label="Abandonner")
    assert "sera effacé" in preview_of(asked).content
    done = await community.alice.click(preview, label="Oui, abandonner")
    assert "rien n’a été publié" in plain(done.response.content if done.response else "")
    assert await kept(community) == []
    assert await stored(community) == []


async def test_what_was_to_come_when_shown_may_be_past_when_published(
    community: Community,
) -> None:
    preview = preview_of(await propose(community, when="aujourd’hui à 1h10"))
    await community.env.advance_time(660)
    await community.alice.click(preview, label="Publier")
    assert "déjà passé" in plain(preview.content)
    assert await stored(community) == []
    assert len(await kept(community)) == 1


async def test_who_may_type_the_command_but_is_no_organiser_cannot_publish(
    community: Community,
) -> None:
    await allow(community, community.bob)
    result = await community.bob.slash(community.general, "event create", title="Café", when=WHEN)
    refused = await community.bob.click(preview_of(result), label="Publier")
    assert said(refused) == "Cette action est réservée à l’organisation."
    assert community.announcements.history() == []


async def test_the_organiser_role_may_publish_without_manage_events(
    community: Community,
) -> None:
    bureau = community.guild.create_role("Bureau", permissions=discord.Permissions.none())
    erin = community.guild.add_member(community.env.create_user("erin"), roles=[bureau])
    await allow(community, bureau)
    await community.alice.slash(community.general, "setup", organisers=bureau)
    result = await erin.slash(community.general, "event create", title="Café", when=WHEN)
    await erin.click(preview_of(result), label="Publier")
    assert await stored(community) == [("Café", None, None)]


async def test_members_see_no_organisers_command(community: Community) -> None:
    assert "event create" not in community.bob.available_commands(community.general)
    assert "event create" in community.alice.available_commands(community.general)


async def test_an_organiser_reads_her_own_language_and_everybody_the_guilds(
    community: Community,
) -> None:
    async with community.db.writing(community.guild.id) as session:
        session.add(Member(guild_id=community.guild.id, user_id=community.alice.id, language="en"))
    opened = await community.alice.slash(community.general, "event create")
    assert inputs(opened)["when"]["label"] == "Date and time"
    result = await fill_in(
        community, opened, title="Breakfast", when="Thursday 15 January at 6:30 pm"
    )
    assert "Thursday" in said(result)
    await community.alice.click(preview_of(result), label="Publish")
    assert FULL in plain(shown(community.card()))
    assert "✅ Présents" in shown(community.card())


async def test_an_event_without_a_zone_of_its_own_shows_the_guilds_time_in_english(
    community: Community,
) -> None:
    await community.alice.slash(community.general, "setup", language="en")
    result = await propose(community, when="15 January 2026 at 18:30")
    assert STAMP in said(result)
    await community.alice.click(preview_of(result), label="Publish")
    assert "✅ Coming 0" in shown(community.card()).replace("\n", " ")
