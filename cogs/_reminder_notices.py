"""What is said of an event as its time comes: reminders, a question to the silent, thanks."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import discord

from bot import cards, moments
from bot.app import MESSAGE_LENGTH, Interaction, reply
from bot.db import Session
from bot.deliveries import Recipient
from bot.events import agenda, emojis, endings, programme, questions, reminders
from bot.events.programme import Programme, ShownPart
from bot.events.reminders import Occasion, Seats
from bot.events.rsvp import Act
from bot.tables import Choice, Delivery, Door
from bot.texts import Voice
from cogs._answer_words import told
from cogs._doors import Told, buttons
from cogs._drawings import Drawing, draws, subject_id
from cogs._event_cards import escaped, fitted, hours

# Of 2,000 characters, with ten parts of the second length and fifty mentions beside.
TITLE_LENGTH = 80
PART_LENGTH = 30


class LeaveButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"leave:(?P<delivery_id>[0-9]+):(?P<guild_id>[0-9]+):(?P<event_id>[0-9]+)",
):
    """Says "no" to an event for whoever presses it, in private messages as well.

    Its id is also the mark of the message it stands under.
    """

    reads = (("delivery_id", int), ("guild_id", int), ("event_id", int))

    def __init__(
        self, delivery_id: int, guild_id: int, event_id: int, label: str | None = None
    ) -> None:
        super().__init__(
            discord.ui.Button(
                custom_id=f"{mark(delivery_id)}{guild_id}:{event_id}", label=label, emoji=emojis.NO
            )
        )
        self.guild_id = guild_id
        self.event_id = event_id

    async def press(self, interaction: Interaction) -> None:
        """Give the seat back, and say privately that it is noted."""
        bot = interaction.client
        parts = await bot.parts_of(self.event_id)
        act = Act(
            guild_id=self.guild_id,
            user_id=interaction.user.id,
            says=tuple((part_id, Choice.NO) for part_id in parts),
            door=Door.BUTTON,
            at=bot.clock(),
        )
        outcome = await bot.intake.submit(act)
        async with bot.db.reading() as session:
            tables = await agenda.tables(session, self.guild_id, self.event_id)
        voice = await bot.voice(interaction, guild_id=self.guild_id)
        await reply(interaction, told(outcome, tables, voice))


def mark(delivery_id: int) -> str:
    """What the id of a button begins with that only this delivery's message has.

    By it a message is known again after a crash, whoever has come and gone in between.
    """
    return f"leave:{delivery_id}:"


@draws("reminder")
async def _reminder(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """Mention those of its share who are seated now, each once, with their parts."""
    shown, seats = await _reached(session, delivery)
    seats = reminders.share(delivery, seats)
    if shown is None or not seats:
        return None
    content, pings = _mentioning(shown, Occasion.of(delivery).start, seats, voice)
    return Drawing(
        content=content,
        view=leaving(delivery, shown, voice),
        mark=mark(delivery.id),
        pings=pings,
    )


@draws("bell")
async def _bell(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """Remind one member of what they have a seat in."""
    shown, seats = await _reached(session, delivery)
    mine = seats.get(Recipient.read(delivery.recipient).id)
    if shown is None or not mine:
        return None
    lines = [*_heading(shown, Occasion.of(delivery).start, voice)]
    if shown.place:
        lines.append(f"📍 {escaped(shown.place)}")
    if len(shown.parts) > 1:
        lines += [
            "",
            voice("reminders.yours"),
            *(f"- {_part(shown, part, voice)}" for part in mine),
        ]
    return Drawing(
        content="\n".join([*lines, "", voice("reminders.leave")]),
        view=leaving(delivery, shown, voice),
        mark=mark(delivery.id),
        thread_id=shown.spoken_in,
    )


@draws("question")
async def _question(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """Ask those for an answer who were silent then and are now."""
    shown = await programme.shown(session, subject_id(delivery))
    if shown is None or shown.status not in reminders.DATED:
        return None
    answered = await questions.answerers(session, shown.event_id)
    silent = [it for it in map(int, (delivery.detail or "").split(",")) if it not in answered]
    if not silent:
        return None
    view = leaving(delivery, shown, voice, "reminders.button_not_coming")
    for address in (await cards.links(session, [shown.event_id])).values():
        view.add_item(discord.ui.Button(label=voice("reminders.button_answer"), url=address))
    lines = [voice("reminders.question", event=_title(shown)), _when(shown.start, shown, voice)]
    return Drawing(
        content="\n".join([*lines, "", _mentions(silent)]),
        view=view,
        mark=mark(delivery.id),
        pings=tuple(silent),
    )


@draws("thanks")
async def _thanks(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """Thank those who came, without calling anybody, with the recap if it was there in time."""
    shown = await programme.shown(session, subject_id(delivery))
    if shown is None:
        return None
    content = voice("endings.thanks", event=_title(shown))
    if (address := await endings.link(session, delivery)) is not None:
        content += "\n" + voice("endings.thanks_recap", link=address)
    return Drawing(content=content)


@draws("recap_out")
async def _recap_out(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """Tell, where people were thanked, that the recap has come out."""
    shown = await programme.shown(session, subject_id(delivery))
    address = await endings.link(session, delivery)
    if shown is None or address is None:
        return None
    return Drawing(content=voice("endings.recap", event=_title(shown), link=address))


async def _reached(session: Session, delivery: Delivery) -> tuple[Programme | None, Seats]:
    """The event, and whom a reminder of it reaches now; nobody once it is called off or moved."""
    shown = await programme.shown(session, subject_id(delivery))
    if shown is None or shown.status not in reminders.DATED:
        return None, {}
    return shown, reminders.seats_of(shown, Occasion.of(delivery))


def _mentioning(
    shown: Programme, start: datetime, seats: Seats, voice: Voice
) -> tuple[str, tuple[int, ...]]:
    """A reminder, and whom it mentions: with what each comes for, if all of it fits.

    Names that do not fit even so are left out: for that, ten members of one message must have got
    a seat between owing and sending.
    """
    named = [part for part in shown.parts if any(part in mine for mine in seats.values())]
    lines = [*_heading(shown, start, voice)]
    if len(shown.parts) > 1:
        lines += [_part(shown, part, voice) for part in named]
    ending = ["", voice("reminders.leave")]
    whole = "\n".join([*lines, "", *_by_part(shown, seats), *ending])
    if len(whole) <= MESSAGE_LENGTH:
        return whole, tuple(seats)
    room = MESSAGE_LENGTH - len("\n".join([*lines, "", "", *ending]))
    kept = [*seats][: room // len(f"<@{max(seats)}> ")]
    return "\n".join([*lines, "", _mentions(kept), *ending]), tuple(kept)


def _by_part(shown: Programme, seats: Seats) -> Iterable[str]:
    """The mentions, together with those who have the same seats."""
    if len(shown.parts) == 1:
        yield _mentions(seats)
        return
    together: dict[str, list[int]] = {}
    for user_id, parts in seats.items():
        numbers = " ".join(_number(shown, part) for part in parts)
        together.setdefault(numbers, []).append(user_id)
    for numbers, user_ids in sorted(together.items()):
        yield f"{numbers} {_mentions(user_ids)}"


def _heading(shown: Programme, start: datetime, voice: Voice) -> Sequence[str]:
    return voice("reminders.heading", event=_title(shown)), _when(start, shown, voice)


def _when(start: datetime, shown: Programme, voice: Voice) -> str:
    in_full = moments.full(start, zone=ZoneInfo(shown.zone), locale=voice.language)
    return f"🗓️ **{in_full}** ({moments.stamp(start, 'R')})"


def _part(shown: Programme, part: ShownPart, voice: Voice) -> str:
    """A part as a line: its number on the card, its name, its hours."""
    name = fitted(part.title or shown.title, PART_LENGTH)
    line = f"{_number(shown, part)} {name}"
    if part.start is None:
        return line
    return f"{line} · {hours(part.start, part.end, ZoneInfo(shown.zone), voice)}"


def _number(shown: Programme, part: ShownPart) -> str:
    return emojis.NUMBERS[shown.part_ids.index(part.part_id)]


def _title(shown: Programme) -> str:
    return fitted(shown.title, TITLE_LENGTH)


def _mentions(user_ids: Iterable[int]) -> str:
    return " ".join(f"<@{user_id}>" for user_id in user_ids)


def leaving(
    delivery: Delivery, shown: Programme, voice: Voice, key: str = "reminders.button_leave"
) -> discord.ui.View:
    """The button with which one leaves, under a message that bears the `mark` of its delivery."""
    return buttons(LeaveButton(delivery.id, delivery.guild_id, shown.event_id, voice(key)))
