"""What is to be given, taken back, mirrored and diagnosed, on both kinds of database."""

from datetime import timedelta

from sqlalchemy import update

from bot import deliveries, diagnosis, drafts
from bot.db import Database
from bot.deliveries import Recipient
from bot.diagnosis import Broken, Undone, Unpublished
from bot.events import belongings, mirror
from bot.events.belongings import NOBODY, Gift, Mark, Opening, Plan
from bot.tables import Card, CardState, Choice, Delivery, DeliveryState, Event, EventStatus, Part
from tests.conftest import START
from tests.evenings import BOB, CAROL, DAVE, Evening, make_evening

THREAD, ROLE, OTHER_ROLE = 600, 700, 701


async def planned(evening: Evening) -> Plan:
    """What is to be done now."""
    async with evening.database.reading() as session:
        return await belongings.plan(session, evening.guild_id, START)


async def set_event(evening: Evening, **values: object) -> None:
    """Change the event in the table."""
    async with evening.database.writing() as session:
        await session.execute(update(Event).where(Event.id == evening.event_id).values(**values))


async def mark(evening: Evening, gift: Gift, how: Mark) -> None:
    """Note what was given."""
    async with evening.database.writing() as session:
        await belongings.mark(session, evening.guild_id, gift, how)


async def test_a_posted_card_wants_a_thread_once(database: Database) -> None:
    evening = await make_evening(database)
    assert (await planned(evening)).openings == ()
    async with database.writing() as session:
        await session.execute(update(Card).values(message_id=THREAD))
    opening = Opening(evening.event_id, "Petit-déjeuner", 5, THREAD)
    assert (await planned(evening)).openings == (opening,)
    async with database.writing() as session:
        await belongings.opened(session, evening.event_id, THREAD)
    assert (await planned(evening)).openings == ()
    async with database.writing() as session:
        await belongings.deleted(session, evening.guild_id, THREAD)
    assert await planned(evening) == Plan((), (), (), ())


async def test_who_is_in_line_is_in_the_thread_and_who_is_seated_has_the_role(
    database: Database,
) -> None:
    evening = await make_evening(database, capacity=1)
    await set_event(evening, thread_id=THREAD, role_id=ROLE)
    await evening.plays(
        evening.press(BOB, Choice.YES),
        evening.press(CAROL, Choice.YES),
        evening.press(DAVE, Choice.MAYBE),
    )
    wanted = (Gift("thread", THREAD, BOB), Gift("thread", THREAD, CAROL), Gift("role", ROLE, BOB))
    assert (await planned(evening)).gifts == wanted
    for gift, how in zip(wanted, (Mark.GIVEN, Mark.DUE, Mark.OWN), strict=True):
        await mark(evening, gift, how)
    (due,) = (await planned(evening)).gifts
    assert due == Gift("thread", THREAD, CAROL, Mark.DUE)
    await evening.plays(evening.press(BOB, Choice.NO))
    plan = await planned(evening)
    assert plan.returns == (
        Gift("thread", THREAD, BOB, Mark.GIVEN),
        Gift("role", ROLE, BOB, Mark.OWN),
    )
    assert Gift("role", ROLE, CAROL) in plan.gifts


async def test_a_role_of_a_part_is_for_its_own_and_wanted_by_any_that_gives_it(
    database: Database,
) -> None:
    evening = await make_evening(database, parts=2)
    await evening.change_part(0, role_id=ROLE)
    await evening.change_part(1, role_id=OTHER_ROLE)
    await evening.plays(
        evening.press(BOB, Choice.YES, part=0), evening.press(CAROL, Choice.YES, part=1)
    )
    gifts = (Gift("role", ROLE, BOB), Gift("role", OTHER_ROLE, CAROL))
    assert (await planned(evening)).gifts == gifts
    await mark(evening, gifts[0], Mark.GIVEN)
    other = await make_evening(database, guild_id=evening.guild_id)
    async with database.writing() as session:
        await session.execute(
            update(Part).where(Part.event_id == other.event_id).values(role_id=ROLE)
        )
    await other.plays(other.press(BOB, Choice.YES))
    await set_event(evening, status=EventStatus.CANCELLED)
    assert (await planned(evening)).returns == ()
    async with database.reading() as session:
        assert await belongings.with_role(session, evening.guild_id) == {ROLE: "Petit-déjeuner"}


async def test_a_thread_is_closed_while_anything_of_it_is_kept(database: Database) -> None:
    evening = await make_evening(database)
    await set_event(evening, thread_id=THREAD, status=EventStatus.PAST, updated_at=START)
    await mark(evening, Gift("thread", THREAD, BOB), Mark.GIVEN)
    async with database.reading() as session:
        later = START + timedelta(days=1)
        plan = await belongings.plan(session, evening.guild_id, later)
    assert plan == Plan((), (THREAD,), (), ())
    assert await planned(evening) == Plan((), (), (), ())
    async with database.writing() as session:
        await belongings.forget(session, THREAD)
        assert (await belongings.plan(session, evening.guild_id, later)).closings == ()


async def test_nobodys_row_is_nobodys(database: Database) -> None:
    evening = await make_evening(database)
    await mark(evening, Gift("role", ROLE, NOBODY), Mark.OWN)
    assert (await planned(evening)).returns == ()


async def test_only_emojis_of_which_nothing_counts_are_idle(database: Database) -> None:
    evening = await make_evening(database, parts=2)
    await evening.plays(evening.react(BOB, "1️⃣"), evening.react(BOB, "❌"), evening.react(BOB, "2️⃣"))
    async with database.reading() as session:
        shown = ("1️⃣", "❌", "2️⃣")
        assert await belongings.idle(session, evening.card, BOB, shown) == ("1️⃣",)
        assert await belongings.idle(session, evening.card, BOB, ("2️⃣",)) == ()


async def test_a_mirror_is_made_changed_and_taken_away(database: Database) -> None:
    evening = await make_evening(database)
    async with database.writing() as session:
        await session.execute(update(Card).values(message_id=6))
    async with database.reading() as session:
        (made,) = (await mirror.plan(session, 1, START)).making
    assert made.link == "https://discord.com/channels/1/5/6"
    assert made.end == made.start + timedelta(hours=4)
    async with database.writing() as session:
        await mirror.reflected(session, made, 900)
        assert await mirror.plan(session, 1, START) == mirror.Plan((), (), ())
        await mirror.outdated(session, evening.event_id)
        assert len((await mirror.plan(session, 1, START)).changing) == 1
    await set_event(evening, status=EventStatus.POSTPONED)
    async with database.writing() as session:
        plan = await mirror.plan(session, 1, START)
        assert plan == mirror.Plan((), (), ((evening.event_id, 900),))
        await mirror.deleted(session, evening.event_id)
    await set_event(evening, status=EventStatus.ANNOUNCED)
    async with database.reading() as session:
        assert await mirror.plan(session, 1, START) == mirror.Plan((), (), ())


async def test_what_went_wrong_is_counted(database: Database) -> None:
    await make_evening(database)
    async with database.writing() as session:
        await session.execute(update(Card).values(state=CardState.BROKEN, reason="cards.gone"))
        draft = await drafts.keep(
            session, "event", {"title": "Dîner"}, guild_id=1, user_id=BOB, now=START
        )
        for kind, subject in (("unpublished", f"draft:{draft.id}:1"), ("promotion", "part:1")):
            await deliveries.owe(
                session,
                guild_id=1,
                kind=kind,
                subject=subject,
                recipient=Recipient("user", BOB),
                now=START,
                detail="Trop tard.",
            )
        failed = {"state": DeliveryState.FAILED, "reason": "deliveries.no_member"}
        await session.execute(update(Delivery).values(**failed))
    async with database.reading() as session:
        found = await diagnosis.look(session, 1, START)
    assert found.broken == [Broken("Petit-déjeuner", 5, "cards.gone")]
    assert found.undone == [Undone("deliveries.no_member", 2)]
    assert found.unpublished == [Unpublished("Dîner", "Trop tard.")]
    assert found.channels == []
