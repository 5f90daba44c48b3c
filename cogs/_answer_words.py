"""What a member is told of where they stand, in private, once it is durable."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.events import agenda, emojis
from bot.events.agenda import Stand, State, Table
from bot.events.ledger import Refusal
from bot.events.rsvp import Outcome
from bot.texts import Voice
from cogs._event_cards import fitted, roles_named

# Ten tables and what follows fit into a message.
NAME_LENGTH = 40
CONTACT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A part of an event, where a member stands in it, and why their act changed nothing."""

    table: Table
    stand: Stand
    refusal: Refusal | None = None


def told(outcome: Outcome, tables: Sequence[Table], voice: Voice) -> str:
    """Where a member stands now, and what to do next: a line for each part that it is about."""
    standings = {it.part_id: it for it in outcome.standings}
    lines = {
        number: Line(
            table,
            agenda.stand(standings[table.part_id].roster, outcome.user_id),
            standings[table.part_id].refusal,
        )
        for number, table in zip(emojis.NUMBERS, tables, strict=False)
        if table.part_id in standings
    }
    if len(tables) == 1:
        return "\n".join(line for it in lines.values() for line in _alone(it, voice))
    return "\n".join(_among(lines, voice))


def short(stand: Stand, voice: Voice) -> str:
    """Where a member stands in a part, in a few words."""
    guests = f" (+{stand.guests})" if stand.guests else ""
    return voice(f"rsvp.short_{stand.state}", place=stand.place) + guests


def _alone(line: Line, voice: Voice) -> Iterator[str]:
    stand = line.stand
    if line.refusal is not None:
        yield _why(line.refusal, line.table, voice)
        if stand.state is not State.NONE:
            yield voice("rsvp.unchanged", state=short(stand, voice))
        return
    yield voice(f"rsvp.noted_{stand.state}", place=stand.place)
    if stand.guests:
        yield voice("rsvp.with_guests", count=stand.guests)
    if stand.state is State.SEATED:
        yield voice("rsvp.leave_full" if stand.full else "rsvp.leave")


def _among(lines: Mapping[str, Line], voice: Voice) -> Iterator[str]:
    """A line for each of several parts, then what concerns them together."""
    states = {it.stand.state for it in lines.values()}
    refused = any(it.refusal for it in lines.values())
    if not refused and len(states) == 1 and not states.isdisjoint({State.NO, State.NONE}):
        yield voice(f"rsvp.noted_{states.pop()}")
        return
    for number, it in lines.items():
        if it.refusal is not None or it.stand.state is not State.NONE:
            yield f"{number} **{fitted(it.table.title, NAME_LENGTH)}** · {_outcome(it, voice)}"
    if hints := [*_hints([*lines.values()], voice)]:
        yield "\n".join(("", *hints))


def _outcome(line: Line, voice: Voice) -> str:
    standing = short(line.stand, voice)
    if line.refusal is None:
        return standing
    why = voice(
        f"rsvp.no_{line.refusal}",
        roles=roles_named(line.table.roles, 1),
        most=line.table.guests_allowed,
    )
    return why if line.stand.state is State.NONE else f"{why} · {standing}"


def _hints(lines: Sequence[Line], voice: Voice) -> Iterator[str]:
    """What to do next."""
    coming = [it for it in lines if it.stand.state.coming]
    for one, other in agenda.overlapping(it.table for it in coming)[:1]:
        names = (fitted(it.title, NAME_LENGTH) for it in (one, other))
        yield voice("rsvp.overlap", **dict(zip(("one", "other"), names, strict=True)))
    if any(it.refusal in {Refusal.CLOSED, Refusal.ROLES} for it in lines):
        yield voice("rsvp.ask", contact=_contact(lines[0].table, voice))
    if any(it.stand.state is State.WAITING for it in lines):
        yield voice("rsvp.told_later")
    if coming:
        full = any(it.stand.state is State.SEATED and it.stand.full for it in coming)
        yield voice("rsvp.change_full" if full else "rsvp.change")


def _why(refusal: Refusal, table: Table, voice: Voice) -> str:
    return voice(
        f"rsvp.why_{refusal}",
        contact=_contact(table, voice),
        roles=roles_named(table.roles),
        most=table.guests_allowed,
    )


def _contact(table: Table, voice: Voice) -> str:
    """Whom to ask: as the organisers wrote it, else they themselves."""
    return fitted(table.contact or voice("rsvp.organisers"), CONTACT_LENGTH)
