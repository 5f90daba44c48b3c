"""How an event is drawn: pure functions from what is to be shown."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import discord

from bot import moments, plain
from bot.events import agenda, emojis
from bot.events.agenda import Condition
from bot.events.programme import Programme, ShownPart
from bot.events.seats import Roster, heads
from bot.texts import Voice

COLOUR = 0x2F6F8F
# Of what does not take place, or no longer.
FADED = 0x8A9299
# Discord's limits for an embed, and for all of its texts together.
MOST = 6000
TITLE_LENGTH = 256
DESCRIPTION_LENGTH = 4096
FIELD_LENGTH = 1024
# How long a text from people may be on a card: the first of these with which all of it fits.
LENGTHS = (800, 400, 300, 200, 150, 100, 60, 40)
# A description may be so many times as long as a place or a title.
ROOM_TO_DESCRIBE = 4
MOST_ROLES = 3
OFF = frozenset({"cancelled", "postponed"})
OVER = frozenset({"cancelled", "past"})


def escaped(text: str) -> str:
    """A text from people that formats nothing, links nowhere and mentions nobody."""
    # The brackets by hand: discord.py sees only the first of several links.
    parts = re.split(r"([\[\]])", text)
    plainly = (f"\\{it}" if it in {"[", "]"} else discord.utils.escape_markdown(it) for it in parts)
    return discord.utils.escape_mentions("".join(plainly))


def size(text: str) -> int:
    """How long a text is at most as Discord counts: it counts code points, its clients UTF-16."""
    return len(text.encode("utf-16-le")) // 2


# A card is drawn again at each answer; its texts seldom change.
@lru_cache(maxsize=4096)
def fitted(text: str, most: int, shape: Callable[[str], str] = escaped) -> str:
    """A text from people, escaped, of that size at most: cut before, so that no escape is cut."""
    if size(shape(text)) <= most:
        return shape(text)

    def cut(length: int) -> str:
        # An emoji cut in two shows its first half, without what would have joined the others.
        return shape(plain.cut(text, length).replace("\N{ZERO WIDTH JOINER}…", "…"))

    length = bisect_right(range(1, len(text)), most, key=lambda it: size(cut(it)))
    return cut(max(length, 1))


def event_card(programme: Programme, voice: Voice, now: datetime | None = None) -> discord.Embed:
    """An event: when, where, and how many come. Counts only: 200 names would not fit.

    It stays within Discord's limits whatever people wrote, shortening the longest first.

    Args:
        programme: what is shown.
        voice: how everybody is spoken to.
        now: when it is drawn; without it, as before its deadlines.
    """
    drawn = (_Card(programme, voice, now, most).draw() for most in LENGTHS)
    return next(embed for embed in drawn if within_limits(embed))


def within_limits(embed: discord.Embed) -> bool:
    """Whether Discord takes an embed, whichever way it counts."""
    texts = [
        (embed.title, TITLE_LENGTH),
        (embed.description, DESCRIPTION_LENGTH),
        (embed.footer.text, MOST),
        (embed.author.name, TITLE_LENGTH),
        *((field.name, TITLE_LENGTH) for field in embed.fields),
        *((field.value, FIELD_LENGTH) for field in embed.fields),
    ]
    sizes = [(size(text), most) for text, most in texts if text]
    return all(it <= most for it, most in sizes) and sum(it for it, _ in sizes) <= MOST


def named(programme: Programme, part: ShownPart) -> str:
    """The event's title, and the part's where it has one: "Rencontres — Table IA"."""
    return " — ".join(escaped(it) for it in (programme.title, part.title) if it)


def when(programme: Programme, voice: Voice) -> str:
    """The date in full, as it is written here and as the reader's own clock shows it."""
    return (
        f"**{in_full(programme, voice)}**\n"
        f"{moments.stamp(programme.start)}{_until(programme, voice)}"
    )


def in_full(programme: Programme, voice: Voice) -> str:
    """The date with its weekday, hour and zone, in words."""
    return moments.full(programme.start, zone=ZoneInfo(programme.zone), locale=voice.language)


def counts(roster: Roster, voice: Voice) -> str:
    """How many have a seat, may come, do not, and wait."""
    line = voice(
        "events.counts",
        yes=_seated(roster),
        maybe=len(roster.maybe),
        no=len(roster.declined),
    )
    if roster.waiting:
        return f"{line}\n{voice('events.waiting', count=heads(roster.waiting))}"
    return f"{line}\n{voice('events.full')}" if agenda.left(roster) == 0 else line


def hours(start: datetime, end: datetime | None, zone: ZoneInfo, voice: Voice) -> str:
    """From when to when, in the event's own zone: "14 h 00 – 15 h 30"."""
    local = [it.astimezone(zone) for it in (start, end) if it is not None]
    shown = [voice("calendar.hour", hour=it.hour, minute=it.minute) for it in local]
    return " \N{EN DASH} ".join(shown).replace(" ", "\N{NO-BREAK SPACE}")


def roles_named(roles: Sequence[int], most: int = MOST_ROLES) -> str:
    """The first of these roles, as mentions; Discord shows their names."""
    more = f" +{len(roles) - most}" if len(roles) > most else ""
    return ", ".join(f"<@&{role}>" for role in roles[:most]) + more


@dataclass(frozen=True, slots=True)
class _Card:
    """An event about to be drawn with texts of a certain length at most."""

    programme: Programme
    voice: Voice
    now: datetime | None
    most: int

    @property
    def condition(self) -> Condition | None:
        """What there is to know before all else."""
        return agenda.condition(self.programme, self.now)

    @property
    def answers(self) -> bool:
        """Whether it is still answered."""
        return self.condition in {None, "moved"}

    def draw(self) -> discord.Embed:
        """Draw all of it."""
        programme, common = self.programme, self._common_terms()
        embed = discord.Embed(
            title=self._title(),
            description="\n\n".join(self._description(common)),
            colour=FADED if self.condition in OVER else (programme.colour or COLOUR),
        )
        if programme.edition is not None and f"#{programme.edition}" not in programme.title:
            embed.set_author(name=self.voice("events.edition", number=programme.edition))
        if not _is_whole(programme):
            for number, part in zip(emojis.NUMBERS, programme.parts, strict=False):
                name, lines = self._named(number, part), self._part(part, common)
                embed.add_field(name=name, value="\n".join(lines), inline=False)
        if not self.answers:
            return embed
        kind = "one" if len(programme.parts) == 1 else "several"
        return embed.set_footer(text=self.voice(f"events.how_to_answer_{kind}"))

    def _title(self) -> str:
        # Two strokes before it and two after.
        title = fitted(self.programme.title, min(self.most, TITLE_LENGTH - 4))
        return f"~~{title}~~" if self.condition == "cancelled" else title

    def _named(self, number: str, part: ShownPart) -> str:
        title = fitted(part.title or self.programme.title, min(self.most, TITLE_LENGTH - 4))
        return title if len(self.programme.parts) == 1 else f"{number} {title}"

    def _description(self, common: Sequence[str]) -> Iterator[str]:
        programme = self.programme
        yield from self._state()
        yield "\n".join(self._where_and_when())
        if programme.description:
            yield fitted(programme.description, ROOM_TO_DESCRIBE * self.most)
        if terms := [*common, *self._contact()]:
            yield "\n".join(terms)
        if _is_whole(programme):
            yield counts(programme.parts[0].roster, self.voice)

    def _state(self) -> Iterator[str]:
        """What there is to know before all else, and why."""
        if self.condition is None:
            return
        yield self.voice(f"events.state_{self.condition}") + self._reason()

    def _reason(self) -> str:
        reason = plain.line(self.programme.reason or "")
        told = reason and self.condition in {"cancelled", "postponed", "moved"}
        return f"\n> {fitted(reason, self.most)}" if told else ""

    def _where_and_when(self) -> Iterator[str]:
        programme = self.programme
        date = in_full(programme, self.voice)
        if self.condition in OFF:
            yield f"🗓️ ~~{date}~~"
        else:
            ahead = moments.stamp(programme.start, "R")
            yield f"🗓️ **{date}**"
            yield f"{ahead}{_until(programme, self.voice)}"
        if programme.place:
            yield f"📍 {fitted(programme.place, self.most)}"

    def _part(self, part: ShownPart, common: Sequence[str]) -> Iterator[str]:
        where_and_when = [
            self._hours(part, part.start) if part.start else "",
            fitted(part.place or "", self.most),
        ]
        if any(where_and_when):
            yield " · ".join(filter(None, where_and_when))
        if part.about:
            yield fitted(part.about, self.most)
        yield from (term for term in self._terms(part) if term not in common)
        yield self._counts(part)

    def _hours(self, part: ShownPart, start: datetime) -> str:
        """The hours of a part; with its day, if that is not the event's."""
        zone = ZoneInfo(self.programme.zone)
        local = start.astimezone(zone)
        shown = hours(start, part.end, zone, self.voice)
        if local.date() == self.programme.start.astimezone(zone).date():
            return f"🕑 {shown}"
        return f"🕑 {moments.short(local, self.voice.language)}, {shown}"

    def _common_terms(self) -> Sequence[str]:
        """The terms on which one signs up for every part: said once."""
        first, *others = ([*self._terms(part)] for part in self.programme.parts)
        return [term for term in first if all(term in terms for terms in others)]

    def _terms(self, part: ShownPart) -> Iterator[str]:
        if not self.answers:
            return
        if part.deadline:
            closes_at = self.programme.closes_at(part)
            yield self.voice("events.deadline", moment=moments.stamp(closes_at, "f"))
        if part.roles:
            yield self.voice("events.restricted", roles=roles_named(part.roles))
        if part.needs_approval:
            yield self.voice("events.approved")

    def _contact(self) -> Iterator[str]:
        if not self.programme.contact or self.condition in OVER:
            return
        closing = {
            self.programme.closes_at(part) if part.deadline else None
            for part in self.programme.parts
        }
        after = self.answers and len(closing) == 1 and None not in closing
        key = "events.contact_after" if after else "events.contact"
        yield self.voice(key, contact=fitted(self.programme.contact, self.most))

    def _counts(self, part: ShownPart) -> str:
        """The counts of a part: in one line, where there are several."""
        if len(self.programme.parts) == 1:
            return counts(part.roster, self.voice)
        line = [*_in_short(part.roster, self.voice)]
        if self.now is not None and self.answers and not self.programme.is_open(part, self.now):
            line.append(self.voice("events.part_closed"))
        return " · ".join(line)


def _is_whole(programme: Programme) -> bool:
    """Whether its only part is the event itself."""
    return len(programme.parts) == 1 and not programme.parts[0].title


def _in_short(roster: Roster, voice: Voice) -> Iterator[str]:
    """The counts of one part among several, in one line."""
    yield voice("events.part_seated", yes=_seated(roster))
    if agenda.left(roster) == 0:
        yield voice("events.part_full")
    if roster.waiting:
        yield voice("events.part_waiting", count=heads(roster.waiting))


def _seated(roster: Roster) -> str:
    seated = str(heads(roster.seated))
    if roster.capacity is None:
        return seated
    return f"{seated}\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}{roster.capacity}"


def _until(programme: Programme, voice: Voice) -> str:
    """Until when, where that is known; another day than the start's is named."""
    if programme.end is None:
        return ""
    style = "t" if programme.end - programme.start < timedelta(hours=18) else "f"
    return " · " + voice("events.until", moment=moments.stamp(programme.end, style))
