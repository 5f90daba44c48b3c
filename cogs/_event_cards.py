"""How an event is drawn: pure functions from what is to be shown."""

from typing import Any
from zoneinfo import ZoneInfo

import discord

from bot import moments, plain
from bot.events.programme import Programme
from bot.events.seats import heads
from bot.tables import Choice
from bot.texts import Voice

COLOUR = 0x2F6F8F
# Of Discord's 1,024 characters a field and 256 a title, escapes counted.
TITLE_LENGTH = 250


def escaped(text: str) -> str:
    """A text from people that formats nothing and mentions nobody."""
    return discord.utils.escape_mentions(discord.utils.escape_markdown(text))


def event_card(programme: Programme, voice: Voice) -> discord.Embed:
    """An event: when, where, and how many come. Counts only; names stand behind a button."""
    embed = discord.Embed(
        title=plain.cut(escaped(programme.title), TITLE_LENGTH),
        description=_description(programme, voice),
        colour=COLOUR,
    )
    roster = programme.roster
    embed.add_field(name=voice("events.field_yes"), value=_seats(programme, voice))
    embed.add_field(name=voice("events.field_maybe"), value=str(len(roster.maybe)))
    embed.add_field(name=voice("events.field_no"), value=str(len(roster.declined)))
    if roster.waiting:
        waiting = voice("events.waiting", count=heads(roster.waiting))
        embed.add_field(name=voice("events.field_waiting"), value=waiting, inline=False)
    embed.set_footer(text=voice("events.how_to_answer"))
    return embed


def when(programme: Programme, voice: Voice) -> str:
    """The date in full, as it is written and as each reader's own clock shows it."""
    zone = ZoneInfo(programme.zone)
    lines = [
        f"**{moments.full(programme.start, zone=zone, locale=voice.language)}**",
        f"{moments.stamp(programme.start)} · {moments.stamp(programme.start, 'R')}",
    ]
    if programme.end is not None:
        lines.append(voice("events.until", moment=moments.stamp(programme.end)))
    return "\n".join(lines)


def _description(programme: Programme, voice: Voice) -> str:
    lines = [f"🗓️ {when(programme, voice)}"]
    if programme.place:
        lines.append(f"📍 {escaped(programme.place)}")
    return "\n".join(lines)


def _seats(programme: Programme, voice: Voice) -> str:
    seated = heads(programme.roster.seated)
    if programme.capacity is None:
        return str(seated)
    return voice("events.seats", seated=seated, capacity=programme.capacity)


def no_pings() -> dict[str, Any]:
    """What every sending and every edit carries, so that no text pings anyone."""
    return {"allowed_mentions": discord.AllowedMentions.none()}


def answer_label(choice: Choice, voice: Voice) -> str:
    """What the button of a choice says."""
    return voice(f"rsvp.button_{choice.value}")
