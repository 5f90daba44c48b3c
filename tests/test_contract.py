"""Discord's description of its HTTP API, and what we add to it and take from it."""

import re
from typing import Any, NamedTuple

import pytest

from tests.contract import DESCRIPTION, Contract, Json

pytestmark = pytest.mark.skipif(
    not DESCRIPTION.exists(), reason="Discord's description is not at hand"
)

MESSAGES = "/channels/1/messages"


class Entry(NamedTuple):
    method: str
    path: str
    json: Any


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract()


def row(*buttons: Json) -> Json:
    return {"type": 1, "components": list(buttons)}


def button(custom_id: str = "a", **more: Any) -> Json:
    return {"type": 2, "style": 1, "label": "Oui", "custom_id": custom_id} | more


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"content": "é" * 2001}, "2001 characters of content"),
        ({"nonce": "n" * 26}, "nonce: .* is too long"),
        ({"embeds": [{"description": "x" * 3001}] * 2}, "6002 characters in all embeds"),
        ({"embeds": [{"title": "x" * 257}]}, r"embeds\[0\].title: .* is too long"),
        ({"embeds": [{"fields": [{"name": "n", "value": "v"}] * 26}]}, "fields: .* is too long"),
        ({"embeds": [{"url": "not an address"}]}, "url: .* is not a 'uri'"),
        ({"embeds": [{"timestamp": "2026-01-15T14:00"}]}, "timestamp: .* is not a 'date-time'"),
        ({"components": [row(button(label="x" * 81))]}, r"components\[0\].components\[0\].label"),
        ({"components": [row(button(), button())]}, "custom_id 'a' is used 2 times"),
        ({"components": [row(button(str(n))) for n in range(6)]}, "6 rows, 5 at most"),
        ({"components": [{"type": 99}]}, r"components\[0\]: .* not valid"),
        (
            {"components": [{"type": 17, "components": [row(*map(button, "abc"))] * 11}]},
            "45 components, 40 at most",
        ),
        (
            {"flags": 1 << 15, "components": [{"type": 10, "content": "x" * 2001}] * 2},
            "4002 characters in all text displays",
        ),
        ({"flags": 1 << 15, "content": "beside"}, "not allowed beside components"),
        ({"allowed_mentions": {"parse": ["all"]}}, r"allowed_mentions.parse\[0\]"),
        (None, "needs a body"),
    ],
)
def test_a_message_that_discord_would_refuse_is_named(
    contract: Contract, body: Json | None, problem: str
) -> None:
    assert re.search(problem, "\n".join(contract.check("POST", MESSAGES, body)))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", MESSAGES, {"content": "é" * 2000, "nonce": "n" * 25, "enforce_nonce": True}),
        ("POST", f"/api/v10{MESSAGES}", {"components": [row(button("a"), button("b"))]}),
        ("POST", MESSAGES, {"attachments": [{"id": 0, "filename": "agenda.ics"}]}),
        ("POST", MESSAGES, {"allowed_mentions": {"parse": [], "users": [12]}}),
        ("POST", "/users/@me/channels", {"recipient_id": 12}),
        ("PATCH", "/channels/1/messages/2", {"content": None, "embeds": []}),
        ("PUT", "/channels/1/messages/2/reactions/✅/@me", None),
        ("POST", "/interactions/1/token/callback", {"type": 5, "data": {"flags": 64}}),
        ("PATCH", "/webhooks/1/token/messages/@original", {"content": "done"}),
    ],
)
def test_what_discord_py_sends_is_taken(
    contract: Contract, method: str, path: str, body: Json | None
) -> None:
    assert not contract.check(method, path, body)


def test_commands_keep_their_rules(contract: Contract) -> None:
    option = {"type": 1, "name": "Créer", "description": "Make an event"}
    command = {
        "name": "event",
        "description": "Events",
        "default_member_permissions": "8589934592",
        "name_localizations": {"fr": "rencontre"},
    }
    path = "/applications/1/commands"
    assert not contract.check("PUT", path, [command])
    assert contract.check("PUT", path, [command | {"options": [option]}]) == [
        "PUT /applications/{application_id}/commands: 'Créer' is no name for a command or an option"
    ]
    assert contract.check("PUT", path, [command | {"default_member_permissions": "many"}])


def test_messages_inside_answers_and_posts_are_looked_at_too(contract: Contract) -> None:
    long = {"content": "x" * 2001}
    callback = {"type": 4, "data": long}
    assert contract.check("POST", "/interactions/1/token/callback", callback)
    assert contract.check("POST", "/channels/1/threads", {"name": "Table", "message": long})


def test_what_is_not_described_is_named(contract: Contract) -> None:
    assert contract.check("GET", "/nowhere", None) == ["GET /nowhere: there is no such operation"]
    assert contract.check("PUT", "/channels/1/messages/2/reactions/✅/@me", {}) == [
        "PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me: takes no body"
    ]


def test_answers_are_held_against_it_too(contract: Contract) -> None:
    limited = {"code": 0, "message": "slow down", "retry_after": 0.5, "global": False}
    assert not contract.check_response("POST", MESSAGES, 429, limited)
    assert not contract.check_response("POST", MESSAGES, 404, {"code": 10003, "message": "no"})
    assert not contract.check_response("POST", MESSAGES, 502, "a page of a proxy")
    assert not contract.check_response("DELETE", "/channels/1/messages/2", 204, None)
    # ids are strings in answers: what is relaxed for requests is not for them
    conversation: Json = {"id": 1, "type": 1, "flags": 0, "recipients": []}
    assert contract.check_response("POST", "/users/@me/channels", 200, conversation) == [
        "POST /users/@me/channels answered 200: id: 1 is not of type 'string'"
    ]
    assert contract.check_response("DELETE", "/channels/1/messages/2", 204, {})
    assert contract.check_response("GET", MESSAGES, 301, None)


def test_a_whole_log_is_checked(contract: Contract) -> None:
    log = [Entry("POST", MESSAGES, {"content": "fine"}), Entry("GET", "/nowhere", None)]
    assert contract.check_log(log) == ["GET /nowhere: there is no such operation"]
