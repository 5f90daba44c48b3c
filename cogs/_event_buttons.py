"""What is pressed and chosen in the guided message of a draft; what follows is registered here."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

import discord

from bot.app import Interaction
from cogs._doors import Told
from cogs._event_desk import Desk

# What is done with a draft, or with one of its tables (its key, or 0).
Act: TypeAlias = Callable[[Desk, int], Awaitable[None]]

Registered = TypeVar("Registered", bound=Act)

_ACTS: dict[str, Act] = {}

STYLES = {
    "publish": discord.ButtonStyle.success,
    "save": discord.ButtonStyle.success,
    "correct": discord.ButtonStyle.primary,
    "confirm": discord.ButtonStyle.danger,
    "drop": discord.ButtonStyle.danger,
}


def act(*names: str) -> Callable[[Registered], Registered]:
    """Let a function be what buttons of these names do."""

    def register(function: Registered) -> Registered:
        _ACTS.update(dict.fromkeys(names, function))
        return function

    return register


class DraftButton(
    Told,
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"event-draft:(?P<act>[a-z]+):(?P<draft_id>[0-9]+):(?P<key>[0-9]+)",
):
    """What an organiser does with a draft, or with one of its tables (`key`, or 0)."""

    reads = (("act", str), ("draft_id", int), ("key", int))

    def __init__(self, act: str, draft_id: int, key: int = 0, label: str | None = None) -> None:
        super().__init__(
            discord.ui.Button(
                custom_id=f"event-draft:{act}:{draft_id}:{key}",
                label=label,
                style=STYLES.get(act, discord.ButtonStyle.secondary),
            )
        )
        self.act = act
        self.draft_id = draft_id
        self.key = key

    async def press(self, interaction: Interaction) -> None:
        """Do it, for organisers."""
        await _ACTS[self.act](await Desk.of(interaction, self.draft_id), self.key)


class TableSelect(
    Told,
    discord.ui.DynamicItem[discord.ui.Select[Any]],
    template=r"event-tables:(?P<draft_id>[0-9]+)",
):
    """Chooses the table that the buttons below are about."""

    reads = (("draft_id", int),)

    def __init__(self, draft_id: int, options: list[discord.SelectOption] | None = None) -> None:
        super().__init__(
            discord.ui.Select(custom_id=f"event-tables:{draft_id}", options=options or [])
        )
        self.draft_id = draft_id

    async def press(self, interaction: Interaction) -> None:
        """Show the tables again, with this one chosen."""
        desk = await Desk.of(interaction, self.draft_id)
        await _ACTS["tables"](desk, int(self.item.values[0]))


class DraftSelect(Told, discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"event-drafts"):
    """Opens one of the drafts that are listed."""

    reads = ()

    def __init__(
        self,
        options: list[discord.SelectOption] | None = None,
        placeholder: str | None = None,
    ) -> None:
        super().__init__(
            discord.ui.Select(
                custom_id="event-drafts", options=options or [], placeholder=placeholder
            )
        )

    async def press(self, interaction: Interaction) -> None:
        """Show the draft in place of the list."""
        await _ACTS["open"](await Desk.of(interaction, int(self.item.values[0])), 0)
