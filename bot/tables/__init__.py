"""Every table. The words are those of README's glossary; what follows from them is computed."""

from bot.tables.base import Base, UTCDateTime
from bot.tables.communities import Guild, Member, Series
from bot.tables.duties import Delivery, DeliveryState, Draft, State
from bot.tables.events import (
    Answer,
    Approval,
    Card,
    CardState,
    Choice,
    Door,
    Event,
    EventStatus,
    Part,
    ReactionSeen,
)
from bot.tables.recaps import Bound, Figure, Passage, Recap, RecapStatus, Related, Section

__all__ = [
    "Answer",
    "Approval",
    "Base",
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
    "Figure",
    "Guild",
    "Member",
    "Part",
    "Passage",
    "ReactionSeen",
    "Recap",
    "RecapStatus",
    "Related",
    "Section",
    "Series",
    "State",
    "UTCDateTime",
]
