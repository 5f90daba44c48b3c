"""What a draft of an event holds, and how organisers' forms change it: pure functions on fields.

Beside what `proposal` reads, fields hold `publish` (when to publish, as it was typed) and, of an
event that is announced already, `event` (its id), `starts` and `seen` (what it was like when the
draft was made).
"""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.tz import datetime_ambiguous

from bot import moments
from bot.errors import UserError
from bot.events.programme import Programme, ShownPart
from bot.events.proposal import Fields

# What one signs up on, beside the number of seats: of an event, and of each of its tables.
TERMS = ("guests", "deadline", "roles", "approval")


def written(fields: Fields, given: Fields) -> Fields:
    """Put what was written in a form over what a draft holds."""
    return {**fields, **given}


def tables(fields: Fields) -> Sequence[Fields]:
    """The tables of a draft, in order; each has a `key` that stays its own."""
    return list(fields.get("parts") or ())


def table(fields: Fields, key: int) -> Fields:
    """One table of a draft.

    Raises:
        UserError: if it was taken out meanwhile.
    """
    for one in tables(fields):
        if one.get("key") == key:
            return one
    raise UserError("drafting.table_gone")


def numbered(fields: Fields) -> Fields:
    """Give every table of fields that were written by hand a key of its own."""
    parts = [{**one, "key": key} for key, one in enumerate(tables(fields), 1)]
    return {**fields, "parts": parts}


def blank(fields: Fields) -> Fields:
    """A table not yet described: on the terms written beside the event."""
    return {name: fields[name] for name in ("capacity", *TERMS) if fields.get(name)}


def with_table(fields: Fields, key: int, given: Fields) -> Fields:
    """Write a table down; the key 0 adds one.

    The first table of an announced event is what its members have signed up for already.
    """
    if key:
        changed = {**table(fields, key), **given}
        parts = [changed if one.get("key") == key else one for one in tables(fields)]
        return {**fields, "parts": parts}
    new = {**blank(fields), **given, "key": _next_key(fields)}
    rest = dict(fields)
    if not tables(fields) and "id" in rest:
        new["id"] = rest.pop("id")
    return {**rest, "parts": [*tables(fields), new]}


def without_table(fields: Fields, key: int) -> Fields:
    """Take a table out; with the last one, one signs up for the event as a whole again."""
    gone = table(fields, key)
    parts = [one for one in tables(fields) if one is not gone]
    rest = {**fields, "parts": parts}
    if not parts and "id" in gone:
        rest["id"] = gone["id"]
    return rest


def moved(fields: Fields, key: int, by: int) -> Fields:
    """Move a table up (-1) or down (1); at the end of the list it stays."""
    parts = [*tables(fields)]
    place = parts.index(table(fields, key))
    parts.insert(max(0, place + by), parts.pop(place))
    return {**fields, "parts": parts}


def terms(fields: Fields, keys: Collection[int]) -> Fields:
    """The terms on which these tables agree, or those of the event without tables."""
    holders = [one for one in tables(fields) if one.get("key") in keys] or [fields]
    first = holders[0]
    return {
        name: first.get(name)
        for name in ("capacity", *TERMS)
        if all((one.get(name) or None) == (first.get(name) or None) for one in holders)
    }


def with_terms(fields: Fields, keys: Collection[int], given: Fields) -> Fields:
    """Write terms to these tables; to the event, for tables to come, if it is all of them."""
    parts = [{**one, **given} if one.get("key") in keys else one for one in tables(fields)]
    everywhere = all(one.get("key") in keys for one in parts)
    return {**fields, **(given if everywhere else {}), "parts": parts}


def of_event(event: Programme, *, zone: ZoneInfo, locale: str) -> Fields:
    """An event as an organiser would have written it: read again, it gives the same."""
    fields: dict[str, Any] = {
        "title": event.title,
        "when": in_words(event.start, event.end, zone=zone, locale=locale),
        "place": event.place or "",
        "contact": event.contact or "",
        "description": event.description or "",
        "channel": event.channel_id,
        "colour": event.colour,
        "series": event.series_id,
        "edition": event.edition,
        "event": event.event_id,
        "starts": event.start.isoformat(),
        "seen": fingerprint(event),
    }
    first = event.parts[0]
    if len(event.parts) == 1 and first.title is None:
        return {**fields, "id": first.part_id, **_terms(first, locale)}
    parts = [_of_part(part, event.start, zone, locale) for part in event.parts]
    return numbered({**fields, "parts": parts})


def again(
    event: Programme,
    *,
    now: datetime,
    zone: ZoneInfo,
    locale: str,
    number: int | None = None,
) -> Fields:
    """The next edition of an event, but for its date.

    That is left to be written; the example in its field falls on the same day of the week.

    Args:
        event: what is to be repeated.
        now: when that is asked.
        zone: the community's.
        locale: in whose words the date is proposed.
        number: the edition's, where its series knows; else the one after this event's.
    """
    fields = of_event(event, zone=zone, locale=locale)
    ours = ("event", "starts", "seen", "when", "id", "publish")
    kept = {name: value for name, value in fields.items() if name not in ours}
    kept["parts"] = [
        {name: value for name, value in one.items() if name != "id"} for one in tables(fields)
    ]
    like = _same_weekday(event.start.astimezone(zone), now.astimezone(zone))
    kept["example"] = in_words(like, None, zone=zone, locale=locale)
    if event.edition is not None:
        kept["edition"] = number or event.edition + 1
        kept["title"] = _renumbered(event.title, event.edition, kept["edition"])
    return kept


def fingerprint(event: Programme) -> str:
    """Tell whether what an organiser writes of an event is still the same."""
    parts = [
        (
            it.part_id,
            it.title,
            it.about,
            it.place,
            _instant(it.start),
            _instant(it.end),
            it.roster.capacity,
            it.guests_allowed,
            it.needs_approval,
            it.roles,
            it.deadline,
        )
        for it in event.parts
    ]
    whole = (
        event.title,
        _instant(event.start),
        _instant(event.end),
        event.place,
        event.contact,
        event.description,
        event.colour,
        parts,
    )
    return hashlib.sha256(repr(whole).encode()).hexdigest()[:16]


def in_words(start: datetime, end: datetime | None, *, zone: ZoneInfo, locale: str) -> str:
    """Write a moment as `moments.parse` reads it back: « jeudi 15 janvier 2026, 14:00-15:30 »."""
    first = _on_clock(start, zone, locale)
    if end is None:
        return first
    if start.astimezone(zone).date() == end.astimezone(zone).date():
        return f"{first}-{end.astimezone(zone):%H:%M}"
    return f"{first} – {_on_clock(end, zone, locale)}"


def _on_clock(moment: datetime, zone: ZoneInfo, locale: str) -> str:
    local = moment.astimezone(zone)
    offset = f" (UTC{local.isoformat()[-6:]})" if datetime_ambiguous(local) else ""
    return f"{moments.long(local.date(), locale)}, {local:%H:%M}{offset}"


def _of_part(part: ShownPart, on: datetime, zone: ZoneInfo, locale: str) -> Mapping[str, Any]:
    return {
        "id": part.part_id,
        "title": part.title or "",
        "about": part.about or "",
        "place": part.place or "",
        "when": _hours(part, on, zone, locale),
        **_terms(part, locale),
    }


def _hours(part: ShownPart, on: datetime, zone: ZoneInfo, locale: str) -> str:
    """The hours of a table; with the day where it is another than the event's."""
    if part.start is None:
        return ""
    days = {moment.astimezone(zone).date() for moment in (on, part.start, part.end) if moment}
    if len(days) > 1 or part.end is None:
        return in_words(part.start, part.end, zone=zone, locale=locale)
    return f"{part.start.astimezone(zone):%H:%M}-{part.end.astimezone(zone):%H:%M}"


def _terms(part: ShownPart, locale: str) -> Mapping[str, Any]:
    return {
        "capacity": str(part.roster.capacity or ""),
        "guests": str(part.guests_allowed),
        "deadline": moments.span_in_words(part.deadline, locale) if part.deadline else "",
        "roles": [*part.roles],
        "approval": part.needs_approval,
    }


def _next_key(fields: Fields) -> int:
    return max((int(one.get("key") or 0) for one in tables(fields)), default=0) + 1


def _instant(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def _same_weekday(start: datetime, now: datetime) -> datetime:
    """The next such day of the week and hour after today."""
    day = now.date() + timedelta(days=(start.weekday() - now.weekday()) % 7 or 7)
    return datetime.combine(day, start.timetz())


def _renumbered(title: str, edition: int, number: int) -> str:
    """A title with the next edition's number, where it holds this one's: « … #9 »."""
    return re.sub(rf"(#|[nN]° ?){edition}\b", rf"\g<1>{number}", title, count=1)
