"""What an organiser changes about an announced event, and whom that seats, unseats and tells.

Each change is one transaction. What it owes to people is told once, from the log of deliveries.
"""

from bot.events.changes.calling_off import cancel, close, reopen
from bot.events.changes.dates import NewDate, new_date, postpone
from bot.events.changes.edits import apply, hearing
from bot.events.changes.ground import Change, answered, coming, concerned
from bot.events.changes.seating import UnconfirmedError, resize

__all__ = [
    "Change",
    "NewDate",
    "UnconfirmedError",
    "answered",
    "apply",
    "cancel",
    "close",
    "coming",
    "concerned",
    "hearing",
    "new_date",
    "postpone",
    "reopen",
    "resize",
]
