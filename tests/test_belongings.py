from datetime import timedelta
from typing import Any

import discord
import pytest
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from bot.tables import EventStatus
from tests.belonging import (
    all_react,
    archived,
    asked,
    change,
    ids,
    in_thread,
    join,
    kept,
    put_away,
    settle_on,
    the_event,
)
from tests.community import Community
from tests.programmes import announce_programme, table


async def threaded(community: Community, **options: Any) -> discord.Message:
    """Announce an event that gets a thread."""
    await settle_on(community, threads=True)
    return await community.announce(**options)


async def test_a_card_gets_a_thread_of_its_name(community: Community) -> None:
    card = await threaded(community)
    (thread,) = community.announcements.threads
    assert (thread.id, thread.name) == (card.id, "Petit-déjeuner")
    assert (await the_event(community)).thread_id == card.id


async def test_without_the_setting_there_is_none(community: Community) -> None:
    await community.announce()
    assert community.announcements.threads == []


async def test_a_title_of_emojis_fits_the_name_of_a_thread(community: Community) -> None:
    await settle_on(community, threads=True)
    await announce_programme(community, parts=[table("A")], title="👩‍👩‍👧‍👦" * 30)
    (thread,) = community.announcements.threads
    assert len((thread.name or "").encode("utf-16-le")) // 2 <= 100


async def test_a_thread_that_is_there_already_is_taken(community: Community) -> None:
    community.env.inject_error("POST", "*/messages/*/threads", status=400, code=160004)
    card = await threaded(community)
    assert (await the_event(community)).thread_id == card.id


async def test_people_come_and_go_with_their_answers(community: Community) -> None:
    card = await threaded(community, capacity=1)
    await community.bob.react(card, "✅")
    await community.carol.click(card, label="Je viens")
    await community.dave.click(card, label="Peut-être")
    assert in_thread(community, card.id) == ids(community.bob, community.carol)
    await community.bob.unreact(card, "✅")
    assert in_thread(community, card.id) == ids(community.carol)


async def test_who_was_in_the_thread_before_stays_in_it(community: Community) -> None:
    card = await threaded(community)
    join(community, card.id, community.bob)
    await community.bob.react(card, "✅")
    await community.bob.unreact(card, "✅")
    assert in_thread(community, card.id) == ids(community.bob)
    assert await kept(community) == []


async def test_who_left_the_thread_is_not_pulled_in_again(community: Community) -> None:
    card = await threaded(community)
    await community.bob.react(card, "✅")
    community.env.backend.remove_thread_member(card.id, community.bob.id)
    await community.carol.react(card, "✅")
    await community.restart()
    assert in_thread(community, card.id) == ids(community.carol)


async def test_a_hundred_and_twenty_are_let_in_once(community: Community) -> None:
    card = await threaded(community)
    crowd = community.crowd(120)
    before = len(community.env.http_requests)
    await all_react(community, card.id, crowd)
    assert in_thread(community, card.id) == ids(*crowd)
    assert len(asked(community, before, "/thread-members/")) == 2 * 120
    before = len(community.env.http_requests)
    await community.restart()
    assert asked(community, before, "/thread", "/roles/") == []


async def test_what_was_begun_before_a_restart_is_finished_after_it(community: Community) -> None:
    card = await threaded(community)
    crowd = community.crowd(40)
    # Discord is in trouble after a while: it is left alone for longer than this test lasts.
    path = f"*/thread-members/{crowd[30].id}"
    community.env.inject_error("PUT", path, status=500, code=0)
    await all_react(community, card.id, crowd)
    assert len(in_thread(community, card.id)) == 30
    await community.restart()
    assert in_thread(community, card.id) == ids(*crowd)


async def test_a_gift_that_a_crash_hid_is_the_bots_to_take_back(community: Community) -> None:
    card = await threaded(community)
    path = f"*/thread-members/{community.bob.id}"
    community.env.inject_error("PUT", path, status=500, code=0)
    await community.bob.react(card, "✅")
    assert await kept(community) == [(community.bob.id, "thread:due")]
    join(community, card.id, community.bob)  # the request had taken effect
    await community.restart()
    await community.bob.unreact(card, "✅")
    assert in_thread(community, card.id) == set()


async def test_who_left_the_server_is_tried_once(community: Community) -> None:
    card = await threaded(community)
    before = len(community.env.http_requests)
    path = f"*/thread-members/{community.bob.id}"
    community.env.inject_error("PUT", path, status=404, code=10007, times=None)
    await community.bob.react(card, "✅")
    await community.carol.react(card, "✅")
    await community.dave.react(card, "✅")
    tries = asked(community, before, f"thread-members/{community.bob.id}")
    assert tries == [f"{verb} /channels/{card.id}{path[1:]}" for verb in ("GET", "PUT")]
    assert in_thread(community, card.id) == ids(community.carol, community.dave)


async def test_a_thread_that_discord_put_away_is_woken_for_who_comes(community: Community) -> None:
    card = await threaded(community)
    put_away(community, card.id)
    path = f"*/thread-members/{community.bob.id}"
    community.env.inject_error("PUT", path, status=400, code=50083)
    await community.bob.react(card, "✅")
    assert not archived(community, card.id)
    assert in_thread(community, card.id) == ids(community.bob)


async def test_a_locked_thread_is_left_alone(community: Community) -> None:
    card = await threaded(community)
    put_away(community, card.id)
    community.env.inject_error("PUT", "*/thread-members/*", status=400, code=50083, times=None)
    community.env.inject_error("PATCH", f"/channels/{card.id}", status=403, code=50013, times=None)
    before = len(community.env.http_requests)
    await all_react(community, card.id, community.crowd(20))
    assert len(asked(community, before, "/thread-members/")) <= 6


async def test_refusals_end_after_three(community: Community) -> None:
    card = await threaded(community)
    community.env.inject_error("PUT", "*/thread-members/*", status=403, code=50001, times=None)
    before = len(community.env.http_requests)
    await all_react(community, card.id, community.crowd(20))
    puts = [it for it in asked(community, before, "/thread-members/") if it.startswith("PUT")]
    assert len(puts) == 3


async def test_a_deleted_thread_stays_deleted(community: Community) -> None:
    card = await threaded(community)
    await community.bob.react(card, "✅")
    community.env.backend.delete_channel(card.id)
    await community.env.settle()
    assert (await the_event(community)).thread_id is None
    before = len(community.env.http_requests)
    await community.carol.react(card, "✅")
    await community.restart()
    assert asked(community, before, "/thread") == []


async def test_a_thread_deleted_unseen_is_noticed(community: Community) -> None:
    card = await threaded(community)
    await community.go_away()
    community.env.backend.delete_channel(card.id)
    await community.come_back()
    await community.bob.react(card, "✅")
    assert (await the_event(community)).thread_id is None
    assert community.announcements.threads == []


@pytest.mark.parametrize("status", [EventStatus.PAST, EventStatus.CANCELLED])
async def test_a_day_after_the_end_the_thread_is_put_away_once(
    community: Community, status: EventStatus
) -> None:
    card = await threaded(community)
    await community.bob.react(card, "✅")
    ended = community.bot.clock()
    await change(community, status=status, updated_at=ended)
    assert not archived(community, card.id)
    await change(community, updated_at=ended - timedelta(days=1))
    assert archived(community, card.id)
    assert in_thread(community, card.id) == ids(community.bob)
    await community.bob.send(community.announcements.threads[0], "Encore merci !")
    before = len(community.env.http_requests)
    await community.restart()
    assert asked(community, before, f"/channels/{card.id}") == []


# Rights for threads.


async def refuse(community: Community, **rights: bool) -> None:
    """Take rights from the bot in the announcements channel, or give them back."""
    allow, deny = discord.PermissionOverwrite(**rights).pair()
    overwrite = Overwrite(community.me.id, OverwriteType.MEMBER, allow.value, deny.value)
    community.env.backend.set_overwrite(community.announcements.id, overwrite)
    await community.env.settle()


async def test_without_the_right_no_thread_and_with_it_again_one(community: Community) -> None:
    await refuse(community, create_public_threads=False)
    before = len(community.env.http_requests)
    card = await threaded(community)
    await community.bob.react(card, "✅")
    assert asked(community, before, "/thread") == []
    await refuse(community, create_public_threads=True)
    assert in_thread(community, card.id) == ids(community.bob)


async def test_who_may_not_write_in_threads_invites_nobody(community: Community) -> None:
    await refuse(community, send_messages_in_threads=False)
    await settle_on(community, threads=True)
    card = await community.announce()
    await community.bob.react(card, "✅")
    assert not community.announcements.threads, "reminders would be lost in it"


async def test_who_may_not_manage_threads_takes_nobody_out_until_they_may(
    community: Community,
) -> None:
    await refuse(community, manage_threads=False)
    card = await threaded(community)
    await community.bob.react(card, "✅")
    await community.bob.unreact(card, "✅")
    assert in_thread(community, card.id) == ids(community.bob)
    await refuse(community, manage_threads=True)
    assert in_thread(community, card.id) == set()
