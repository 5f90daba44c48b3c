"""The guided message of a series: what it shows, and what is pressed in it."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

import discord

from bot import moments, plain
from bot.app import MESSAGE_LENGTH, Interaction
from bot.errors import UserError
from bot.events import drafting, emojis, plan, reminders, series
from bot.events.plan import Plan, Reading
from bot.events.proposal import Fields, Problem
from bot.texts import Voice
from cogs._doors import Told
from cogs._event_cards import escaped, fitted
from cogs._event_desk import Desk, require_channel
from cogs._event_forms import table_name

# What is done with a draft of a series, or with one of its tables (its key, or 0).
Act: TypeAlias = Callable[[Desk, int], Awaitable[None]]
Registered = TypeVar("Registered", bound=Act)

SECTIONS = ("name", "tables", "reminders", "look", "rule")
# In which form each field stands.
FORM_OF = {
    "parts": "tables",
    "reminders": "reminders",
    "channel": "look",
    "colour": "look",
    "rule": "rule",
    "lead": "rule",
}
STYLES = {
    "save": discord.ButtonStyle.success,
    "delete": discord.ButtonStyle.danger,
    "remove": discord.ButtonStyle.danger,
}
# Half of a line in the list of tables.
LINE_LENGTH = 85
# Of Discord, for an embed.
EMBED_LENGTH = 4096
# Dates shown of a rule before it is kept.
SHOWN_DATES = 3

_ACTS: dict[str, Act] = {}


def act(*names: str) -> Callable[[Registered], Registered]:
    """Let a function be what buttons of these names do."""

    def register(function: Registered) -> Registered:
        _ACTS.update(dict.fromkeys(names, function))
        return function

    return register


class SeriesButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"series-draft:(?P<act>[a-z]+):(?P<draft_id>[0-9]+):(?P<key>[0-9]+)",
):
    """What an organiser does with a draft of a series, or with one of its tables."""

    reads = (("act", str), ("draft_id", int), ("key", int))

    def __init__(self, act: str, draft_id: int, key: int = 0, label: str | None = None) -> None:
        super().__init__(
            discord.ui.Button(
                custom_id=f"series-draft:{act}:{draft_id}:{key}",
                label=label,
                style=STYLES.get(act, discord.ButtonStyle.secondary),
            )
        )
        self.act = act
        self.draft_id = draft_id
        self.key = key

    async def press(self, interaction: Interaction) -> None:
        """Do it, for organisers."""
        await _ACTS[self.act](await Desk.of(interaction, self.draft_id), self.key)


class SeriesTableSelect(
    Told,
    discord.ui.DynamicItem[discord.ui.Select[Any]],
    template=r"series-tables:(?P<draft_id>[0-9]+)",
):
    """Chooses the table that the buttons below are about."""

    reads = (("draft_id", int),)

    def __init__(self, draft_id: int, options: list[discord.SelectOption] | None = None) -> None:
        super().__init__(
            discord.ui.Select(custom_id=f"series-tables:{draft_id}", options=options or [])
        )
        self.draft_id = draft_id

    async def press(self, interaction: Interaction) -> None:
        """Show the tables again, with this one chosen."""
        await show_tables(await Desk.of(interaction, self.draft_id), int(self.item.values[0]))


@dataclass(frozen=True, slots=True)
class _Sight:
    """What there is to be seen of a draft now: how it reads, and its next edition's title."""

    reading: Reading
    next_title: str


@act("back")
async def show(desk: Desk, _key: int = 0) -> None:
    """Show what the series will be, or all that is to be changed before it is kept."""
    sight = await _look(desk)
    if sight.reading.plan is None:
        await _show_problems(desk, sight.reading.problems)
        return
    endings = ("save", "delete", "abandon") if "id" in desk.fields else ("save", "abandon")
    await desk.put(
        "\n".join(_lead(desk, sight)),
        *(button(desk, name) for name in (*SECTIONS, *endings)),
        embeds=[_embed(desk, sight.reading.plan)],
    )


@act("tables")
async def show_tables(desk: Desk, key: int = 0) -> None:
    """Show the tables of every edition, and what can be done with the one that is chosen."""
    problems = (await _look(desk)).reading.problems
    tables = drafting.tables(desk.fields)
    chosen = next((it for it in tables if it["key"] == key), tables[0] if tables else None)
    items: list[discord.ui.Item[Any]] = []
    if chosen is not None:
        options = [
            discord.SelectOption(
                label=table_name(one, desk.voice), value=str(one["key"]), default=one is chosen
            )
            for one in tables
        ]
        items.append(SeriesTableSelect(desk.draft.id, options))
        items += [button(desk, it, int(chosen["key"])) for it in ("edit", "up", "down", "takeout")]
    items += [button(desk, "add"), button(desk, "back")]
    lines = [desk.voice("series.tables_lead" if tables else "series.no_tables")]
    for number, one in enumerate(tables):
        lines.append(_table(one, number, desk.voice))
        lines += [f"⚠️ {_said(desk, it)}" for it in problems if it.part == number]
    await desk.put(plain.cut("\n".join(lines), MESSAGE_LENGTH), *items)


def button(desk: Desk, name: str, key: int = 0) -> SeriesButton:
    """A button of a draft, by what it does."""
    return SeriesButton(name, desk.draft.id, key, desk.voice(f"series.button_{name}"))


async def _look(desk: Desk) -> _Sight:
    async with desk.bot.db.reading() as session:
        reading = await series.read(session, desk.draft, now=desk.now)
        number = 1
        if "id" in desk.fields:
            known = await series.find(session, desk.fields["id"], guild_id=desk.guild.id)
            number = await series.next_number(session, known, now=desk.now)
    return _Sight(reading, series.title(reading.plan.name, number) if reading.plan else "")


async def _show_problems(desk: Desk, problems: Sequence[Problem]) -> None:
    """Say what is to be changed, with a button to the form where the first of it stands."""
    said = [_said(desk, problem) for problem in problems]
    lines = [f"• {line}" for line in said] if len(said) > 1 else said
    form = FORM_OF.get(problems[0].field, "name")
    correct = SeriesButton(form, desk.draft.id, label=desk.voice("events.correct"))
    content = plain.cut("\n".join(dict.fromkeys(lines)), MESSAGE_LENGTH)
    await desk.put(content, correct, button(desk, "abandon"))


def _said(desk: Desk, problem: Problem) -> str:
    return desk.voice(problem.error.key, **problem.error.values)


def _lead(desk: Desk, sight: _Sight) -> Iterable[str]:
    voice = desk.voice
    yield voice("series.preview", title=escaped(sight.next_title))
    try:
        require_channel(desk.bot, desk.guild.id, desk.channel_id)
    except UserError as error:
        yield f"⚠️ {voice(error.key, **error.values)}"


def _embed(desk: Desk, wish: Plan) -> discord.Embed:
    """A series as its organisers know it, in its colour."""
    voice = desk.voice
    lines = [
        f"📍 {escaped(wish.place)}" if wish.place else "",
        voice("events.contact", contact=escaped(wish.contact)) if wish.contact else "",
        voice("series.seats", count=wish.capacity) if wish.capacity else "",
        voice("series.usual", hours=escaped(wish.usual_time)) if wish.usual_time else "",
        f"📢 <#{desk.channel_id}>" if desk.channel_id else "",
        _reminders(wish, voice),
        *_tables(desk.fields, voice),
        *_dates(desk, wish),
    ]
    return discord.Embed(
        title=escaped(wish.name),
        description=plain.cut("\n".join(filter(None, lines)), EMBED_LENGTH),
        colour=wish.colour,
    )


def _reminders(wish: Plan, voice: Voice) -> str:
    if wish.reminders == ():
        return voice("series.no_reminders")
    chosen = reminders.USUAL if wish.reminders is None else wish.reminders
    return voice("series.reminders", when=series.reminders_in_words(chosen, voice.language))


def _tables(fields: Fields, voice: Voice) -> Iterable[str]:
    return [_table(one, number, voice) for number, one in enumerate(drafting.tables(fields))]


def _table(table: Fields, number: int, voice: Voice) -> str:
    """A table as a line: its number, its name, its hours, its place, its seats."""
    seats = table.get("capacity")
    known = (table.get("when"), table.get("place"), seats and voice("drafting.seats", seats=seats))
    rest = "".join(f" · {plain.line(str(it))}" for it in known if it)
    mark = emojis.NUMBERS[number] if number < len(emojis.NUMBERS) else "▪️"
    return f"{mark} **{fitted(table_name(table, voice), LINE_LENGTH)}**{fitted(rest, LINE_LENGTH)}"


def _dates(desk: Desk, wish: Plan) -> Iterable[str]:
    """When it comes back, in words and by its next dates, so that a mistake is seen."""
    rule, voice = wish.recurrence, desk.voice
    if rule is None:
        yield voice("series.no_rule")
        return
    yield voice("series.rule", rule=moments.in_words(rule, voice.language))
    for moment in series.upcoming(rule, desk.now, SHOWN_DATES):
        full = moments.full(moment, zone=ZoneInfo(rule.zone), locale=voice.language)
        yield f"- **{full}** ({moments.stamp(moment, 'R')})"
    yield voice("series.lead", count=wish.lead_days or plan.LEAD_DAYS)
