"""What organisers and members see at the door, on the day."""

import io
from collections.abc import Sequence
from datetime import timedelta

import discord
import segno
import simcord
from simcord import InteractionResult
from sqlalchemy import delete, update

from bot.tables import Card, Event
from cogs._doors import buttons
from cogs._here import HereButton
from cogs.door import DOT
from tests.community import Community, shown

TODAY = "jeudi 1er janvier 2026 à 2h30"


def said(result: InteractionResult) -> str:
    assert result.response is not None
    return result.response.content.replace("\u00a0", " ")


async def evening(
    community: Community, members: Sequence[simcord.MemberActor], *, when: str = TODAY
) -> discord.Message:
    """Announce something for today, to which these members come."""
    card = await community.announce(when=when)
    await community.react_at_once(card, "✅", members)
    return card


async def panel(community: Community) -> InteractionResult:
    return await community.alice.slash(community.general, "event checkin", part="Petit-déjeuner")


async def tick(
    who: simcord.MemberActor, panel: InteractionResult, *members: simcord.MemberActor
) -> InteractionResult:
    assert panel.response is not None
    return await who.select(
        panel.response, [str(it.id) for it in members], custom_id=item(panel, "checkin:tick:")
    )


async def press(community: Community, panel: InteractionResult, label: str) -> InteractionResult:
    assert panel.response is not None
    return await community.alice.click(panel.response, label=label)


def item(panel: InteractionResult, prefix: str) -> str:
    assert panel.response is not None
    ids = [it["custom_id"] for row in panel.response.components for it in row["components"]]
    return next(str(it) for it in ids if it.startswith(prefix))


def offered(panel: InteractionResult) -> list[str]:
    assert panel.response is not None
    menus = [row["components"][0] for row in panel.response.components]
    return [option["label"] for menu in menus for option in menu.get("options", [])]


async def test_people_are_ticked_as_they_arrive_and_unticked_after_a_restart(
    community: Community,
) -> None:
    await evening(community, [community.bob, community.carol])
    opened = await panel(community)
    assert opened.ephemeral
    assert "0 / 2" in said(opened)
    assert offered(opened) == ["bob", "carol"]
    await tick(community.alice, opened, community.carol)
    assert "1 / 2" in said(opened)
    assert offered(opened) == ["bob"]
    await community.restart()
    await press(community, opened, "Déjà là")
    assert offered(opened) == ["carol"]
    await tick(community.alice, opened, community.carol)
    assert "0 / 2" in said(opened)
    assert "↩️" in said(opened)


async def test_two_organisers_tick_the_same_person_once(community: Community) -> None:
    zoe = community.guild.add_member(community.env.create_user("zoe"), roles=[community.organisers])
    await evening(community, [community.bob, community.carol])
    first = await panel(community)
    second = await zoe.slash(community.general, "event checkin", part="Petit-déjeuner")
    await tick(community.alice, first, community.bob)
    await tick(zoe, second, community.bob)
    assert "1 / 2" in said(second)
    assert offered(second) == ["carol"]


async def test_a_hundred_are_found_by_name_and_in_pages(community: Community) -> None:
    crowd = community.crowd(99)
    elodie = community.guild.add_member(community.env.create_user("e"), nick="Élodie Dupré")
    await evening(community, [*crowd, elodie])
    opened = await panel(community)
    assert "Page 1 sur 4" in said(opened)
    assert len(offered(opened)) == 25
    form = await press(community, opened, "Chercher")
    await community.alice.submit_modal(form, {"wish": "elodie"})
    assert offered(opened) == ["Élodie Dupré"]
    await tick(community.alice, opened, elodie)
    assert "1 / 100" in said(opened)
    assert offered(opened) == []
    await press(community, opened, "Tout voir")
    for _ in range(4):
        assert len(said(opened)) <= 2000
        everybody = [it for it in crowd if it.name in offered(opened)]
        await tick(community.alice, opened, *everybody)
    assert "100 / 100" in said(opened)


async def test_who_comes_without_a_seat_is_counted_besides(community: Community) -> None:
    await evening(community, [community.bob])
    opened = await panel(community)
    assert opened.response is not None
    menu = item(opened, "checkin:member:")
    await community.alice.select(opened.response, [community.dave], custom_id=menu)
    await press(community, opened, "+1")
    await press(community, opened, "+1")
    await press(community, opened, "−1")
    robot = community.guild.add_member(community.env.create_user("robot", bot=True))
    assert "0 / 1" in said(opened)
    assert "➕ 2 personnes sans inscription" in said(opened)
    bot = await community.alice.select(opened.response, [robot], custom_id=menu)
    assert "C’est un bot" in said_last(bot)


def said_last(result: InteractionResult) -> str:
    return result.followups[-1].content.replace("\u00a0", " ")


async def test_nobody_is_ticked_before_the_day(community: Community) -> None:
    await evening(community, [community.bob], when="jeudi 15 janvier à 18h30")
    opened = await panel(community)
    refused = await tick(community.alice, opened, community.bob)
    assert "C’est trop tôt" in said_last(refused)
    assert "0 / 1" in said(await panel(community))


async def test_after_the_end_the_missing_are_those_who_did_not_come(community: Community) -> None:
    await evening(community, [community.bob, community.carol], when="aujourd'hui à 1h30")
    await tick(community.alice, await panel(community), community.bob)
    async with community.db.writing() as session:
        begun = community.bot.clock() - timedelta(hours=5)
        await session.execute(update(Event).values(starts_at=begun))
    community.guild.remove_member(community.carol)
    opened = await panel(community)
    assert "Ne sont pas venus : 1" in said(opened)
    assert community.carol.mention in said(opened)
    assert offered(opened) == [f"Membre …{community.carol.id % 10_000:04}"]


async def test_who_left_the_community_is_let_go_before_the_door_opens(
    community: Community,
) -> None:
    card = await community.announce(when=TODAY, capacity=1)
    await community.react_at_once(card, "✅", [community.bob, community.carol])
    community.guild.remove_member(community.bob)
    opened = await panel(community)
    assert offered(opened) == ["carol"]
    assert "1 / 1" in shown(community.card())
    assert len(community.carol.user.dm_channel.history()) == 1


async def test_a_panel_answers_organisers_only(community: Community) -> None:
    await evening(community, [community.bob])
    opened = await panel(community)
    poster = await door(community)
    guild = community.bot.get_guild(community.guild.id)
    assert guild is not None
    alice = await guild.fetch_member(community.alice.id)
    await alice.remove_roles(discord.Object(community.organisers.id))
    refused = [
        await tick(community.alice, opened, community.bob),
        await press(community, opened, "+1"),
        await press(community, opened, "Chercher"),
        await press(community, opened, "Déjà là"),
        await press(community, opened, "Code QR"),
        await press(community, poster, "Nouveau mot"),
    ]
    assert all("réservée à l’organisation" in said(it) for it in refused)


# The word.


async def door(community: Community) -> InteractionResult:
    return await community.alice.slash(community.general, "event door", part="Petit-déjeuner")


def word(poster: InteractionResult) -> str:
    return said(poster).splitlines()[0].removeprefix("# ")


async def arrive(community: Community, member: simcord.MemberActor, code: str) -> str:
    return said(await member.slash(community.general, "checkin", code=code))


async def test_members_say_the_word_that_stands_at_the_door(community: Community) -> None:
    card = await evening(community, [community.bob])
    poster = await door(community)
    assert poster.ephemeral
    assert poster.response is not None
    (picture,) = poster.response.message.attachments
    assert await picture.read() == qr(card.jump_url)
    assert f"/presence mot:{word(poster)}" in said(poster)
    assert "Bienvenue" in await arrive(community, community.bob, word(poster).lower())
    assert "déjà notée" in await arrive(community, community.bob, word(poster))
    assert "Adressez-vous à l’accueil" in await arrive(community, community.carol, word(poster))
    assert "1 / 1" in said(await panel(community))


def qr(text: str) -> bytes:
    picture = io.BytesIO()
    segno.make(text, error="q", micro=False).save(picture, kind="png", scale=DOT)
    return picture.getvalue()


async def test_without_a_card_the_code_holds_the_command(community: Community) -> None:
    await evening(community, [community.bob])
    async with community.db.writing() as session:
        await session.execute(delete(Card))
    poster = await door(community)
    assert poster.response is not None
    (picture,) = poster.response.message.attachments
    assert await picture.read() == qr(f"/presence mot:{word(poster)}")


async def test_the_word_may_be_said_in_a_form(community: Community) -> None:
    await evening(community, [community.bob])
    right = word(await door(community))
    channel = community.bot.get_channel(community.general.id)
    assert isinstance(channel, discord.TextChannel)
    message = await channel.send(view=buttons(HereButton(1, "Je suis là")))
    for typed, answer in ((right[:4], "Ce n’est pas le mot"), (right, "Bienvenue")):
        form = await community.bob.click(message, label="Je suis là")
        assert answer in said(await community.bob.submit_modal(form, {"word": typed}))


async def test_a_renewed_word_shuts_out_the_old_one(community: Community) -> None:
    await evening(community, [community.bob])
    poster = await press(community, await panel(community), "Code QR")
    old = word(poster)
    await community.restart()
    await press(community, poster, "Nouveau mot")
    assert word(poster) != old
    assert "Ce n’est pas le mot" in await arrive(community, community.bob, old)
    assert "Bienvenue" in await arrive(community, community.bob, word(poster))


async def test_after_five_wrong_words_even_the_right_one_has_to_wait(
    community: Community,
) -> None:
    await evening(community, [community.bob, community.carol])
    right = word(await door(community))
    for _ in range(5):
        assert "Ce n’est pas le mot" in await arrive(community, community.bob, "BCDFGH")
    assert "Trop d’essais" in await arrive(community, community.bob, right)
    assert "Bienvenue" in await arrive(community, community.carol, right)
