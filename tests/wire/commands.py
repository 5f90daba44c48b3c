"""What Discord's client makes of a typed command: the data of an interaction."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.contract import Json, listed
from tests.wire.model import Channel, Member, Role
from tests.wire.world import World

_SUBCOMMAND, _GROUP = 1, 2


def typed(
    world: World, guild_id: int, path: str, options: Mapping[str, Any], *, focused: str = ""
) -> Json:
    """Write down a command as somebody typed it: "event create", and values by option.

    Members, roles and channels may be given as values. `focused` is the option being typed.

    Raises:
        KeyError: if the bot has registered no such command, subcommand or option, or if an option
            that it requires is not given.
    """
    known = {
        command["name"]: command
        for scope in (None, guild_id)
        for command in world.commands.get(scope, [])
    }
    first, *rest = path.split()
    command = leaf = known[first]
    steps: list[Json] = []
    for name in rest:
        leaf = _named(leaf)[name]
        steps.append({"name": name, "type": leaf["type"]})
    filled = _filled(_named(leaf), options, focused)
    for step in reversed(steps):
        filled = [step | {"options": filled}]
    named = {"id": command["id"], "name": command["name"], "type": 1}
    return named | {"options": filled, "resolved": _resolved(options.values())}


def _filled(described: dict[str, Json], options: Mapping[str, Any], focused: str) -> list[Json]:
    required = {name for name, option in described.items() if option.get("required")}
    if not focused and (missing := required - options.keys()):
        raise KeyError(*missing)
    return [
        {"name": name, "type": described[name]["type"], "value": _value(value)}
        | ({"focused": True} if name == focused else {})
        for name, value in options.items()
    ]


def _named(command: Json) -> dict[str, Json]:
    return {option["name"]: option for option in listed(command, "options")}


def _value(value: Any) -> Any:
    return str(value.id) if isinstance(value, Member | Role | Channel) else value


def _resolved(values: Iterable[Any]) -> Json:
    """Write out what the options only name by id."""
    resolved: Json = {kind: {} for kind in ("users", "members", "roles", "channels")}
    for value in values:
        match value:
            case Member():
                permissions = {"permissions": str(value.permissions)}
                resolved["users"][str(value.id)] = value.user.json()
                resolved["members"][str(value.id)] = value.partial() | permissions
            case Role():
                resolved["roles"][str(value.id)] = value.json()
            case Channel():
                resolved["channels"][str(value.id)] = value.json() | {"permissions": "0"}
            case _:
                pass
    return resolved
