"""Names and descriptions of commands, from the catalogues.

`@command("event.create")` reads `commands.event.create` (the name), `commands.event.create.about`
(the description), and for each option `when` the keys `commands.event.create.when` and
`commands.event.create.when.about`. Clients in French see the French catalogue's.
"""

import inspect
from collections.abc import Callable
from typing import Any

from discord import app_commands

from bot import texts

_ENGLISH = texts.load()["en"]


def label(key: str) -> app_commands.locale_str:
    """A text that Discord shows in the client's language."""
    return app_commands.locale_str(_ENGLISH(key), key=key)


def group(key: str, **options: Any) -> app_commands.Group:
    """A group of commands, named by the catalogues."""
    return app_commands.Group(
        name=label(f"commands.{key}"),
        description=label(f"commands.{key}.about"),
        guild_only=True,
        **options,
    )


def command(
    key: str, parent: app_commands.Group | None = None
) -> Callable[[Any], app_commands.Command[Any, ..., None]]:
    """Make a method a slash command (of `parent`, if given), named by the catalogues."""

    def decorate(function: Any) -> app_commands.Command[Any, ..., None]:
        options = [*inspect.signature(function).parameters][2:]
        if options:
            names = {option: label(f"commands.{key}.{option}") for option in options}
            abouts = {option: label(f"commands.{key}.{option}.about") for option in options}
            function = app_commands.describe(**abouts)(app_commands.rename(**names)(function))
        make = parent.command if parent is not None else app_commands.command
        return make(name=label(f"commands.{key}"), description=label(f"commands.{key}.about"))(
            function
        )

    return decorate
