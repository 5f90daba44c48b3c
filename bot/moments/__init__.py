"""Dates as people write them, in French and English, and as the bot prints them."""

from bot.moments.printing import full, long, short, stamp
from bot.moments.reading import Moment, parse, published

__all__ = ["Moment", "full", "long", "parse", "published", "short", "stamp"]
