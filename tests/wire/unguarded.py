"""The bot without what makes answers wait for each other: `python -m tests.wire.unguarded run`.

Each act is played at once in a transaction of its own, as SQLAlchemy begins them by default: what
a bot does that has no line. The storm must go wrong with it, or the storm proves nothing.
"""

import asyncio
from typing import Any

from bot import __main__
from bot.db import Database
from bot.events import rsvp
from bot.events.intake import Intake
from bot.events.rsvp import Act, Outcome
from tests import answering


def play_at_once(self: Intake, act: Act) -> "asyncio.Future[Outcome]":
    """Play an act beside all the others."""
    db: Database = getattr(self, "_db")  # noqa: B009 # it is private, and rightly so
    played: Any = getattr(self, "_played")  # noqa: B009 # the same

    async def play() -> Outcome:
        async with db.writing(act.guild_id) as session:
            (outcome,) = await rsvp.play(session, [act])
        played([outcome])
        return outcome

    return asyncio.ensure_future(play())


if __name__ == "__main__":
    answering.unguard()
    setattr(Intake, "submit", play_at_once)  # noqa: B010 # what the bot itself would never do
    __main__.main()
