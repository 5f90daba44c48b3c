"""Organisers' changes to what is announced: seats, dates, answers closed, events cancelled.

What takes something away from people is shown first, and done when it is confirmed.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import discord
from discord import app_commands

from bot import drafts, guilds, moments, plain
from bot.app import Bot, Interaction, reply
from bot.db import Session
from bot.errors import UserError
from bot.events import changes
from bot.events.changes import Change
from bot.events.proposal import MOST_SEATS
from bot.tables import Draft
from bot.texts import Voice
from cogs import _labels
from cogs._arguments import EventId, PartId
from cogs._change_notices import PlansButton
from cogs._doors import Told, buttons, here, require_organiser
from cogs._event_cards import escaped

Reason = app_commands.Range[str, 1, 300]
Fields = Mapping[str, Any]


class Changes(_labels.Branch):
    """`/event capacity`, `postpone`, `cancel`, `close` and `reopen`."""

    async def cog_load(self) -> None:
        """Let what is not confirmed yet be confirmed after a restart."""
        await super().cog_load()
        self.bot.add_dynamic_items(ConfirmButton, PlansButton)

    @_labels.subcommand("event.capacity")
    async def capacity(
        self,
        interaction: Interaction,
        part: PartId,
        seats: app_commands.Range[int, 1, MOST_SEATS],
    ) -> None:
        """Change how many seats there are; ask first if anybody would lose theirs."""
        guild_id = here(interaction)
        # Whoever gets a seat, hundreds perhaps, is written a word.
        await interaction.response.defer(ephemeral=True)
        voice = await self.bot.voice(interaction)
        fields = {"act": "capacity", "part": part, "seats": seats}
        try:
            async with self.bot.db.writing(guild_id) as session:
                change = await changes.resize(session, part, seats, now=self.bot.clock())
        except changes.UnconfirmedError as cut:
            lead = voice("changes.ask_capacity", seats=seats, count=cut.losing)
            await _ask(interaction, fields, [lead], voice)
            return
        _made(self.bot, change)
        await reply(interaction, _done(change, fields, voice))

    @_labels.subcommand("event.postpone")
    async def postpone(
        self,
        interaction: Interaction,
        event: EventId,
        when: str | None = None,
        reason: Reason | None = None,
    ) -> None:
        """Show what putting an event off would mean, the date in full."""
        async with self.bot.db.reading() as session:
            found = await changes.coming(session, event, self.bot.clock())
            date = await changes.new_date(session, event, when, now=self.bot.clock())
            concerned = await changes.concerned(session, event)
        fields = {
            "act": "postpone",
            "event": event,
            "zone": found.zone,
            "start": date and date.start.isoformat(),
            "end": date and date.end and date.end.isoformat(),
            "reason": _words(reason),
        }
        voice = await self.bot.voice(interaction)
        asked = voice("changes.ask_postpone", event=escaped(found.title), date=_date(fields, voice))
        await _ask(interaction, fields, [asked, *_told(len(concerned), voice)], voice)

    @_labels.subcommand("event.cancel")
    async def cancel(
        self, interaction: Interaction, event: EventId, reason: Reason | None = None
    ) -> None:
        """Show what cancelling an event would mean."""
        async with self.bot.db.reading() as session:
            found = await changes.coming(session, event, self.bot.clock())
            concerned = await changes.concerned(session, event)
        fields = {"act": "cancel", "event": event, "reason": _words(reason)}
        voice = await self.bot.voice(interaction)
        date = moments.full(found.starts_at, zone=ZoneInfo(found.zone), locale=voice.language)
        asked = voice("changes.ask_cancel", event=escaped(found.title), date=date)
        await _ask(interaction, fields, [asked, *_told(len(concerned), voice)], voice)

    @_labels.subcommand("event.close")
    async def close(self, interaction: Interaction, event: EventId) -> None:
        """Take no more answers."""
        guild_id = here(interaction)
        async with self.bot.db.writing(guild_id) as session:
            change = await changes.close(session, event, now=self.bot.clock())
        key = "changes.closed" if change.changed else "changes.closed_already"
        await _answer(interaction, change, key)

    @_labels.subcommand("event.reopen")
    async def reopen(self, interaction: Interaction, event: EventId) -> None:
        """Take answers again."""
        guild_id = here(interaction)
        async with self.bot.db.writing(guild_id) as session:
            change = await changes.reopen(session, event, now=self.bot.clock())
        key = "changes.reopened" if change.changed else "changes.open_already"
        await _answer(interaction, change, key)


class ConfirmButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"change:(?P<act>confirm|drop):(?P<draft_id>[0-9]+)",
):
    """Makes a change that was shown first, or gives it up."""

    reads = (("act", str), ("draft_id", int))

    def __init__(
        self, act: Literal["confirm", "drop"], draft_id: int, label: str | None = None
    ) -> None:
        style = discord.ButtonStyle.danger if act == "confirm" else discord.ButtonStyle.secondary
        super().__init__(
            discord.ui.Button(custom_id=f"change:{act}:{draft_id}", label=label, style=style)
        )
        self.act = act
        self.draft_id = draft_id

    async def press(self, interaction: Interaction) -> None:
        """Do it once, however often it is pressed."""
        guild_id = await _organising(interaction)
        voice = await interaction.client.voice(interaction)
        # A word to hundreds of people takes a moment to write down.
        await interaction.response.defer()
        said = voice("changes.given_up")
        async with interaction.client.db.writing(guild_id) as session:
            draft = await _draft(session, self.draft_id, guild_id)
            change = None
            if self.act == "confirm":
                change = await _carry_out(session, draft.fields, interaction.client.clock())
            await drafts.drop(session, draft)
        if change is not None:
            _made(interaction.client, change)
            said = _done(change, draft.fields, voice)
        await interaction.edit_original_response(content=said, view=None)


async def _organising(interaction: Interaction) -> int:
    """Check that it is an organiser who presses; give the id of their guild."""
    guild_id = here(interaction)
    async with interaction.client.db.reading() as session:
        guild = await guilds.settings(session, guild_id)
    require_organiser(interaction, guild.organiser_role)
    return guild_id


async def _ask(interaction: Interaction, fields: Fields, lines: list[str], voice: Voice) -> None:
    """Keep a change until it is confirmed, and say what it would do."""
    guild_id, bot = here(interaction), interaction.client
    async with bot.db.writing(guild_id) as session:
        draft = await drafts.keep(
            session,
            "change",
            fields,
            guild_id=guild_id,
            user_id=interaction.user.id,
            now=bot.clock(),
        )
    if fields.get("reason"):
        lines = [*lines, voice("changes.why", reason=escaped(fields["reason"]))]
    view = buttons(
        ConfirmButton("confirm", draft.id, voice("changes.confirm")),
        ConfirmButton("drop", draft.id, voice("changes.drop")),
    )
    await reply(interaction, "\n".join(lines), view=view)


def _made(bot: Bot, change: Change) -> None:
    """Have what is owed sent, and the event's card drawn again."""
    bot.dispatch("delivery_due")
    bot.dispatch("event_changed", change.event_id)


async def _answer(interaction: Interaction, change: Change, key: str) -> None:
    _made(interaction.client, change)
    voice = await interaction.client.voice(interaction)
    await reply(interaction, voice(key, event=escaped(change.name)))


async def _draft(session: Session, draft_id: int, guild_id: int) -> Draft:
    try:
        return await drafts.find(session, draft_id, guild_id=guild_id)
    except UserError:
        raise UserError("changes.done_already") from None


async def _carry_out(session: Session, fields: Fields, now: datetime) -> Change:
    """Make the change that a draft holds."""
    match fields["act"]:
        case "cancel":
            return await changes.cancel(session, fields["event"], now=now, reason=fields["reason"])
        case "postpone":
            return await changes.postpone(
                session,
                fields["event"],
                _moment(fields["start"]),
                _moment(fields["end"]),
                now=now,
                reason=fields["reason"],
            )
        case _:
            return await changes.resize(
                session, fields["part"], fields["seats"], now=now, confirmed=True
            )


def _done(change: Change, fields: Fields, voice: Voice) -> str:
    """Say what was done, and to how many people."""
    name = escaped(change.name)
    match fields["act"]:
        case "cancel":
            lines = [voice("changes.done_cancel", event=name), *_told(change.told, voice)]
        case "postpone":
            done = voice("changes.done_postpone", event=name, date=_date(fields, voice))
            lines = [done, *_told(change.told, voice)]
        case _:
            lines = [voice("changes.done_capacity", part=name, count=fields["seats"])]
    if change.seated:
        lines.append(voice("changes.seated", count=change.seated))
    if change.unseated:
        lines.append(voice("changes.lost", count=change.unseated))
    return "\n".join(lines)


def _told(count: int, voice: Voice) -> list[str]:
    return [voice("changes.told", count=count) if count else voice("changes.told_nobody")]


def _date(fields: Fields, voice: Voice) -> str:
    """The new date in full, and as the reader's own clock shows it; or that there is none yet."""
    start, end = _moment(fields["start"]), _moment(fields["end"])
    if start is None:
        return voice("changes.no_date_yet")
    full = moments.full(start, zone=ZoneInfo(fields["zone"]), locale=voice.language)
    until = " · " + voice("events.until", moment=moments.stamp(end, "t")) if end else ""
    return f"**{full}**\n{moments.stamp(start)}{until}"


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


def _words(reason: str | None) -> str | None:
    return plain.line(reason or "") or None


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Changes(bot))
