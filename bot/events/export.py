"""Answers and attendance as a table for spreadsheets.

One line for each member of each part, in UTF-8 with a byte order mark and semicolons, as Excel
opens it in French; the columns of `COLUMNS`, whose names and order stay as they are:

- `event`, `part`, `position`: which part; positions count from 1.
- `user_id`, `name`: who. The name is empty where Discord no longer gives one.
- `choice`: yes, maybe, no; empty for who came without having answered.
- `seat`: seated, waiting, pending, refused, walk_in; empty for maybe and no.
- `place`: the place in the waiting list, from 1.
- `guests`: how many come along.
- `by_hand`: yes for a seat that an organiser gave outside the capacity.
- `approval`: not_needed, pending, granted, refused.
- `turn`: the order in which seats are given.
- `answered_at`, `checked_in_at`: ISO 8601, on the event's own clock.
- `no_show`: yes for who had a seat and did not come, once it is over and anybody was checked in.
"""

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import plain
from bot.errors import UserError
from bot.events import attendance
from bot.events.attendance import Attendance
from bot.tables import Answer, Approval, Choice, Event, Part, Presence

# What a spreadsheet may take for the beginning of a formula, once widths are evened out.
FORMULAS = frozenset("=+-@|%\N{MINUS SIGN}")


@dataclass(frozen=True, slots=True)
class Row:
    """One member in one part; None and False are empty cells."""

    event: str
    part: str
    position: int
    user_id: int
    name: str = ""
    choice: Choice | None = None
    seat: str | None = None
    place: int | None = None
    guests: int | None = None
    by_hand: bool = False
    approval: Approval | None = None
    turn: int | None = None
    answered_at: datetime | None = None
    checked_in_at: datetime | None = None
    no_show: bool = False


COLUMNS = tuple(Row.__dataclass_fields__)


async def of_event(
    session: AsyncSession, event_id: int, *, guild_id: int, now: datetime
) -> list[Row]:
    """Everybody in every part of an event.

    Raises:
        UserError: if there is no such event here.
    """
    part_ids = (await session.scalars(select(Part.id).where(Part.event_id == event_id))).all()
    return await of_parts(session, part_ids, guild_id=guild_id, now=now)


async def of_parts(
    session: AsyncSession, part_ids: Sequence[int], *, guild_id: int, now: datetime
) -> list[Row]:
    """Everybody in these parts: those seated, in order, those who wait, and the others.

    Raises:
        UserError: if there is none of them here.
    """
    found = await session.execute(
        select(Part, Event)
        .join(Event, Event.id == Part.event_id)
        .where(Part.id.in_(part_ids), Part.guild_id == guild_id)
    )
    parts = {part.id: (part, event) for part, event in found}
    if not parts:
        raise UserError("rsvp.gone")
    rows: list[Row] = []
    for door in await attendance.of_parts(session, parts):
        part, event = parts[door.part_id]
        blank = Row(event.title, part.title or "", part.position + 1, 0)
        rows += await _rows(session, door, blank, now)
    return rows


def written(rows: Iterable[Row], names: Mapping[int, str]) -> bytes:
    """Write the table, with the names that are known; no cell of it is a formula."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for row in rows:
        named = replace(row, name=names.get(row.user_id, row.name))
        writer.writerow([_cell(getattr(named, column)) for column in COLUMNS])
    return file.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """A text that a spreadsheet shows and never runs, on one line.

    See "CSV Injection" of OWASP, https://owasp.org/www-community/attacks/CSV_Injection
    """
    shown = plain.line(text)
    first = unicodedata.normalize("NFKC", shown[:1])
    return f"'{shown}" if not FORMULAS.isdisjoint(first) else shown


def _cell(value: object) -> str:
    match value:
        case None | False:
            return ""
        case True:
            return "yes"
        case datetime():
            return value.isoformat(timespec="seconds")
        case _:
            return harmless(str(value))


async def _rows(session: AsyncSession, door: Attendance, blank: Row, now: datetime) -> list[Row]:
    """The lines of one part."""
    zone = ZoneInfo(door.zone)
    answers = {
        answer.user_id: answer
        for answer in await session.scalars(select(Answer).where(Answer.part_id == door.part_id))
    }
    checked_in = {
        presence.user_id: presence.at.astimezone(zone)
        for presence in await session.scalars(
            select(Presence).where(Presence.part_id == door.part_id)
        )
    }
    absent = {said.user_id for said in door.missing} if door.taken and door.is_over(now) else ()
    places = {said.user_id: place for place, said in enumerate(door.roster.waiting, 1)}
    return [
        replace(
            _answered(replace(blank, user_id=user_id), answers.get(user_id), zone),
            seat=seat,
            place=places.get(user_id),
            checked_in_at=checked_in.get(user_id),
            no_show=user_id in absent,
        )
        for user_id, seat in _seats(door).items()
    ]


def _answered(row: Row, answer: Answer | None, zone: ZoneInfo) -> Row:
    if answer is None:
        return row
    return replace(
        row,
        choice=answer.choice,
        guests=answer.guests,
        by_hand=answer.by_hand,
        approval=answer.approval,
        turn=answer.turn,
        answered_at=answer.answered_at.astimezone(zone),
    )


def _seats(door: Attendance) -> dict[int, str | None]:
    """Everybody in the order of the table, with how they stand."""
    roster = door.roster
    seats = {
        said.user_id: seat
        for seat, group in (
            ("seated", roster.seated),
            ("waiting", roster.waiting),
            ("pending", roster.pending),
            ("refused", roster.refused),
            (None, (*roster.maybe, *roster.declined)),
        )
        for said in group
    }
    # Who said no, or nothing, and came all the same.
    return seats | dict.fromkeys(sorted(door.unseated), "walk_in")
