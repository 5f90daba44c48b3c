"""Announcements that publish themselves, that Discord does not take, that are sent again."""

import discord
import pytest
import simcord
from sqlalchemy import select, update

from bot.tables import Card, Delivery, Draft, Event, Guild
from tests.community import Community, shown
from tests.organising import (
    change,
    fill_in,
    guided,
    inputs,
    kept,
    labels,
    plain,
    preview_of,
    said,
    stored,
)

# The clock begins at one in the morning, in Paris, on the first of January 2026.
SOON = "aujourd’hui à 1h02"
# When three tries are over, and their last word was said.
AFTER_ALL = 520


async def planned(
    community: Community, at: str = SOON, channel: simcord.ChannelHandle | None = None
) -> simcord.ResponseMessage:
    """The guided message of an event that is to publish itself."""
    message = await guided(community)
    if channel is not None:
        await change(community, message, "Annonce", channel=[channel])
    await change(community, message, "Publier à…", publish=at)
    return message


async def events(community: Community) -> list[Event]:
    async with community.db.reading() as session:
        return [*(await session.scalars(select(Event)))]


async def owed(community: Community, kind: str) -> list[Delivery]:
    async with community.db.reading() as session:
        return [*(await session.scalars(select(Delivery).where(Delivery.kind == kind)))]


def notices(community: Community) -> list[discord.Message]:
    """What Alice was told in private."""
    return community.alice.user.dm_channel.history()


def closed(community: Community) -> simcord.ChannelHandle:
    """A channel where the bot may not write."""
    silent = discord.PermissionOverwrite(send_messages=False)
    return community.guild.create_text_channel("ferme", overwrites={community.me: silent})


async def open_up(community: Community, channel: simcord.ChannelHandle) -> None:
    """Give the bot its rights back."""
    known = community.bot.get_channel(channel.id)
    assert isinstance(known, discord.TextChannel)
    await known.set_permissions(community.me, overwrite=None)
    await community.env.settle()


async def wait(community: Community, seconds: int) -> None:
    """Let time pass, in pieces: the bot looks around every few seconds."""
    for piece in [120] * (seconds // 120) + [seconds % 120]:
        await community.env.advance_time(piece)


async def test_a_draft_publishes_itself_at_its_hour_across_a_restart(
    community: Community,
) -> None:
    message = await planned(community)
    assert "Publication prévue : jeudi 1er janvier 2026 à 1 h 02" in plain(
        message.content.replace("*", "")
    )
    await wait(community, 60)
    await community.restart()
    assert community.announcements.history() == []
    await wait(community, 100)
    assert shown(community.card()).startswith("\nPetit-déjeuner")
    assert await kept(community) == []
    (event,) = await events(community)
    assert event.created_by == community.alice.id
    refused = await community.alice.click(message, label="Publier")
    assert "a été publié ou abandonné" in said(refused)
    await wait(community, 120)
    assert len(community.announcements.history()) == 1


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("hier à 10h", "déjà passé"),
        ("demain", "Il manque l’heure"),
        ("vendredi 16 janvier à 9h", "avant le début de la rencontre"),
        ("un jour", "Je n’ai pas compris « un jour »"),
    ],
)
async def test_a_refused_hour_says_why_and_opens_again_filled_in(
    community: Community, written: str, sentence: str
) -> None:
    message = await planned(community, written)
    assert sentence in plain(message.content)
    opened = await community.alice.click(message, label="Corriger")
    assert inputs(opened)["publish"]["value"] == written
    await fill_in(community, opened, publish=SOON)
    assert "Publication prévue" in plain(message.content)


async def test_an_emptied_hour_publishes_nothing(community: Community) -> None:
    message = await planned(community)
    await change(community, message, "Publier à…", publish="")
    assert "Publication prévue" not in plain(message.content)
    await wait(community, 180)
    assert await events(community) == []


async def test_an_hour_for_what_is_no_event_yet_is_kept(community: Community) -> None:
    message = await guided(community)
    opened = await community.alice.click(message, label="Publier à…")
    await change(community, message, "Titre et date", when="le 31 février")
    await fill_in(community, opened, publish=SOON)
    assert "Publication prévue" not in plain(message.content)
    (draft,) = await kept(community)
    assert (draft.fields["publish"], draft.publish_at) == (SOON, None)


async def test_an_event_moved_before_its_publication_is_to_be_corrected(
    community: Community,
) -> None:
    message = await planned(community, "14 janvier à 9h")
    await change(community, message, "Titre et date", when="12 janvier à 9h")
    assert "avant le début de la rencontre" in plain(message.content)
    await change(community, message, "Corriger", publish="11 janvier à 9h")
    assert "Publication prévue" in plain(message.content)


async def test_what_cannot_be_published_is_tried_three_times_and_its_maker_told(
    community: Community,
) -> None:
    await planned(community, channel=closed(community))
    await wait(community, 150)
    (draft,) = await kept(community)
    assert draft.tries == 1
    await wait(community, 80)
    (draft,) = await kept(community)
    assert draft.tries == 2
    assert notices(community) == []
    await wait(community, 310)
    (draft,) = await kept(community)
    assert (draft.tries, draft.publish_at) == (0, None)
    (notice,) = notices(community)
    assert "Petit-déjeuner** n’a pas pu être publié" in plain(notice.content)
    assert "Je n’ai pas le droit d’annoncer" in plain(notice.content)
    await wait(community, 60)
    assert len(notices(community)) == 1
    assert await events(community) == []


async def test_the_word_about_it_opens_the_draft_in_private_messages(
    community: Community,
) -> None:
    channel = closed(community)
    await planned(community, channel=channel)
    await wait(community, AFTER_ALL)
    (notice,) = notices(community)
    await open_up(community, channel)
    await community.alice.user.click(notice, label="Ouvrir le brouillon")
    (notice,) = notices(community)
    assert "Publier" in str(notice.components)
    opened = await community.alice.user.click(notice, label="Limites")
    assert set(inputs(opened)) == {"capacity", "guests", "deadline", "approval"}
    opened = await community.alice.user.click(notice, label="Lieu et contact")
    await community.alice.user.submit_modal(opened, {"place": "Arles", "contact": ""})
    await community.alice.user.click(notice, label="Publier")
    assert "📍 Arles" in shown(community.card(channel))


async def test_who_organises_no_longer_cannot_publish_in_private_messages(
    community: Community,
) -> None:
    await planned(community, channel=closed(community))
    await wait(community, AFTER_ALL)
    (notice,) = notices(community)
    community.guild.remove_member(community.alice)
    await community.env.settle()
    refused = await community.alice.user.click(notice, label="Ouvrir le brouillon")
    assert plain(preview_of(refused).content) == "This is for organisers only."
    assert labels(preview_of(refused)) == []


async def test_a_right_given_back_in_time_publishes_at_the_next_try(
    community: Community,
) -> None:
    channel = closed(community)
    await planned(community, channel=channel)
    await wait(community, 150)
    await open_up(community, channel)
    await wait(community, 80)
    assert len(channel.history()) == 1
    assert notices(community) == []


async def test_a_date_that_passed_and_a_channel_that_is_gone_are_told_too(
    community: Community,
) -> None:
    await planned(community)
    (draft,) = await kept(community)
    async with community.db.writing() as session:
        await session.execute(
            update(Draft)
            .where(Draft.id == draft.id)
            .values(fields=draft.fields | {"when": "15 janvier 2025 à 9h"})
        )
    await wait(community, AFTER_ALL)
    (notice,) = notices(community)
    assert "déjà passé" in plain(notice.content)
    await guided(community, title="Café")
    _, draft = await kept(community)
    async with community.db.writing() as session:
        await session.execute(
            update(Draft)
            .where(Draft.id == draft.id)
            .values(fields=draft.fields | {"channel": 5}, publish_at=community.bot.clock())
        )
    await wait(community, 500)
    notice = notices(community)[-1]
    assert "Ce salon n’existe plus" in plain(notice.content)


async def test_a_draft_that_breaks_the_reader_holds_up_no_other(community: Community) -> None:
    await planned(community)
    await planned(community)
    first, _ = await kept(community)
    async with community.db.writing() as session:
        await session.execute(
            update(Draft).where(Draft.id == first.id).values(fields=first.fields | {"title": 5})
        )
    await wait(community, 150)
    assert len(await events(community)) == 1
    (draft,) = await kept(community)
    assert (draft.id, draft.tries) == (first.id, 1)


async def test_the_hour_and_a_press_announce_once(community: Community) -> None:
    message = await planned(community)
    await wait(community, 110)
    await community.alice.click(message, label="Publier")
    await wait(community, 60)
    assert len(community.announcements.history()) == 1
    assert len(await events(community)) == 1


# Announcements that do not arrive.


async def refuse(community: Community, code: int = 50013) -> simcord.ResponseMessage:
    """Publish an event whose card Discord does not take."""
    message = await guided(community)
    path = f"/channels/{community.announcements.id}/messages"
    community.env.inject_error("POST", path, status=403, code=code, times=1)
    await community.alice.click(message, label="Publier")
    return message


async def test_who_announced_is_told_once_that_the_card_did_not_arrive(
    community: Community,
) -> None:
    message = await refuse(community)
    assert "C’est parti" in plain(message.content)
    await wait(community, 60)
    (notice,) = notices(community)
    assert "L’annonce de Petit-déjeuner n’est pas arrivée" in plain(notice.content.replace("*", ""))
    assert "le bot n’a pas le droit d’écrire dans ce salon" in plain(notice.content)
    await community.restart()
    await wait(community, 60)
    assert len(notices(community)) == 1


async def announce(
    community: Community, channel: simcord.ChannelHandle | None = None
) -> simcord.InteractionResult:
    (event,) = await events(community)
    options = {"channel": channel} if channel else {}
    return await community.alice.slash(
        community.general, "event announce", event=str(event.id), **options
    )


async def test_a_card_that_did_not_arrive_is_sent_again(community: Community) -> None:
    await refuse(community)
    await wait(community, 60)
    result = await announce(community)
    assert "C’est parti" in said(result)
    card = community.card()
    await community.bob.react(card, "✅")
    assert "✅ Présents 1" in shown(community.card())
    await wait(community, 60)
    assert len(notices(community)) == 1


async def test_a_card_that_does_not_arrive_twice_is_told_twice(community: Community) -> None:
    await refuse(community)
    await wait(community, 60)
    path = f"/channels/{community.announcements.id}/messages"
    community.env.inject_error("POST", path, status=403, code=50013, times=1)
    await announce(community)
    await wait(community, 60)
    assert len(notices(community)) == 2
    assert len(await owed(community, "event")) == 2


async def test_a_deleted_card_is_posted_again_with_its_answers(community: Community) -> None:
    card = await community.announce(capacity=3)
    await community.bob.react(card, "✅")
    await card.delete()
    await community.env.settle()
    await announce(community)
    again = community.card()
    assert again.id != card.id
    assert "✅ Présents 1 / 3" in shown(again)
    await community.carol.react(again, "✅")
    assert "✅ Présents 2 / 3" in shown(community.card())


async def test_a_card_moves_to_another_channel_with_its_answers(community: Community) -> None:
    card = await community.announce()
    await community.bob.react(card, "✅")
    await announce(community, community.general)
    assert community.announcements.history() == [], "it goes when the new one stands"
    moved = community.card(community.general)
    assert "✅ Présents 1" in shown(moved)
    await community.carol.react(moved, "✅")
    assert "✅ Présents 2" in shown(community.card(community.general))
    async with community.db.reading() as session:
        (left,) = await session.scalars(select(Card))
    assert left.message_id == moved.id
    await announce(community, community.announcements)
    assert "✅ Présents 2" in shown(community.card())
    assert not [m for m in community.general.history(viewer=community.dave) if m.embeds]


async def test_the_old_card_stays_until_the_new_one_stands(community: Community) -> None:
    card = await community.announce()
    path = f"/channels/{community.general.id}/messages"
    community.env.inject_error("POST", path, status=500, times=1)
    await announce(community, community.general)
    assert [message.id for message in community.announcements.history()] == [card.id]
    await wait(community, 60)
    assert community.announcements.history() == []


async def test_a_card_that_is_there_is_not_posted_twice(community: Community) -> None:
    card = await community.announce()
    refused = await announce(community)
    assert "L’annonce est déjà là" in said(refused)
    assert card.jump_url in said(refused)
    assert len(community.announcements.history()) == 1


async def test_a_card_is_not_sent_where_the_bot_may_not_post(community: Community) -> None:
    await community.announce()
    refused = await announce(community, closed(community))
    assert "Je n’ai pas le droit d’annoncer" in said(refused)
    assert len(community.announcements.history()) == 1


async def test_a_guild_without_a_channel_any_more_keeps_the_draft(community: Community) -> None:
    message = await planned(community)
    async with community.db.writing() as session:
        await session.execute(update(Guild).values(announcements_channel=None))
    await wait(community, AFTER_ALL)
    (notice,) = notices(community)
    assert "Il manque le salon des annonces" in plain(notice.content)
    assert "Publier" in labels(message)
    assert await stored(community) == []
