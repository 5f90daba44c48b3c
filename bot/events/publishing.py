"""Drafts that become events: at once, at an hour chosen before, or over one announced already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import String, cast, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot import cards, deliveries, drafts, guilds, moments, plain
from bot.errors import UserError
from bot.events import announcing, changes, drafting, programme, proposal, series
from bot.tables import CardState, Delivery, DeliveryState, Draft, Event, EventStatus, Guild

# Between one try of a publication and the next; after the last, the organiser is told.
PAUSES = (timedelta(minutes=1), timedelta(minutes=5))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an event's card is, or was to be; without a message it is not there."""

    guild_id: int
    channel_id: int | None
    message_id: int | None = None

    @property
    def link(self) -> str:
        """Its address, for whoever can see the channel."""
        return cards.link(self.guild_id, self.channel_id, self.message_id)


class DoubtfulError(UserError):
    """A change that an organiser is to confirm first, for these reasons."""

    def __init__(self, doubts: Sequence[UserError]) -> None:
        super().__init__("drafting.doubtful")
        self.doubts = doubts


async def publish(
    session: AsyncSession, draft_id: int, *, guild_id: int, by: int, now: datetime
) -> Event:
    """Announce what a draft holds, and drop the draft: it is announced once.

    Raises:
        UserError: if it was published already, or something in it is to be changed.
    """
    guild = await guilds.settings(session, guild_id)
    draft = await drafts.find(session, draft_id, guild_id=guild_id)
    # Read again: what was to come when it was shown may be past by now.
    proposed = proposal.propose(draft.fields, now=now, zone=guilds.zone(guild))
    event = await announcing.announce(session, guild, proposed, by=by, now=now)
    await drafts.drop(session, draft)
    return event


async def publish_due(
    session: AsyncSession, draft_id: int, *, guild_id: int, now: datetime
) -> Event | None:
    """Announce a draft whose hour has come; None if that was done, or put off, meanwhile.

    Raises:
        UserError: if something in it is to be changed.
    """
    draft = await session.get(Draft, draft_id)
    if draft is None or draft.publish_at is None or draft.publish_at > now:
        return None
    return await publish(session, draft_id, guild_id=guild_id, by=draft.user_id, now=now)


async def due(session: AsyncSession, now: datetime) -> Sequence[Draft]:
    """The drafts whose hour has come, oldest first."""
    query = (
        select(Draft)
        .where(Draft.kind == "event", Draft.publish_at <= now)
        .order_by(Draft.publish_at, Draft.id)
    )
    return (await session.scalars(query)).all()


async def put_off(
    session: AsyncSession, draft_id: int, reason: str, *, guild_id: int, now: datetime
) -> None:
    """Try a publication again later; after three tries keep the draft, and owe its maker a word.

    Args:
        reason: the sentence that says what is to be changed.
    """
    draft = await drafts.find(session, draft_id, guild_id=guild_id)
    draft.tries += 1
    if draft.tries <= len(PAUSES):
        draft.publish_at = now + PAUSES[draft.tries - 1]
        return
    draft.publish_at, draft.tries = None, 0
    await deliveries.owe(
        session,
        guild_id=guild_id,
        kind="unpublished",
        subject=f"draft:{draft.id}:{int(now.timestamp())}",
        recipient=deliveries.Recipient("user", draft.user_id),
        now=now,
        detail=reason,
    )


def hour(text: str, start: datetime, *, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Read when a draft is to publish itself; None if nothing is written.

    Raises:
        UserError: if that is not to come, or not before the event's `start`.
    """
    if not plain.line(text):
        return None
    moment = moments.parse(text, now=now, zone=zone)
    if not moment.has_time:
        raise UserError("events.no_time")
    if moment.start <= now:
        raise UserError("moments.past")
    if moment.start >= start:
        raise UserError("drafting.publish_late")
    return moment.start


async def begin_again(
    session: AsyncSession, event_id: int, *, guild_id: int, user_id: int, locale: str, now: datetime
) -> Draft:
    """Open an announced event for changes: the draft begun before, unless the event has changed.

    Raises:
        UserError: if the event can no longer be changed.
    """
    guild, event = await _changing(session, event_id, guild_id, now)
    for draft in await drafts.begun(session, "event", guild_id=guild_id, user_id=user_id):
        seen = (draft.fields.get("event"), draft.fields.get("seen"))
        if seen == (event_id, drafting.fingerprint(event)):
            return draft
    fields = drafting.of_event(event, zone=guilds.zone(guild), locale=locale)
    return await drafts.keep(session, "event", fields, guild_id=guild_id, user_id=user_id, now=now)


async def duplicate(
    session: AsyncSession, event_id: int, *, guild_id: int, user_id: int, locale: str, now: datetime
) -> Draft:
    """Begin the next edition of an event, past or cancelled ones too: all but its date.

    Raises:
        UserError: if there is no such event.
    """
    guild = await guilds.settings(session, guild_id)
    event = await shown(session, event_id, guild_id=guild_id)
    number = None
    if event.series_id is not None:
        found = await series.find(session, event.series_id, guild_id=guild_id)
        number = await series.next_number(session, found, now=now)
    fields = drafting.again(event, number=number, now=now, zone=guilds.zone(guild), locale=locale)
    return await drafts.keep(
        session,
        "event",
        fields,
        guild_id=guild_id,
        user_id=user_id,
        now=now,
    )


async def save(
    session: AsyncSession,
    draft_id: int,
    *,
    guild_id: int,
    by: int,
    now: datetime,
    confirmed: bool = False,
) -> changes.Change:
    """Bring an announced event to what its draft holds, and drop the draft.

    Raises:
        DoubtfulError: if it takes seats away, tells people of a new date, or undoes what somebody
            else changed meanwhile, and that is not `confirmed`. Nothing is to be committed then.
        UserError: if the draft or the event cannot be read or changed.
    """
    guild = await guilds.settings(session, guild_id)
    draft = await drafts.find(session, draft_id, guild_id=guild_id)
    proposed = proposal.propose(draft.fields, now=now, zone=guilds.zone(guild))
    event_id = draft.fields["event"]
    doubts = [] if confirmed else await _doubts(session, draft, proposed)
    try:
        done = await changes.apply(session, event_id, proposed, now=now, by=by, confirmed=confirmed)
    except changes.UnconfirmedError as error:
        losing = UserError("drafting.will_lose", count=error.losing)
        raise DoubtfulError([losing, *doubts]) from error
    if doubts:
        raise DoubtfulError(doubts)
    await drafts.drop(session, draft)
    return done


async def announce_again(
    session: AsyncSession, event_id: int, channel_id: int, *, guild_id: int, now: datetime
) -> bool:
    """Owe an event's card once more, to this channel; the one before goes when it stands.

    Returns:
        Whether it is owed now; False if it was on its way there already.
    """
    await _changing(session, event_id, guild_id, now)
    event = await find(session, event_id, guild_id=guild_id)
    event.channel_id = channel_id
    return await cards.again(
        session, "event", event_id, guild_id=guild_id, channel_id=channel_id, now=now
    )


async def find(session: AsyncSession, event_id: int, *, guild_id: int) -> Event:
    """An event of this community.

    Raises:
        UserError: if there is no such event here.
    """
    event = await session.get(Event, event_id)
    if event is None or event.guild_id != guild_id:
        raise UserError("rsvp.gone")
    return event


async def shown(session: AsyncSession, event_id: int, *, guild_id: int) -> programme.Programme:
    """An event of this community as its card shows it now.

    Raises:
        UserError: if there is no such event here.
    """
    event = await find(session, event_id, guild_id=guild_id)
    return (await programme.of_events(session, [event]))[0]


async def standing(session: AsyncSession, event_id: int, *, guild_id: int) -> Standing:
    """Where an event's card stands.

    Raises:
        UserError: if there is no such event.
    """
    event = await find(session, event_id, guild_id=guild_id)
    card = await cards.find(session, "event", event_id)
    if card is None or card.state is CardState.BROKEN:
        return Standing(guild_id, event.channel_id)
    return Standing(guild_id, card.channel_id, card.message_id)


async def unposted(session: AsyncSession, *, now: datetime) -> Sequence[tuple[Delivery, Event]]:
    """Cards of coming events that Discord would not take, of which nobody was told yet."""
    told = aliased(Delivery)
    known = exists().where(
        told.kind == "unposted",
        told.subject == Delivery.subject + ":" + cast(Delivery.id, String),
    )
    rows = await session.execute(
        select(Delivery, Event)
        .join(Event, Delivery.subject == "event:" + cast(Event.id, String))
        .where(
            Delivery.kind == "event",
            Delivery.state.in_((DeliveryState.FAILED, DeliveryState.UNKNOWN)),
            Event.status == EventStatus.ANNOUNCED,
            Event.starts_at > now,
            ~known,
        )
    )
    return [(delivery, event) for delivery, event in rows]


async def tell_of_unposted(session: AsyncSession, *, now: datetime) -> None:
    """Owe a word to whoever announced an event whose card Discord would not take, once."""
    for delivery, event in await unposted(session, now=now):
        await deliveries.owe(
            session,
            guild_id=event.guild_id,
            kind="unposted",
            subject=f"{delivery.subject}:{delivery.id}",
            recipient=deliveries.Recipient("user", event.created_by),
            now=now,
            expires_at=event.starts_at,
            detail=delivery.reason,
        )


async def _doubts(
    session: AsyncSession, draft: Draft, proposed: proposal.Proposal
) -> list[UserError]:
    """What an organiser should know before saving."""
    event = await shown(session, draft.fields["event"], guild_id=draft.guild_id)
    doubts: list[UserError] = []
    if drafting.fingerprint(event) != draft.fields["seen"]:
        doubts.append(UserError("drafting.changed_meanwhile"))
    told = len(await changes.hearing(session, event.event_id, proposed))
    doubts += [UserError("drafting.will_tell", count=told)] if told else []
    return doubts


async def _changing(
    session: AsyncSession, event_id: int, guild_id: int, now: datetime
) -> tuple[Guild, programme.Programme]:
    """An event that can still be changed, and its guild.

    Raises:
        UserError: if it is gone, cancelled or over.
    """
    event = await changes.coming(session, event_id, now)
    guild = await guilds.settings(session, guild_id)
    return guild, await shown(session, event.id, guild_id=guild_id)
