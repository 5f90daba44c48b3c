"""All commands together, held to the limits that Discord has for a command as a whole."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.community import Community

# Of names, descriptions and choices of a command with all that is in it.
MOST_CHARACTERS = 8000
MOST_SUBCOMMANDS = 25


def longest(part: dict[str, Any], name: str) -> int:
    """The longest of a text's languages: Discord counts that one."""
    localised: dict[str, str] = part.get(f"{name}_localizations") or {}
    texts: list[str] = [part.get(name) or "", *localised.values()]
    return max(map(len, texts))


def inside(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield part
    for option in part.get("options", ()):
        yield from inside(option)


@pytest.fixture
async def payloads(community: Community) -> list[dict[str, Any]]:
    tree = community.bot.tree
    assert tree.translator is not None
    return [
        dict(await command.get_translated_payload(tree, tree.translator))
        for command in tree.get_commands()
    ]


async def test_no_command_is_too_much_for_discord(payloads: list[dict[str, Any]]) -> None:
    assert payloads
    for payload in payloads:
        size = sum(
            longest(part, "name")
            + longest(part, "description")
            + sum(longest(it, "name") + len(str(it["value"])) for it in part.get("choices", ()))
            for part in inside(payload)
        )
        assert size <= MOST_CHARACTERS, payload["name"]
        assert len(payload.get("options", ())) <= MOST_SUBCOMMANDS


async def test_what_organisers_do_is_shown_to_organisers_alone(
    payloads: list[dict[str, Any]],
) -> None:
    shown = {it["name"]: it.get("default_member_permissions") for it in payloads}
    everybody = {name for name, rights in shown.items() if rights is None}
    assert everybody == {"ask", "checkin", "events", "recaps"}
