"""The forms in which an event is written down; each hands on what was typed, by field."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias

import discord

from bot import plain
from bot.app import Interaction
from bot.events import drafting, proposal
from bot.events.proposal import Fields
from bot.texts import Voice
from cogs._doors import Form

# What is done with what was typed: the interaction that sent it, and the fields of a draft.
Then: TypeAlias = Callable[[Interaction, Fields], Awaitable[None]]
Input: TypeAlias = discord.ui.TextInput[Any] | discord.ui.Select[Any] | discord.ui.RoleSelect[Any]
Field: TypeAlias = discord.ui.Label[Any]

LONGEST = {
    "title": proposal.TITLE_LENGTH,
    "when": 100,
    "hours": 100,
    "place": proposal.PLACE_LENGTH,
    "contact": proposal.CONTACT_LENGTH,
    "capacity": 10,
    "about": proposal.ABOUT_LENGTH,
    "description": proposal.DESCRIPTION_LENGTH,
    "deadline": 50,
    "publish": 100,
}
LONG = frozenset({"about", "description"})
# Discord's limit for a field of a form, and for an option of a menu.
FORM_LENGTH = 4000
OPTION_LENGTH = 100
MOST_OPTIONS = 25
# What an organiser picks from for the edge of a card, as Discord's own palette has it.
COLOURS = {
    "blue": 0x3498DB,
    "green": 0x2ECC71,
    "yellow": 0xF1C40F,
    "orange": 0xE67E22,
    "red": 0xE74C3C,
    "pink": 0xE91E63,
    "purple": 0x9B59B6,
    "grey": 0x95A5A6,
}


class DraftForm(Form):
    """A form of a draft; its fields' ids are the names under which they are handed on."""

    def __init__(self, then: Then, *fields: Field, title: str) -> None:
        super().__init__(title=title)
        self.then = then
        for field in fields:
            self.add_item(field)

    def written(self) -> dict[str, Any]:
        """What was typed and chosen, by field."""
        items = [field.component for field in self.children if isinstance(field, discord.ui.Label)]
        return {str(getattr(item, "custom_id", "")): _value(item) for item in items}

    async def on_submit(self, interaction: Interaction, /) -> None:  # type: ignore[override] # our client is a Bot
        """Hand it on."""
        await self.then(interaction, self.written())


class NewForm(DraftForm):
    """An event from nothing."""

    def __init__(self, voice: Voice, fields: Fields, then: Then) -> None:
        names = ("title", "when", "place", "capacity", "description")
        super().__init__(
            then, *(_line(name, voice, fields) for name in names), title=voice("events.form_new")
        )


class TitleForm(DraftForm):
    """What an event is about, and when."""

    def __init__(self, voice: Voice, fields: Fields, then: Then) -> None:
        names = ("title", "when", "description")
        super().__init__(
            then, *(_line(name, voice, fields) for name in names), title=voice("drafting.title")
        )


class PlaceForm(DraftForm):
    """Where an event is, and whom to ask."""

    def __init__(self, voice: Voice, fields: Fields, then: Then) -> None:
        names = ("place", "contact")
        super().__init__(
            then, *(_line(name, voice, fields) for name in names), title=voice("drafting.place")
        )


class TableForm(DraftForm):
    """One round table."""

    def __init__(self, voice: Voice, fields: Fields, then: Then) -> None:
        shown = {**fields, "hours": fields.get("when", "")}
        names = ("title", "about", "hours", "place", "capacity")
        super().__init__(
            then, *(_line(name, voice, shown) for name in names), title=voice("drafting.table")
        )

    def written(self) -> dict[str, Any]:
        """What was typed; the hours of a table are when it is."""
        found = super().written()
        return {**found, "when": found["hours"]} | _without(found, "hours")


class HourForm(DraftForm):
    """When a draft is to publish itself."""

    def __init__(self, voice: Voice, fields: Fields, then: Then) -> None:
        super().__init__(then, _line("publish", voice, fields), title=voice("drafting.later"))


class PostForm(DraftForm):
    """Where an event is announced, unless it is already, and in what colour.

    Without a guild, in private messages, Discord offers no channels.
    """

    def __init__(
        self, voice: Voice, fields: Fields, then: Then, guild: discord.Guild | None
    ) -> None:
        offered = [_colours(voice, fields)]
        if guild is not None and "event" not in fields:
            offered.insert(0, _channels(voice, fields, guild))
        super().__init__(then, *offered, title=voice("drafting.post"))

    def written(self) -> dict[str, Any]:
        """What was chosen; nothing chosen changes nothing."""
        found = {name: values[0] for name, values in super().written().items() if values}
        if "colour" in found:
            found["colour"] = COLOURS.get(found["colour"])
        return found


class LimitsForm(DraftForm):
    """On what terms one signs up: for the event, or for the tables that are chosen (`keys`).

    What differs from one of them to another is left empty, and empty changes nothing then. Without
    a guild, in private messages, Discord offers no roles.
    """

    def __init__(
        self,
        voice: Voice,
        fields: Fields,
        then: Then,
        guild: discord.Guild | None,
        keys: Collection[int],
    ) -> None:
        self.keys = keys
        self.terms = drafting.terms(fields, keys)
        tables = drafting.tables(fields)
        several = len(tables) > 1
        first = _tables(voice, tables, keys) if several else _line("capacity", voice, self.terms)
        offered = [
            first,
            _guests(voice, self.terms),
            _line("deadline", voice, self.terms),
            _approval(voice, self.terms),
        ]
        if guild is not None:
            offered.append(_roles(voice, self.terms, guild))
        super().__init__(then, *offered, title=voice("drafting.limits"))

    def written(self) -> dict[str, Any]:
        """What was chosen, and under `tables` the keys of those for which it holds."""
        found = super().written()
        chosen = [int(key) for key in found.pop("tables", self.keys)]
        for name in ("guests", "approval"):
            found[name] = found[name][0] if found[name] else None
        given = {name: value for name, value in found.items() if value or name in self.terms}
        if given.get("approval") is not None:
            given["approval"] = given["approval"] == "yes"
        return {"tables": chosen, **given}


def _value(item: object) -> Any:
    """What was typed or chosen; of channels and roles, the ids."""
    if isinstance(item, discord.ui.TextInput):
        return item.value
    if isinstance(item, discord.ui.Select):
        return [*item.values]
    if isinstance(item, discord.ui.RoleSelect | discord.ui.ChannelSelect):
        return [chosen.id for chosen in item.values]
    raise TypeError(item)


def _without(fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key != name}


def _line(name: str, voice: Voice, fields: Fields) -> Field:
    """A field of text, filled in with what is known."""
    value = str(fields.get(name) or "")
    example = fields.get("example") if name == "when" else None
    return discord.ui.Label(
        text=voice(f"events.form_{name}"),
        description=voice(f"events.form_{name}_about"),
        component=discord.ui.TextInput(
            custom_id=name,
            style=discord.TextStyle.paragraph if name in LONG else discord.TextStyle.short,
            default=value[:FORM_LENGTH],
            # What is missing is asked for when the form is read, with all that is wrong in it.
            required=False,
            # What was refused for its length opens again as it was written.
            max_length=min(max(LONGEST[name], len(value)), FORM_LENGTH),
            placeholder=example or voice(f"events.form_{name}_example"),
        ),
    )


def _guests(voice: Voice, terms: Fields) -> Field:
    known = str(terms.get("guests") or 0) if "guests" in terms else None
    options = [
        discord.SelectOption(label=f"+{count}", value=str(count), default=str(count) == known)
        for count in range(proposal.MOST_GUESTS + 1)
    ]
    return _menu("guests", voice, options)


def _approval(voice: Voice, terms: Fields) -> Field:
    known = bool(terms["approval"]) if "approval" in terms else None
    options = [
        discord.SelectOption(
            label=voice(f"drafting.approval_{value}"),
            value=value,
            default=known is (value == "yes"),
        )
        for value in ("no", "yes")
    ]
    return _menu("approval", voice, options)


def _tables(voice: Voice, tables: Sequence[Fields], keys: Collection[int]) -> Field:
    """Which tables; these, unless others are chosen."""
    options = [
        discord.SelectOption(
            label=table_name(one, voice), value=str(one["key"]), default=one["key"] in keys
        )
        for one in tables[:MOST_OPTIONS]
    ]
    return _menu("tables", voice, options, most=len(options))


def _colours(voice: Voice, fields: Fields) -> Field:
    known = fields.get("colour")
    usual = discord.SelectOption(
        label=voice("drafting.colour_usual"), value="usual", default=known is None
    )
    options = [
        discord.SelectOption(
            label=voice(f"drafting.colour_{name}"), value=name, default=known == value
        )
        for name, value in COLOURS.items()
    ]
    return _menu("colour", voice, [usual, *options])


def _menu(name: str, voice: Voice, options: list[discord.SelectOption], *, most: int = 1) -> Field:
    return discord.ui.Label(
        text=voice(f"events.form_{name}"),
        description=voice(f"events.form_{name}_about"),
        component=discord.ui.Select(
            custom_id=name, options=options, min_values=0, max_values=most, required=False
        ),
    )


def _roles(voice: Voice, terms: Fields, guild: discord.Guild) -> Field:
    known = [role for role_id in terms.get("roles") or () if (role := guild.get_role(role_id))]
    return discord.ui.Label(
        text=voice("events.form_roles"),
        description=voice("events.form_roles_about"),
        component=discord.ui.RoleSelect(
            custom_id="roles",
            default_values=known,
            min_values=0,
            max_values=MOST_OPTIONS,
            required=False,
        ),
    )


def _channels(voice: Voice, fields: Fields, guild: discord.Guild) -> Field:
    known = guild.get_channel(fields.get("channel") or 0)
    return discord.ui.Label(
        text=voice("events.form_channel"),
        description=voice("events.form_channel_about"),
        component=discord.ui.ChannelSelect(
            custom_id="channel",
            channel_types=[discord.ChannelType.text, discord.ChannelType.news],
            default_values=[known] if known else [],
            min_values=0,
            max_values=1,
            required=False,
        ),
    )


def table_name(table: Fields, voice: Voice) -> str:
    """What a table is called where only plain text is shown, even before it has a title."""
    title = plain.line(table.get("title") or "")
    return plain.cut(title or voice("drafting.untitled"), OPTION_LENGTH)
