"""Who comes, for organisers: the list in pages, requests, seats given by hand, a table."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import discord
from discord import app_commands
from discord.ext import commands

from bot import plain
from bot.app import Bot, Interaction, reply
from bot.errors import UserError
from bot.events import export, people
from bot.events.programme import Programme, ShownPart
from bot.events.rsvp import Outcome
from bot.events.seats import Said
from bot.tables import Approval
from bot.texts import Voice
from cogs import _labels
from cogs._arguments import EventId, PartId
from cogs._doors import Told, buttons, here, organising
from cogs._event_cards import counts, named
from cogs._names import name_of, names_of
from cogs._people_notices import (
    REASON_LENGTH,
    DecisionButton,
    asking,
    decision_buttons,
    outcome,
    plus,
)

# So many mentions stay within Discord's 2,000 characters, and fit into one menu.
A_PAGE = 25
NAME_LENGTH = 200
MOST_GUESTS = 5
# Discord's limit for a choice.
LABEL_LENGTH = 100


class Attendees(_labels.Branch):
    """`/event attendees`, `seat`, `remove` and `export`."""

    async def cog_load(self) -> None:
        """Let pages, menus and decisions answer after a restart."""
        await super().cog_load()
        self.bot.add_dynamic_items(PageButton, RequestMenu, DecisionButton)

    @_labels.subcommand("event.attendees")
    async def attendees(self, interaction: Interaction, part: PartId) -> None:
        """Show who comes, who waits, and who asks."""
        async with self.bot.db.reading() as session:
            shown = await people.of_part(session, here(interaction), part)
        content, view = await page(interaction, shown, shown.part(part), 0)
        await reply(interaction, content, view=view)

    @_labels.subcommand("event.seat")
    async def seat(
        self,
        interaction: Interaction,
        part: PartId,
        member: discord.Member | discord.User,
        guests: app_commands.Range[int, 0, MOST_GUESTS] | None = None,
    ) -> None:
        """Give someone a seat, even where none is left."""
        _require_member(member)
        guild_id = here(interaction)
        async with self.bot.db.writing(guild_id) as session:
            await people.place(
                session,
                part,
                member.id,
                guild_id=guild_id,
                guests=guests,
                now=self.bot.clock(),
            )
            shown = await people.of_part(session, guild_id, part)
        self._changed(shown)
        voice = await self.bot.voice(interaction)
        said = outcome(shown, shown.part(part), member.id, voice)
        await reply(interaction, f"{said}\n{counts(shown.part(part).roster, voice)}")

    @_labels.subcommand("event.remove")
    async def remove(
        self,
        interaction: Interaction,
        part: PartId,
        member: discord.Member | discord.User,
        reason: app_commands.Range[str, 1, REASON_LENGTH] | None = None,
    ) -> None:
        """Take someone out; their seat goes to who waits."""
        guild_id = here(interaction)
        async with self.bot.db.writing(guild_id) as session:
            await people.remove(
                session,
                part,
                member.id,
                guild_id=guild_id,
                reason=plain.line(reason) if reason else None,
                now=self.bot.clock(),
            )
            shown = await people.of_part(session, guild_id, part)
        self._changed(shown)
        voice = await self.bot.voice(interaction)
        where = named(shown, shown.part(part))
        said = voice("people.now_removed", member=member.mention, event=where)
        await reply(interaction, f"{said}\n{counts(shown.part(part).roster, voice)}")

    @_labels.subcommand("event.export")
    async def export(
        self,
        interaction: Interaction,
        event: EventId | None = None,
        part: PartId | None = None,
    ) -> None:
        """Give a table of everybody in a part, or in every part of an event."""
        guild_id, now = here(interaction), self.bot.clock()
        if event is None and part is None:
            raise UserError("people.export_what")
        await interaction.response.defer(ephemeral=True, thinking=True)
        async with self.bot.db.reading() as session:
            if part is not None:
                rows = await export.of_parts(session, [part], guild_id=guild_id, now=now)
            else:
                rows = await export.of_event(session, event or 0, guild_id=guild_id, now=now)
        voice = await self.bot.voice(interaction)
        if not rows:
            await reply(interaction, voice("people.nobody"))
            return
        names = await names_of(self.bot, guild_id, (row.user_id for row in rows))
        file = discord.File(io.BytesIO(export.written(rows, names)), filename=_file_name(rows))
        await reply(interaction, voice("people.exported", count=len(rows)), file=file)

    def _changed(self, shown: Programme) -> None:
        self.bot.dispatch("event_changed", shown.event_id)
        self.bot.dispatch("delivery_due")

    @commands.Cog.listener()
    async def on_answers(self, outcomes: Sequence[Outcome]) -> None:
        """Bring who asked for a seat before an organiser."""
        asking = {
            standing.part_id: outcome.event_id
            for outcome in outcomes
            for standing in outcome.standings
            if standing.changed and standing.said and standing.said.approval is Approval.PENDING
        }
        cards = (card for it in asking.values() for card in self.bot.board.of_event(it))
        if asking:
            await self._request({*asking}, {card.guild_id for card in cards})

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Bring who asked just before the bot stopped."""
        await self._request(None, set())

    @commands.Cog.listener()
    async def on_raw_member_remove(self, payload: discord.RawMemberRemoveEvent) -> None:
        """Give the seats of who left to those who wait; Discord tells with the members intent."""
        async with self.bot.db.writing(payload.guild_id) as session:
            changed = await people.departed(
                session, payload.guild_id, [payload.user.id], self.bot.clock()
            )
        for event_id in changed:
            self.bot.dispatch("event_changed", event_id)
        if changed:
            self.bot.dispatch("delivery_due")

    async def _request(self, part_ids: set[int] | None, guild_ids: set[int]) -> None:
        """Bring who asked before organisers; where no guild is named, all others wait."""
        async with self.bot.db.writing(*guild_ids) as session:
            new = await people.request(session, part_ids=part_ids, now=self.bot.clock())
        if new:
            self.bot.dispatch("delivery_due")


@dataclass(frozen=True, slots=True)
class Line:
    """Someone in the list, under the heading of their section."""

    said: Said
    section: str
    text: str


class PageButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"attendees:(?P<part_id>[0-9]+):(?P<at>[0-9]+)",
):
    """Turns to a page of the list, counted from 0, as things stand now."""

    reads = (("part_id", int), ("at", int))

    def __init__(self, part_id: int, at: int, **look: Any) -> None:
        super().__init__(discord.ui.Button(custom_id=f"attendees:{part_id}:{at}", **look))
        self.part_id = part_id
        self.at = at

    async def press(self, interaction: Interaction) -> None:
        """Turn the page."""
        shown = await _fetch(interaction, self.part_id)
        content, view = await page(interaction, shown, shown.part(self.part_id), self.at)
        await interaction.response.edit_message(content=content, view=view)


class RequestMenu(
    Told,
    discord.ui.DynamicItem[discord.ui.Select[Any]],
    template=r"attendees:request:(?P<part_id>[0-9]+)",
):
    """Picks one of those who wait for a decision."""

    def __init__(
        self,
        part_id: int,
        options: Sequence[discord.SelectOption] = (),
        placeholder: str | None = None,
    ) -> None:
        super().__init__(
            discord.ui.Select(
                custom_id=f"attendees:request:{part_id}",
                options=list(options),
                placeholder=placeholder,
            )
        )
        self.part_id = part_id

    @classmethod
    async def from_custom_id(
        cls,
        _interaction: discord.Interaction[Any],
        item: discord.ui.Item[Any],
        match: re.Match[str],
    ) -> Self:
        """Make the menu again from its id, after any restart."""
        return cls(int(match["part_id"]), getattr(item, "options", ()))

    async def press(self, interaction: Interaction) -> None:
        """Show the request, with the two answers to it."""
        shown = await _fetch(interaction, self.part_id)
        part = shown.part(self.part_id)
        user_id = int(self.item.values[0])
        said = next((it for it in part.roster.pending if it.user_id == user_id), None)
        if said is None:
            raise UserError("people.not_asking")
        voice = await interaction.client.voice(interaction)
        view = decision_buttons(here(interaction), self.part_id, user_id, voice)
        await reply(interaction, asking(shown, part, said, voice), view=view)


async def page(
    interaction: Interaction, shown: Programme, part: ShownPart, at: int
) -> tuple[str, discord.ui.View]:
    """One page of the list; past the last, the last."""
    voice = await interaction.client.voice(interaction)
    lines = listed(part, voice)
    pages = max(1, -(-len(lines) // A_PAGE))
    at = min(at, pages - 1)
    here_now = lines[at * A_PAGE : (at + 1) * A_PAGE]
    items: list[discord.ui.Item[Any]] = []
    if options := await _requests(interaction, here_now, voice):
        items.append(RequestMenu(part.part_id, options, voice("people.pick_request")))
    if at > 0:
        items.append(PageButton(part.part_id, at - 1, emoji="◀"))
    if at + 1 < pages:
        items.append(PageButton(part.part_id, at + 1, emoji="▶"))
    text = [*_head(shown, part, voice), *_grouped(here_now)]
    if not lines:
        text.append(voice("people.nobody"))
    if pages > 1:
        text.append(voice("people.page", page=at + 1, pages=pages))
    return "\n".join(text), buttons(*items)


def listed(part: ShownPart, voice: Voice) -> list[Line]:
    """Everybody who answered, those first about whom something is to be decided."""
    roster = part.roster
    sections = {
        "pending": roster.pending,
        "seated": roster.seated,
        "waiting": roster.waiting,
        "maybe": roster.maybe,
        "declined": roster.declined,
        "refused": roster.refused,
    }
    return [
        Line(said, voice(f"people.section_{name}", count=len(group)), _line(n, said, voice))
        for name, group in sections.items()
        for n, said in enumerate(group, 1)
    ]


def _line(number: int, said: Said, voice: Voice) -> str:
    # A mention among the words of a message shows the name on any client, and pings nobody here.
    line = f"{number}. <@{said.user_id}>{plus(said)}"
    return f"{line} · {voice('people.by_hand')}" if said.by_hand else line


def _grouped(lines: Sequence[Line]) -> list[str]:
    """The lines, each section's under its heading."""
    sections: dict[str, list[str]] = {}
    for line in lines:
        sections.setdefault(f"\n{line.section}", []).append(line.text)
    return [text for heading, texts in sections.items() for text in (heading, *texts)]


def _head(shown: Programme, part: ShownPart, voice: Voice) -> list[str]:
    roster = part.roster
    lines = [f"**{plain.cut(named(shown, part), NAME_LENGTH)}**", counts(roster, voice)]
    if by_hand := sum(said.size for said in roster.seated if said.by_hand):
        lines.append(voice("people.seats_by_hand", count=by_hand))
    if roster.pending:
        lines.append(voice("people.requests", count=len(roster.pending)))
    return lines


async def _requests(
    interaction: Interaction, lines: Sequence[Line], voice: Voice
) -> list[discord.SelectOption]:
    """Those of a page who wait for a decision, by name."""
    asking_now = [it.said for it in lines if it.said.approval is Approval.PENDING]
    if not asking_now:
        return []
    user_ids = [said.user_id for said in asking_now]
    names = await names_of(interaction.client, here(interaction), user_ids)
    return [
        discord.SelectOption(
            label=plain.cut(name_of(names, said.user_id, voice), LABEL_LENGTH - 4) + plus(said),
            value=str(said.user_id),
        )
        for said in asking_now
    ]


async def _fetch(interaction: Interaction, part_id: int) -> Programme:
    """The event of a part, for an organiser."""
    guild = await organising(interaction)
    async with interaction.client.db.reading() as session:
        return await people.of_part(session, guild.id, part_id)


def _require_member(user: discord.Member | discord.User) -> None:
    """Check that a seat is given to a member, not to a bot nor to who left.

    Raises:
        UserError: if it is not.
    """
    if user.bot:
        raise UserError("people.is_bot")
    if not isinstance(user, discord.Member):
        raise UserError("people.not_member", member=user.mention)


def _file_name(rows: Sequence[export.Row]) -> str:
    """A name that every system takes: "petit-dejeuner.csv"."""
    title = re.sub(r"[^a-z0-9]+", "-", plain.folded(rows[0].event)).strip("-")
    return f"{title[:60] or 'export'}.csv"


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Attendees(bot))
