import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
import simcord
from sqlalchemy import select, update

from bot import cards, deliveries
from bot.app import Bot
from bot.db import Database
from bot.deliveries import AT_ONCE, CLAIM_LASTS, FIRST_PAUSE, MOST_ATTEMPTS, Recipient
from bot.tables import Card, Choice, Delivery, DeliveryState, Guild
from bot.texts import Voice
from cogs.attendees import Attendees
from cogs.deliveries import LOOK_BACK, Deliveries
from tests.community import Community, shown
from tests.conftest import START
from tests.evenings import BOB, make_evening

SECOND = timedelta(seconds=1)


@pytest.fixture
async def owing(database: Database) -> Database:
    """A database with a guild that can owe something."""
    async with database.writing() as session:
        session.add(Guild(id=1, name="Les Tablées", zone="Europe/Paris"))
    return database


async def owe(
    database: Database,
    subject: str = "event:1",
    *,
    at: datetime = START,
    expires_at: datetime | None = None,
) -> bool:
    async with database.writing(1) as session:
        return await deliveries.owe(
            session,
            guild_id=1,
            kind="event",
            subject=subject,
            recipient=Recipient("channel", 5),
            now=at,
            expires_at=expires_at,
        )


async def claim(database: Database, now: datetime = START) -> Sequence[Delivery]:
    async with database.writing(1) as session:
        return await deliveries.claim(session, 1, now=now)


async def every(database: Database) -> Sequence[Delivery]:
    async with database.reading() as session:
        return (await session.scalars(select(Delivery).order_by(Delivery.id))).all()


def test_a_recipient_reads_what_it_wrote() -> None:
    for recipient in (Recipient("channel", 1), Recipient("user", 2**62)):
        assert Recipient.read(str(recipient)) == recipient


async def test_the_same_thing_is_owed_once(owing: Database) -> None:
    assert await owe(owing)
    assert not await owe(owing)
    assert len(await every(owing)) == 1


async def test_the_oldest_goes_first_and_a_few_at_a_time(owing: Database) -> None:
    subjects = [f"event:{number}" for number in range(AT_ONCE + 2)]
    for age, subject in enumerate(subjects):
        await owe(owing, subject, at=START - age * SECOND)
    first = await claim(owing)
    assert [owed.subject for owed in first] == subjects[::-1][:AT_ONCE]
    assert [owed.subject for owed in await claim(owing)] == subjects[::-1][AT_ONCE:]


async def test_nothing_is_claimed_before_it_is_due(owing: Database) -> None:
    await owe(owing, at=START + SECOND)
    assert await claim(owing) == []


async def test_two_claims_at_once_take_no_row_both(owing: Database) -> None:
    for number in range(2 * AT_ONCE):
        await owe(owing, f"event:{number}")
    taken = await asyncio.gather(claim(owing), claim(owing), claim(owing))
    ids = [owed.id for rows in taken for owed in rows]
    assert len(ids) == 2 * AT_ONCE
    assert len({*ids}) == len(ids)


async def test_what_is_due_elsewhere_is_not_claimed(owing: Database) -> None:
    await owe(owing)
    async with owing.writing(2) as session:
        assert await deliveries.claim(session, 2, now=START) == []
    async with owing.reading() as session:
        assert await deliveries.owing(session, START - SECOND) == []
        assert await deliveries.owing(session, START) == [1]


async def at_rest() -> None:
    """Wait until everything begun is done."""
    async with asyncio.timeout(5):
        await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()})


async def test_a_look_that_finds_nothing_waits_for_no_writer(
    owing: Database, voices: Mapping[str, Voice]
) -> None:
    cog = Deliveries(Bot(owing, voices, shard_count=1))
    async with owing.writing():
        await cog.on_delivery_due()
        await at_rest()


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_community_that_writes_holds_up_nobody_elses_deliveries(
    owing: Database, voices: Mapping[str, Voice]
) -> None:
    await owe(owing, expires_at=START)
    cog = Deliveries(Bot(owing, voices, clock=lambda: START + SECOND, shard_count=1))
    async with owing.writing(2):
        await cog.on_delivery_due()
        await at_rest()
    (owed,) = await every(owing)
    assert owed.state is DeliveryState.MISSED


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_community_that_writes_holds_up_nobody_elses_requests(
    database: Database, voices: Mapping[str, Voice]
) -> None:
    evening = await make_evening(database)
    await evening.change(needs_approval=True)
    outcomes = await evening.plays(evening.press(BOB, Choice.YES))
    bot = Bot(database, voices, clock=lambda: START, shard_count=1)
    bot.board.know([evening.card])
    async with database.writing(2), asyncio.timeout(5):
        await Attendees(bot).on_answers(outcomes)
    assert "request" in {owed.kind for owed in await every(database)}


async def test_a_claim_lapses_when_its_process_died(owing: Database) -> None:
    await owe(owing)
    (first,) = await claim(owing)
    assert first.attempts == 1
    assert await claim(owing, START + CLAIM_LASTS - SECOND) == []
    (second,) = await claim(owing, START + CLAIM_LASTS)
    assert (second.id, second.attempts) == (first.id, 2)


async def test_pauses_double_until_it_is_given_up(owing: Database) -> None:
    await owe(owing)
    now, pauses = START, list[timedelta]()
    for _ in range(MOST_ATTEMPTS):
        (owed,) = await claim(owing, now)
        async with owing.writing(1) as session:
            await deliveries.later(session, owed, "deliveries.no_answer", now)
        (after,) = await every(owing)
        pauses.append(after.due_at - now)
        now = after.due_at
    assert pauses[0] == FIRST_PAUSE
    ratios = [Fraction(b // SECOND, a // SECOND) for a, b in pairwise(pauses[:-1])]
    assert set(ratios) == {Fraction(2)}
    (given_up,) = await every(owing)
    assert (given_up.state, given_up.reason) == (DeliveryState.FAILED, "deliveries.no_answer")
    assert await claim(owing, now + timedelta(days=1)) == []


async def test_what_comes_too_late_is_missed_and_not_said(owing: Database) -> None:
    await owe(owing, expires_at=START + SECOND)
    assert await claim(owing, START + 2 * SECOND) == []
    (owed,) = await every(owing)
    assert (owed.state, owed.reason) == (DeliveryState.MISSED, "deliveries.too_late")


async def test_what_a_dead_process_may_have_said_is_not_said_again_too_late(
    owing: Database,
) -> None:
    await owe(owing, expires_at=START + SECOND)
    assert len(await claim(owing)) == 1
    assert await claim(owing, START + CLAIM_LASTS) == []
    (owed,) = await every(owing)
    assert owed.state is DeliveryState.UNKNOWN


# Through Discord.


def posts(community: Community) -> list[simcord.HttpLogEntry]:
    """What was posted to the announcements channel, tries included."""
    path = f"/channels/{community.announcements.id}/messages"
    return [r for r in community.env.http_requests if (r.method, r.path) == ("POST", path)]


async def test_a_card_carries_its_deliverys_nonce(community: Community) -> None:
    card = await community.announce()
    (post,) = posts(community)
    (owed,) = await every(community.db)
    assert post.json is not None
    assert post.json["nonce"] == owed.nonce
    assert post.json["enforce_nonce"]
    assert len(owed.nonce) <= 25
    assert (owed.state, owed.message_id) == (DeliveryState.SENT, card.id)


async def test_a_refusal_is_kept_with_its_reason_and_holds_nothing_up(
    community: Community,
) -> None:
    community.env.inject_error(
        "POST", f"/channels/{community.announcements.id}/messages", status=403, code=50013
    )
    with pytest.raises(IndexError):
        await community.announce(title="Refusée")
    await community.announce(title="Annoncée")
    refused, announced = await every(community.db)
    assert (refused.state, refused.reason) == (DeliveryState.FAILED, "deliveries.no_right")
    assert announced.state is DeliveryState.SENT
    assert "Annoncée" in shown(community.card())


async def test_closed_private_messages_are_noted_and_the_seat_stays(
    community: Community,
) -> None:
    card = await community.announce(capacity=1)
    await community.bob.react(card, "✅")
    await community.carol.react(card, "✅")
    community.env.inject_error("POST", "/users/@me/channels", status=403, code=50007)
    await community.bob.unreact(card, "✅")
    _, owed, *_ = await every(community.db)
    assert (owed.state, owed.reason) == (DeliveryState.FAILED, "deliveries.closed_messages")
    assert "✅ Présents 1 / 1" in shown(community.card())


async def test_when_discord_stumbles_the_card_is_posted_once_a_little_later(
    community: Community,
) -> None:
    path = f"/channels/{community.announcements.id}/messages"
    community.env.inject_error("POST", path, status=500, times=1)
    with pytest.raises(IndexError):
        await community.announce()
    await community.env.advance_time(60)
    assert len(community.announcements.history()) == 1
    assert len(posts(community)) == 2
    (owed,) = await every(community.db)
    assert (owed.state, owed.attempts) == (DeliveryState.SENT, 2)


async def forget_that_it_was_sent(community: Community) -> None:
    """Leave the tables as a process leaves them that dies between posting and marking."""
    async with community.db.writing() as session:
        await session.execute(
            update(Delivery).values(
                state=DeliveryState.SENDING, message_id=None, due_at=community.bot.clock()
            )
        )
        await session.execute(update(Card).values(message_id=None))


async def test_a_card_posted_before_a_crash_is_found_not_posted_again(
    community: Community,
) -> None:
    card = await community.announce()
    await forget_that_it_was_sent(community)
    await community.env.advance_time(60)
    assert [message.id for message in community.announcements.history()] == [card.id]
    assert len(posts(community)) == 1
    (owed,) = await every(community.db)
    assert (owed.state, owed.message_id) == (DeliveryState.SENT, card.id)
    async with community.db.reading() as session:
        found = await cards.find(session, "event", 1)
    assert found is not None
    assert found.message_id == card.id


async def test_two_cards_alike_are_not_taken_for_each_other(community: Community) -> None:
    first = await community.announce()
    second = await community.announce()
    await forget_that_it_was_sent(community)
    await community.env.advance_time(60)
    assert [owed.message_id for owed in await every(community.db)] == [first.id, second.id]


async def test_a_mistake_in_one_delivery_does_not_hold_up_the_others(
    community: Community,
) -> None:
    async with community.db.writing() as session:
        await deliveries.owe(
            session,
            guild_id=community.guild.id,
            kind="nobody draws this",
            subject="nothing:1",
            recipient=Recipient("channel", community.announcements.id),
            now=community.bot.clock() - SECOND,
        )
    await community.announce()
    mistaken, announced = await every(community.db)
    assert announced.state is DeliveryState.SENT
    assert (mistaken.state, mistaken.attempts) == (DeliveryState.PENDING, 1)


async def test_a_card_that_could_not_be_posted_elsewhere_does_not_take_anothers_message(
    community: Community,
) -> None:
    community.env.inject_error(
        "POST", f"/channels/{community.announcements.id}/messages", status=403, code=50013
    )
    with pytest.raises(IndexError):
        await community.announce()
    async with community.db.writing() as session:
        await cards.owe(
            session,
            "event",
            1,
            guild_id=community.guild.id,
            channel_id=community.general.id,
            now=community.bot.clock(),
        )
    await community.env.advance_time(30)
    card = community.card(community.general)
    async with community.db.reading() as session:
        found = (await session.scalars(select(Card).order_by(Card.id))).all()
    assert [(place.channel_id, place.message_id) for place in found] == [
        (community.announcements.id, None),
        (community.general.id, card.id),
    ]


async def test_a_post_that_much_was_said_after_is_not_posted_twice(community: Community) -> None:
    card = await community.announce()
    await forget_that_it_was_sent(community)
    await community.go_away()
    for number in range(LOOK_BACK + 1):
        community.env.backend.create_message(
            community.announcements.id, community.bob.id, content=f"bavardage {number}"
        )
    await community.env.advance_time(600)
    await community.come_back()
    await community.env.advance_time(60)
    assert [it.id for it in community.announcements.history() if it.embeds] == [card.id]
    owed, *_ = await every(community.db)
    assert owed.state is DeliveryState.UNKNOWN


async def test_a_card_sent_again_is_not_taken_for_the_one_before(community: Community) -> None:
    card = await community.announce()
    await community.env.advance_time(60)
    async with community.db.writing() as session:
        await cards.again(
            session,
            "event",
            1,
            guild_id=community.guild.id,
            channel_id=community.announcements.id,
            now=community.bot.clock(),
        )
        # Its process died before it was posted.
        await session.execute(
            update(Delivery)
            .where(Delivery.subject == "event:1")
            .values(state=DeliveryState.SENDING, attempts=1)
        )
    await community.env.advance_time(60)
    assert [it.id for it in community.announcements.history()] != [card.id]
