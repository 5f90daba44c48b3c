"""Dates as people write them, in French and English, and as the bot prints them."""

from bot.moments.printing import full, long, short, stamp
from bot.moments.reading import Moment, complete, hours, parse, published
from bot.moments.recurrence import Recurrence, in_words, occurrences, recurring
from bot.moments.spans import countdown, span, span_in_words, spans

__all__ = [
    "Moment",
    "Recurrence",
    "complete",
    "countdown",
    "full",
    "hours",
    "in_words",
    "long",
    "occurrences",
    "parse",
    "published",
    "recurring",
    "short",
    "span",
    "span_in_words",
    "spans",
    "stamp",
]
