"""A community's calendars, and another program to read them with.

That is `ical`, whose parser has nothing in common with icalendar's. It is given Paris' zone under
a name that nobody knows, so that it goes by what the calendar says of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event as Read
from sqlalchemy import delete

from bot import texts
from bot.db import Database
from bot.events import feeds
from bot.tables import Answer, Choice, Door, Event, EventStatus, Part
from tests.conftest import START

NOWHERE = "Europe/Nowhere"
PARIS = ZoneInfo("Europe/Paris")
GUILD, ELSEWHERE = 1, 2
ALICE, BOB, CAROL = 10, 11, 12
EVENING = datetime(2026, 1, 15, 18, 0, tzinfo=PARIS)
VOICES = texts.load()
ONE_PART: Mapping[str, Any] = {}


def renamed(content: bytes) -> str:
    return content.decode().replace("Europe/Paris", NOWHERE)


def read(content: bytes) -> Calendar:
    return IcsCalendarStream.calendar_from_ics(renamed(content))


def instant(moment: object) -> datetime:
    assert isinstance(moment, datetime)
    return moment.astimezone(UTC)


@dataclass
class Town:
    """A community in a database, and what happens there."""

    database: Database

    async def add(self, *rows: Any) -> None:
        async with self.database.writing() as session:
            session.add_all(rows)

    async def announces(
        self, title: str = "Petit-déjeuner", *parts: Mapping[str, Any], **values: Any
    ) -> list[int]:
        """Announce an event; give its parts' ids."""
        known: dict[str, Any] = {
            "guild_id": GUILD,
            "title": title,
            "starts_at": EVENING,
            "local_start": "2026-01-15T18:00:00",
            "zone": "Europe/Paris",
            "status": EventStatus.ANNOUNCED,
            "created_by": ALICE,
            "created_at": START,
            "updated_at": START,
        }
        event = Event(**{**known, **values})
        await self.add(event)
        rows = [
            Part(guild_id=event.guild_id, event_id=event.id, position=position, **part)
            for position, part in enumerate(parts or [ONE_PART])
        ]
        await self.add(*rows)
        return [part.id for part in rows]

    async def says(self, user_id: int, part_id: int, choice: Choice, **values: Any) -> None:
        """Answer; a yes takes the turn of the member's id unless told otherwise."""
        answer = {
            "guild_id": GUILD,
            "choice": choice,
            "door": Door.BUTTON,
            "turn": user_id if choice is Choice.YES else None,
            "answered_at": START,
        }
        async with self.database.writing() as session:
            await session.merge(Answer(part_id=part_id, user_id=user_id, **{**answer, **values}))

    async def withdraws(self, user_id: int, part_id: int) -> None:
        async with self.database.writing() as session:
            await session.execute(
                delete(Answer).where(Answer.part_id == part_id, Answer.user_id == user_id)
            )

    async def changes(self, part_id: int, **values: Any) -> None:
        """Change the event that a part belongs to, as an organiser would."""
        async with self.database.writing() as session:
            event = await session.get_one(Event, (await session.get_one(Part, part_id)).event_id)
            for name, value in {"revision": event.revision + 1, **values}.items():
                setattr(event, name, value)

    async def token(
        self, guild_id: int = GUILD, *, user_id: int | None = None, series_id: int | None = None
    ) -> str:
        async with self.database.writing(guild_id) as session:
            return await feeds.address(
                session, guild_id=guild_id, user_id=user_id, series_id=series_id, now=START
            )

    async def fetches(self, token: str, now: datetime = START) -> bytes | None:
        async with self.database.reading() as session:
            return await feeds.of_token(session, token, VOICES, now)

    async def calendar(
        self,
        guild_id: int = GUILD,
        *,
        now: datetime = START,
        user_id: int | None = None,
        series_id: int | None = None,
    ) -> Calendar:
        content = await self.fetches(
            await self.token(guild_id, user_id=user_id, series_id=series_id), now
        )
        assert content is not None
        return read(content)

    async def events(
        self,
        guild_id: int = GUILD,
        *,
        now: datetime = START,
        user_id: int | None = None,
        series_id: int | None = None,
    ) -> list[Read]:
        return (await self.calendar(guild_id, now=now, user_id=user_id, series_id=series_id)).events

    async def agenda(self, user_id: int) -> dict[str, str]:
        """A member's calendar: the titles in it, and their status."""
        events = await self.events(user_id=user_id)
        return {str(event.summary): event.status.value for event in events if event.status}

    async def only(self, *, user_id: int | None = None, series_id: int | None = None) -> Read:
        (event,) = await self.events(user_id=user_id, series_id=series_id)
        return event
