"""What an organiser does with a draft: forms, publication, changes; and what is said of drafts."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial

import discord

from bot import drafts, guilds, moments, plain
from bot.app import Interaction
from bot.db import Session
from bot.errors import UserError
from bot.events import drafting, programme, proposal, publishing
from bot.events.changes import Change
from bot.events.proposal import Fields
from bot.tables import Delivery, Draft
from bot.texts import Voice
from cogs._doors import buttons
from cogs._drawings import Drawing, draws, subject_id
from cogs._event_buttons import DraftButton, DraftSelect, act
from cogs._event_cards import escaped
from cogs._event_desk import Desk, require_channel
from cogs._event_forms import (
    HourForm,
    LimitsForm,
    PlaceForm,
    PostForm,
    TableForm,
    Then,
    TitleForm,
)
from cogs._event_pages import LINE_LENGTH, MESSAGE_LENGTH, button, show, show_tables


async def _open(desk: Desk, form: discord.ui.Modal) -> None:
    await desk.interaction.response.send_modal(form)


def keeping(
    draft_id: int,
    keep: Callable[[Fields, Fields], Fields] = drafting.written,
    then: Callable[[Desk], Awaitable[None]] = show,
) -> Then:
    """Keep what a form holds in a draft, whatever it is worth, before anything is made of it."""

    async def sent(interaction: Interaction, given: Fields) -> None:
        desk = await Desk.of(interaction, draft_id)
        await then(await desk.change(lambda fields: keep(fields, given)))

    return sent


@act("title")
async def _title(desk: Desk, _key: int) -> None:
    fields = {**desk.fields}
    for problem in desk.read().problems:
        if problem.error.key == "drafting.usual_time":
            # What the sentence proposes stands in the form already.
            fields["when"] = f"{fields['when']} {problem.error.values['usual']}"
    await _open(desk, TitleForm(desk.voice, fields, keeping(desk.draft.id)))


@act("place")
async def _place(desk: Desk, _key: int) -> None:
    await _open(desk, PlaceForm(desk.voice, desk.fields, keeping(desk.draft.id)))


@act("post")
async def _post(desk: Desk, _key: int) -> None:
    fields = {**desk.fields, "channel": desk.channel_id}
    guild = desk.interaction.guild
    await _open(desk, PostForm(desk.voice, fields, keeping(desk.draft.id), guild))


@act("limits")
async def _limits(desk: Desk, _key: int) -> None:
    def keep(fields: Fields, given: Fields) -> Fields:
        terms = {name: value for name, value in given.items() if name != "tables"}
        return drafting.with_terms(fields, given["tables"], terms)

    tables = drafting.tables(desk.fields)
    problems = [it for it in desk.read().problems if it.field in drafting.TERMS]
    faulty = [tables[it.part] for it in problems if it.part is not None]
    keys = [int(one["key"]) for one in faulty or tables]
    then, guild = keeping(desk.draft.id, keep), desk.interaction.guild
    await _open(desk, LimitsForm(desk.voice, desk.fields, then, guild, keys))


@act("edit", "correct", "add")
async def _edit(desk: Desk, key: int) -> None:
    """Open the form of a table; the key 0 is that of a new one."""
    tables = drafting.tables(desk.fields)
    if not key and len(tables) >= proposal.MOST_PARTS:
        raise UserError("parts.too_many", most=proposal.MOST_PARTS)
    known = drafting.table(desk.fields, key) if key else drafting.blank(desk.fields)

    def keep(fields: Fields, given: Fields) -> Fields:
        return drafting.with_table(fields, key, given)

    async def then(kept: Desk) -> None:
        last = drafting.tables(kept.fields)[-1]
        await show_tables(kept, key or int(last["key"]))

    await _open(desk, TableForm(desk.voice, known, keeping(desk.draft.id, keep, then)))


@act("remove")
async def _remove(desk: Desk, key: int) -> None:
    await show_tables(await desk.change(partial(drafting.without_table, key=key)))


@act("up")
async def _up(desk: Desk, key: int) -> None:
    await show_tables(await desk.change(partial(drafting.moved, key=key, by=-1)), key)


@act("down")
async def _down(desk: Desk, key: int) -> None:
    await show_tables(await desk.change(partial(drafting.moved, key=key, by=1)), key)


@act("schedule")
async def _schedule(desk: Desk, _key: int) -> None:
    await _open(desk, HourForm(desk.voice, desk.fields, keeping(desk.draft.id, then=_planned)))


async def _planned(desk: Desk) -> None:
    """Plan the publication for the hour that was written, or say what is to be changed in it."""
    reading = desk.read()
    if reading.proposal is None:
        await show(desk)
        return
    zone, written = guilds.zone(desk.guild), desk.fields.get("publish") or ""
    try:
        at = publishing.hour(written, reading.proposal.start, now=desk.now, zone=zone)
    except UserError as error:
        correct = DraftButton("schedule", desk.draft.id, label=desk.voice("drafting.correct"))
        said = desk.voice(error.key, **error.values)
        await desk.put(said, correct, button(desk, "back"))
        return
    await show(await desk.set_hour(at))


@act("publish")
async def _publish(desk: Desk, _key: int) -> None:
    reading = desk.read()
    if reading.proposal is None:
        await show(desk)
        return
    require_channel(desk.bot, desk.guild.id, desk.channel_id)
    async with desk.bot.db.writing(desk.guild.id) as session:
        event = await publishing.publish(
            session,
            desk.draft.id,
            guild_id=desk.guild.id,
            by=desk.interaction.user.id,
            now=desk.now,
        )
    desk.bot.dispatch("delivery_due")
    await desk.put(desk.voice("drafting.on_its_way", channel=f"<#{event.channel_id}>"))


@act("save")
async def _save(desk: Desk, _key: int) -> None:
    await _change(desk, confirmed=False)


@act("confirm")
async def _confirm(desk: Desk, _key: int) -> None:
    await _change(desk, confirmed=True)


async def _change(desk: Desk, *, confirmed: bool) -> None:
    """Change what is announced; ask first where that takes something away from people."""
    if desk.read().proposal is None:
        await show(desk)
        return
    # A word to hundreds of people takes a moment to write down.
    await desk.interaction.response.defer()
    try:
        async with desk.bot.db.writing(desk.guild.id) as session:
            change = await publishing.save(
                session,
                desk.draft.id,
                guild_id=desk.guild.id,
                by=desk.interaction.user.id,
                now=desk.now,
                confirmed=confirmed,
            )
    except publishing.DoubtfulError as doubtful:
        said = [desk.voice(doubt.key, **doubt.values) for doubt in doubtful.doubts]
        await desk.put("\n".join(said), button(desk, "confirm"), button(desk, "back"))
        return
    desk.bot.dispatch("delivery_due")
    desk.bot.dispatch("event_changed", change.event_id)
    await desk.put("\n".join(_saved(change, desk.voice)))


def _saved(change: Change, voice: Voice) -> Iterable[str]:
    yield voice("drafting.saved", event=escaped(change.name))
    if change.told:
        yield voice("changes.told", count=change.told)
    if change.seated:
        yield voice("changes.seated", count=change.seated)
    if change.unseated:
        yield voice("changes.lost", count=change.unseated)


@act("abandon")
async def _abandon(desk: Desk, _key: int) -> None:
    await desk.put(desk.voice("drafting.abandon_sure"), button(desk, "drop"), button(desk, "back"))


@act("drop")
async def _drop(desk: Desk, _key: int) -> None:
    async with desk.bot.db.writing(desk.guild.id) as session:
        draft = await drafts.find(session, desk.draft.id, guild_id=desk.guild.id)
        await drafts.drop(session, draft)
    given_up = "drafting.unchanged" if "event" in desk.fields else "events.given_up"
    await desk.put(desk.voice(given_up))


def listed(found: Sequence[Draft], voice: Voice) -> tuple[str, discord.ui.View]:
    """The drafts that an organiser may open, and a menu to open one."""
    lines = [voice("drafting.list_lead", count=len(found), days=drafts.KEPT.days)]
    for draft in found:
        stamp = moments.stamp(draft.created_at, "R")
        line = f"**{escaped(_name(draft, voice))}** · <@{draft.user_id}> · {stamp}"
        lines.append(plain.cut(line, LINE_LENGTH))
    options = [
        discord.SelectOption(
            label=_name(draft, voice),
            value=str(draft.id),
            description=plain.cut(plain.line(draft.fields.get("when") or ""), 100) or None,
        )
        for draft in found
    ]
    view = buttons(DraftSelect(options, voice("drafting.list_choose")))
    return plain.cut("\n".join(lines), MESSAGE_LENGTH), view


def _name(draft: Draft, voice: Voice) -> str:
    """What a draft is called in a list."""
    title = plain.line(draft.fields.get("title") or "") or voice("drafting.untitled")
    mark = "✏️" if "event" in draft.fields else "⏰" if draft.publish_at else "📝"
    return plain.cut(f"{mark} {title}", 100)


@draws("unpublished")
async def _unpublished(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """A word to whose draft did not publish itself, with the way back to it."""
    try:
        draft = await drafts.find(session, subject_id(delivery), guild_id=delivery.guild_id)
    except UserError:
        return None
    title = escaped(plain.cut(plain.line(draft.fields.get("title") or ""), 100))
    return Drawing(
        content=voice("drafting.not_published", title=title, reason=delivery.detail or ""),
        view=buttons(DraftButton("open", draft.id, label=voice("drafting.open"))),
    )


@draws("unposted")
async def _unposted(session: Session, delivery: Delivery, voice: Voice) -> Drawing | None:
    """A word to who announced an event whose card Discord did not take."""
    shown = await programme.shown(session, subject_id(delivery))
    if shown is None:
        return None
    reason = voice(delivery.detail or "deliveries.refused")
    title = escaped(shown.title)
    return Drawing(content=voice("drafting.not_posted", event=title, reason=reason))
