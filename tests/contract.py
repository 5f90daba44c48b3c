"""What the bot sends, held against Discord's published description of its HTTP API."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

Json = dict[str, Any]

DESCRIPTION = Path(__file__).resolve().parents[2] / "shared" / "data" / "discord-openapi.json"
COMPONENTS_V2 = 1 << 15
_PERMISSION_BITS = ("default_member_permissions", "permissions", "allow", "deny")
_ROW = 1
_TYPED = 1  # the others, in the menus of members and messages, have free names
_COMMAND_NAME = re.compile(r"[-_'\w]{1,32}")
_READABLE = 200
_FORMATS = FormatChecker(formats=())


class Logged(Protocol):
    """A request, as simcord's log and the log of `tests/wire` write it down."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def json(self) -> Any: ...


@cache
def published() -> "Contract | None":
    """Return Discord's description, read once; None where it is not at hand."""
    return Contract() if DESCRIPTION.exists() else None


class _Validator(Protocol):
    """The two methods of jsonschema's that are used here, with their types."""

    def evolve(self, *, schema: Any) -> "_Validator": ...
    def iter_errors(self, instance: Any) -> Iterator[ValidationError]: ...


class Contract:
    """Discord's description of its HTTP API, to hold requests and answers against.

    What discord.py writes otherwise than described, and Discord takes as well, passes in
    requests (see `_relaxed`). What the description leaves out is added (see `_beyond`).
    """

    def __init__(self, description: Path = DESCRIPTION) -> None:
        document = json.loads(description.read_bytes())
        schemas = document["components"]["schemas"]
        self._paths: Json = _told_apart(document["paths"], schemas)
        self._responses = document["components"]["responses"]
        self._requests = _validator(_relaxed(schemas))
        self._answers = _validator(schemas)
        self._checked: dict[str, list[str]] = {}
        # the fewest parameters first: "/users/@me" is not a "/users/{user_id}"
        self._templates = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path)
            for path in sorted(self._paths, key=lambda path: path.count("{"))
        ]

    def check(self, method: str, path: str, body: Any) -> list[str]:
        """Say what Discord would refuse in a request.

        Args:
            method: in capitals.
            path: with ids in it, with or without `/api/v10` before it.
            body: what JSON says, multipart's `payload_json` unwrapped; None if there is no body.
        """
        template, operation = self._operation(method, path)
        if operation is None:
            return [f"{method} {path}: there is no such operation"]
        described = operation.get("requestBody")
        if body is None:
            wrong = ["needs a body"] if described and described.get("required") else []
        elif described is None:
            wrong = ["takes no body"]
        else:
            wrong = [*_violations(self._requests, described, body), *_beyond(body)]
        return [f"{method} {template}: {problem}" for problem in wrong]

    def check_response(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """Say what Discord would never answer; its own failures (5xx) are not described."""
        template, operation = self._operation(method, path)
        if operation is None or status >= 500:
            return []
        answers = operation["responses"]
        described = answers.get(str(status)) or answers.get(f"{status // 100}XX")
        if described is None:
            return [f"{method} {template}: never answers {status}"]
        if "$ref" in described:
            described = self._responses[described["$ref"].rpartition("/")[2]]
        wrong = _violations(self._answers, described, body)
        return [f"{method} {template} answered {status}: {problem}" for problem in wrong]

    def check_log(self, entries: Iterable[Logged]) -> list[str]:
        """Say what Discord would refuse in a log of requests, such as `env.http_requests`.

        The same request is checked once: every bot of every test sends the same commands.
        """
        found: list[str] = []
        for entry in entries:
            request = f"{entry.method} {entry.path} {json.dumps(entry.json)}"
            if request not in self._checked:
                self._checked[request] = self.check(entry.method, entry.path, entry.json)
            found += self._checked[request]
        return found

    def _operation(self, method: str, path: str) -> tuple[str, Any]:
        path = path.removeprefix("/api/v10")
        for pattern, template in self._templates:
            if pattern.fullmatch(path) and method.lower() in self._paths[template]:
                return template, self._paths[template][method.lower()]
        return path, None


def _validator(schemas: Json) -> _Validator:
    kept = {"components": {"schemas": _told_apart(schemas, schemas)}}
    return cast("_Validator", Draft202012Validator(kept, format_checker=_FORMATS))


def _violations(validator: _Validator, described: Json, body: Any) -> Iterator[str]:
    """Yield what is wrong with a body; `described` is a request body or an answer."""
    if "content" not in described:
        if body is not None:
            yield "has no body"
        return
    schema = described["content"].get("application/json", {}).get("schema", True)
    for error in validator.evolve(schema=schema).iter_errors(body):
        cause = _cause(error)
        said = cause.message  # what was sent, however long, and then what is wrong with it
        said = said if len(said) < _READABLE else f"{said[:80]}…{said[-80:]}"
        yield f"{cause.json_path.removeprefix('$.')}: {said}"


def _cause(error: ValidationError) -> ValidationError:
    """Return the deepest reason why a union fits none of its branches, if one is deepest."""
    causes = sorted(error.context or [], key=lambda cause: len(cause.absolute_path))
    depths = [len(cause.absolute_path) for cause in (error, *causes)]
    return causes[-1] if causes and depths[-1] > depths[-2] else error


def _relaxed(schemas: Json) -> Json:
    """Return the schemas of requests as Discord reads them rather than as it describes them.

    - Ids may be integers: discord.py numbers attachments and names recipients, allowed mentions
      and referenced messages so. Discord reads both.
    - Permission bits may be strings of digits: discord.py sends a command's default permissions
      and a channel's overwrites so. Discord reads both, and answers strings.
    """
    ids = {"type": ["string", "integer"]}
    relaxed = schemas | {"SnowflakeType": schemas["SnowflakeType"] | ids}
    for name, schema in schemas.items():
        bits = {
            key: described | {"type": [*described["type"], "string"], "pattern": "^[0-9]+$"}
            for key, described in schema.get("properties", {}).items()
            if key in _PERMISSION_BITS and described.get("type") == ["integer", "null"]
        }
        if bits:
            relaxed[name] = schema | {"properties": schema["properties"] | bits}
    return relaxed


def _told_apart(node: Json | list[Any] | str | float | None, schemas: Json) -> Any:
    """Rewrite unions whose branches can be told apart into one question for each branch.

    "None of seven components fits" becomes "components[0].label is too long", and six branches
    need not be tried.
    """
    if isinstance(node, list):
        return [_told_apart(item, schemas) for item in node]
    if not isinstance(node, dict):
        return node
    rewritten = {key: _told_apart(value, schemas) for key, value in node.items()}
    for union in node.keys() & {"oneOf", "anyOf"}:
        marks = [_mark(branch, schemas) for branch in node[union]]
        if _distinct(marks):
            pairs = zip(marks, rewritten.pop(union), strict=True)
            questions = [{"if": mark, "then": branch} for mark, branch in pairs]
            rewritten["allOf"] = [*rewritten.get("allOf", []), {"anyOf": marks}, *questions]
    return rewritten


def _mark(branch: Json, schemas: Json) -> Json | None:
    """Return a schema that tells a branch from the others by its type; None if nothing does."""
    if "$ref" in branch:
        branch = schemas[branch["$ref"].rpartition("/")[2]]
    if kinds := branch.get("properties", {}).get("type", {}).get("enum"):
        return {"type": "object", "properties": {"type": {"enum": kinds}}, "required": ["type"]}
    return {"type": branch["type"]} if "type" in branch else None


def _distinct(marks: list[Json | None]) -> bool:
    if None in marks or len(set(map(str, marks))) < len(marks):
        return False
    named = [mark for mark in marks if mark and "properties" in mark]
    return not named or {"type": "object"} not in marks


def _beyond(body: Any) -> Iterator[str]:
    """Yield what breaks the limits that Discord documents in prose only."""
    if isinstance(body, list):
        for command in cast("list[Json]", body):
            if command.get("type", _TYPED) == _TYPED:
                yield from _names(command)
        return
    # an interaction's answer and a forum post carry the message inside
    for message in (body, body.get("data"), body.get("message")):
        if isinstance(message, dict):
            yield from _message(cast("Json", message))


def _message(message: Json) -> Iterator[str]:
    parts, embeds = list(_components(listed(message, "components"))), listed(message, "embeds")
    rows = [part for part in listed(message, "components") if part["type"] == _ROW]
    totals = {
        "characters of content": (len(message.get("content") or ""), 2000),
        "characters in all embeds": (sum(len(text) for text in _texts(embeds)), 6000),
        "characters in all text displays": (sum(len(p.get("content", "")) for p in parts), 4000),
        "rows": (len(rows), 5),
        "components": (len(parts), 40),
    }
    for what, (count, most) in totals.items():
        if count > most:
            yield f"{count} {what}, {most} at most"
    for name, times in Counter(part.get("custom_id") for part in parts).items():
        if name and times > 1:
            yield f"custom_id {name!r} is used {times} times"
    if (message.get("flags") or 0) & COMPONENTS_V2 and (message.get("content") or embeds):
        yield "content and embeds are not allowed beside components of the second version"


def listed(node: Json, key: str) -> list[Json]:
    """Return what is in a list that may be absent, or null."""
    return node.get(key) or []


def _components(parts: Iterable[Json | None]) -> Iterator[Json]:
    """Yield components and those inside them: in rows, containers, sections and labels."""
    for part in parts:
        if part is not None:
            yield part
            yield from _components([part.get("accessory"), part.get("component")])
            yield from _components(listed(part, "components"))


def _texts(embeds: list[Json]) -> Iterator[str]:
    """Yield the texts that Discord adds up: all but addresses and times."""
    for embed in embeds:
        parts = [embed, embed.get("footer"), embed.get("author"), *listed(embed, "fields")]
        for part in filter(None, parts):
            for key in ("title", "description", "text", "name", "value"):
                yield part.get(key) or ""


def _names(command: Json) -> Iterator[str]:
    """Yield names of a typed command and its options that Discord would refuse: small letters."""
    names: list[str] = [command["name"], *(command.get("name_localizations") or {}).values()]
    for name in names:
        if name != name.lower() or not _COMMAND_NAME.fullmatch(name):
            yield f"{name!r} is no name for a command or an option"
    for option in listed(command, "options"):
        yield from _names(option)


@_FORMATS.checks("date-time", raises=ValueError)
def _is_time(text: object) -> bool:
    return not isinstance(text, str) or datetime.fromisoformat(text).tzinfo is not None


@_FORMATS.checks("uri", raises=ValueError)
def _is_address(text: object) -> bool:
    if not isinstance(text, str):
        return True
    address = urlsplit(text)
    return address.scheme == "attachment" or bool(
        address.scheme in {"http", "https", "discord", "ws", "wss"} and address.netloc
    )
