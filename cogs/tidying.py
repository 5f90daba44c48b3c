"""Takes off a card the reactions that do not count, so that what is shown is what counts.

Only emojis of which nothing counts: a removal comes back as an event, and an answer that an emoji
gave goes with it. A member who takes such an emoji off and puts it back in the moment between
look and removal sees it vanish; what they show still counts.
"""

from collections.abc import Sequence
from typing import TypeAlias

import discord
import structlog
from discord.ext import commands

from bot.app import LOST, Bot
from bot.events import belongings
from bot.events.programme import OpenCard
from bot.events.rsvp import Outcome
from bot.latest import Latest
from cogs import _rights

# Removals in the time between two drawings of a card: Discord takes four a second in a channel.
PER_PACE = 4
# More than these, in one channel, are left as they are: only looks are at stake.
MOST_WAITING = 100
RIGHTS = ("view_channel", "read_message_history", "manage_messages")

# A card's message and a member.
Shown: TypeAlias = tuple[int, int]

log = structlog.get_logger()


class Tidying(commands.Cog):
    """Removes contradicted and refused reactions, where the bot may manage messages."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.latest = Latest(self._tidy, bot.tell)
        # By channel: what each of these was last known to show.
        self.waiting: dict[int, dict[Shown, frozenset[str]]] = {}

    @commands.Cog.listener()
    async def on_answers(self, outcomes: Sequence[Outcome]) -> None:
        """Look at those who show several emojis, or one that was refused."""
        for outcome in outcomes:
            refused = any(standing.refusal for standing in outcome.standings)
            if outcome.shown and (refused or len(outcome.shown) > 1):
                cards = self.bot.board.of_event(outcome.event_id)
                for card in (it for it in cards if it.card_id == outcome.card_id):
                    self._ask(card, outcome)

    def _ask(self, card: OpenCard, outcome: Outcome) -> None:
        user_id, waiting = outcome.user_id, self.waiting.setdefault(card.channel_id, {})
        if len(waiting) < MOST_WAITING and self._may(card):
            waiting[card.message_id, user_id] = outcome.shown
            pause = self.bot.pace / PER_PACE
            self.latest.request((card.message_id, user_id), group=card.channel_id, pause=pause)

    def _may(self, card: OpenCard) -> bool:
        channel = self.bot.get_channel(card.channel_id)
        if not isinstance(channel, discord.abc.GuildChannel):
            return False
        return not _rights.missing(channel, RIGHTS)

    async def _tidy(self, shown: Shown) -> None:
        """Take off what does not count at this moment: its member may have changed their mind."""
        message_id, user_id = shown
        card = self.bot.board.card(message_id)
        known = [waiting.pop(shown, frozenset[str]()) for waiting in self.waiting.values()]
        if card is None:
            return
        async with self.bot.db.reading() as session:
            idle = await belongings.idle(session, card, user_id, frozenset[str]().union(*known))
        channel = self.bot.get_partial_messageable(card.channel_id, guild_id=card.guild_id)
        message = channel.get_partial_message(message_id)
        for emoji in idle:
            try:
                await message.remove_reaction(emoji, discord.Object(user_id))
            except (discord.HTTPException, *LOST) as trouble:
                log.warning("reaction left", card=card.card_id, error=str(trouble))
                return


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Tidying(bot))
