"""How an event is drawn: pure functions from what is to be shown."""

import re
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import discord

from bot import moments, plain
from bot.events import emojis
from bot.events.programme import Programme, ShownPart
from bot.events.seats import Roster, heads
from bot.texts import Voice

COLOUR = 0x2F6F8F
# Of Discord's 1,024 characters a field and 256 a title, escapes counted.
TITLE_LENGTH = 250
# Of Discord's 4,096 a description, and of 6,000 for all of it: ten parts of 400 beside.
DESCRIPTION_LENGTH = 1200
PART_LENGTH = 400


def escaped(text: str) -> str:
    """A text from people that formats nothing, links nowhere and mentions nobody."""
    # The brackets by hand: discord.py sees only the first of several links.
    parts = re.split(r"([\[\]])", text)
    plainly = (f"\\{it}" if it in {"[", "]"} else discord.utils.escape_markdown(it) for it in parts)
    return discord.utils.escape_mentions("".join(plainly))


def event_card(programme: Programme, voice: Voice) -> discord.Embed:
    """An event: when, where, and how many come. Counts only: 200 names would not fit."""
    embed = discord.Embed(
        title=plain.cut(escaped(programme.title), TITLE_LENGTH),
        description="\n\n".join(_description(programme, voice)),
        colour=programme.colour if programme.colour is not None else COLOUR,
    )
    if len(programme.parts) > 1:
        for number, part in zip(emojis.NUMBERS, programme.parts, strict=False):
            embed.add_field(
                name=plain.cut(f"{number} {escaped(part.title or '')}", TITLE_LENGTH),
                value="\n".join(_part(programme, part, voice)),
                inline=False,
            )
    return embed.set_footer(text=voice("events.how_to_answer"))


def named(programme: Programme, part: ShownPart) -> str:
    """The event's title, and the part's where it has one: "Rencontres — Table IA"."""
    return " — ".join(escaped(it) for it in (programme.title, part.title) if it)


def when(programme: Programme, voice: Voice) -> str:
    """The date in full, as it is written here and as the reader's own clock shows it."""
    return (
        f"{_in_full(programme, voice)}\n{moments.stamp(programme.start)}{_until(programme, voice)}"
    )


def counts(roster: Roster, voice: Voice) -> str:
    """How many have a seat, may come, do not, and wait."""
    seated = str(heads(roster.seated))
    if roster.capacity is not None:
        seated += f"\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}{roster.capacity}"
    line = voice("events.counts", yes=seated, maybe=len(roster.maybe), no=len(roster.declined))
    if not roster.waiting:
        return line
    return f"{line}\n{voice('events.waiting', count=heads(roster.waiting))}"


def _description(programme: Programme, voice: Voice) -> Iterable[str]:
    yield _where_and_when(programme, voice)
    if programme.description:
        yield plain.cut(escaped(programme.description), DESCRIPTION_LENGTH)
    if len(programme.parts) == 1:
        yield counts(programme.parts[0].roster, voice)


def _part(programme: Programme, part: ShownPart, voice: Voice) -> Iterable[str]:
    zone = ZoneInfo(programme.zone)
    where_and_when = [
        hours(part.start, part.end, zone) if part.start else "",
        escaped(part.place or ""),
    ]
    if any(where_and_when):
        yield " · ".join(filter(None, where_and_when))
    if part.about:
        yield plain.cut(escaped(part.about), PART_LENGTH // 2)
    yield counts(part.roster, voice)


def hours(start: datetime, end: datetime | None, zone: ZoneInfo) -> str:
    """From when to when, in the event's own zone: "14 h 00 – 15 h 30"."""
    shown = [f"{it.astimezone(zone):%H:%M}" for it in (start, end) if it is not None]
    return "\N{EN DASH}".join(shown)


def _where_and_when(programme: Programme, voice: Voice) -> str:
    ahead = moments.stamp(programme.start, "R")
    lines = [f"🗓️ {_in_full(programme, voice)}", f"{ahead}{_until(programme, voice)}"]
    if programme.place:
        lines.append(f"📍 {escaped(programme.place)}")
    return "\n".join(lines)


def _in_full(programme: Programme, voice: Voice) -> str:
    zone = ZoneInfo(programme.zone)
    return f"**{moments.full(programme.start, zone=zone, locale=voice.language)}**"


def _until(programme: Programme, voice: Voice) -> str:
    if programme.end is None:
        return ""
    return " · " + voice("events.until", moment=moments.stamp(programme.end, "t"))
