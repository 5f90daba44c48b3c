from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest
from simcord.backend.models import ScheduledEvent

from bot.tables import EventStatus
from tests.belonging import asked, change, settle_on, the_event
from tests.community import Community
from tests.conftest import START
from tests.organising import said
from tests.programmes import announce_programme, hear, table

PATH = "/scheduled-events"


async def mirrored(community: Community, **options: Any) -> discord.Message:
    """Announce an event that is shown among Discord's own."""
    await settle_on(community, mirror=True)
    return await community.announce(**options)


def standing(community: Community) -> Sequence[ScheduledEvent]:
    """Discord's own events in the server."""
    return [*community.env.backend.get_guild(community.guild.id).scheduled_events.values()]


def schedule(community: Community, count: int) -> None:
    """Let people make scheduled events of their own."""
    start = START + timedelta(days=30)
    for number in range(count):
        community.guild.create_scheduled_event(
            f"Soirée {number}",
            start_time=start.isoformat(),
            end_time=(start + timedelta(hours=1)).isoformat(),
            entity_type=3,
            location="Arles",
        ).creator_id = community.bob.id


def delete(community: Community, made: ScheduledEvent) -> None:
    """Let somebody delete a scheduled event in Discord."""
    community.env.backend.delete_scheduled_event(community.guild.id, made.id)


async def test_an_event_is_shown_with_a_link_to_its_card(community: Community) -> None:
    card = await mirrored(community, place="Théâtre d’Arles")
    (made,) = standing(community)
    assert (made.name, made.entity_type) == ("Petit-déjeuner", 3)
    assert made.entity_metadata == {"location": "Théâtre d’Arles"}
    assert (made.description or "").endswith(card.jump_url)
    start = datetime(2026, 1, 15, 17, 30, tzinfo=UTC)
    assert datetime.fromisoformat(made.scheduled_start_time) == start
    assert datetime.fromisoformat(made.scheduled_end_time or "") > start


async def test_without_the_setting_there_is_none(community: Community) -> None:
    before = len(community.env.http_requests)
    await community.announce()
    assert asked(community, before, PATH) == []


async def test_the_setting_turned_off_takes_mirrors_away_and_on_again_makes_them(
    community: Community,
) -> None:
    await mirrored(community)
    await settle_on(community, mirror=False)
    assert standing(community) == []
    await settle_on(community, mirror=True)
    assert len(standing(community)) == 1


async def test_texts_fit_and_a_place_is_never_missing(community: Community) -> None:
    await settle_on(community, mirror=True)
    long = {"title": "👩‍👩‍👧‍👦" * 30, "description": "[mot](http://x.fr) " * 200, "place": None}
    await announce_programme(community, parts=[table("A")], **long)
    (made,) = standing(community)
    assert len(made.name) <= 100
    assert len(made.description or "") <= 1000
    assert (made.description or "").endswith(community.card().jump_url)
    assert made.entity_metadata == {"location": "Lieu\u00a0: voir l’annonce"}


async def test_a_change_is_followed_once(community: Community) -> None:
    await mirrored(community)
    await change(community, title="Grand petit-déjeuner", revision=1)
    (made,) = standing(community)
    assert made.name == "Grand petit-déjeuner"
    before = len(community.env.http_requests)
    await hear(community, "event_changed", (await the_event(community)).id)
    await community.restart()
    assert asked(community, before, PATH) == []


@pytest.mark.parametrize("status", [EventStatus.CANCELLED, EventStatus.POSTPONED])
async def test_what_does_not_take_place_is_not_shown(
    community: Community, status: EventStatus
) -> None:
    await mirrored(community)
    await change(community, status=status, revision=1)
    assert standing(community) == []
    assert (await the_event(community)).scheduled_event_id is None


async def test_an_event_put_off_is_shown_again_on_its_new_date(community: Community) -> None:
    await mirrored(community)
    await change(community, status=EventStatus.POSTPONED, revision=1)
    later = START + timedelta(days=40)
    await change(community, status=EventStatus.ANNOUNCED, starts_at=later, revision=2)
    (made,) = standing(community)
    assert datetime.fromisoformat(made.scheduled_start_time) == later


async def test_what_has_begun_is_left_to_discord(community: Community) -> None:
    await mirrored(community)
    before = len(community.env.http_requests)
    await change(community, starts_at=START - timedelta(hours=1), revision=1)
    await change(community, status=EventStatus.PAST)
    assert asked(community, before, PATH) == []
    assert len(standing(community)) == 1


async def test_a_past_event_is_not_made(community: Community) -> None:
    await community.announce()
    await change(community, starts_at=START - timedelta(hours=1))
    await settle_on(community, mirror=True)
    assert standing(community) == []


async def test_a_mirror_deleted_by_hand_is_not_made_again(community: Community) -> None:
    await mirrored(community)
    (made,) = standing(community)
    delete(community, made)
    for revision in (1, 2):
        await change(community, title=f"Titre {revision}", revision=revision)
    await change(community, status=EventStatus.POSTPONED, revision=3)
    await change(community, status=EventStatus.ANNOUNCED, revision=4)
    await community.restart()
    assert standing(community) == []


async def test_a_mirror_that_a_crash_hid_is_found_again(community: Community) -> None:
    await mirrored(community)
    (made,) = standing(community)
    await change(community, scheduled_event_id=None, mirrored=None)
    await community.restart()
    assert standing(community) == [made]
    assert (await the_event(community)).scheduled_event_id == made.id


async def test_a_lost_answer_makes_no_second_mirror(community: Community) -> None:
    community.env.inject_error("POST", f"*{PATH}", status=500, code=0)
    await mirrored(community)
    assert standing(community) == []
    await community.restart()
    assert len(standing(community)) == 1


async def test_events_of_people_are_not_touched(community: Community) -> None:
    await mirrored(community)
    (ours,) = standing(community)
    delete(community, ours)
    schedule(community, 1)
    (theirs,) = standing(community)
    theirs.description = ours.description
    await change(community, scheduled_event_id=None, mirrored=None)
    assert len(standing(community)) == 2
    await change(community, status=EventStatus.CANCELLED, revision=1)
    assert standing(community) == [theirs]


async def test_at_a_hundred_it_stops_politely_and_goes_on_when_there_is_room(
    community: Community,
) -> None:
    schedule(community, 99)
    await mirrored(community, title="Déjeuner")
    before = len(community.env.http_requests)
    await community.announce(title="Dîner")
    await hear(community, "settings_changed", community.guild.id)
    requests = asked(community, before, PATH)
    assert {it.partition(" ")[0] for it in requests} == {"GET"}
    assert len(standing(community)) == 100
    diagnostic = await community.alice.slash(community.general, "diagnostic")
    assert "100 événements à venir" in said(diagnostic)
    delete(community, standing(community)[0])
    await community.restart()
    assert "Dîner" in {it.name for it in standing(community)}


async def test_discords_own_word_that_it_is_full_stops_it_too(community: Community) -> None:
    await community.announce(title="Déjeuner")
    await community.announce(title="Dîner")
    path = f"/guilds/*{PATH}"
    community.env.inject_error("POST", path, status=400, code=30038, times=None)
    before = len(community.env.http_requests)
    await settle_on(community, mirror=True)
    assert [it.partition(" ")[0] for it in asked(community, before, PATH)] == ["GET", "POST"]


async def test_trouble_with_one_event_is_not_the_others(community: Community) -> None:
    await community.announce(title="Déjeuner")
    await community.announce(title="Dîner")
    community.env.inject_error("POST", f"/guilds/*{PATH}", status=400, code=50035)
    await settle_on(community, mirror=True)
    assert len(standing(community)) == 1


async def test_without_the_right_nothing_is_tried(community: Community) -> None:
    mine = community.me.top_role
    rights = discord.Permissions(mine.permissions.value)
    rights.manage_events = rights.create_events = False
    community.env.backend.edit_role(community.guild.id, mine.id, {"permissions": rights.value})
    await community.env.settle()
    before = len(community.env.http_requests)
    await mirrored(community)
    assert asked(community, before, PATH) == []
    reply = await community.alice.slash(community.general, "diagnostic")
    assert "Créer des événements" in said(reply)


async def test_a_card_posted_anew_is_linked_to(community: Community) -> None:
    await mirrored(community)
    await community.alice.slash(community.general, "event announce", event="Petit-déjeuner")
    (made,) = standing(community)
    assert (made.description or "").endswith(community.card().jump_url)
