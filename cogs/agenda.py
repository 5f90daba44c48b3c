"""What is coming, and what a member has said they come to: `/events`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

import discord

from bot import cards, moments, web
from bot.app import Bot, Interaction, reply
from bot.errors import UserError
from bot.events import agenda, emojis, feeds
from bot.events.agenda import State
from bot.events.programme import Programme, ShownPart
from bot.texts import Voice
from cogs import _buttons, _labels
from cogs._answer_words import short
from cogs._doors import Told, buttons, here
from cogs._event_cards import COLOUR, fitted, in_full

# Three with ten tables each fit into an embed.
PAGE = 3
TITLE_LENGTH = 150
PLACE_LENGTH = 150
NAME_LENGTH = 40

List: TypeAlias = Literal["next", "mine"]


class Agenda(_labels.Branch):
    """`/events`, and all that the buttons of events' cards open."""

    async def cog_load(self) -> None:
        """Let buttons and menus answer after a restart."""
        await super().cog_load()
        self.bot.add_dynamic_items(*_buttons.ITEMS, TurnButton, RenewButton)

    @_labels.subcommand("events.next")
    async def next(self, interaction: Interaction) -> None:
        """Show what is coming, privately."""
        await _show(interaction, "next")

    @_labels.subcommand("events.mine")
    async def mine(self, interaction: Interaction) -> None:
        """Show a member all that they said they come to, and their calendar."""
        await _show(interaction, "mine")


class TurnButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"agenda:(?P<which>next|mine):(?P<page>[0-9]+)",
):
    """Leads to another page of a list of events."""

    reads = (("which", str), ("page", int))

    def __init__(self, which: List, page: int, emoji: str | None = None) -> None:
        super().__init__(discord.ui.Button(custom_id=f"agenda:{which}:{page}", emoji=emoji))
        self.which: List = which
        self.page = page

    async def press(self, interaction: Interaction) -> None:
        """Turn the page."""
        await _show(interaction, self.which, self.page)


class RenewButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"agenda:renew",
):
    """Gives a member's calendar another address; the old one leads nowhere any more."""

    reads = ()

    def __init__(self, label: str | None = None) -> None:
        super().__init__(discord.ui.Button(custom_id="agenda:renew", label=label, emoji="🔁"))

    async def press(self, interaction: Interaction) -> None:
        """Change the address, and show the new one."""
        bot, guild_id = interaction.client, here(interaction)
        async with bot.db.writing(guild_id) as session:
            await feeds.renew(
                session, guild_id=guild_id, user_id=interaction.user.id, now=bot.clock()
            )
        await _show(interaction, "mine", 0)


@dataclass(frozen=True, slots=True)
class _Page:
    """Some events of a list, and whether there are more."""

    events: Sequence[Programme]
    links: Mapping[int, str]
    more: bool


async def _show(interaction: Interaction, which: List, page: int | None = None) -> None:
    """Show a page of a list; from a page of the same, in its place."""
    voice = await interaction.client.voice(interaction)
    token = await _token(interaction) if which == "mine" else None
    at = page or 0
    found = await _read(interaction, which, at)
    if not found.events and at == 0 and token is None:
        raise UserError(f"agenda.{which}_none")
    items = [TurnButton(which, at - 1, "◀")] if at > 0 else []
    items += [TurnButton(which, at + 1, "▶")] if found.more else []
    view = buttons(*items, *_calendar_buttons(token, voice))
    embed = _embed(interaction, which, found, voice)
    content = voice("agenda.address", address=web.calendar_url(*token)) if token else None
    if page is None:
        await reply(interaction, content or "", embed=embed, view=view)
    else:
        await interaction.response.edit_message(content=content, embed=embed, view=view)


async def _read(interaction: Interaction, which: List, at: int) -> _Page:
    bot, guild_id = interaction.client, here(interaction)
    async with bot.db.reading() as session:
        if which == "mine":
            every = await agenda.mine(session, guild_id, interaction.user.id, bot.clock())
            events = every[at * PAGE : at * PAGE + PAGE + 1]
        else:
            events = await agenda.coming(
                session,
                guild_id,
                bot.clock(),
                PAGE + 1,
                skip=at * PAGE,
                hidden=_hidden(interaction),
            )
        links = await cards.links(session, [it.event_id for it in events[:PAGE]])
    return _Page(events[:PAGE], links, more=len(events) > PAGE)


def _hidden(interaction: Interaction) -> list[int]:
    """The channels that a member does not see: what is announced there is not for them."""
    member = interaction.user
    if interaction.guild is None or not isinstance(member, discord.Member):
        return []
    channels = interaction.guild.channels
    return [it.id for it in channels if not it.permissions_for(member).view_channel]


async def _token(interaction: Interaction) -> tuple[str, str] | None:
    """Where calendars are served, and the token of a member's; None if none are served."""
    bot, guild_id = interaction.client, here(interaction)
    if bot.public_url is None:
        return None
    async with bot.db.writing(guild_id) as session:
        token = await feeds.address(
            session, guild_id=guild_id, user_id=interaction.user.id, now=bot.clock()
        )
    return bot.public_url, token


def _calendar_buttons(
    token: tuple[str, str] | None, voice: Voice
) -> Iterator[discord.ui.Item[Any]]:
    if token is not None:
        url = web.subscribe_url(*token)
        yield discord.ui.Button(label=voice("agenda.subscribe"), url=url, emoji="📅")
        yield RenewButton(voice("agenda.renew"))


def _embed(interaction: Interaction, which: List, found: _Page, voice: Voice) -> discord.Embed:
    user_id, now = interaction.user.id, interaction.client.clock()
    blocks = [
        [
            *_announcement(event, found.links.get(event.event_id), now, voice),
            *(_seats(event, voice) if which == "next" and _answered(event, now) else ()),
            *_standings(event, user_id, voice),
        ]
        for event in found.events
    ]
    return discord.Embed(
        title=voice(f"agenda.{which}_title"),
        description="\n\n".join("\n".join(lines) for lines in blocks)
        or voice(f"agenda.{which}_none"),
        colour=COLOUR,
    )


def _announcement(event: Programme, link: str | None, now: datetime, voice: Voice) -> Iterator[str]:
    """An event in a few lines: when, where, what there is to know before all else."""
    title = fitted(event.title, TITLE_LENGTH)
    yield f"**[{title}]({link})**" if link else f"**{title}**"
    condition = agenda.condition(event, now)
    if condition is not None:
        yield voice(f"events.state_{condition}")
    if condition not in {"cancelled", "postponed"}:
        yield f"🗓️ {in_full(event, voice)} ({moments.stamp(event.start, 'R')})"
    if event.place:
        yield f"📍 {fitted(event.place, PLACE_LENGTH)}"


def _answered(event: Programme, now: datetime) -> bool:
    """Whether one can still sign up."""
    return any(event.is_open(part, now) for part in event.parts)


def _seats(event: Programme, voice: Voice) -> Iterator[str]:
    """How many seats are left, by the numbers of the parts where there are several."""
    left = [agenda.left(part.roster) for part in event.parts]
    limited = {n: it for n, it in zip(emojis.NUMBERS, left, strict=False) if it is not None}
    if not limited:
        return
    if len(left) == 1:
        yield f"💺 {_left(limited[emojis.NUMBERS[0]], voice)}"
    else:
        listed = " · ".join(f"{number} {count}" for number, count in limited.items())
        yield f"💺 {voice('agenda.seats_left', listed=listed)}"


def _left(count: int, voice: Voice) -> str:
    return voice("rsvp.left", count=count) if count else voice("rsvp.no_seat_left")


def _standings(event: Programme, user_id: int, voice: Voice) -> Iterator[str]:
    """Where one stands in each part that one answered."""
    for number, part in zip(emojis.NUMBERS, event.parts, strict=False):
        stand = agenda.stand(part.roster, user_id)
        if stand.state is State.NONE:
            continue
        said = short(stand, voice)
        yield f"{number} {_name(part)} · {said}" if len(event.parts) > 1 else said


def _name(part: ShownPart) -> str:
    return fitted(part.title or "", NAME_LENGTH)


async def setup(bot: Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Agenda(bot))
