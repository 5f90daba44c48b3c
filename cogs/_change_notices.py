"""Private words to those whose plans an organiser changed, and the buttons under them."""

from typing import Any, Literal

import discord

from bot.app import Interaction, reply
from bot.db import Session
from bot.deliveries import Recipient
from bot.errors import UserError
from bot.events import programme
from bot.events.programme import Programme
from bot.events.rsvp import Act
from bot.events.seats import Roster, Said
from bot.tables import Choice, Delivery, Door, EventStatus
from bot.texts import Voice
from cogs import _event_cards
from cogs._doors import Told, buttons
from cogs._drawings import Drawing, draws, subject_id


class PlansButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"plans:(?P<act>keep|leave):(?P<guild_id>[0-9]+):(?P<event_id>[0-9]+)",
):
    """What a member does about an event that was put off: keep their answers, or leave.

    It names the guild, for it is pressed in private messages.
    """

    reads = (("act", str), ("guild_id", int), ("event_id", int))

    def __init__(
        self,
        act: Literal["keep", "leave"],
        guild_id: int,
        event_id: int,
        label: str | None = None,
    ) -> None:
        super().__init__(
            discord.ui.Button(custom_id=f"plans:{act}:{guild_id}:{event_id}", label=label)
        )
        self.act = act
        self.guild_id = guild_id
        self.event_id = event_id

    async def press(self, interaction: Interaction) -> None:
        """Say that nothing changed, or take them out of every part they answered."""
        bot = interaction.client
        async with bot.db.reading() as session:
            shown = await programme.shown(session, self.event_id)
        if shown is None:
            raise UserError("rsvp.gone")
        voice = await bot.voice(interaction, guild_id=self.guild_id)
        parts = _answered(shown, interaction.user.id)
        if not parts:
            await reply(interaction, voice("changes.no_answer"))
        elif self.act == "keep":
            await reply(interaction, voice("changes.kept"))
        else:
            await self._leave(interaction, parts, voice)

    async def _leave(self, interaction: Interaction, parts: tuple[int, ...], voice: Voice) -> None:
        act = Act(
            guild_id=self.guild_id,
            user_id=interaction.user.id,
            says=tuple((part_id, Choice.NO) for part_id in parts),
            door=Door.BUTTON,
            at=interaction.client.clock(),
        )
        outcome = await interaction.client.intake.submit(act)
        await reply(interaction, voice("changes.left" if outcome.changed else "rsvp.closed"))


@draws("unseated")
async def _unseated(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """A word to who had a seat and waits for one now, unless they have one again, or left."""
    part_id = subject_id(delivery)
    shown = await programme.of_part(session, part_id)
    if shown is None:
        return None
    place = shown.part(part_id).roster.place(Recipient.read(delivery.recipient).id)
    if place is None:
        return None
    content = voice(
        "changes.unseated",
        event=_event_cards.named(shown, shown.part(part_id)),
        when=_event_cards.when(shown, voice),
        place=place,
    )
    return Drawing(content=content, thread_id=shown.thread_id)


@draws("moved")
async def _moved(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """The new date, unless it does not hold any more."""
    shown = await _for(session, delivery)
    if shown is None or shown.status in {EventStatus.POSTPONED, EventStatus.CANCELLED}:
        return None
    if f":moved:{int(shown.start.timestamp())}:" not in delivery.subject:
        return None
    return _with_buttons(shown, delivery, voice, "moved")


@draws("postponed")
async def _postponed(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """That the date does not hold, unless there is another already."""
    shown = await _for(session, delivery)
    if shown is None or shown.status is not EventStatus.POSTPONED:
        return None
    return _with_buttons(shown, delivery, voice, "postponed")


@draws("cancelled")
async def _cancelled(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    shown = await _for(session, delivery)
    if shown is None or shown.status is not EventStatus.CANCELLED:
        return None
    return Drawing(content=_said(shown, delivery, voice, "cancelled"), thread_id=shown.thread_id)


async def _for(session: Session, delivery: Delivery) -> Programme | None:
    """The event of a notice, if its recipient still means to come."""
    shown = await programme.shown(session, subject_id(delivery))
    if shown is None or not _answered(shown, Recipient.read(delivery.recipient).id):
        return None
    return shown


def _with_buttons(shown: Programme, delivery: Delivery, voice: Voice, what: str) -> Drawing:
    """What was said, and what to do about it."""
    ids = (delivery.guild_id, shown.event_id)
    return Drawing(
        content=f"{_said(shown, delivery, voice, what)}\n{voice('changes.keep_or_leave')}",
        view=buttons(
            PlansButton("keep", *ids, voice("changes.keep")),
            PlansButton("leave", *ids, voice("changes.leave")),
        ),
        thread_id=shown.thread_id,
    )


def _said(shown: Programme, delivery: Delivery, voice: Voice, what: str) -> str:
    """What happened to an event, and why."""
    title, when = _event_cards.escaped(shown.title), _event_cards.when(shown, voice)
    said = voice(f"changes.{what}", event=title, when=when)
    if not delivery.detail:
        return said
    return f"{said}\n{voice('changes.why', reason=_event_cards.escaped(delivery.detail))}"


def _answered(shown: Programme, user_id: int) -> tuple[int, ...]:
    """The parts that a member said yes or maybe to, and was not refused."""
    return tuple(
        part.part_id
        for part in shown.parts
        if user_id in {said.user_id for said in _meaning_to_come(part.roster)}
    )


def _meaning_to_come(roster: Roster) -> tuple[Said, ...]:
    return (*roster.seated, *roster.waiting, *roster.pending, *roster.maybe)
