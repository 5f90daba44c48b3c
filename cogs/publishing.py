"""Publishes drafts at their hour, and sees to what became of announcements."""

from collections.abc import Sequence

import discord
import structlog
from discord.ext import commands, tasks

from bot import cards, drafts, guilds, texts
from bot.app import LOST, Bot
from bot.errors import UserError
from bot.events import publishing, rsvp
from bot.tables import Card, Draft
from bot.texts import Voice
from cogs._absence import read_reactions
from cogs._event_desk import require_channel

log = structlog.get_logger()


class Publishing(commands.Cog):
    """Looks every few seconds, and restarts with the bot: what is due is in the database."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    async def cog_load(self) -> None:
        """Start looking; before the first connection, the loops wait."""
        self.look.start()
        self.tidy.start()

    async def cog_unload(self) -> None:
        """Stop looking."""
        self.look.cancel()
        self.tidy.cancel()

    @tasks.loop(seconds=20)
    async def look(self) -> None:
        """Publish what is due; tell of cards that Discord did not take."""
        try:
            async with self.bot.db.reading() as session:
                due = await publishing.due(session, self.bot.clock())
                unposted = await publishing.unposted(session, now=self.bot.clock())
                replaced = await cards.replaced(session)
            for draft in due:
                # Another process has the other guilds.
                if self.bot.get_guild(draft.guild_id) is not None:
                    await self._publish(draft)
            if unposted:
                await self._tell_of_unposted({event.guild_id for _, event in unposted})
            await self._take_away(replaced)
        except Exception as error:  # noqa: BLE001 # a door: the next look tries again
            await self.bot.tell(error)

    @tasks.loop(hours=6)
    async def tidy(self) -> None:
        """Forget the drafts that nobody has touched for long."""
        try:
            async with self.bot.db.writing() as session:
                await drafts.forget_old(session, self.bot.clock())
        except Exception as error:  # noqa: BLE001 # a door
            await self.bot.tell(error)

    @look.before_loop
    @tidy.before_loop
    async def connected(self) -> None:
        """Wait for the guilds: a channel is known only then."""
        await self.bot.wait_until_ready()

    @commands.Cog.listener()
    async def on_delivered(self, kind: str, _subject: str) -> None:
        """Take away the card in whose place a new one stands now."""
        if kind != "event":
            return
        async with self.bot.db.reading() as session:
            replaced = await cards.replaced(session)
        await self._take_away(replaced)

    async def _publish(self, draft: Draft) -> None:
        """Announce a draft, or try again later."""
        try:
            async with self.bot.db.reading() as session:
                guild = await guilds.settings(session, draft.guild_id)
            channel_id = draft.fields.get("channel") or guild.announcements_channel
            require_channel(self.bot, guild.id, channel_id)
            async with self.bot.db.writing(guild.id) as session:
                event = await publishing.publish_due(
                    session, draft.id, guild_id=guild.id, now=self.bot.clock()
                )
        except UserError as error:
            await self._put_off(draft, error)
            return
        except Exception as error:  # noqa: BLE001 # a door: the drafts behind it are due too
            await self.bot.tell(error)
            await self._put_off(draft, UserError("deliveries.mistake"))
            return
        if event is not None:
            log.info("published", announced=event.id, draft=draft.id)
            self.bot.dispatch("delivery_due")

    async def _put_off(self, draft: Draft, error: UserError) -> None:
        log.warning("not published", draft=draft.id, reason=error.key)
        voice = await self._voice(draft)
        reason = voice(error.key, **error.values)
        async with self.bot.db.writing(draft.guild_id) as session:
            await publishing.put_off(
                session, draft.id, reason, guild_id=draft.guild_id, now=self.bot.clock()
            )
        self.bot.dispatch("delivery_due")

    async def _voice(self, draft: Draft) -> Voice:
        """How to speak to whose draft it is."""
        async with self.bot.db.reading() as session:
            guild = await guilds.settings(session, draft.guild_id)
            chosen = await guilds.languages(session, guild.id, draft.user_id)
        public = self.bot.public_voice(guild)
        return texts.pick(self.bot.voices, chosen.member, public.language)

    async def _tell_of_unposted(self, guild_ids: set[int]) -> None:
        async with self.bot.db.writing(*guild_ids) as session:
            await publishing.tell_of_unposted(session, now=self.bot.clock())
        self.bot.dispatch("delivery_due")

    async def _take_away(self, replaced: Sequence[Card]) -> None:
        """Delete the messages of cards that were replaced, when all they say is counted."""
        for card in replaced:
            if self.bot.get_guild(card.guild_id) is not None and await self._counted(card):
                await self._delete(card)

    async def _counted(self, card: Card) -> bool:
        """Compare a card's reactions for the last time; False if that is to be tried again."""
        followed = self.bot.board.card(card.message_id or 0)
        if followed is None:
            return True
        # What is heard until here is written first; the lists say what was not heard.
        self.bot.board.forget(followed.message_id)
        await self.bot.intake.settle()
        try:
            found = await read_reactions(self._message(card), followed.emojis)
        except (discord.NotFound, discord.Forbidden):
            return True
        except (discord.HTTPException, *LOST) as trouble:
            log.warning("card stays", card=card.id, error=str(trouble))
            self.bot.board.know([followed])
            return False
        async with self.bot.db.writing(card.guild_id) as session:
            outcomes = await rsvp.reconcile(
                session, followed, present=found.lists, swept=found.swept, now=self.bot.clock()
            )
        self.bot.dispatch("answers", outcomes)
        return True

    async def _delete(self, card: Card) -> None:
        try:
            await self._message(card).delete()
        except (discord.NotFound, discord.Forbidden) as refusal:
            # It is gone, or out of reach: either way it is no card any more.
            log.info("card not taken away", card=card.id, code=refusal.code)
        async with self.bot.db.writing(card.guild_id) as session:
            await cards.gone(session, card.id)

    def _message(self, card: Card) -> discord.PartialMessage:
        channel = self.bot.get_partial_messageable(card.channel_id, guild_id=card.guild_id)
        return channel.get_partial_message(card.message_id or 0)


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Publishing(bot))
