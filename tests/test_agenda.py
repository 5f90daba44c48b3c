"""`/events`: what is coming, and what is one's own."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import discord
import pytest
import simcord
from sqlalchemy import select

from bot.db import Database
from bot.errors import UserError
from bot.events import agenda, bells
from bot.events.agenda import State, Table
from bot.events.seats import Said, seat
from bot.tables import Approval, Choice, Event, EventStatus, Feed
from tests.community import Community
from tests.conftest import START
from tests.evenings import BOB, CAROL, make_evening
from tests.programmes import announce_programme, change_event, table

LINK = "https://discord.com/channels/"


def plain(text: str | None) -> str:
    return (text or "").replace("\u00a0", " ").replace("\u202f", " ")


async def asks(
    community: Community, member: simcord.MemberActor, which: str
) -> simcord.ResponseMessage:
    """What a member is shown in private."""
    result = await member.slash(community.general, f"events {which}")
    assert result.ephemeral
    assert result.response is not None
    return result.response


def listed(reply: simcord.ResponseMessage) -> str:
    return plain(reply.embeds[0].description)


# What is coming.


async def test_what_is_coming_says_when_where_what_is_left_and_where_one_stands(
    community: Community,
) -> None:
    card = await community.announce(capacity=2, place="Arles")
    await community.bob.click(card, label="Je viens")
    text = listed(await asks(community, community.bob, "next"))
    assert f"**[Petit-déjeuner]({LINK}{community.guild.id}/{card.channel.id}/{card.id})**" in text
    assert "jeudi 15 janvier 2026 à 18 h 30, heure de Paris" in text
    assert "📍 Arles" in text
    assert "1 place libre" in text
    assert "✅ place réservée" in text
    assert "réservée" not in listed(await asks(community, community.carol, "next"))


async def test_seats_left_are_listed_by_table(community: Community) -> None:
    parts = (table("IA", capacity=1), table("Son", 1, capacity=8), table("Réception", 3))
    card = await announce_programme(community, parts=parts)
    await community.bob.react(card, "1️⃣")
    text = listed(await asks(community, community.bob, "next"))
    assert "places libres par table : 1️⃣ 0 · 2️⃣ 8" in text
    assert "1️⃣ IA · ✅ place réservée" in text


async def test_many_are_read_in_pages_also_after_a_restart(community: Community) -> None:
    for day in range(10, 15):
        await community.announce(title=f"Café {day}", when=f"{day} janvier à 18h30")
    reply = await asks(community, community.bob, "next")
    assert [f"Café {day}" in listed(reply) for day in range(10, 15)] == [True] * 3 + [False] * 2
    await community.restart()
    await community.bob.click(reply, custom_id="agenda:next:1")
    assert [f"Café {day}" in listed(reply) for day in range(10, 15)] == [False] * 3 + [True] * 2
    await community.bob.click(reply, custom_id="agenda:next:0")
    assert "Café 10" in listed(reply)


async def test_nothing_to_come_is_said(community: Community) -> None:
    reply = await asks(community, community.bob, "next")
    assert "Aucune rencontre" in reply.content


@pytest.mark.parametrize("status", [EventStatus.CANCELLED, EventStatus.PAST, EventStatus.DRAFT])
async def test_what_does_not_come_is_not_listed(community: Community, status: EventStatus) -> None:
    await community.announce()
    await change_event(community, status=status)
    assert "Aucune" in (await asks(community, community.bob, "next")).content


async def test_what_is_announced_where_one_cannot_look_is_not_listed(
    community: Community,
) -> None:
    hidden = discord.PermissionOverwrite(view_channel=False)
    bureau = community.guild.create_text_channel(
        "bureau",
        overwrites={
            community.guild.default_role: hidden,
            community.organisers: discord.PermissionOverwrite(view_channel=True),
            community.me: discord.PermissionOverwrite(view_channel=True),
        },
    )
    await community.alice.slash(community.general, "setup", announcements=bureau)
    await community.announce(title="Conseil", channel=bureau)
    assert "Conseil" in listed(await asks(community, community.alice, "next"))
    assert "Aucune" in (await asks(community, community.bob, "next")).content


# One's own.


async def test_all_of_ones_own_is_shown(community: Community) -> None:
    parts = (
        table("IA", capacity=1),
        table("Son", 1, guests=2),
        table("Image", 2, needs_approval=True),
        table("Réception", 3),
    )
    card = await announce_programme(community, parts=parts)
    await community.carol.react(card, "1️⃣")
    for emoji in ("1️⃣", "2️⃣", "3️⃣"):
        await community.bob.react(card, emoji)
    breakfast = await community.announce()
    await community.bob.react(breakfast, "❔")
    text = listed(await asks(community, community.bob, "mine"))
    assert "1️⃣ IA · ⏳ liste d’attente, position 1" in text
    assert "2️⃣ Son · ✅ place réservée" in text
    assert "3️⃣ Image · ✋ à valider" in text
    assert "Réception" not in text
    assert "❔ peut-être" in text


async def test_a_no_is_not_listed_and_a_cancelled_seat_is(community: Community) -> None:
    card = await community.announce()
    await community.bob.click(card, label="Non")
    assert "Vous n’avez répondu" in (await asks(community, community.bob, "mine")).content
    await community.bob.click(card, label="Je viens")
    await change_event(community, status=EventStatus.CANCELLED)
    assert "annulée" in listed(await asks(community, community.bob, "mine"))


async def test_the_calendar_has_an_address_only_where_it_is_served(community: Community) -> None:
    await community.announce()
    assert "calendar" not in (await asks(community, community.bob, "mine")).content
    community.bot.public_url = "https://tables.example"
    reply = await asks(community, community.bob, "mine")
    address = await token(community)
    assert f"https://tables.example/calendar/{address}.ics" in reply.content
    await community.bob.click(reply, label="Changer d’adresse")
    assert address not in reply.content
    assert await token(community) in reply.content


async def token(community: Community) -> str:
    async with community.db.reading() as session:
        (found,) = (await session.scalars(select(Feed.token))).all()
    return found


async def test_the_longest_lists_fit(community: Community) -> None:
    for n in range(3):
        parts = [table("🎬" * 150, n, capacity=9) for n in range(10)]
        terms = {"title": f"{n}" + "*" * 149, "place": "_" * 200}
        card = await announce_programme(community, parts=parts, **terms)
        await community.bob.react(card, "✅")
    for which in ("next", "mine"):
        assert len(listed(await asks(community, community.bob, which))) > 2000


# The rules.


def test_where_one_stands() -> None:
    roster = seat(
        [
            Said(1, Choice.YES, turn=1, guests=1),
            Said(2, Choice.YES, turn=2),
            Said(3, Choice.YES, turn=3),
            Said(4, Choice.YES, approval=Approval.PENDING),
            Said(5, Choice.YES, approval=Approval.REFUSED),
            Said(6, Choice.MAYBE),
            Said(7, Choice.NO),
        ],
        capacity=2,
    )
    found = [agenda.stand(roster, user_id) for user_id in range(1, 9)]
    assert [it.state for it in found] == [
        State.SEATED,
        State.WAITING,
        State.WAITING,
        State.PENDING,
        State.REFUSED,
        State.MAYBE,
        State.NO,
        State.NONE,
    ]
    assert [it.place for it in found[:3]] == [None, 1, 2]
    assert found[0].guests == 1
    assert all(it.full for it in found)


def at(*hours: tuple[int, int | None]) -> Sequence[Table]:
    blank = Table(
        0,
        "",
        START,
        None,
        START,
        "UTC",
        has_hours=True,
        roles=(),
        guests_allowed=0,
        needs_approval=False,
        contact=None,
    )
    return [
        replace(
            blank,
            part_id=n,
            start=START + timedelta(hours=start),
            end=None if end is None else START + timedelta(hours=end),
        )
        for n, (start, end) in enumerate(hours)
    ]


@pytest.mark.parametrize(
    ("hours", "pairs"),
    [
        ([(14, 15), (15, 16)], []),
        ([(14, 16), (15, 16)], [(0, 1)]),
        ([(15, 16), (14, 18)], [(1, 0)]),
        ([(14, None), (14, 15)], [(0, 1)]),
        ([(14, None), (15, 16)], []),
        ([(14, 18), (15, None)], [(0, 1)]),
        ([(14, 18), (14, 15), (16, 17)], [(0, 1), (0, 2)]),
    ],
)
def test_tables_overlap_where_their_hours_do(
    hours: Sequence[tuple[int, int | None]], pairs: Sequence[tuple[int, int]]
) -> None:
    found = agenda.overlapping(at(*hours))
    assert [(one.part_id, other.part_id) for one, other in found] == list(pairs)


def test_tables_without_hours_of_their_own_do_not_overlap() -> None:
    unknown = [replace(it, has_hours=False) for it in at((14, 16), (14, 16))]
    assert agenda.overlapping(unknown) == []


async def test_what_is_coming_on_both_databases(database: Database) -> None:
    evening = await make_evening(database)
    await evening.plays(evening.press(BOB, Choice.YES))
    async with database.reading() as session:
        coming = await agenda.coming(session, 1, START, 5)
        assert [it.event_id for it in coming] == [evening.event_id]
        assert await agenda.coming(session, 1, START, 5, skip=1) == []
        assert await agenda.coming(session, 2, START, 5) == []
        assert await agenda.coming(session, 1, START + timedelta(days=15), 5) == []
        mine = await agenda.mine(session, 1, BOB, START)
        assert [it.event_id for it in mine] == [evening.event_id]
        assert await agenda.mine(session, 1, CAROL, START) == []
        assert await agenda.tables(session, 2, evening.event_id) == []


async def test_a_postponed_event_is_still_to_come(database: Database) -> None:
    evening = await make_evening(database)
    async with database.writing(1) as session:
        (await session.get_one(Event, evening.event_id)).status = EventStatus.POSTPONED
    async with database.reading() as session:
        later = datetime(2026, 3, 1, tzinfo=UTC)
        assert len(await agenda.coming(session, 1, later, 5)) == 1


async def test_bells_are_of_ones_own_community(database: Database) -> None:
    evening = await make_evening(database)
    async with database.writing(1) as session:
        assert await bells.toggle(session, 1, evening.event_id, BOB)
        assert await bells.of_event(session, evening.event_id) == {BOB}
        assert not await bells.toggle(session, 1, evening.event_id, BOB)
        assert await bells.of_event(session, evening.event_id) == frozenset()
        with pytest.raises(UserError, match=r"rsvp\.gone"):
            await bells.toggle(session, 2, evening.event_id, BOB)
