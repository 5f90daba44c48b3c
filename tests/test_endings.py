"""What follows from time passing: past events, thanks, recaps announced, cards that turn."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from bot.db import Database
from bot.events import endings, hours, programme
from bot.tables import (
    Card,
    Choice,
    Delivery,
    DeliveryState,
    Event,
    EventStatus,
    Part,
    Presence,
    Recap,
    RecapStatus,
)
from tests.community import Community
from tests.conftest import START
from tests.evenings import BOB, CAROL, Evening, make_evening

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PARIS, NEW_YORK = ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York")
EVENING = START + 14 * DAY


@pytest.mark.parametrize(
    ("ends_at", "parts", "expected"),
    [
        (EVENING + HOUR, [(None, EVENING + 9 * HOUR)], 9 * HOUR),
        (EVENING + 9 * HOUR, [(None, EVENING + HOUR)], 9 * HOUR),
        (EVENING + 4 * HOUR, [(None, None)], 4 * HOUR),
        (EVENING + 4 * HOUR, [(None, None), (EVENING + 7 * HOUR, None)], 11 * HOUR),
        (EVENING + HOUR, [], HOUR),
        (None, [], 4 * HOUR),
        (None, [(None, EVENING + 2 * HOUR), (None, EVENING + 3 * HOUR)], 3 * HOUR),
        (None, [(None, None)], 4 * HOUR),
        (None, [(None, EVENING + 2 * HOUR), (EVENING + 5 * HOUR, None)], 9 * HOUR),
    ],
)
def test_an_event_is_over_with_its_written_end_and_its_last_part(
    ends_at: datetime | None,
    parts: Sequence[tuple[datetime | None, datetime | None]],
    expected: timedelta,
) -> None:
    event = Event(starts_at=EVENING, ends_at=ends_at)
    rows = [Part(starts_at=start, ends_at=end) for start, end in parts]
    assert hours.end_of(event, rows) == EVENING + expected


@pytest.mark.parametrize(
    ("zone", "end", "expected"),
    [
        (PARIS, "2026-01-15T18:00", "2026-01-16T09:00Z"),
        (PARIS, "2026-01-15T09:00", "2026-01-16T09:00Z"),
        (PARIS, "2026-01-16T01:30", "2026-01-16T09:00Z"),
        (PARIS, "2026-03-28T22:00", "2026-03-29T08:00Z"),
        (PARIS, "2026-10-24T22:00", "2026-10-25T09:00Z"),
        (NEW_YORK, "2026-10-31T22:00", "2026-11-01T15:00Z"),
    ],
)
def test_people_are_thanked_at_ten_in_the_morning(zone: ZoneInfo, end: str, expected: str) -> None:
    ended = datetime.fromisoformat(end).replace(tzinfo=zone).astimezone(UTC)
    assert endings.morning_after(ended, zone) == datetime.fromisoformat(expected)


async def look(database: Database, now: datetime) -> list[int]:
    """Look what is over as the bot does; give the events that were marked."""
    async with database.reading() as session:
        over = await endings.over(session, now)
    async with database.writing(1) as session:
        return [event.id for event in over if await endings.end(session, event.id, now)]


async def tell(database: Database, now: datetime) -> int:
    """Owe the links of recaps that are due; give how many."""
    async with database.reading() as session:
        recaps = await endings.recapped(session, now)
    async with database.writing(1) as session:
        return sum([await endings.owe_recap(session, recap, now) for recap in recaps])


async def publish(database: Database, event_id: int, now: datetime, *, guild_id: int = 1) -> None:
    async with database.writing(guild_id) as session:
        session.add(
            Recap(
                guild_id=guild_id,
                event_id=event_id,
                title="Retour",
                link="https://example.org/retour",
                language="fr",
                fingerprint=f"{now}",
                status=RecapStatus.PUBLISHED,
                created_at=now,
                updated_at=now,
            )
        )


async def owed(database: Database) -> Sequence[Delivery]:
    async with database.reading() as session:
        kinds = ("thanks", "recap_out")
        query = select(Delivery).where(Delivery.kind.in_(kinds)).order_by(Delivery.id)
        return (await session.scalars(query)).all()


@pytest.fixture
async def evening(database: Database) -> Evening:
    """An event on 15 January at 01:00 in Paris, to which Bob comes."""
    evening = await make_evening(database)
    await evening.plays(evening.press(BOB, Choice.YES))
    await change(evening, channel_id=5)
    return evening


async def change(evening: Evening, **values: object) -> None:
    async with evening.database.writing(1) as session:
        await session.execute(update(Event).where(Event.id == evening.event_id).values(**values))


async def test_an_event_is_past_once_and_thanks_are_owed_for_the_morning(evening: Evening) -> None:
    assert await look(evening.database, EVENING + 4 * HOUR - MINUTE) == []
    assert await look(evening.database, EVENING + 4 * HOUR) == [evening.event_id]
    assert await look(evening.database, EVENING + 5 * HOUR) == []
    (thanks,) = await owed(evening.database)
    assert (thanks.kind, thanks.recipient) == ("thanks", "channel:5")
    assert thanks.due_at == EVENING.replace(hour=9)


@pytest.mark.parametrize("lasts", [None, 4 * HOUR])
async def test_an_event_is_not_past_before_a_later_table(
    database: Database, lasts: timedelta | None
) -> None:
    evening = await make_evening(database, parts=2)
    await change(evening, ends_at=lasts and EVENING + lasts)
    await evening.change_part(1, starts_at=EVENING + 7 * HOUR, ends_at=EVENING + 9 * HOUR)
    assert await look(database, EVENING + 5 * HOUR) == []
    (played,) = await evening.plays(evening.press(BOB, Choice.YES, part=1))
    assert played.changed
    assert await look(database, EVENING + 9 * HOUR) == [evening.event_id]


@pytest.mark.parametrize("ends_at", [None, 1, 4, 8])
@pytest.mark.parametrize("part", [(None, None), (None, 2), (2, None), (5, None), (5, 6)])
async def test_the_database_is_asked_by_the_same_rule(
    database: Database, ends_at: int | None, part: tuple[int | None, int | None]
) -> None:
    evening = await make_evening(database, parts=2)
    event_end = EVENING + ends_at * HOUR if ends_at else None
    starts_at, part_end = (EVENING + it * HOUR if it else None for it in part)
    await change(evening, ends_at=event_end)
    await evening.change_part(1, starts_at=starts_at, ends_at=part_end)
    over = hours.over_at(EVENING, event_end, [(None, None), (starts_at, part_end)])
    async with database.reading() as session:
        query = select(Event.id)
        assert await session.scalar(query.where(hours.not_over(over - MINUTE))) is not None
        assert await session.scalar(query.where(hours.not_over(over))) is None


@pytest.mark.parametrize(
    ("values", "after", "followed"),
    [
        ({"ends_at": None}, 2 * DAY, True),
        ({"ends_at": None}, 3 * DAY, False),
        ({"ends_at": EVENING + 4 * DAY}, 5 * DAY, True),
        ({"status": EventStatus.POSTPONED}, 100 * DAY, True),
    ],
)
async def test_a_card_is_followed_until_after_the_end_or_while_there_is_no_date(
    evening: Evening, values: Mapping[str, object], after: timedelta, *, followed: bool
) -> None:
    async with evening.database.writing(1) as session:
        await session.execute(update(Card).values(message_id=6))
    await change(evening, **values)
    async with evening.database.reading() as session:
        assert bool(await programme.open_cards(session, EVENING + after)) == followed


@pytest.mark.parametrize(
    ("status", "past"),
    [
        (EventStatus.CLOSED, True),
        (EventStatus.CANCELLED, False),
        (EventStatus.POSTPONED, False),
        (EventStatus.DRAFT, False),
    ],
)
async def test_only_what_took_place_is_past(
    evening: Evening, status: EventStatus, *, past: bool
) -> None:
    await change(evening, status=status)
    assert bool(await look(evening.database, EVENING + DAY)) == past


async def test_nobody_is_thanked_where_nobody_was(evening: Evening) -> None:
    await evening.plays(evening.press(BOB, Choice.NO))
    await look(evening.database, EVENING + DAY)
    assert await owed(evening.database) == []


async def test_who_was_checked_in_is_thanked_without_a_seat(evening: Evening) -> None:
    await evening.plays(evening.press(BOB, Choice.NO))
    async with evening.database.writing(1) as session:
        session.add(
            Presence(part_id=evening.part_id, user_id=CAROL, guild_id=1, at=EVENING, checked_by=1)
        )
    await look(evening.database, EVENING + DAY)
    assert len(await owed(evening.database)) == 1


async def test_a_recap_that_was_there_goes_with_the_thanks_and_a_later_one_by_itself_once(
    evening: Evening,
) -> None:
    morning = EVENING.replace(hour=9)
    await look(evening.database, EVENING + 4 * HOUR)
    await publish(evening.database, evening.event_id, morning - MINUTE)
    assert await tell(evening.database, morning + HOUR) == 0
    async with evening.database.reading() as session:
        (thanks,) = await owed(evening.database)
        assert await endings.link(session, thanks) == "https://example.org/retour"


async def test_a_recap_that_comes_later_is_told_of_once(evening: Evening) -> None:
    morning = EVENING.replace(hour=9)
    await look(evening.database, EVENING + 4 * HOUR)
    await publish(evening.database, evening.event_id, morning + DAY)
    async with evening.database.reading() as session:
        (thanks,) = await owed(evening.database)
        assert await endings.link(session, thanks) is None
    assert await tell(evening.database, morning + DAY) == 1
    assert await tell(evening.database, morning + DAY) == 0
    await publish(evening.database, evening.event_id, morning + 2 * DAY)
    assert await tell(evening.database, morning + 2 * DAY) == 0


async def test_cards_turn_when_answers_close_and_when_parts_begin_and_end(
    database: Database,
) -> None:
    evening = await make_evening(database, parts=2)
    await evening.change_part(0, deadline=60)
    await evening.change_part(1, starts_at=EVENING + 2 * HOUR, ends_at=EVENING + 3 * HOUR)
    found: list[timedelta] = []
    for hour in range(-3, 6):
        now = EVENING + hour * HOUR
        async with database.reading() as session:
            if await endings.turned(session, now - HOUR, now):
                found.append(hour * HOUR)
    # At -2 the word at the door begins to count; at 0, at the door of the second part.
    assert found == [hour * HOUR for hour in (-2, -1, 0, 2, 3, 4)]


@pytest.mark.parametrize("when", ["29/03/2026 14:00", "25/10/2026 14:00"])
async def test_a_deadline_moves_with_the_clocks(database: Database, when: str) -> None:
    """Two hours before the start are two hours, in March as in October."""
    evening = await make_evening(database)
    start = datetime.strptime(when, "%d/%m/%Y %H:%M").replace(tzinfo=PARIS).astimezone(UTC)
    await change(evening, starts_at=start)
    await evening.change_part(0, deadline=120)
    async with database.reading() as session:
        closing = start - 2 * HOUR
        assert await endings.turned(session, closing - MINUTE, closing) == {evening.event_id}
        assert await endings.turned(session, closing, closing + MINUTE) == set()


# As people meet it.


async def ended(community: Community) -> None:
    """An event in Brisbane to which Bob came ended yesterday; there it is ten in the morning."""
    card = await community.announce(when="jeudi 1er janvier 2026 à 2h")
    await community.bob.react(card, "✅")
    start = START - 16 * HOUR
    async with community.db.writing() as session:
        await session.execute(
            update(Event).values(starts_at=start, ends_at=start + HOUR, zone="Australia/Brisbane")
        )


async def test_thanks_call_nobody_and_carry_the_recap_that_is_there(community: Community) -> None:
    await ended(community)
    await publish(community.db, 1, START - HOUR, guild_id=community.guild.id)
    await community.env.advance_time(60)
    said = community.announcements.history()[-1]
    assert "Merci d’être venus à **Petit-déjeuner**" in said.content
    assert "https://example.org/retour" in said.content
    path = f"/channels/{community.announcements.id}/messages"
    posted = [r.json for r in community.env.http_requests if (r.method, r.path) == ("POST", path)]
    assert posted[-1] is not None
    assert not any(posted[-1]["allowed_mentions"].values())


async def test_a_later_recap_is_told_of_where_people_were_thanked(community: Community) -> None:
    await ended(community)
    await community.env.advance_time(60)
    assert "example.org" not in community.announcements.history()[-1].content
    await publish(community.db, 1, community.bot.clock(), guild_id=community.guild.id)
    await community.env.advance_time(60)
    assert "vient de paraître" in community.announcements.history()[-1].content
    await community.restart()
    await community.env.advance_time(60)
    assert len(community.announcements.history()) == 3
    assert {it.state for it in await owed(community.db)} == {DeliveryState.SENT}


async def test_a_card_is_drawn_anew_when_its_event_begins(community: Community) -> None:
    card = await community.announce(when="jeudi 1er janvier 2026 à 1h02")
    await community.env.advance_time(60)
    before = len(community.env.http_requests)
    await community.env.advance_time(120)
    path = f"/channels/{card.channel.id}/messages/{card.id}"
    drawn = [
        r for r in community.env.http_requests[before:] if (r.method, r.path) == ("PATCH", path)
    ]
    assert len(drawn) == 1
