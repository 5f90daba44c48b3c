"""What each kind of delivery says: read from the database at the last moment, then drawn."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import discord

from bot import cards
from bot.db import Session
from bot.deliveries import Recipient
from bot.events import programme
from bot.recaps import library
from bot.tables import Delivery
from bot.texts import Voice
from cogs import _event_cards, _recap_cards
from cogs._buttons import answer_buttons


@dataclass(frozen=True, slots=True)
class Drawing:
    """A message ready to be sent. `mark` begins the id of a button that only this post has."""

    content: str | None = None
    embeds: list[discord.Embed] = field(default_factory=list[discord.Embed])
    view: discord.ui.View | None = None
    mark: str | None = None


Draw: TypeAlias = "Callable[[Session, Delivery, Voice], Awaitable[Drawing | None]]"


async def draw(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """Draw a delivery; None if what it is about is gone."""
    return await _DRAW[delivery.kind](session, delivery, voice)


async def posted(session: Session, delivery: Delivery, message_id: int) -> None:
    """Note where the card of a delivery stands now."""
    match delivery.kind:
        case "event" | "recap" as kind:
            channel_id = Recipient.read(delivery.recipient).id
            await cards.posted(
                session, kind, _subject(delivery), channel_id=channel_id, message_id=message_id
            )
        case _:
            pass  # a private word is no card


async def _event(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    shown = await programme.shown(session, _subject(delivery))
    if shown is None or shown.part_id is None:
        return None
    return Drawing(
        embeds=[_event_cards.event_card(shown, voice)],
        view=answer_buttons(shown.part_id, voice),
        mark=f"rsvp:{shown.part_id}:",
    )


async def _recap(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    shown = await library.shown(session, _subject(delivery))
    if shown is None:
        return None
    embed, view = _recap_cards.card(shown, voice)
    return Drawing(embeds=[embed], view=view, mark=f"recap:read:{shown.id}:")


async def _promotion(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """A word to who waited and now has a seat, unless they have left it meanwhile."""
    shown = await programme.of_part(session, _subject(delivery))
    user_id = Recipient.read(delivery.recipient).id
    if shown is None or not shown.roster.has_seat(user_id):
        return None
    content = voice(
        "rsvp.promoted",
        event=_event_cards.escaped(shown.title),
        when=_event_cards.when(shown, voice),
    )
    return Drawing(content=content)


def _subject(delivery: Delivery) -> int:
    """The id a subject begins with: 7 in "part:7:turn:12"."""
    return int(delivery.subject.split(":")[1])


_DRAW: Mapping[str, Draw] = {"event": _event, "recap": _recap, "promotion": _promotion}
