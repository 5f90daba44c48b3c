"""What each kind of delivery says: read from the database at the last moment, then drawn."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import discord

from bot import cards
from bot.db import Session
from bot.deliveries import Recipient
from bot.tables import Delivery
from bot.texts import Voice


@dataclass(frozen=True, slots=True)
class Drawing:
    """A message ready to be sent. `mark` begins the id of a button that only this post has.

    `pings` are the members whom its mentions may reach, and `thread_id` is where a private word is
    said instead if the member takes none.
    """

    content: str | None = None
    embeds: list[discord.Embed] = field(default_factory=list[discord.Embed])
    view: discord.ui.View | None = None
    mark: str | None = None
    pings: tuple[int, ...] = ()
    thread_id: int | None = None


Draw: TypeAlias = "Callable[[Session, Delivery, Voice], Awaitable[Drawing | None]]"

_DRAW: dict[str, Draw] = {}


def draws(kind: str) -> Callable[[Draw], Draw]:
    """Let a function draw the deliveries of a kind; it gives None if what they are about is gone.

    A module that has such a function is imported by the cog that owes the deliveries.
    """

    def register(function: Draw) -> Draw:
        _DRAW[kind] = function
        return function

    return register


async def draw(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """Draw a delivery; None if what it is about is gone."""
    return await _DRAW[delivery.kind](session, delivery, voice)


async def posted(session: Session, delivery: Delivery, message_id: int) -> None:
    """Note where the card of a delivery stands now."""
    match delivery.kind:
        case "event" | "recap" as kind:
            channel_id = Recipient.read(delivery.recipient).id
            await cards.posted(
                session, kind, subject_id(delivery), channel_id=channel_id, message_id=message_id
            )
        case _:
            pass  # a private word is no card


def subject_id(delivery: Delivery) -> int:
    """The id a subject begins with: 7 in "part:7:turn:12"."""
    return int(delivery.subject.split(":")[1])
