"""What is owed to Discord: written with its cause, sent once, kept as the log of what was said."""

import secrets
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.tables import Delivery, DeliveryState

# Discord remembers a nonce for "the past few minutes"; within this, sending again is harmless.
NONCE_LIVES = timedelta(minutes=2)
# A claimed row whose sender died comes due again after this.
CLAIM_LASTS = timedelta(seconds=60)
# About six hours of trying: 30 s, 1 min, 2 min, … between tries.
MOST_ATTEMPTS = 10
FIRST_PAUSE = timedelta(seconds=30)
# So few that the last of them is tried, however slow Discord is, before its claim lapses.
AT_ONCE = 5
# Asked about in one statement: SQLite takes 32,766 values.
SUBJECTS = 10_000


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a delivery goes: a channel, a member's private messages, or a member in a channel."""

    kind: Literal["channel", "user"]
    id: int
    # For a member whose private messages are closed: where they are spoken to instead.
    channel_id: int | None = None

    @classmethod
    def read(cls, text: str) -> "Recipient":
        """Read what `str()` wrote: "channel:1", "user:2", "@2/1"."""
        if text.startswith("@"):
            user_id, _, channel_id = text[1:].partition("/")
            return cls("user", int(user_id), int(channel_id))
        kind, _, number = text.partition(":")
        return cls("user" if kind == "user" else "channel", int(number))

    @property
    def place(self) -> int | None:
        """The channel it is said in; None for private messages."""
        return self.id if self.kind == "channel" else self.channel_id

    def moved(self, channel_id: int) -> "Recipient":
        """The same people, reached in this channel."""
        if self.kind == "channel":
            return Recipient("channel", channel_id)
        return replace(self, channel_id=channel_id)

    def __str__(self) -> str:
        # Short, for two of Discord's ids fill the column.
        if self.channel_id is not None:
            return f"@{self.id}/{self.channel_id}"
        return f"{self.kind}:{self.id}"


async def owe(
    session: AsyncSession,
    *,
    guild_id: int,
    kind: str,
    subject: str,
    recipient: Recipient,
    now: datetime,
    expires_at: datetime | None = None,
    detail: str | None = None,
) -> bool:
    """Note that something is to be said; the same thing to the same recipient is noted once.

    Args:
        expires_at: later than this it is worth nothing any more; None means never.
        detail: words of an organiser's that go with it.

    Returns:
        Whether it is new.
    """
    owed = await owe_all(
        session,
        [(subject, recipient)],
        guild_id=guild_id,
        kind=kind,
        now=now,
        expires_at=expires_at,
        detail=detail,
    )
    return bool(owed)


async def owe_all(
    session: AsyncSession,
    words: Collection[tuple[str, Recipient]],
    *,
    guild_id: int,
    kind: str,
    now: datetime,
    expires_at: datetime | None = None,
    detail: str | None = None,
) -> int:
    """Note that words of one kind, each on a subject to a recipient, are to be said, once each.

    All of them at once: a thousand people are told of a change in as many statements as one.

    Returns:
        How many are new.
    """
    known: set[tuple[str, str]] = set()
    for some in _batched(sorted({subject for subject, _ in words})):
        rows = await session.execute(
            select(Delivery.subject, Delivery.recipient).where(
                Delivery.kind == kind, Delivery.subject.in_(some)
            )
        )
        known |= {(subject, recipient) for subject, recipient in rows}
    wanted = dict.fromkeys((subject, str(recipient)) for subject, recipient in words)
    new = [
        {
            "guild_id": guild_id,
            "kind": kind,
            "subject": subject,
            "recipient": recipient,
            "nonce": secrets.token_hex(12),
            "state": DeliveryState.PENDING,
            "attempts": 0,
            "due_at": now,
            "expires_at": expires_at,
            "detail": detail,
            "created_at": now,
        }
        for subject, recipient in wanted
        if (subject, recipient) not in known
    ]
    if new:
        await session.execute(insert(Delivery), new)
    return len(new)


async def owing(session: AsyncSession, now: datetime) -> Sequence[int]:
    """The guilds to which something is due, those who have waited longest first."""
    query = (
        select(Delivery.guild_id)
        .where(*_due(now))
        .group_by(Delivery.guild_id)
        .order_by(func.min(Delivery.due_at), Delivery.guild_id)
    )
    return (await session.scalars(query)).all()


async def claim(session: AsyncSession, guild_id: int, *, now: datetime) -> Sequence[Delivery]:
    """Take a few of what is due in a guild, oldest first, so that no other process sends it too.

    A row claimed and never marked (its process died) is given out again once its claim has
    lapsed, with `attempts` above 1: the caller looks whether it was posted.
    """
    await _miss(session, guild_id, now)
    due = (
        await session.scalars(
            select(Delivery)
            .where(Delivery.guild_id == guild_id, *_due(now))
            .order_by(Delivery.due_at, Delivery.id)
            .limit(AT_ONCE)
        )
    ).all()
    for delivery in due:
        delivery.state = DeliveryState.SENDING
        delivery.attempts += 1
        delivery.due_at = now + CLAIM_LASTS
    return due


async def release(session: AsyncSession, *, now: datetime) -> None:
    """Let go at once of what a dead process had claimed; only for who is alone on the database."""
    await session.execute(
        update(Delivery).where(Delivery.state == DeliveryState.SENDING).values(due_at=now)
    )


async def sent(session: AsyncSession, delivery: Delivery, message_id: int, now: datetime) -> None:
    """Mark a delivery as done, with the message that did it."""
    await _mark(
        session, delivery, state=DeliveryState.SENT, message_id=message_id, sent_at=now, reason=None
    )


async def failed(session: AsyncSession, delivery: Delivery, reason: str) -> None:
    """Give a delivery up; `reason` is the key of the sentence that tells organisers why."""
    await _mark(session, delivery, state=DeliveryState.FAILED, reason=reason)


async def elsewhere(
    session: AsyncSession, delivery: Delivery, recipient: Recipient, reason: str, now: datetime
) -> None:
    """Owe in another place what was refused, for this reason, where it was to be said."""
    await failed(session, delivery, reason)
    await owe(
        session,
        guild_id=delivery.guild_id,
        kind=delivery.kind,
        subject=delivery.subject,
        recipient=recipient,
        now=now,
        expires_at=delivery.expires_at,
        detail=delivery.detail,
    )


async def unknown(session: AsyncSession, delivery: Delivery, reason: str) -> None:
    """Mark a delivery whose outcome nobody can know: an organiser decides."""
    await _mark(session, delivery, state=DeliveryState.UNKNOWN, reason=reason)


async def later(session: AsyncSession, delivery: Delivery, reason: str, now: datetime) -> None:
    """Try again after a pause that doubles each time, until the attempts are used up."""
    if delivery.attempts >= MOST_ATTEMPTS:
        await failed(session, delivery, reason)
        return
    pause = FIRST_PAUSE * 2 ** (delivery.attempts - 1)
    await _mark(session, delivery, state=DeliveryState.PENDING, reason=reason, due_at=now + pause)


async def _mark(session: AsyncSession, delivery: Delivery, **values: object) -> None:
    await session.execute(update(Delivery).where(Delivery.id == delivery.id).values(**values))


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    unsent = Delivery.state.in_((DeliveryState.PENDING, DeliveryState.SENDING))
    return unsent, Delivery.due_at <= now


async def _miss(session: AsyncSession, guild_id: int, now: datetime) -> None:
    """What was to be said by a certain time, and was not, is not said any more."""
    late = (Delivery.guild_id == guild_id, Delivery.expires_at < now, Delivery.due_at <= now)
    for state, outcome in (
        (DeliveryState.PENDING, DeliveryState.MISSED),
        # Its sender died: it may have been said.
        (DeliveryState.SENDING, DeliveryState.UNKNOWN),
    ):
        await session.execute(
            update(Delivery)
            .where(Delivery.state == state, *late)
            .values(state=outcome, reason="deliveries.too_late")
        )


def _batched(subjects: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(subjects), SUBJECTS):
        yield subjects[first : first + SUBJECTS]
