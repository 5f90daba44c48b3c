"""What is said of events: their cards, and private words to those who answered."""

from bot.db import Session
from bot.deliveries import Recipient
from bot.events import programme
from bot.tables import Delivery, EventStatus
from bot.texts import Voice
from cogs import _event_cards
from cogs._buttons import answer_buttons
from cogs._drawings import Drawing, draws, subject_id
from cogs._reminder_notices import leaving, mark


@draws("event")
async def _event(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    shown = await programme.shown(session, subject_id(delivery))
    if shown is None:
        return None
    return Drawing(
        embeds=[_event_cards.event_card(shown, voice)],
        view=answer_buttons(shown, voice),
        mark=f"rsvp:{shown.event_id}:",
    )


@draws("promotion")
async def _promotion(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """A word to who waited and now has a seat, unless they have left it meanwhile."""
    part_id = subject_id(delivery)
    shown = await programme.of_part(session, part_id)
    user_id = Recipient.read(delivery.recipient).id
    if shown is None or shown.status is EventStatus.CANCELLED:
        return None
    if not shown.part(part_id).roster.has_seat(user_id):
        return None
    content = voice(
        "rsvp.promoted",
        event=_event_cards.named(shown, shown.part(part_id)),
        when=_event_cards.when(shown, voice),
    )
    return Drawing(
        content=content,
        view=leaving(delivery, shown, voice),
        mark=mark(delivery.id),
        thread_id=shown.spoken_in,
    )
