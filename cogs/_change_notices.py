"""Private words to those whose plans an organiser changed, and the buttons under them."""

from collections.abc import Collection, Sequence
from typing import Any, Literal
from zoneinfo import ZoneInfo

import discord

from bot import cards, moments
from bot.app import Interaction, reply
from bot.db import Session
from bot.deliveries import Recipient
from bot.errors import UserError
from bot.events import changes, programme
from bot.events.programme import Programme, ShownPart
from bot.events.rsvp import Act
from bot.tables import Choice, Delivery, Door, EventStatus
from bot.texts import Voice
from cogs import _event_cards
from cogs._doors import Told, buttons
from cogs._drawings import Drawing, draws, subject_id
from cogs._event_cards import fitted
from cogs._reminder_notices import leaving, mark

# Of 2,000 characters, for an event and for each of its ten parts.
TITLE_LENGTH = 80
OFF = (EventStatus.POSTPONED, EventStatus.CANCELLED)


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
            if await programme.shown(session, self.event_id, ()) is None:
                raise UserError("rsvp.gone")
            parts = await changes.answered(session, self.event_id, interaction.user.id)
        voice = await bot.voice(interaction, guild_id=self.guild_id)
        if not parts:
            await reply(interaction, voice("changes.no_answer"))
        elif self.act == "keep":
            await reply(interaction, voice("changes.kept"))
        else:
            await self._leave(interaction, parts, voice)

    async def _leave(self, interaction: Interaction, parts: Sequence[int], voice: Voice) -> None:
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
    if shown.part(part_id).roster.place(Recipient.read(delivery.recipient).id) is None:
        return None
    content = voice(
        "changes.unseated",
        event=_event_cards.named(shown, shown.part(part_id)),
        when=_event_cards.when(shown, voice),
    )
    return Drawing(
        content=content,
        view=leaving(delivery, shown, voice),
        mark=mark(delivery.id),
        thread_id=shown.spoken_in,
    )


@draws("moved")
async def _moved(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """The new date, unless it does not hold any more."""
    shown = await _for(session, delivery)
    if shown is None or shown.status in OFF:
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
    return Drawing(content=_said(shown, delivery, voice, "cancelled"), thread_id=shown.spoken_in)


@draws("retimed")
async def _retimed(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """The new hours of the parts that its recipient still means to come to."""
    part_ids = {int(part_id) for part_id in (delivery.detail or "").split(",")}
    shown = await _for(session, delivery, part_ids)
    if shown is None or not shown.parts or shown.status in OFF:
        return None
    lines = [
        voice("changes.retimed", event=fitted(shown.title, TITLE_LENGTH)),
        *(_new_hours(shown, part, voice) for part in shown.parts),
        voice("changes.retimed_answer"),
    ]
    links = await cards.links(session, [shown.event_id])
    label = voice("changes.card")
    card = (discord.ui.Button[Any](label=label, url=link) for link in links.values())
    return Drawing(content="\n".join(lines), view=buttons(*card), thread_id=shown.spoken_in)


def _new_hours(shown: Programme, part: ShownPart, voice: Voice) -> str:
    start, title = part.start or shown.start, fitted(part.title or shown.title, TITLE_LENGTH)
    full = moments.full(start, zone=ZoneInfo(shown.zone), locale=voice.language)
    ahead = moments.stamp(start, "R")
    return voice("changes.new_hours", part=title, when=full, ahead=ahead)


async def _for(
    session: Session, delivery: Delivery, part_ids: Collection[int] = ()
) -> Programme | None:
    """The event of a notice, if its recipient still means to come; with those of these parts."""
    event_id, user_id = subject_id(delivery), Recipient.read(delivery.recipient).id
    theirs = await changes.answered(session, event_id, user_id)
    if not theirs:
        return None
    return await programme.shown(session, event_id, {*theirs} & {*part_ids})


def _with_buttons(shown: Programme, delivery: Delivery, voice: Voice, what: str) -> Drawing:
    """What was said, and what to do about it."""
    ids = (delivery.guild_id, shown.event_id)
    return Drawing(
        content=f"{_said(shown, delivery, voice, what)}\n{voice('changes.keep_or_leave')}",
        view=buttons(
            PlansButton("keep", *ids, voice("changes.keep")),
            PlansButton("leave", *ids, voice("changes.leave")),
        ),
        thread_id=shown.spoken_in,
    )


def _said(shown: Programme, delivery: Delivery, voice: Voice, what: str) -> str:
    """What happened to an event, and why."""
    title, when = _event_cards.escaped(shown.title), _event_cards.when(shown, voice)
    said = voice(f"changes.{what}", event=title, when=when)
    if not delivery.detail:
        return said
    return f"{said}\n{voice('changes.why', reason=_event_cards.escaped(delivery.detail))}"
