"""How an event is drawn: pure functions from what is to be shown."""

import re
from zoneinfo import ZoneInfo

import discord

from bot import moments, plain
from bot.events.programme import Programme
from bot.events.seats import heads
from bot.texts import Voice

COLOUR = 0x2F6F8F
# Of Discord's 1,024 characters a field and 256 a title, escapes counted.
TITLE_LENGTH = 250


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
        description=f"{_where_and_when(programme, voice)}\n\n{_counts(programme, voice)}",
        colour=COLOUR,
    )
    return embed.set_footer(text=voice("events.how_to_answer"))


def when(programme: Programme, voice: Voice) -> str:
    """The date in full, as it is written here and as the reader's own clock shows it."""
    return (
        f"{_in_full(programme, voice)}\n{moments.stamp(programme.start)}{_until(programme, voice)}"
    )


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


def _counts(programme: Programme, voice: Voice) -> str:
    roster = programme.roster
    seated = str(heads(roster.seated))
    if programme.capacity is not None:
        seated += f"\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}{programme.capacity}"
    line = voice("events.counts", yes=seated, maybe=len(roster.maybe), no=len(roster.declined))
    if not roster.waiting:
        return line
    return f"{line}\n{voice('events.waiting', count=heads(roster.waiting))}"
