"""The panel of who welcomes people at the door. All it shows is read when it is drawn.

What a button or menu does is in its id, and so is what the panel shows: it outlives restarts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import discord

from bot import plain
from bot.app import Interaction
from bot.errors import UserError
from bot.events import attendance, people
from bot.events.attendance import Attendance
from bot.events.seats import heads
from bot.texts import Voice
from cogs._doors import Form, Told, buttons, here, organising
from cogs._event_cards import named
from cogs._names import name_of, names_of

A_PAGE = 25
NAME_LENGTH = 200
# Of Discord's 100 characters an id.
WISH_LENGTH = 40
LABEL_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Panel:
    """What a panel shows of a part: those expected ("todo") or those who are there ("in").

    `at` is the page, from 0, and `wish` a part of the name that is looked for.
    """

    part_id: int
    view: Literal["todo", "in"] = "todo"
    at: int = 0
    wish: str = ""

    @classmethod
    def read(cls, text: str) -> "Panel":
        """Read what `str()` wrote: "7:todo:0:dup"."""
        part_id, view, at, wish = text.split(":", 3)
        return cls(int(part_id), cast("Literal['todo', 'in']", view), int(at), wish)

    def __str__(self) -> str:
        return f"{self.part_id}:{self.view}:{self.at}:{self.wish}"


@dataclass(frozen=True, slots=True)
class Guest:
    """Someone in the panel's list, with those they bring."""

    user_id: int
    name: str
    guests: int

    @property
    def more(self) -> str:
        """How many they bring: " +2"."""
        return f" +{self.guests}" if self.guests else ""

    @property
    def label(self) -> str:
        """Their name, as long as a menu shows it."""
        return plain.cut(self.name, LABEL_LENGTH - len(self.more)) + self.more


PANEL = r"(?P<panel>[0-9]+:(?:todo|in):[0-9]+:.*)"
READS = (("panel", Panel.read),)


class TurnButton(
    Told, discord.ui.DynamicItem[discord.ui.Button[Any]], template=f"checkin:turn:{PANEL}"
):
    """Shows the panel as its id says: another page, the others, or the same as things are now."""

    reads = READS

    def __init__(self, panel: Panel, **look: Any) -> None:
        super().__init__(discord.ui.Button(custom_id=f"checkin:turn:{panel}", **look))
        self.panel = panel

    async def press(self, interaction: Interaction) -> None:
        """Draw the panel."""
        await _begin(interaction)
        await show(interaction, self.panel)


class CountButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=f"checkin:(?P<act>more|less):{PANEL}",
):
    """Counts someone whom Discord does not know, or takes that back."""

    reads = (("act", str), *READS)

    def __init__(self, act: str, panel: Panel) -> None:
        label = "+1" if act == "more" else "−1"
        super().__init__(discord.ui.Button(custom_id=f"checkin:{act}:{panel}", label=label))
        self.act = act
        self.panel = panel

    async def press(self, interaction: Interaction) -> None:
        """Count."""
        bot, guild_id = interaction.client, here(interaction)
        more = 1 if self.act == "more" else -1
        await _begin(interaction)
        async with bot.db.writing(guild_id) as session:
            await attendance.count_unknown(
                session, self.panel.part_id, more, guild_id=guild_id, now=bot.clock()
            )
        await show(interaction, self.panel)


class FindButton(
    Told, discord.ui.DynamicItem[discord.ui.Button[Any]], template=f"checkin:find:{PANEL}"
):
    """Asks for a part of a name."""

    reads = READS

    def __init__(self, panel: Panel, label: str | None = None) -> None:
        super().__init__(
            discord.ui.Button(custom_id=f"checkin:find:{panel}", label=label, emoji="🔎")
        )
        self.panel = panel

    async def press(self, interaction: Interaction) -> None:
        """Open the form for it."""
        await organising(interaction)
        voice = await interaction.client.voice(interaction)
        await interaction.response.send_modal(FindForm(self.panel, voice))


class FindForm(Form):
    """The form for a part of a name."""

    def __init__(self, panel: Panel, voice: Voice) -> None:
        super().__init__(title=voice("checkin.find"))
        self.panel = panel
        self.wish = discord.ui.TextInput[Any](
            custom_id="wish", default=panel.wish, required=False, max_length=WISH_LENGTH
        )
        self.add_item(discord.ui.Label(text=voice("checkin.find_name"), component=self.wish))

    async def on_submit(self, interaction: Interaction, /) -> None:  # type: ignore[override] # our client is a Bot
        """Show those whose name holds it."""
        await _begin(interaction)
        await show(interaction, replace(self.panel, at=0, wish=plain.line(self.wish.value)))


class TickMenu(
    Told, discord.ui.DynamicItem[discord.ui.Select[Any]], template=f"checkin:tick:{PANEL}"
):
    """Checks in those picked among those expected; takes back those picked among the others."""

    reads = READS

    def __init__(
        self,
        panel: Panel,
        options: Sequence[discord.SelectOption] = (),
        placeholder: str | None = None,
    ) -> None:
        super().__init__(
            discord.ui.Select(
                custom_id=f"checkin:tick:{panel}",
                options=list(options),
                placeholder=placeholder,
                max_values=max(1, len(options)),
            )
        )
        self.panel = panel

    async def press(self, interaction: Interaction) -> None:
        """Check in or out."""
        picked = [int(value) for value in self.item.values]
        await _begin(interaction)
        if self.panel.view == "todo":
            await _check_in(interaction, self.panel, picked)
            return
        bot, guild_id = interaction.client, here(interaction)
        async with bot.db.writing(guild_id) as session:
            await attendance.check_out(session, self.panel.part_id, picked, guild_id=guild_id)
        await show(interaction, self.panel, picked)


class MemberMenu(
    Told, discord.ui.DynamicItem[discord.ui.UserSelect[Any]], template=f"checkin:member:{PANEL}"
):
    """Checks in any member, with a seat or without."""

    reads = READS

    def __init__(self, panel: Panel, placeholder: str | None = None) -> None:
        super().__init__(
            discord.ui.UserSelect(custom_id=f"checkin:member:{panel}", placeholder=placeholder)
        )
        self.panel = panel

    async def press(self, interaction: Interaction) -> None:
        """Check them in."""
        member = self.item.values[0]
        await _begin(interaction)
        if member.bot:
            raise UserError("people.is_bot")
        await _check_in(interaction, self.panel, [member.id])


class WordButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"checkin:word:(?P<part_id>[0-9]+)",
):
    """Shows the word for the door."""

    reads = (("part_id", int),)

    def __init__(self, part_id: int, label: str | None = None) -> None:
        super().__init__(
            discord.ui.Button(custom_id=f"checkin:word:{part_id}", label=label, emoji="📱")
        )
        self.part_id = part_id

    async def press(self, interaction: Interaction) -> None:
        """Ask who keeps the door to show it."""
        await organising(interaction)
        interaction.client.dispatch("word_wanted", interaction, self.part_id)


ITEMS = (TurnButton, CountButton, FindButton, TickMenu, MemberMenu, WordButton)


async def show(interaction: Interaction, panel: Panel, ticked: Sequence[int] = ()) -> None:
    """Draw the panel as things are now, where it stands; `ticked` were just checked in or out."""
    bot, guild_id = interaction.client, here(interaction)
    voice = await bot.voice(interaction)
    async with bot.db.reading() as session:
        door = await attendance.at_door(session, guild_id, panel.part_id)
        shown = await people.of_part(session, guild_id, panel.part_id)
    listed = await _listed(interaction, door, panel, voice)
    pages = max(1, -(-len(listed) // A_PAGE))
    panel = replace(panel, at=min(panel.at, pages - 1))
    page = listed[panel.at * A_PAGE : (panel.at + 1) * A_PAGE]
    late = panel.view == "todo" and door.is_over(bot.clock())
    lines = [
        f"**{plain.cut(named(shown, shown.part(panel.part_id)), NAME_LENGTH)}**",
        *_counts(door, voice),
        *_noted(door, ticked, voice),
        f"\n{voice('checkin.no_shows' if late else f'checkin.{panel.view}', count=len(listed))}",
        *([voice("checkin.like", name=panel.wish)] if panel.wish else []),
        *(f"<@{guest.user_id}>{guest.more}" for guest in page),
        *([voice("people.page", page=panel.at + 1, pages=pages)] if pages > 1 else []),
    ]
    view = buttons(*_items(panel, page, pages, voice))
    await interaction.edit_original_response(content="\n".join(lines), view=view)


async def _begin(interaction: Interaction) -> None:
    """Check who presses, and tell Discord that an answer follows: names may take a while."""
    await organising(interaction)
    await interaction.response.defer()


async def _check_in(interaction: Interaction, panel: Panel, user_ids: Sequence[int]) -> None:
    """Check in; another organiser may have done so already, and that is as good."""
    bot, guild_id = interaction.client, here(interaction)
    async with bot.db.writing(guild_id) as session:
        await attendance.check_in(
            session,
            panel.part_id,
            user_ids,
            guild_id=guild_id,
            by=interaction.user.id,
            now=bot.clock(),
        )
    await show(interaction, panel, user_ids)


async def _listed(
    interaction: Interaction, door: Attendance, panel: Panel, voice: Voice
) -> list[Guest]:
    """Those whom the panel lists, by name as far as names are needed."""
    if panel.view == "todo":
        listed = {said.user_id: said.guests for said in door.missing}
    else:
        listed = {said.user_id: said.guests for said in door.arrived}
        listed |= dict.fromkeys(sorted(door.unseated), 0)
    start = panel.at * A_PAGE
    nameless = [*listed] if panel.wish else [*listed][start : start + A_PAGE]
    names = await names_of(interaction.client, here(interaction), nameless)
    wish = plain.folded(panel.wish).split()
    return [
        Guest(user_id, name_of(names, user_id, voice), guests)
        for user_id, guests in listed.items()
        if all(word in plain.folded(names.get(user_id, "")) for word in wish)
    ]


def _counts(door: Attendance, voice: Voice) -> list[str]:
    """How many have arrived, guests counted, and how many came besides."""
    figures = door.figures()
    lines = [voice("checkin.arrived", count=figures.present, seated=heads(door.roster.seated))]
    if figures.walk_ins:
        lines.append(voice("checkin.walk_ins", count=figures.walk_ins))
    return lines


def _noted(door: Attendance, ticked: Sequence[int], voice: Voice) -> list[str]:
    """What has become of those who were just picked."""
    groups = (
        ("checkin.noted_in", [it for it in ticked if it in door.present]),
        ("checkin.noted_out", [it for it in ticked if it not in door.present]),
    )
    return [
        voice(key, members=", ".join(f"<@{user_id}>" for user_id in group))
        for key, group in groups
        if group
    ]


def _items(
    panel: Panel, page: Sequence[Guest], pages: int, voice: Voice
) -> list[discord.ui.Item[Any]]:
    """The menus and buttons under a panel."""
    items: list[discord.ui.Item[Any]] = []
    if page:
        options = [discord.SelectOption(label=it.label, value=str(it.user_id)) for it in page]
        items.append(TickMenu(panel, options, voice(f"checkin.pick_{panel.view}")))
    items.append(MemberMenu(panel, voice("checkin.pick_member")))
    if panel.at > 0:
        items.append(TurnButton(replace(panel, at=panel.at - 1), emoji="◀"))
    if panel.at + 1 < pages:
        items.append(TurnButton(replace(panel, at=panel.at + 1), emoji="▶"))
    items.append(FindButton(panel, voice("checkin.find")))
    if panel.wish:
        items.append(TurnButton(Panel(panel.part_id, panel.view), label=voice("checkin.all")))
    others = Panel(panel.part_id, "in" if panel.view == "todo" else "todo")
    items += [
        TurnButton(others, label=voice(f"checkin.see_{others.view}")),
        CountButton("more", panel),
        CountButton("less", panel),
        TurnButton(panel, emoji="🔄"),
        WordButton(panel.part_id, voice("checkin.word")),
    ]
    return items
