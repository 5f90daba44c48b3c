"""Every table. The words are those of README's glossary; what follows from them is computed."""

from bot.tables.base import Base, UTCDateTime
from bot.tables.communities import Feed, Guild, Member, Series
from bot.tables.duties import Delivery, DeliveryState, Draft, State
from bot.tables.events import (
    Answer,
    Approval,
    Bell,
    Card,
    CardState,
    Choice,
    Door,
    Event,
    EventStatus,
    Granted,
    Part,
    Presence,
    ReactionSeen,
)
from bot.tables.recaps import Bound, Figure, Passage, Recap, RecapStatus, Related, Section

__all__ = [
    "Answer",
    "Approval",
    "Base",
    "Bell",
    "Bound",
    "Card",
    "CardState",
    "Choice",
    "Delivery",
    "DeliveryState",
    "Door",
    "Draft",
    "Event",
    "EventStatus",
    "Feed",
    "Figure",
    "Granted",
    "Guild",
    "Member",
    "Part",
    "Passage",
    "Presence",
    "ReactionSeen",
    "Recap",
    "RecapStatus",
    "Related",
    "Section",
    "Series",
    "State",
    "UTCDateTime",
]
