"""What is announced, opened again in the guided message: changed, or begun anew."""

import discord
import simcord
from sqlalchemy import select

from bot.tables import Event, Part
from tests.community import Community, shown
from tests.organising import (
    FULL,
    WHEN,
    add_table,
    change,
    guided,
    inputs,
    kept,
    labels,
    plain,
    preview_of,
    said,
)

SECTIONS = ["Titre et date", "Lieu et contact", "Tables rondes", "Limites", "Annonce"]


async def reopen(
    community: Community, command: str = "edit", title: str = "Petit-déjeuner"
) -> simcord.ResponseMessage:
    """Open an announced event in the guided message."""
    return preview_of(
        await community.alice.slash(community.general, f"event {command}", event=title)
    )


async def parts(community: Community) -> list[tuple[str | None, int | None]]:
    async with community.db.reading() as session:
        rows = await session.scalars(select(Part).order_by(Part.event_id, Part.position))
        return [(part.title, part.capacity) for part in rows]


async def save(community: Community, message: simcord.ResponseMessage) -> simcord.InteractionResult:
    return await community.alice.click(message, label="Enregistrer les changements")


def private_words(member: simcord.MemberActor) -> list[discord.Message]:
    return member.user.dm_channel.history()


async def test_an_announced_event_is_changed_in_the_same_guided_message(
    community: Community,
) -> None:
    await community.announce(capacity=20, place="Arles")
    message = await reopen(community)
    assert FULL in plain(message.content)
    assert labels(message) == [*SECTIONS, "Enregistrer les changements", "Abandonner"]
    await change(community, message, "Lieu et contact", place="Nîmes")
    assert "📍 Nîmes" in shown(message.message)
    assert "📍 Arles" in shown(community.card())
    await save(community, message)
    assert "C’est enregistré" in plain(message.content)
    assert "📍 Nîmes" in shown(community.card())
    assert await kept(community) == []
    assert await parts(community) == [(None, 20)]


async def test_nothing_changed_changes_nothing(community: Community) -> None:
    card = await community.announce(capacity=20)
    await community.bob.react(card, "✅")
    before = shown(community.card())
    message = await reopen(community)
    await save(community, message)
    assert "C’est enregistré" in plain(message.content)
    assert shown(community.card()) == before
    assert private_words(community.bob) == []


async def test_seats_cut_below_those_taken_are_confirmed_first(community: Community) -> None:
    card = await community.announce(capacity=3)
    for member in (community.bob, community.carol, community.dave):
        await member.react(card, "✅")
    message = await reopen(community)
    await change(community, message, "Limites", capacity="1")
    await save(community, message)
    assert "2 personnes perdront leur place" in plain(message.content)
    assert "✅ Présents 3 / 3" in shown(community.card())
    await community.alice.click(message, label="Retour")
    await save(community, message)
    await community.alice.click(message, label="Confirmer")
    assert "C’est enregistré" in plain(message.content)
    assert "✅ Présents 1 / 1" in shown(community.card())
    assert len(private_words(community.dave)) == 1
    assert private_words(community.bob) == []


async def test_another_date_says_how_many_will_be_told_first(community: Community) -> None:
    card = await community.announce()
    await community.bob.react(card, "✅")
    await community.carol.react(card, "❔")
    await community.dave.react(card, "❌")
    message = await reopen(community)
    await change(community, message, "Titre et date", when="vendredi 16 janvier à 9h")
    await save(community, message)
    assert "2 personnes seront prévenues" in plain(message.content)
    assert private_words(community.bob) == []
    await community.alice.click(message, label="Confirmer")
    assert "2 personnes seront prévenues" in plain(message.content)
    assert "vendredi 16 janvier 2026" in plain(shown(community.card()))
    assert [len(private_words(m)) for m in (community.bob, community.carol, community.dave)] == [
        1,
        1,
        0,
    ]


async def test_a_change_over_somebody_elses_is_confirmed_first(community: Community) -> None:
    await community.announce()
    mine = await reopen(community)
    erin = community.guild.add_member(
        community.env.create_user("erin"), roles=[community.organisers]
    )
    theirs = preview_of(await erin.slash(community.general, "event edit", event="Petit-déjeuner"))
    opened = await erin.click(theirs, label="Lieu et contact")
    await erin.submit_modal(opened, {"place": "Nîmes", "contact": ""})
    await erin.click(theirs, label="Enregistrer les changements")
    await change(community, mine, "Lieu et contact", contact="Camille")
    await save(community, mine)
    assert "Quelqu’un a modifié cette rencontre" in plain(mine.content)
    assert "📍 Nîmes" in shown(community.card())
    await community.alice.click(mine, label="Confirmer")
    assert "📍 Nîmes" not in shown(community.card())


async def test_changes_begun_are_continued_unless_the_event_changed_meanwhile(
    community: Community,
) -> None:
    await community.announce(capacity=10)
    await change(community, await reopen(community), "Lieu et contact", place="Nîmes")
    assert "📍 Nîmes" in shown((await reopen(community)).message)
    assert len(await kept(community)) == 1
    await community.alice.slash(
        community.general, "event capacity", part="Petit-déjeuner", seats=12
    )
    again = await reopen(community)
    assert "📍 Nîmes" not in shown(again.message)
    opened = await community.alice.click(again, label="Limites")
    assert inputs(opened)["capacity"]["value"] == "12"
    assert len(await kept(community)) == 2


async def test_tables_are_added_to_an_announced_event_and_answers_stay(
    community: Community,
) -> None:
    card = await community.announce(capacity=20)
    await community.bob.react(card, "✅")
    message = await reopen(community, "parts")
    assert "Ajouter une table" in labels(message)
    await add_table(community, message, "IA")
    await add_table(community, message, "Son", capacity="8")
    assert "Monter" not in labels(message), "emojis count by the order"
    await community.alice.click(message, label="Retour")
    await save(community, message)
    assert await parts(community) == [("IA", 20), ("Son", 8)]
    async with community.db.reading() as session:
        first = await session.scalar(select(Part).where(Part.title == "IA"))
    assert first is not None
    assert first.turns == 1
    opened = await community.alice.click(await reopen(community, "parts"), label="Modifier")
    assert inputs(opened)["title"]["value"] == "IA"


async def test_a_table_somebody_answered_stays(community: Community) -> None:
    message = await guided(community)
    await community.alice.click(message, label="Tables rondes")
    for title in ("IA", "Son"):
        await add_table(community, message, title)
    await community.alice.click(message, label="Retour")
    await community.alice.click(message, label="Publier")
    await community.bob.react(community.card(), "2️⃣")
    changing = await reopen(community, "parts")
    await community.alice.select(changing, ["2"])
    await community.alice.click(changing, label="Retirer")
    await community.alice.click(changing, label="Retour")
    refused = await save(community, changing)
    assert "Quelqu’un a répondu à « Son »" in plain(preview_of(refused).content)
    assert [title for title, _ in await parts(community)] == ["IA", "Son"]
    assert len(await kept(community)) == 1


async def test_what_is_cancelled_is_not_opened_for_changes(community: Community) -> None:
    await community.announce()
    asked = await community.alice.slash(community.general, "event cancel", event="Petit-déjeuner")
    await community.alice.click(preview_of(asked), label="Confirmer")
    refused = await community.alice.slash(community.general, "event edit", event="Petit-déjeuner")
    assert "est annulée" in said(refused)
    begun = await reopen(community, "duplicate")
    assert "Il manque la date" in plain(begun.content)


async def test_a_refused_change_leaves_the_card_and_opens_again(community: Community) -> None:
    await community.announce()
    message = await reopen(community)
    await change(community, message, "Titre et date", title="", when="le 31 février")
    assert "Il manque un titre" in plain(message.content)
    assert "Petit-déjeuner" in shown(community.card())
    await community.restart()
    await change(community, message, "Corriger", title="Déjeuner", when=WHEN)
    await save(community, message)
    assert "Déjeuner" in shown(community.card())


async def test_the_next_edition_has_everything_but_its_date(community: Community) -> None:
    message = await guided(community, title="Tablées #9", place="Arles", capacity=20)
    await community.alice.click(message, label="Tables rondes")
    for title in ("IA", "Son"):
        await add_table(community, message, title)
    await community.alice.click(message, label="Retour")
    await community.alice.click(message, label="Publier")
    async with community.db.writing() as session:
        event = await session.scalar(select(Event))
        assert event is not None
        event.edition = 9
    copy = await reopen(community, "duplicate", "Tablées #9")
    assert "Il manque la date" in plain(copy.content)
    opened = await community.alice.click(copy, label="Corriger")
    assert inputs(opened)["title"]["value"] == "Tablées #10"
    assert inputs(opened)["when"]["placeholder"] == "jeudi 8 janvier 2026, 18:30"
    await community.alice.submit_modal(
        opened, {"title": "Tablées #10", "when": "jeudi 12 février à 18h30"}
    )
    assert "📍 Arles" in shown(copy.message)
    await community.alice.click(copy, label="Publier")
    assert await parts(community) == [("IA", 20), ("Son", 20)] * 2
    async with community.db.reading() as session:
        editions = [*(await session.scalars(select(Event.edition).order_by(Event.id)))]
    assert editions == [9, 10]


async def test_organisers_commands_are_not_shown_to_members(community: Community) -> None:
    shown_to_bob = community.bob.available_commands(community.general)
    for command in ("edit", "parts", "duplicate", "drafts", "announce"):
        assert f"event {command}" not in shown_to_bob
