"""Counts answers: reactions as they come, those given while the bot was away, and buttons."""

import asyncio
import contextlib
from collections.abc import Iterable, Mapping, Sequence

import discord
import structlog
from discord.ext import commands

from bot import cards, guilds
from bot.app import LOST, Bot
from bot.events import emojis, programme, reactions, rsvp
from bot.events.programme import OpenCard
from bot.events.rsvp import Act, Outcome
from bot.latest import Latest
from bot.tables import Door
from cogs import _notices as _notices  # noqa: PLC0414 # it says how they are drawn
from cogs._absence import Reactions, read_reactions
from cogs._buttons import answer_buttons, roles_of
from cogs._event_cards import event_card

# Edits of messages older than this are few.
OLD = 3600
# Seconds: how long a drawing may take, and how long Discord is left alone when it is in trouble.
PATIENCE = 30
AFTER_TROUBLE = 30
# Of HTTP: asked too often; and from here on it is Discord's own trouble.
TOO_MANY = 429
THEIR_TROUBLE = 500

log = structlog.get_logger()


class Rsvp(commands.Cog):
    """Turns reactions into acts, and keeps the cards in step with the answers."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.latest = Latest(self._draw, bot.tell)
        self.looks = Latest(self._compare, bot.tell)
        # Who reacted to a card while its lists were being read.
        self.reading: dict[int, set[int]] = {}

    async def cog_load(self) -> None:
        """Know the open cards before the first event."""
        async with self.bot.db.reading() as session:
            self.bot.board.know(await programme.open_cards(session, self.bot.clock()))

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Take an answer down."""
        await self._reacted(payload, taken_back=False)

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """Take an answer back."""
        await self._reacted(payload, taken_back=True)

    async def _reacted(self, payload: discord.RawReactionActionEvent, *, taken_back: bool) -> None:
        card = self.bot.board.card(payload.message_id)
        emoji = str(payload.emoji)
        ours = self.bot.user is not None and payload.user_id == self.bot.user.id
        robot = payload.member is not None and payload.member.bot
        if card is None or ours or robot or emoji not in card.emojis:
            return
        if (reading := self.reading.get(card.card_id)) is not None:
            reading.add(payload.user_id)
        # Nothing is awaited before this: the order of arrival is the order of the line.
        await self.bot.intake.submit(
            Act(
                guild_id=card.guild_id,
                user_id=payload.user_id,
                says=tuple(emojis.says([emoji], card.parts).items()),
                door=Door.REACTION,
                at=self.bot.clock(),
                roles=roles_of(payload.member) if card.restricted else frozenset(),
                card_id=card.card_id,
                emojis=(emoji,),
                parts=card.parts,
                taken_back=taken_back,
            )
        )

    @commands.Cog.listener()
    async def on_raw_reaction_clear(self, payload: discord.RawReactionClearEvent) -> None:
        """Forget the reactions seen on a card that was swept; nobody is withdrawn by it."""
        if (card := self.bot.board.card(payload.message_id)) is not None:
            await self._swept(card, card.emojis)

    @commands.Cog.listener()
    async def on_raw_reaction_clear_emoji(
        self, payload: discord.RawReactionClearEmojiEvent
    ) -> None:
        """Forget one emoji on a card that was swept of it."""
        card = self.bot.board.card(payload.message_id)
        if card is not None and str(payload.emoji) in card.emojis:
            await self._swept(card, (str(payload.emoji),))

    async def _swept(self, card: OpenCard, swept: Sequence[str]) -> None:
        # In its turn: who reacted before it and stands in line still is swept too.
        await self.bot.intake.submit(
            Act(
                guild_id=card.guild_id,
                user_id=0,
                says=(),
                door=Door.REACTION,
                at=self.bot.clock(),
                card_id=card.card_id,
                emojis=tuple(swept),
                swept=True,
            )
        )
        await self._offer(card, swept)

    @commands.Cog.listener()
    async def on_answers(self, outcomes: Sequence[Outcome]) -> None:
        """Redraw the cards of what changed; tell whoever was given a seat by it."""
        changed = {outcome.event_id for outcome in outcomes if outcome.changed}
        for card in self.bot.board:
            if card.event_id in changed:
                self._redraw(card)
        if changed:
            self.bot.dispatch("delivery_due")

    def _redraw(self, card: OpenCard) -> None:
        age = self.bot.clock() - discord.utils.snowflake_time(card.message_id)
        pause = self.bot.pace * (2 if age.total_seconds() > OLD else 1)
        self.latest.request(card.message_id, group=card.channel_id, pause=pause)

    async def _draw(self, message_id: int) -> None:
        """Draw a card from what is committed now."""
        if (card := self.bot.board.card(message_id)) is None:
            return
        async with self.bot.db.reading() as session:
            shown = await programme.shown(session, card.event_id)
            guild = await guilds.settings(session, card.guild_id)
        if shown is None:
            return
        voice = self.bot.public_voice(guild)
        try:
            async with asyncio.timeout(PATIENCE):
                await self._message(card).edit(
                    embed=event_card(shown, voice, self.bot.clock()),
                    view=answer_buttons(shown, voice, self.bot.clock()),
                    allowed_mentions=discord.AllowedMentions.none(),
                )
        except discord.NotFound:
            await self._give_up(card)
        except discord.HTTPException as refusal:
            trouble = refusal.status == TOO_MANY or refusal.status >= THEIR_TROUBLE
            if not trouble and not isinstance(refusal, discord.Forbidden):
                raise
            # The answers count meanwhile; a right may be given back.
            log.warning("card not drawn", card=card.card_id, code=refusal.code)
            if trouble:
                self.latest.request(message_id, group=card.channel_id, pause=AFTER_TROUBLE)
        except LOST:
            self.latest.request(message_id, group=card.channel_id, pause=AFTER_TROUBLE)

    async def _give_up(self, card: OpenCard) -> None:
        """Stop drawing a card that Discord no longer has; what people answered stays."""
        self.bot.board.forget(card.message_id)
        async with self.bot.db.writing(card.guild_id) as session:
            await cards.broken(session, card.card_id, "cards.gone")
        log.warning("card gone", card=card.card_id)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Find what happened while the bot was away: a new session replays nothing."""
        for card in self.bot.board:
            self._look(card)
            # What was durable before the bot stopped may not have been drawn.
            self._redraw(card)

    @commands.Cog.listener()
    async def on_event_changed(self, event_id: int) -> None:
        """Draw an event's cards again: an organiser changed it, or its time has come."""
        async with self.bot.db.reading() as session:
            self.bot.board.know(await programme.open_cards(session, self.bot.clock(), event_id))
        for card in self.bot.board.of_event(event_id):
            self._redraw(card)
            self._look(card)

    @commands.Cog.listener()
    async def on_delivered(self, kind: str, subject: str) -> None:
        """Open a card that was just posted: offer the emojis, and see who was faster."""
        if kind != "event":
            return
        event_id = int(subject.partition(":")[2])
        async with self.bot.db.reading() as session:
            found = await programme.open_cards(session, self.bot.clock(), event_id)
        self.bot.board.know(found)
        for card in found:
            self._look(card)
            # A button may have been pressed before the card was known.
            self._redraw(card)

    def _look(self, card: OpenCard, *, pause: float = 0) -> None:
        """Ask for a card's reactions to be compared with those last seen."""
        self.looks.request(card.message_id, group=card.channel_id, pause=pause)

    async def _compare(self, message_id: int) -> None:
        """Play the differences between a card's reactions and those last seen."""
        if (card := self.bot.board.card(message_id)) is None:
            return
        # Whoever reacts from here on is told of by events of their own.
        touched = self.reading[card.card_id] = set()
        try:
            found = await read_reactions(self._message(card), card.emojis)
            outcomes = await self._reconcile(card, found, touched)
        except discord.NotFound:
            await self._give_up(card)
            return
        except discord.Forbidden as refusal:
            # Until the right is given back, and the next session looks again.
            log.warning("reactions not read", card=card.card_id, code=refusal.code)
            return
        except (discord.HTTPException, *LOST) as error:
            log.warning("reactions not read", card=card.card_id, error=str(error))
            self._look(card, pause=AFTER_TROUBLE)
            return
        finally:
            del self.reading[card.card_id]
        if touched or len(found.lists) < len(card.emojis):
            # Of who reacted meanwhile, what they did before that is still to be found.
            self._look(card, pause=AFTER_TROUBLE)
        self.bot.dispatch("answers", outcomes)
        await self._offer(card, found.swept)

    async def _reconcile(
        self, card: OpenCard, found: Reactions, touched: set[int]
    ) -> Sequence[Outcome]:
        roles = await self._roles(card, found) if card.restricted else None
        async with self.bot.db.writing(card.guild_id) as session:
            return await rsvp.reconcile(
                session,
                card,
                present=found.lists,
                swept=found.swept,
                leave_alone=touched,
                roles=roles,
                now=self.bot.clock(),
            )

    async def _roles(self, card: OpenCard, found: Reactions) -> Mapping[int, frozenset[int]]:
        """The roles of those who reacted while nobody heard: a list of reactions has none."""
        async with self.bot.db.reading() as session:
            known = await reactions.of_card(session, card.card_id)
        there = {(user_id, emoji) for emoji, users in found.lists.items() for user_id in users}
        guild = self.bot.get_guild(card.guild_id)
        roles: dict[int, frozenset[int]] = {}
        for user_id in sorted({user_id for user_id, _ in there - known}):
            with contextlib.suppress(discord.NotFound):  # gone: no role of theirs counts
                roles[user_id] = roles_of(await guild.fetch_member(user_id) if guild else None)
        return roles

    async def _offer(self, card: OpenCard, missing: Iterable[str]) -> None:
        """Put the bot's own reactions on a card, for people to press."""
        for emoji in missing:
            try:
                await self._message(card).add_reaction(emoji)
            except discord.HTTPException as refusal:
                # The buttons still answer; the diagnostic names a missing right.
                log.warning("reaction not offered", card=card.card_id, code=refusal.code)
                return

    def _message(self, card: OpenCard) -> discord.PartialMessage:
        channel = self.bot.get_partial_messageable(card.channel_id, guild_id=card.guild_id)
        return channel.get_partial_message(card.message_id)


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Rsvp(bot))
