"""What the guided message of a draft shows: its card to be, what to change in it, its tables."""

from collections.abc import Iterable, Sequence
from typing import Any

import discord

from bot import drafts, guilds, moments, plain
from bot.errors import UserError
from bot.events import drafting, emojis, programme
from bot.events.proposal import Fields, Problem, Proposal
from cogs._event_buttons import DraftButton, TableSelect, act
from cogs._event_cards import escaped, event_card, when
from cogs._event_desk import Desk, require_channel
from cogs._event_forms import table_name

# Of Discord, for a message; and for a line of ours in a list.
MESSAGE_LENGTH = 2000
LINE_LENGTH = 170
# In which form each field stands; those of a table apart.
FORM_OF = {
    "title": "title",
    "when": "title",
    "description": "title",
    "place": "place",
    "contact": "place",
    "publish": "schedule",
    "parts": "tables",
}
OF_TABLE = frozenset({"title", "about", "when", "place", "capacity"})
SECTIONS = ("title", "place", "tables", "limits", "post")


@act("back", "open")
async def show(desk: Desk, _key: int = 0) -> None:
    """Show what the draft will give, or all that is to be changed before it gives anything."""
    reading = desk.read()
    problems = [*reading.problems]
    if (
        reading.proposal
        and desk.draft.publish_at
        and desk.draft.publish_at >= reading.proposal.start
    ):
        problems.append(Problem("publish", UserError("drafting.publish_late")))
    if reading.proposal is None or problems:
        await _show_problems(desk, problems)
        return
    shown = programme.preview(reading.proposal)
    await desk.put(
        plain.cut("\n".join(_lead(desk, reading.proposal)), MESSAGE_LENGTH),
        *(button(desk, section) for section in SECTIONS),
        *(button(desk, ending) for ending in _endings(desk)),
        embeds=[event_card(shown, desk.bot.public_voice(desk.guild))],
    )


@act("tables")
async def show_tables(desk: Desk, key: int = 0) -> None:
    """Show the tables, each with what is to be changed in it, and what can be done with one."""
    tables = drafting.tables(desk.fields)
    wrong = {problem.part for problem in desk.read().problems if problem.field in OF_TABLE}
    chosen = _chosen(tables, key, wrong)
    items: list[discord.ui.Item[Any]] = []
    if chosen is not None:
        options = [
            discord.SelectOption(
                label=table_name(one, desk.voice), value=str(one["key"]), default=one is chosen
            )
            for one in tables[: drafts.LISTED]
        ]
        items.append(TableSelect(desk.draft.id, options))
        change = "correct" if tables.index(chosen) in wrong else "edit"
        acts = [change, "remove"] if "event" in desk.fields else [change, "up", "down", "remove"]
        items += [button(desk, it, int(chosen["key"])) for it in acts]
    items += [button(desk, "add"), button(desk, "back")]
    await desk.put(plain.cut("\n".join(_listed(desk, tables)), MESSAGE_LENGTH), *items)


async def _show_problems(desk: Desk, problems: Sequence[Problem]) -> None:
    """Say what is to be changed, with a button to the form where it stands."""
    said = [_said(desk, problem) for problem in problems]
    lines = [f"• {line}" for line in said] if len(said) > 1 else said
    form, key = _where(desk.fields, problems[0])
    items: list[discord.ui.Item[Any]] = [
        DraftButton(form, desk.draft.id, key, desk.voice("drafting.correct"))
    ]
    if form != "tables" and any(problem.part is not None for problem in problems):
        items.append(button(desk, "tables"))
    content = plain.cut("\n".join(dict.fromkeys(lines)), MESSAGE_LENGTH)
    await desk.put(content, *items, button(desk, "abandon"))


def _lead(desk: Desk, proposed: Proposal) -> Iterable[str]:
    """What will happen with what is shown, and the date in full."""
    voice, date = desk.voice, when(programme.preview(proposed), desk.voice)
    if "event" in desk.fields:
        yield voice("drafting.preview_changes", when=date)
        return
    if desk.channel_id is None:
        yield voice("drafting.preview", when=date)
    else:
        yield voice("events.preview", channel=f"<#{desk.channel_id}>", when=date)
    if desk.draft.publish_at is not None:
        zone = guilds.zone(desk.guild)
        full = moments.full(desk.draft.publish_at, zone=zone, locale=voice.language)
        stamp = moments.stamp(desk.draft.publish_at, "R")
        yield voice("drafting.planned", when=f"**{full}** ({stamp})")
    try:
        require_channel(desk.bot, desk.guild.id, desk.channel_id)
    except UserError as error:
        yield f"⚠️ {voice(error.key, **error.values)}"


def _endings(desk: Desk) -> Sequence[str]:
    return ("save", "abandon") if "event" in desk.fields else ("publish", "schedule", "abandon")


def button(desk: Desk, name: str, key: int = 0) -> DraftButton:
    """A button of a draft, by what it does."""
    return DraftButton(name, desk.draft.id, key, desk.voice(f"drafting.{name}"))


def _said(desk: Desk, problem: Problem) -> str:
    """What is to be changed, in which table."""
    sentence = desk.voice(problem.error.key, **problem.error.values)
    if problem.part is None:
        return sentence
    name = table_name(drafting.tables(desk.fields)[problem.part], desk.voice)
    return desk.voice("drafting.in_table", table=escaped(name), problem=sentence)


def _where(fields: Fields, problem: Problem) -> tuple[str, int]:
    """Which form holds the field to be changed: its act, and the key of its table."""
    if problem.part is not None and problem.field in OF_TABLE:
        return "edit", int(drafting.tables(fields)[problem.part]["key"])
    return FORM_OF.get(problem.field, "limits"), 0


def _chosen(tables: Sequence[Fields], key: int, wrong: set[int | None]) -> Fields | None:
    """The table with this key; else the first with something to be changed, else the first."""
    named = [one for one in tables if one["key"] == key]
    faulty = [one for number, one in enumerate(tables) if number in wrong]
    return next(iter([*named, *faulty, *tables]), None)


def _listed(desk: Desk, tables: Sequence[Fields]) -> Iterable[str]:
    voice = desk.voice
    yield voice("drafting.tables_lead" if tables else "drafting.no_tables")
    problems = desk.read().problems
    for number, one in enumerate(tables):
        mark = emojis.NUMBERS[number] if number < len(emojis.NUMBERS) else "▪️"
        seats = one.get("capacity") or ""
        known = [
            one.get("when"),
            one.get("place"),
            voice("drafting.seats", seats=seats) if seats else None,
        ]
        rest = "".join(f" · {plain.line(str(it))}" for it in known if it)
        name = f"**{escaped(table_name(one, voice))}**"
        yield plain.cut(f"{mark} {name}{escaped(rest)}", LINE_LENGTH)
        for problem in problems:
            if problem.part == number:
                yield f"⚠️ {voice(problem.error.key, **problem.error.values)}"
    for problem in problems:
        if problem.field == "parts":
            yield f"⚠️ {voice(problem.error.key, **problem.error.values)}"
