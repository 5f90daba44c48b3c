"""Names and descriptions of commands, from the catalogues.

`@command("event.create")` reads `commands.event.create` (the name), `commands.event.create.about`
(the description), and for each option `when` the keys `commands.event.create.when` and
`commands.event.create.when.about`. Clients in French see the French catalogue's.
"""

import inspect
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import discord
from discord import app_commands
from discord.ext import commands

from bot import texts
from bot.app import Bot

_ENGLISH = texts.load()["en"]
_MARK = "__command_key__"

Method = TypeVar("Method", bound=Callable[..., Any])


def label(key: str) -> app_commands.locale_str:
    """A text that Discord shows in the client's language."""
    return app_commands.locale_str(_ENGLISH(key), key=key)


def command(key: str) -> Callable[[Any], app_commands.Command[Any, ..., None]]:
    """Make a method a slash command of its own, named by the catalogues."""

    def decorate(function: Any) -> app_commands.Command[Any, ..., None]:
        return app_commands.command(
            name=label(f"commands.{key}"), description=label(f"commands.{key}.about")
        )(_labelled(key, function))

    return decorate


def subcommand(key: str) -> Callable[[Method], Method]:
    """Make a method of a `Branch` a command of its group: "event.create" is `/event create`."""

    def decorate(function: Method) -> Method:
        setattr(function, _MARK, key)
        return function

    return decorate


class Branch(commands.Cog):
    """A cog whose subcommands stand in a group that other cogs may share (`/event`)."""

    # By the name of their group: who sees its commands, unless Discord's own page says otherwise.
    PERMISSIONS: ClassVar[dict[str, discord.Permissions]] = {
        "event": discord.Permissions(manage_events=True),
        "series": discord.Permissions(manage_events=True),
        "recap": discord.Permissions(manage_events=True),
    }

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    async def cog_load(self) -> None:
        """Put the subcommands into their groups; whoever comes first makes the group."""
        for name, _ in inspect.getmembers(type(self), lambda it: hasattr(it, _MARK)):
            method = getattr(self, name)
            key = getattr(method, _MARK)
            _labelled(key, method.__func__)
            self._group(key.partition(".")[0]).add_command(
                app_commands.Command(
                    name=label(f"commands.{key}"),
                    description=label(f"commands.{key}.about"),
                    callback=method,
                )
            )

    def _group(self, key: str) -> app_commands.Group:
        known = self.bot.tree.get_command(_ENGLISH(f"commands.{key}"))
        if isinstance(known, app_commands.Group):
            return known
        made = app_commands.Group(
            name=label(f"commands.{key}"),
            description=label(f"commands.{key}.about"),
            guild_only=True,
            default_permissions=self.PERMISSIONS.get(key),
        )
        self.bot.tree.add_command(made)
        return made


def _labelled(key: str, function: Any) -> Any:
    """Name and describe the options of a command; they follow `self` and the interaction."""
    options = [*inspect.signature(function).parameters][2:]
    if not options:
        return function
    names = {option: label(f"commands.{key}.{option}") for option in options}
    abouts = {option: label(f"commands.{key}.{option}.about") for option in options}
    return app_commands.describe(**abouts)(app_commands.rename(**names)(function))
