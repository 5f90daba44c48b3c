import csv
import io
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from bot.db import Database
from bot.events import attendance, export, hours, people
from bot.events.export import COLUMNS, Row
from bot.tables import Choice, Event, Part
from tests.conftest import START
from tests.evenings import BOB, CAROL, DAVE, ERIN, Evening, make_evening

BEGIN = START + timedelta(days=14)


def read(table: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.decode("utf-8-sig")), delimiter=";"))


async def table(evening: Evening, names: dict[int, str] | None = None) -> list[dict[str, str]]:
    async with evening.database.reading() as session:
        rows = await export.of_event(
            session,
            evening.event_id,
            guild_id=evening.guild_id,
            now=BEGIN + hours.USUALLY,
        )
    return read(export.written(rows, names or {}))


def only(row: dict[str, str], **columns: str) -> bool:
    return all(row[name] == columns.get(name, "") for name in columns)


async def test_columns_are_those_promised() -> None:
    promised = (
        "event part position user_id name choice seat place guests by_hand approval turn "
        "answered_at checked_in_at no_show"
    )
    assert tuple(promised.split()) == COLUMNS
    assert export.written([], {}).startswith(b'\xef\xbb\xbf"event";"part"')


async def test_everybody_stands_in_the_table_as_they_stand_in_the_part(database: Database) -> None:
    evening = await make_evening(database, capacity=1)
    await evening.plays(
        *(evening.press(it, Choice.YES) for it in (BOB, CAROL)), evening.press(DAVE, Choice.MAYBE)
    )
    async with database.writing(1) as session:
        await people.place(session, evening.part_id, ERIN, guild_id=1, guests=2, now=START)
        for user_id in (ERIN, 77):
            await attendance.check_in(
                session, evening.part_id, [user_id], guild_id=1, by=9, now=BEGIN
            )
    rows = await table(evening, {BOB: "Bob", 77: "Zoé"})
    assert [(it["user_id"], it["seat"], it["name"]) for it in rows] == [
        (str(BOB), "seated", "Bob"),
        (str(ERIN), "seated", ""),
        (str(CAROL), "waiting", ""),
        (str(DAVE), "", ""),
        ("77", "walk_in", "Zoé"),
    ]
    bob, erin, carol, dave, zoe = rows
    assert only(bob, choice="yes", turn="1", guests="0", by_hand="", no_show="yes", place="")
    assert only(erin, by_hand="yes", guests="2", checked_in_at="2026-01-15T01:00:00+01:00")
    assert only(carol, place="1", no_show="", answered_at="2026-01-01T01:00:00+01:00")
    assert only(dave, choice="maybe", turn="", approval="not_needed")
    assert only(zoe, choice="", guests="", approval="")
    assert {(it["event"], it["part"], it["position"]) for it in rows} == {
        ("Petit-déjeuner", "", "1")
    }


async def test_parts_follow_each_other_as_in_the_programme(database: Database) -> None:
    evening = await make_evening(database, parts=3)
    await evening.plays(*(evening.press_all(it, Choice.YES) for it in (BOB, CAROL)))
    assert [it["position"] for it in await table(evening)] == ["1", "1", "2", "2", "3", "3"]


async def test_titles_and_names_are_no_formulas(database: Database) -> None:
    evening = await make_evening(database)
    await evening.plays(evening.press(BOB, Choice.YES))
    async with database.writing() as session:
        await session.execute(update(Event).values(title='=HYPERLINK("http://x";"y")'))
        await session.execute(update(Part).values(title="＋33 1 23"))
    (row,) = await table(evening, {BOB: "\t@SUM(A1)"})
    assert row["event"] == '\'=HYPERLINK("http://x";"y")'
    assert row["part"] == "'＋33 1 23"
    assert row["name"] == "'@SUM(A1)"


TROUBLE = st.sampled_from("=+-@\t\r\n＝＋－＠;\"', \u200b\ufeff\x00|%−")


@given(text=st.text(alphabet=st.one_of(TROUBLE, st.characters()), max_size=30))
def test_no_cell_is_ever_a_formula_and_all_are_read_back(text: str) -> None:
    row = Row(event=text, part=text, position=1, user_id=5)
    (back,) = read(export.written([row], {5: text}))
    cells: list[Any] = [back["event"], back["part"], back["name"]]
    assert cells == [export.harmless(text)] * 3
    for cell in cells:
        assert cell[:1] not in set("=+-@\t\r\n＝＋－＠|%−")
        assert "\n" not in cell
    assert set(back) == set(COLUMNS)
