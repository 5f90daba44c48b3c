"""An event to answer to, straight in the database: what people do, and what the ledger holds."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from bot.db import Database
from bot.events import emojis, ledger, reactions, rsvp
from bot.events.programme import OpenCard
from bot.events.rsvp import Act, Outcome
from bot.events.seats import Roster
from bot.tables import (
    Answer,
    Card,
    CardState,
    Choice,
    Delivery,
    Door,
    Event,
    EventStatus,
    Guild,
    Part,
    ReactionSeen,
)
from tests.conftest import START

BOB, CAROL, DAVE, ERIN = 11, 12, 13, 14


@dataclass
class Evening:
    """An event with one part and one card, in a database, and what people do about it."""

    database: Database
    guild_id: int
    event_id: int
    part_ids: Sequence[int]
    card_id: int

    @property
    def part_id(self) -> int:
        return self.part_ids[0]

    @property
    def card(self) -> OpenCard:
        return OpenCard(
            self.card_id, self.guild_id, 5, 6, self.event_id, tuple(self.part_ids), restricted=False
        )

    def press(
        self, user_id: int, choice: Choice | None, door: Door = Door.BUTTON, *, part: int = 0
    ) -> Act:
        return Act(self.guild_id, user_id, ((self.part_ids[part], choice),), door, START)

    def press_all(self, user_id: int, choice: Choice) -> Act:
        says = tuple((part_id, choice) for part_id in self.part_ids)
        return Act(self.guild_id, user_id, says, Door.BUTTON, START)

    def react(self, user_id: int, emoji: str, *, taken_back: bool = False) -> Act:
        return Act(
            guild_id=self.guild_id,
            user_id=user_id,
            says=tuple(emojis.says([emoji], self.part_ids).items()),
            door=Door.REACTION,
            at=START,
            card_id=self.card_id,
            emojis=(emoji,),
            parts=tuple(self.part_ids),
            taken_back=taken_back,
        )

    def unreact(self, user_id: int, emoji: str) -> Act:
        return self.react(user_id, emoji, taken_back=True)

    async def plays(self, *acts: Act) -> Sequence[Outcome]:
        """Each act in a transaction of its own."""
        return [(await self.plays_together(act))[0] for act in acts]

    async def plays_together(self, *acts: Act) -> Sequence[Outcome]:
        async with self.database.writing(self.guild_id) as session:
            return await rsvp.play(session, acts)

    async def reconciles(
        self, present: Mapping[str, Collection[int]], leave_alone: Collection[int] = ()
    ) -> Sequence[Outcome]:
        async with self.database.writing(self.guild_id) as session:
            return await rsvp.reconcile(
                session,
                self.card,
                present={emoji: set[int]() for emoji in self.card.emojis} | dict(present),
                leave_alone=leave_alone,
                now=START,
            )

    async def sweeps(self, *emojis: str) -> None:
        async with self.database.writing(self.guild_id) as session:
            await reactions.sweep(session, self.card_id, emojis)

    async def roster(self) -> Roster:
        async with self.database.reading() as session:
            return (await ledger.rosters(session, [self.part_id]))[self.part_id]

    async def line(self) -> tuple[list[int], list[int]]:
        """Who is seated and who waits, in order."""
        roster = await self.roster()
        return [s.user_id for s in roster.seated], [s.user_id for s in roster.waiting]

    async def turn(self, user_id: int) -> int | None:
        async with self.database.reading() as session:
            answer = await session.get(Answer, (self.part_id, user_id))
            return answer.turn if answer else None

    async def choice(self, user_id: int) -> Choice | None:
        async with self.database.reading() as session:
            answer = await session.get(Answer, (self.part_id, user_id))
            return answer.choice if answer else None

    async def seen(self) -> set[tuple[int, str]]:
        async with self.database.reading() as session:
            query = select(ReactionSeen).where(ReactionSeen.card_id == self.card_id)
            return {(row.user_id, row.emoji) for row in await session.scalars(query)}

    async def told(self) -> list[int]:
        """Who was promised a private word that they have a seat, in order."""
        async with self.database.reading() as session:
            query = select(Delivery).where(Delivery.kind == "promotion").order_by(Delivery.id)
            prefix = f"part:{self.part_id}:"
            return [
                int(owed.recipient.partition(":")[2])
                for owed in await session.scalars(query)
                if owed.subject.startswith(prefix)
            ]

    async def change(self, **values: object) -> None:
        """Change the part as an organiser would, in the table."""
        async with self.database.writing(self.guild_id) as session:
            await session.execute(update(Part).where(Part.id == self.part_id).values(**values))

    async def change_part(self, number: int, **values: object) -> None:
        """Change one of several parts, in the table."""
        async with self.database.writing(self.guild_id) as session:
            part_id = self.part_ids[number]
            await session.execute(update(Part).where(Part.id == part_id).values(**values))

    async def reopen(self) -> None:
        async with self.database.writing(self.guild_id) as session:
            await session.execute(
                update(Event).where(Event.id == self.event_id).values(status=EventStatus.ANNOUNCED)
            )

    async def close(self) -> None:
        async with self.database.writing(self.guild_id) as session:
            await session.execute(
                update(Event).where(Event.id == self.event_id).values(status=EventStatus.CLOSED)
            )


async def make_evening(
    database: Database, *, capacity: int | None = None, guild_id: int = 1, parts: int = 1
) -> Evening:
    """An event in 14 days with so many parts, each with that many seats, and its card."""
    async with database.writing() as session:
        await session.merge(Guild(id=guild_id, name="Les Tablées", zone="Europe/Paris"))
        event = Event(
            guild_id=guild_id,
            title="Petit-déjeuner",
            starts_at=START + timedelta(days=14),
            local_start="2026-01-15T01:00:00",
            zone="Europe/Paris",
            status=EventStatus.ANNOUNCED,
            created_by=1,
            created_at=START,
            updated_at=START,
        )
        session.add(event)
        await session.flush()
        made = [
            Part(guild_id=guild_id, event_id=event.id, position=position, capacity=capacity)
            for position in range(parts)
        ]
        card = Card(guild_id=guild_id, event_id=event.id, channel_id=5, state=CardState.LIVE)
        session.add_all([*made, card])
        await session.flush()
        return Evening(database, guild_id, event.id, [part.id for part in made], card.id)
