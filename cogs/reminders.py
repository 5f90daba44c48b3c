"""Says what is due as time passes: reminders, thanks, and cards that look different."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord.ext import tasks

from bot import guilds
from bot.app import Bot, Interaction
from bot.errors import UserError
from bot.events import endings, questions, reminders
from bot.events.reminders import Occasion
from cogs import _labels
from cogs._arguments import EventId
from cogs._doors import Told, buttons, here, put, require_organiser
from cogs._event_cards import escaped
from cogs._names import let_go
from cogs._reminder_notices import LeaveButton

# No role: those who have a seat.
SEATED = 0


class Reminders(_labels.Branch):
    """Looks twice a minute at what has come due; `/event remind`."""

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        # Nothing is lost with it: after a restart every card is drawn anyway.
        self.looked_at = bot.clock()

    async def cog_load(self) -> None:
        """Let the buttons answer after a restart, and start looking."""
        await super().cog_load()
        self.bot.add_dynamic_items(LeaveButton, RemindButton)
        self.look.start()

    async def cog_unload(self) -> None:
        """Stop looking."""
        self.look.cancel()

    @tasks.loop(seconds=30)
    async def look(self) -> None:
        """Deal with what has come due; what fails is tried again at the next look."""
        try:
            await self._remind()
            await self._end()
            await self._turn()
        except Exception as error:  # noqa: BLE001 # a door
            await self.bot.tell(error)

    @look.before_loop
    async def connected(self) -> None:
        """Wait for the guilds: their languages are known only then."""
        await self.bot.wait_until_ready()

    async def _remind(self) -> None:
        now = self.bot.clock()
        async with self.bot.db.reading() as session:
            due = await reminders.due(session, now)
        for occasion in due:
            await self._notice_departures(occasion)
            await self._each(occasion.guild_id, reminders.owe, occasion)

    async def _notice_departures(self, occasion: Occasion) -> None:
        """Call nobody who has left: their seats go to those who wait."""
        try:
            async with self.bot.db.reading() as session:
                whom = await reminders.whom(session, occasion)
            await let_go(self.bot, occasion.guild_id, whom)
        except Exception as error:  # noqa: BLE001 # a door: those who are there are reminded anyway
            await self.bot.tell(error)

    async def _end(self) -> None:
        now = self.bot.clock()
        async with self.bot.db.reading() as session:
            over = await endings.over(session, now)
            recapped = await endings.recapped(session, now)
        for event in over:
            if await self._each(event.guild_id, endings.end, event.id):
                self.bot.dispatch("event_changed", event.id)
        for recap in recapped:
            await self._each(recap.guild_id, endings.owe_recap, recap)

    async def _each(self, guild_id: int, owe: Callable[..., Awaitable[bool]], what: object) -> bool:
        """Deal with one thing that is due; its trouble does not hold up the others."""
        try:
            async with self.bot.db.writing(guild_id) as session:
                owed = await owe(session, what, self.bot.clock())
        except Exception as error:  # noqa: BLE001 # a door
            await self.bot.tell(error)
            return False
        if owed:
            self.bot.dispatch("delivery_due")
        return owed

    async def _turn(self) -> None:
        """Let the cards be drawn anew that look different for time alone."""
        since, now = self.looked_at, self.bot.clock()
        async with self.bot.db.reading() as session:
            turned = await endings.turned(session, since, now)
        self.looked_at = now
        for event_id in turned:
            self.bot.dispatch("event_changed", event_id)

    @_labels.subcommand("event.remind")
    async def remind(
        self, interaction: Interaction, event: EventId, role: discord.Role | None = None
    ) -> None:
        """Show what would be said to whom, before it is."""
        bot, guild_id = self.bot, here(interaction)
        if role is not None:
            _require_members(bot)
        voice = await bot.voice(interaction)
        async with bot.db.reading() as session:
            shown = await reminders.live(session, event, guild_id)
            place = await reminders.place(session, shown)
            named = {"event": escaped(shown.title), "place": f"<#{place.id}>"}
            if role is not None:
                said = voice("reminders.confirm_role", role=role.mention, **named)
            else:
                now = bot.clock()
                occasion = await reminders.asked(session, shown, guild_id=guild_id, now=now)
                count = len(reminders.seats_of(shown, occasion))
                said = voice("reminders.confirm", count=count, **named)
        button = RemindButton(event, role.id if role else SEATED, voice("reminders.button_send"))
        await put(interaction, said, embeds=[], view=buttons(button))


class RemindButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"event-remind:(?P<event_id>[0-9]+):(?P<role_id>[0-9]+)",
):
    """Sends the reminder, or the question, that an organiser asked for."""

    reads = (("event_id", int), ("role_id", int))

    def __init__(self, event_id: int, role_id: int, label: str | None = None) -> None:
        super().__init__(
            discord.ui.Button(
                custom_id=f"event-remind:{event_id}:{role_id}",
                label=label,
                emoji="🔔",
                style=discord.ButtonStyle.primary,
            )
        )
        self.event_id = event_id
        self.role_id = role_id

    async def press(self, interaction: Interaction) -> None:
        """Owe it, and say how many it reaches."""
        bot = interaction.client
        async with bot.db.reading() as session:
            guild = await guilds.settings(session, here(interaction))
        require_organiser(interaction, guild.organiser_role)
        # Members are looked up page by page.
        await interaction.response.defer()
        count = await (self._ask(interaction) if self.role_id else self._remind(interaction))
        bot.dispatch("delivery_due")
        voice = await bot.voice(interaction)
        await interaction.edit_original_response(
            content=voice("reminders.on_their_way", count=count), view=None
        )

    async def _remind(self, interaction: Interaction) -> int:
        bot, guild_id, now = interaction.client, here(interaction), interaction.client.clock()
        async with bot.db.writing(guild_id) as session:
            shown = await reminders.live(session, self.event_id, guild_id)
            occasion = await reminders.asked(session, shown, guild_id=guild_id, now=now)
            return await reminders.owe_asked(session, occasion, now)

    async def _ask(self, interaction: Interaction) -> int:
        bot = interaction.client
        _require_members(bot)
        assert interaction.guild is not None  # noqa: S101 # `here` has asked
        members = [
            member.id
            async for member in interaction.guild.fetch_members(limit=None)
            if not member.bot and member.get_role(self.role_id) is not None
        ]
        async with bot.db.writing(interaction.guild.id) as session:
            return await questions.owe(
                session,
                self.event_id,
                guild_id=interaction.guild.id,
                role_id=self.role_id,
                members=members,
                now=bot.clock(),
            )


def _require_members(bot: Bot) -> None:
    """Check that the bot may know who has a role.

    Raises:
        UserError: naming the setting.
    """
    if not bot.intents.members:
        raise UserError("reminders.no_members_intent", setting="MEMBERS_INTENT")


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Reminders(bot))
