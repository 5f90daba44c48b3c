"""What organisers and members see of a change."""

import discord
import pytest
import simcord
from sqlalchemy import select, update

from bot.tables import Draft, Event, EventStatus
from tests.community import Community, shown

TITLE = "Petit-déjeuner"
NEW = "jeudi 22 janvier 2026 à 18 h 30, heure de Paris"
NEW_STAMP = "<t:1769103000:F>"


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def answer_to(result: simcord.InteractionResult) -> simcord.ResponseMessage:
    reply = result.followups[-1] if result.followups else result.response
    assert reply is not None
    assert reply.ephemeral
    return reply


def said(result: simcord.InteractionResult) -> str:
    return plain(answer_to(result).content)


async def order(community: Community, command: str, **options: object) -> simcord.InteractionResult:
    """What Alice orders, of the event unless a part is named."""
    if "part" not in options:
        options = {"event": TITLE} | options
    return await community.alice.slash(community.general, f"event {command}", **options)


async def confirm(
    community: Community, asked: simcord.InteractionResult, label: str = "Confirmer"
) -> str:
    """Press a button of what was asked, and read what stands in its place."""
    question = answer_to(asked)
    await community.alice.click(question, label=label)
    return plain(question.message.content)


async def status(community: Community) -> EventStatus:
    async with community.db.reading() as session:
        return (await session.scalars(select(Event))).one().status


def letters(member: simcord.MemberActor) -> list[discord.Message]:
    """A member's private messages from the bot."""
    return member.user.dm_channel.history()


def last_letter(member: simcord.MemberActor) -> str:
    return plain(letters(member)[-1].content)


# Seats.


async def test_more_seats_at_once_and_who_waited_is_told(community: Community) -> None:
    card = await community.announce(capacity=1)
    await community.bob.react(card, "✅")
    await community.carol.react(card, "✅")
    done = said(await order(community, "capacity", part=TITLE, seats=2))
    assert f"**{TITLE}** a maintenant 2 places" in done
    assert "1 personne qui attendait a maintenant une place" in done
    assert len(letters(community.carol)) == 1
    assert "Présents 2 / 2" in shown(community.card())


async def test_fewer_seats_ask_first_and_tell_who_lost_one(community: Community) -> None:
    card = await community.announce(capacity=2)
    await community.bob.react(card, "✅")
    await community.carol.react(card, "✅")
    asked = await order(community, "capacity", part=TITLE, seats=1)
    assert "1 personne qui a une place la perdrait" in said(asked)
    assert "Présents 2 / 2" in shown(community.card())
    assert letters(community.carol) == []
    done = await confirm(community, asked)
    assert "1 personne est passée en tête de la liste d’attente" in done
    assert "Présents 1 / 1" in shown(community.card())
    assert "en tête de la liste d’attente" in last_letter(community.carol)
    assert letters(community.bob) == []


async def test_no_seats_at_all_is_refused_by_discord(community: Community) -> None:
    await community.announce(capacity=2)
    with pytest.raises(simcord.SetupError):
        await order(community, "capacity", part=TITLE, seats=0)


# Dates.


async def test_a_new_date_is_shown_in_full_then_told_to_who_meant_to_come(
    community: Community,
) -> None:
    card = await community.announce()
    await community.bob.react(card, "✅")
    await community.carol.react(card, "❌")
    await community.dave.react(card, "❔")
    asked = await order(community, "postpone", when="jeudi 22 janvier", reason="La salle *fuit*")
    assert NEW in said(asked)
    assert NEW_STAMP in said(asked)
    assert "2 personnes seront prévenues en privé" in said(asked)
    assert "Raison : La salle \\*fuit\\*" in said(asked)
    assert letters(community.bob) == []
    done = await confirm(community, asked)
    assert NEW in done
    assert "2 personnes seront prévenues" in done
    for member in (community.bob, community.dave):
        assert NEW in last_letter(member)
        assert NEW_STAMP in last_letter(member)
        assert "La salle \\*fuit\\*" in last_letter(member)
    assert letters(community.carol) == []
    assert NEW in plain(shown(community.card()))


async def moved(community: Community, *going: simcord.MemberActor) -> discord.Message:
    """The card of an event with one seat for which these want one, after it was put off."""
    card = await community.announce(capacity=1)
    for member in going:
        await member.react(card, "✅")
    await confirm(community, await order(community, "postpone", when="22/01/2026 à 18h30"))
    return card


async def test_who_cannot_come_then_leaves_and_who_waited_gets_the_seat(
    community: Community,
) -> None:
    await moved(community, community.bob, community.carol)
    (letter,) = letters(community.bob)
    done = await community.bob.user.click(letter, label="Je me retire")
    assert "vous ne venez pas" in said(done)
    assert "vous avez maintenant une place" in last_letter(community.carol)
    assert "Absents 1" in shown(community.card())
    again = await community.bob.user.click(letter, label="Je garde ma réponse")
    assert "Vous n’avez plus de réponse" in said(again)


async def test_who_keeps_the_answer_changes_nothing_even_after_a_restart(
    community: Community,
) -> None:
    await moved(community, community.bob)
    (letter,) = letters(community.bob)
    await community.restart()
    done = await community.bob.user.click(letter, label="Je garde ma réponse")
    assert "votre réponse est gardée" in said(done)
    assert "Présents 1 / 1" in shown(community.card())


async def test_without_a_date_an_event_is_put_off_until_there_is_one(
    community: Community,
) -> None:
    card = await community.announce()
    await community.bob.react(card, "✅")
    asked = await order(community, "postpone", reason="Salle indisponible")
    assert "date à venir" in said(asked)
    await confirm(community, asked)
    assert await status(community) is EventStatus.POSTPONED
    assert "La nouvelle date est à venir" in last_letter(community.bob)
    again = await order(community, "postpone")
    assert "attend déjà une nouvelle date" in said(again)
    await confirm(community, await order(community, "postpone", when="jeudi 22 janvier"))
    assert await status(community) is EventStatus.ANNOUNCED
    assert NEW in last_letter(community.bob)


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("hier à 18h", "déjà passé"),
        ("jeudi 15 janvier", "a déjà lieu à ce moment-là"),
        ("un de ces jours", "Je n’ai pas compris"),
    ],
)
async def test_a_date_that_cannot_be_changes_nothing(
    community: Community, when: str, sentence: str
) -> None:
    await community.announce()
    assert sentence in said(await order(community, "postpone", when=when))
    assert await drafts(community) == 0


async def drafts(community: Community) -> int:
    async with community.db.reading() as session:
        return len((await session.scalars(select(Draft))).all())


async def test_a_date_that_passed_before_it_was_confirmed_changes_nothing(
    community: Community,
) -> None:
    await community.announce()
    asked = await order(community, "postpone", when="aujourd’hui à 1h01")
    await community.env.advance_time(60)
    refused = await community.alice.click(answer_to(asked), label="Confirmer")
    assert "déjà passé" in said(refused)
    assert await status(community) is EventStatus.ANNOUNCED


async def test_who_takes_no_private_messages_is_told_in_the_events_thread(
    community: Community,
) -> None:
    card = await community.announce()
    await community.bob.react(card, "✅")
    async with community.db.writing() as session:
        await session.execute(update(Event).values(thread_id=community.general.id))
    path = "/users/@me/channels"
    community.env.inject_error("POST", path, status=403, code=50007, times=None)
    await confirm(community, await order(community, "postpone", when="jeudi 22 janvier"))
    said = community.general.history(viewer=community.bob)[-1]
    assert said.content.startswith(community.bob.mention)
    assert TITLE in said.content
    assert letters(community.bob) == []
    done = await community.bob.click(said, label="Je me retire")
    assert done.ephemeral


# Called off.


async def test_a_cancelled_event_is_told_once_with_its_reason(community: Community) -> None:
    card = await community.announce()
    await community.bob.react(card, "✅")
    await community.carol.react(card, "❌")
    asked = await order(community, "cancel", reason="Grève des trains")
    assert "sera annulée" in said(asked)
    assert "1 personne sera prévenue en privé" in said(asked)
    assert await status(community) is EventStatus.ANNOUNCED
    done = await confirm(community, asked)
    assert f"la rencontre **{TITLE}** est annulée" in done
    assert await status(community) is EventStatus.CANCELLED
    (letter,) = letters(community.bob)
    assert "est annulée" in letter.content
    assert "Grève des trains" in letter.content
    assert letters(community.carol) == []
    again = await order(community, "cancel")
    assert "on ne peut plus rien y changer" in said(again)


async def test_a_button_pressed_twice_acts_once(community: Community) -> None:
    card = await community.announce()
    await community.bob.react(card, "✅")
    first, second = [await order(community, "cancel") for _ in range(2)]
    question = answer_to(first).message
    stored = community.env.backend.messages[question.channel.id][question.id]
    as_asked = stored.components
    await confirm(community, first)
    # As on another device, where the message still shows its buttons.
    stored.components = as_asked
    again = await community.alice.click(answer_to(first), label="Confirmer")
    assert "C’est déjà fait" in said(again)
    other = await community.alice.click(answer_to(second), label="Confirmer")
    assert "on ne peut plus rien y changer" in said(other)
    assert len(letters(community.bob)) == 1


async def test_what_was_asked_is_confirmed_after_a_restart_with_its_reason(
    community: Community,
) -> None:
    card = await community.announce()
    await community.bob.react(card, "✅")
    asked = await order(community, "postpone", when="dans 21 jours à 18h30", reason="Pluie")
    await community.restart()
    assert NEW in await confirm(community, asked)
    assert "Raison : Pluie" in last_letter(community.bob)


async def test_giving_up_changes_nothing(community: Community) -> None:
    await community.announce()
    asked = await order(community, "cancel")
    assert "rien n’a changé" in await confirm(community, asked, "Ne rien changer")
    assert await status(community) is EventStatus.ANNOUNCED
    assert await drafts(community) == 0


# Answers.


async def test_answers_are_closed_and_opened_again(community: Community) -> None:
    card = await community.announce()
    assert "sont closes" in said(await order(community, "close"))
    await community.bob.react(card, "✅")
    assert "Présents 0" in shown(community.card())
    assert "sont déjà closes" in said(await order(community, "close"))
    assert "On peut de nouveau répondre" in said(await order(community, "reopen"))
    assert "On peut déjà répondre" in said(await order(community, "reopen"))
    await community.bob.click(community.card(), label="Je viens")
    assert "Présents 1" in shown(community.card())


@pytest.mark.parametrize("command", ["capacity", "postpone", "cancel", "close", "reopen"])
async def test_an_unknown_event_is_named_in_the_answer(community: Community, command: str) -> None:
    await community.announce()
    given = {"part": "Dîner", "seats": 3} if command == "capacity" else {"event": "Dîner"}
    assert "Dîner" in said(await order(community, command, **given))


# Rights.


async def allow(community: Community, who: simcord.MemberActor) -> None:
    """Let someone type /event, as on Discord's own page of permissions."""
    (event,) = [c for c in await community.bot.tree.fetch_commands() if c.name == "event"]
    community.guild.set_command_permissions(event, {who: True})


async def test_whom_discords_page_of_permissions_lets_type_a_command_is_trusted(
    community: Community,
) -> None:
    await community.announce(capacity=5)
    await allow(community, community.bob)
    changed = await community.bob.slash(community.general, "event capacity", part=TITLE, seats=3)
    assert "a maintenant 3 places" in said(changed)
    for command, sentence in (
        ("close", "sont closes"),
        ("reopen", "On peut de nouveau répondre"),
        ("postpone", "date à venir"),
        ("cancel", "sera annulée"),
    ):
        done = await community.bob.slash(community.general, f"event {command}", event=TITLE)
        assert sentence in said(done)


async def test_a_button_of_organisers_is_refused_to_who_is_none(community: Community) -> None:
    await community.announce()
    await allow(community, community.bob)
    asked = await community.bob.slash(community.general, "event cancel", event=TITLE)
    refused = await community.bob.click(answer_to(asked), label="Confirmer")
    assert said(refused) == "Cette action est réservée à l’organisation."
    assert await status(community) is EventStatus.ANNOUNCED


async def test_who_is_no_organiser_any_more_confirms_nothing(community: Community) -> None:
    await community.announce()
    bureau = community.guild.create_role("Bureau", permissions=discord.Permissions.none())
    erin = community.guild.add_member(community.env.create_user("erin"), roles=[bureau])
    await allow(community, erin)
    await community.alice.slash(community.general, "setup", organisers=bureau)
    asked = await erin.slash(community.general, "event cancel", event=TITLE)
    assert "sera annulée" in said(asked)
    await community.alice.slash(community.general, "setup", organisers=community.organisers)
    refused = await erin.click(answer_to(asked), label="Confirmer")
    assert said(refused) == "Cette action est réservée à l’organisation."
    assert await status(community) is EventStatus.ANNOUNCED
