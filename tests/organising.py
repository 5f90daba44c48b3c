"""How an organiser writes an event down: commands, forms, and the guided private message."""

from collections.abc import Sequence
from typing import Any

import simcord
from sqlalchemy import select

from bot.tables import Draft, Event, Part
from tests.community import Community

WHEN = "jeudi 15 janvier à 18h30"
FULL = "jeudi 15 janvier 2026 à 18 h 30, heure de Paris"
# Discord's types of menus of members, roles and channels.
ENTITIES = {5, 6, 7, 8}
STAMP = "<t:1768498200:F>"


def plain(text: str) -> str:
    """A text with ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def preview_of(result: simcord.InteractionResult) -> simcord.ResponseMessage:
    """The private message that the bot answered with."""
    reply = result.followups[-1] if result.followups else result.response
    assert reply is not None
    return reply


def said(result: simcord.InteractionResult) -> str:
    """What the bot answered, privately, with plain spaces."""
    assert result.ephemeral
    return plain(preview_of(result).content)


def labels(message: simcord.ResponseMessage) -> list[str]:
    """What can be pressed in a message."""
    return [
        str(item["label"])
        for row in message.components
        for item in row["components"]
        if "label" in item
    ]


async def propose(community: Community, **options: Any) -> simcord.InteractionResult:
    """Type the command with its options."""
    given = {"title": "Petit-déjeuner", "when": WHEN} | options
    return await community.alice.slash(community.general, "event create", **given)


async def guided(community: Community, **options: Any) -> simcord.ResponseMessage:
    """The guided message of a new event."""
    return preview_of(await propose(community, **options))


def inputs(result: simcord.InteractionResult) -> dict[str, dict[str, Any]]:
    """The fields of the form that was opened, by their ids."""
    assert result.modal is not None, plain(preview_of(result).content)
    return {
        label["component"]["custom_id"]: label["component"] | {"label": label["label"]}
        for label in result.modal["components"]
    }


def standing(community: Community, field: dict[str, Any]) -> Any:
    """What stands in a field before anybody touches it."""
    if "options" in field:
        return [one["value"] for one in field["options"] if one.get("default")]
    if field["type"] in ENTITIES:
        handles: list[Any] = [*community.guild.roles.values(), *community.guild.channels.values()]
        chosen = {int(one["id"]) for one in field.get("default_values", ())}
        return [handle for handle in handles if handle.id in chosen]
    return field.get("value", "")


async def fill_in(
    community: Community, opened: simcord.InteractionResult, **fields: Any
) -> simcord.InteractionResult:
    """Send a form with these fields, the others as they stand in it."""
    values = {name: standing(community, field) for name, field in inputs(opened).items()}
    untouched = {name: value for name, value in values.items() if value != []}
    return await community.alice.submit_modal(opened, untouched | fields)


async def change(
    community: Community, message: simcord.ResponseMessage, label: str, **fields: Any
) -> None:
    """Press a button of the guided message, and fill in the form that it opens."""
    await fill_in(community, await community.alice.click(message, label=label), **fields)


async def add_table(
    community: Community, message: simcord.ResponseMessage, title: str, **fields: Any
) -> None:
    """Add a table in the guided message, which shows the tables."""
    await change(community, message, "Ajouter une table", title=title, **fields)


async def stored(community: Community) -> list[tuple[str, str | None, int | None]]:
    """Title, place and capacity of each event that was announced."""
    async with community.db.reading() as session:
        query = select(Event.title, Event.place, Part.capacity).join(Part)
        return [(title, place, seats) for title, place, seats in await session.execute(query)]


async def kept(community: Community) -> Sequence[Draft]:
    """The drafts there are."""
    async with community.db.reading() as session:
        return (await session.scalars(select(Draft).order_by(Draft.id))).all()


async def allow(community: Community, who: simcord.MemberActor | simcord.RoleHandle) -> None:
    """Let someone type /event, as on Discord's own page of permissions."""
    (event,) = [c for c in await community.bot.tree.fetch_commands() if c.name == "event"]
    community.guild.set_command_permissions(event, {who: True})
