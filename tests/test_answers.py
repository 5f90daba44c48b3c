"""What members press under a card, from start to end, in French."""

from datetime import timedelta

import discord
import pytest
import simcord
from sqlalchemy import delete, select

from bot.events.proposal import ProposedPart
from bot.tables import Bell, Event, EventStatus, Member, Part
from cogs._buttons import CardButton
from cogs._doors import buttons
from tests.community import Community
from tests.conftest import START
from tests.programmes import announce_programme, change_event, change_part, hear, table

MINUTES_A_DAY = 24 * 60
WHO = "Qui vient\u00a0?"
TABLES = (table("IA", capacity=1), table("Son", capacity=2), table("Réception", 3))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def said(result: simcord.InteractionResult) -> str:
    """What the bot answered, privately, as it stands now."""
    reply = answer(result)
    assert reply.ephemeral
    return plain(reply.content)


def answer(result: simcord.InteractionResult) -> simcord.ResponseMessage:
    reply = result.followups[-1] if result.followups else result.response
    assert reply is not None
    return reply


def options(result: simcord.InteractionResult) -> dict[str, dict[str, object]]:
    """The options of the menu that was opened, by their labels."""
    (row,) = answer(result).components
    (menu,) = row["components"]
    return {option["label"]: option for option in menu["options"]}


def ticked(result: simcord.InteractionResult) -> set[str]:
    return {label for label, option in options(result).items() if option.get("default")}


async def choose(
    member: simcord.MemberActor, card: discord.Message, *labels: str
) -> simcord.InteractionResult:
    """Open the menu, and tick these tables and no other."""
    opened = await member.click(card, label="Choisir mes tables")
    known = options(opened)
    await member.select(answer(opened), [str(known[label]["value"]) for label in labels])
    return opened


async def bring(
    member: simcord.MemberActor, card: discord.Message, guests: int
) -> simcord.InteractionResult:
    opened = await member.click(card, label="Amener quelqu’un")
    await member.select(answer(opened), [str(guests)])
    return opened


def fields(card: discord.Message) -> dict[str, str]:
    """What a card says of each table."""
    return {str(it.name): plain(str(it.value)) for it in card.embeds[0].fields}


def labels(card: discord.Message) -> list[str]:
    return [
        str(item.label)
        for row in card.components
        if isinstance(row, discord.ActionRow)
        for item in row.children
        if isinstance(item, discord.Button)
    ]


# One part.


async def test_a_seat_is_confirmed_and_nobody_is_said_to_wait_who_does_not(
    community: Community,
) -> None:
    card = await community.announce(capacity=2)
    first = said(await community.bob.click(card, label="Je viens"))
    assert "votre place est réservée" in first
    assert "attend peut-être" not in first
    assert "attend peut-être" in said(await community.carol.click(card, label="Je viens"))
    assert "en position 1" in said(await community.dave.click(card, label="Je viens"))


async def test_the_other_answers_say_what_to_do_next(community: Community) -> None:
    card = await community.announce()
    assert "appuyez sur « Je viens »" in said(await community.bob.click(card, label="Peut-être"))
    assert "vous ne venez pas" in said(await community.bob.click(card, label="Non"))


async def test_after_the_deadline_one_is_sent_to_the_contact_and_may_still_leave(
    community: Community,
) -> None:
    parts = [ProposedPart(deadline=timedelta(days=1))]
    card = await announce_programme(community, parts=parts, contact="Mo, 06 00 00 00 00")
    await community.bob.click(card, label="Je viens")
    await change_part(community, deadline=20 * MINUTES_A_DAY)
    refused = said(await community.carol.click(card, label="Je viens"))
    assert "closes" in refused
    assert "Mo, 06 00 00 00 00" in refused
    assert "vous ne venez pas" in said(await community.bob.click(card, label="Non"))
    with pytest.raises(simcord.SetupError, match="Je viens"):
        await community.bob.click(card, label="Je viens")


async def test_what_has_begun_is_answered_no_more(community: Community) -> None:
    card = await community.announce()
    # On a card that nobody has drawn again since.
    await change_part(community, starts_at=START)
    assert "Trop tard" in said(await community.bob.click(card, label="Je viens"))


async def test_a_restricted_event_names_the_role_that_is_missing(community: Community) -> None:
    crew = community.guild.create_role("Technique")
    erin = community.guild.add_member(community.env.create_user("erin"), roles=[crew])
    card = await announce_programme(community, parts=[ProposedPart(roles=(crew.id,))])
    refused = said(await community.bob.click(card, label="Je viens"))
    assert f"réservé à <@&{crew.id}>" in refused
    assert "l’organisation" in refused
    assert "place est réservée" in said(await erin.click(card, label="Je viens"))


async def test_an_approval_is_awaited(community: Community) -> None:
    card = await announce_programme(community, parts=[ProposedPart(needs_approval=True)])
    assert "doit valider" in said(await community.bob.click(card, label="Je viens"))


async def test_guests_are_counted_and_those_who_do_not_fit_refused(community: Community) -> None:
    card = await announce_programme(community, parts=[ProposedPart(guests=3, capacity=3)])
    assert "d’abord" in said(await community.bob.click(card, label="Amener quelqu’un"))
    await community.bob.click(card, label="Je viens")
    assert "Vous venez avec 2 personnes" in said(await bring(community.bob, card, 2))
    assert "✅ Présents 3 / 3" in plain(str(community.card().embeds[0].description))
    refused = said(await bring(community.bob, card, 3))
    assert "pas assez de places" in refused
    assert "Rien n’a changé : ✅ place réservée (+2)" in refused
    opened = await community.bob.click(card, label="Amener quelqu’un")
    assert ticked(opened) == {"2 personnes avec moi"}
    assert "Vous venez avec" not in said(await bring(community.bob, card, 0))


async def test_bringing_someone_is_offered_only_where_it_is_allowed(community: Community) -> None:
    card = await community.announce()
    assert "Amener quelqu’un" not in labels(card)


async def test_a_bell_is_rung_and_silenced_again(community: Community) -> None:
    card = await community.announce()
    assert "vous recevrez un rappel" in said(await community.bob.click(card, label="Rappel"))
    await community.restart()
    async with community.db.reading() as session:
        assert (await session.scalars(select(Bell.user_id))).all() == [community.bob.id]
    assert "ne recevrez plus" in said(await community.bob.click(card, label="Rappel"))
    async with community.db.reading() as session:
        assert (await session.scalars(select(Bell.user_id))).all() == []


async def test_the_event_comes_as_a_file_for_ones_calendar(community: Community) -> None:
    card = await community.announce()
    given = await community.bob.click(card, label="Ajouter à mon agenda")
    assert "agenda" in said(given)
    (file,) = answer(given).attachments
    assert file.filename.endswith(".ics")


# Several parts.


async def test_tables_are_chosen_and_chosen_again_after_a_restart(community: Community) -> None:
    card = await announce_programme(community, parts=TABLES)
    opened = await choose(community.bob, card, "IA", "Réception")
    assert "1️⃣ **IA** · ✅ place réservée" in said(opened)
    assert "3️⃣ **Réception** · ✅ place réservée" in said(opened)
    assert "Son" not in said(opened)
    assert ticked(opened) == {"IA", "Réception"}
    await community.restart()
    # Both from the menu that is still there and from a new one.
    await community.bob.select(answer(opened), [str(options(opened)["Son"]["value"])])
    assert "2️⃣ **Son** · ✅ place réservée" in said(opened)
    assert "IA" not in said(opened)
    again = await community.bob.click(card, label="Choisir mes tables")
    assert ticked(again) == {"Son"}
    assert fields(community.card())["2️⃣ Son"].endswith("✅ Présents 1 / 2")
    assert fields(community.card())["1️⃣ IA"].endswith("✅ Présents 0 / 1")


async def test_the_menu_says_when_and_how_many_seats(community: Community) -> None:
    card = await announce_programme(community, parts=TABLES)
    await choose(community.bob, card, "IA", "Son")
    await choose(community.carol, card, "IA")
    opened = await community.dave.click(card, label="Choisir mes tables")
    abouts = {name: plain(str(it["description"])) for name, it in options(opened).items()}
    assert abouts == {
        "IA": "14 h 00 – 15 h 00 · complet : liste d’attente",
        "Son": "14 h 00 – 15 h 00 · 1 place libre",
        "Réception": "17 h 00 – 18 h 00",
    }


async def test_two_tables_at_the_same_time_are_taken_with_a_warning(community: Community) -> None:
    card = await announce_programme(community, parts=TABLES)
    both = said(await choose(community.bob, card, "IA", "Son"))
    assert "« IA » et « Son » ont lieu en même temps" in both
    assert both.count("place réservée") == 2
    apart = said(await choose(community.bob, card, "Son", "Réception"))
    assert "en même temps" not in apart


async def test_a_full_table_has_a_line_and_the_others_seats(community: Community) -> None:
    card = await announce_programme(community, parts=TABLES)
    await choose(community.bob, card, "IA")
    text = said(await community.carol.click(card, label="Je viens à tout"))
    assert "1️⃣ **IA** · ⏳ liste d’attente, position 1" in text
    assert "2️⃣ **Son** · ✅ place réservée" in text
    assert "message privé" in text
    assert "**complet** · ⏳ 1 en attente" in fields(community.card())["1️⃣ IA"]


async def test_no_withdraws_from_every_table_and_says_so_once(community: Community) -> None:
    card = await announce_programme(community, parts=TABLES)
    await community.bob.click(card, label="Je viens à tout")
    assert said(await community.bob.click(card, label="Non")) == (
        "❌ C’est noté : vous ne venez pas."
    )
    assert "aucune table" in said(await choose(community.carol, card))


async def test_a_reaction_and_the_menu_are_one_answer(community: Community) -> None:
    card = await announce_programme(community, parts=TABLES)
    await community.bob.react(card, "2️⃣")
    opened = await community.bob.click(card, label="Choisir mes tables")
    assert ticked(opened) == {"Son"}


async def test_each_table_is_refused_for_its_own_reason(community: Community) -> None:
    crew = community.guild.create_role("Technique")
    parts = (
        table("Plateau", roles=(crew.id,)),
        table("Atelier", 1, needs_approval=True),
        table("Film", 2, deadline=timedelta(days=15)),
        table("Réception", 3),
    )
    card = await announce_programme(community, parts=parts, contact="Mo")
    text = said(await community.bob.click(card, label="Je viens à tout"))
    assert f"1️⃣ **Plateau** · 🔑 réservé à <@&{crew.id}>" in text
    assert "2️⃣ **Atelier** · ✋ à valider" in text
    assert "3️⃣ **Film** · 🔒 réponses closes" in text
    assert "4️⃣ **Réception** · ✅ place réservée" in text
    assert "adressez-vous à Mo" in text


async def test_guests_come_to_the_tables_that_allow_them(community: Community) -> None:
    parts = (table("IA", guests=1), table("Son", 1), table("Réception", 3, guests=2))
    card = await announce_programme(community, parts=parts)
    await community.bob.click(card, label="Je viens à tout")
    text = said(await bring(community.bob, card, 2))
    assert "1️⃣ **IA** · 🚫 1 personne avec vous au plus · ✅ place réservée" in text
    assert "3️⃣ **Réception** · ✅ place réservée (+2)" in text
    assert "Son" not in text
    assert "✅ Présents 3" in fields(community.card())["3️⃣ Réception"]


async def test_a_table_that_has_begun_is_offered_no_more(community: Community) -> None:
    card = await announce_programme(community, parts=TABLES)
    await choose(community.bob, card, "IA")
    for title in ("IA", "Son"):
        await change_part(community, title, starts_at=START)
    assert set(options(await community.carol.click(card, label="Choisir mes tables"))) == {
        "Réception"
    }
    text = said(await choose(community.bob, card, "Réception"))
    assert "1️⃣ **IA** · ⌛ trop tard · ✅ place réservée" in text


# Who comes.


async def test_names_are_hidden_until_their_owner_shows_them(community: Community) -> None:
    card = await announce_programme(community, parts=TABLES)
    await choose(community.bob, card, "Son")
    await choose(community.carol, card, "Son")
    seen = await community.dave.click(card, label=WHO)
    assert "2️⃣ **Son**\n2 personnes viennent" in said(seen)
    assert "<@" not in said(seen)
    page = await community.bob.click(card, label=WHO)
    await community.bob.click(answer(page), label="Montrer mon nom")
    assert "Votre nom est visible" in said(page)
    await community.restart()
    text = said(await community.dave.click(card, label=WHO))
    assert f"<@{community.bob.id}>\net 1 autre personne" in text
    assert str(community.carol.id) not in text
    await community.bob.click(answer(page), label="Masquer mon nom")
    assert "<@" not in said(await community.dave.click(card, label=WHO))


async def test_two_hundred_names_are_read_in_pages(community: Community) -> None:
    card = await community.announce(title="🎬" * 75)
    crowd = community.crowd(200)
    await community.react_at_once(card, "✅", crowd)
    async with community.db.writing(community.guild.id) as session:
        session.add_all(
            Member(guild_id=community.guild.id, user_id=it.id, visible=True) for it in crowd[:190]
        )
    page = await community.bob.click(card, label=WHO)
    found = [said(page)]
    while "▶" in str(answer(page).components):
        number = len(found)
        await community.bob.click(answer(page), custom_id=f"who:1:{number}")
        found.append(said(page))
    assert all(len(text) <= 2000 for text in found)
    assert sum(text.count("<@") for text in found) == 190
    assert "et 10 autres personnes" in found[-1]


# What is stale, or not theirs.


async def test_an_event_is_shown_in_its_own_community_alone(community: Community) -> None:
    await community.announce(title="Secret")
    other = community.env.create_guild("Ailleurs")
    eve = other.add_member(community.env.create_user("eve"))
    general = other.create_text_channel("general")
    await community.env.settle()
    channel = community.bot.get_partial_messageable(general.id)
    view = buttons(CardButton(1, "who", "Qui"), CardButton(1, "calendar", "Agenda"))
    forged = await channel.send("Cartes", view=view)
    await community.env.settle()
    for label in ("Qui", "Agenda"):
        refused = answer(await eve.click(forged, label=label))
        assert "Secret" not in refused.content
        assert refused.attachments == []


async def test_a_card_of_an_event_that_is_gone_says_so(community: Community) -> None:
    card = await announce_programme(community, parts=TABLES)
    opened = await community.bob.click(card, label="Choisir mes tables")
    value = str(options(opened)["IA"]["value"])
    async with community.db.writing(community.guild.id) as session:
        await session.execute(delete(Event))
    for label in labels(card):
        assert "n’existe plus" in said(await community.bob.click(card, label=label))
    gone = await community.bob.select(answer(opened), [value])
    assert "n’existe plus" in said(gone)


async def test_a_table_that_is_gone_does_not_spoil_the_others(community: Community) -> None:
    card = await announce_programme(community, parts=TABLES)
    opened = await community.bob.click(card, label="Choisir mes tables")
    values = [str(options(opened)[label]["value"]) for label in ("IA", "Réception")]
    async with community.db.writing(community.guild.id) as session:
        await session.execute(delete(Part).where(Part.title == "IA"))
    await hear(community, "event_changed", 1)
    await community.bob.select(answer(opened), values)
    assert "Le programme vient de changer" in said(opened)
    assert "2️⃣ **Réception** · ✅ place réservée" in said(opened)
    assert set(options(opened)) == {"Son", "Réception"}


@pytest.mark.parametrize("status", [EventStatus.CANCELLED, EventStatus.PAST])
async def test_what_does_not_take_place_has_no_buttons_and_answers_too_late(
    community: Community, status: EventStatus
) -> None:
    card = await community.announce()
    await change_event(community, status=status)
    assert labels(community.card()) == []
    # Whoever's client still shows the old card.
    assert "Trop tard" in said(await press_stale(community, card))


async def press_stale(community: Community, card: discord.Message) -> simcord.InteractionResult:
    """Press the button of a card as it was: it is posted once more, as it stood then."""
    channel = community.bot.get_partial_messageable(card.channel.id)
    view = discord.ui.View.from_message(card, timeout=None)
    copy = await channel.send("x", view=view)
    return await community.bob.click(copy, label="Je viens")
