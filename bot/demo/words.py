from collections.abc import Mapping
from typing import Any

from bot.texts import Voice

# What the preview's scripts say in English, as it stands in their source: the key of the
# sentence that takes its place, and the expressions that fill it.
SAID: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "`${invoker} used `": ("demo.used", {"who": "${invoker}"}),
    "`Message ${channel.glyph}${channel.name}`": (
        "demo.write",
        {"channel": "${channel.glyph}${channel.name}"},
    ),
    "`+${optional} optional`": ("demo.optional", {"number": "${optional}"}),
    '`+${remaining} ${displayed.length ? "more" : "options"}`': (
        "demo.optional",
        {"number": "${remaining}"},
    ),
    '`This form will be submitted to ${modal.application_name || "this application"}.'
    " Do not share passwords or other sensitive information.`": ("demo.form", {}),
    (
        '`${thread.name || "Thread"} · ${thread.message_count}'
        ' ${thread.message_count === 1 ? "message" : "messages"}`'
    ): ("demo.thread", {"number": "${thread.message_count}"}),
    '"Only you can see this"': ("demo.only_you", {}),
    '"Thinking…"': ("demo.thinking", {}),
    '" (edited)"': ("demo.edited", {}),
    '"(edited)"': ("demo.edited", {}),
    '"Submit"': ("demo.submit", {}),
    '"Cancel"': ("demo.cancel", {}),
    '"Apply"': ("demo.apply", {}),
    '"SimCord selection draft"': ("demo.choice", {}),
    '"Choose file"': ("demo.choose_file", {}),
    '"Drop files here or "': ("demo.drop_files", {}),
    '"browse"': ("demo.browse", {}),
    '"This field is required."': ("demo.required", {}),
    '"No options match"': ("demo.no_match", {}),
    '"True"': ("demo.true", {}),
    '"False"': ("demo.false", {}),
}
# Where they show the base names of arguments, by which they know them, and what shows the others.
NAMED: Mapping[str, str] = {
    '"command-pill-label", option.name': '"command-pill-label", option.label',
    "? [focused.name, focused.description": "? [focused.label, focused.description",
    "{ name: option.name, value: option.name, description: option.description }": (
        "{ name: option.label, value: option.name, username: option.description }"
    ),
}
# The same as `SAID`, in its page.
WRITTEN: Mapping[str, str] = {
    "Load earlier messages": "demo.earlier",
    "Newer messages": "demo.newer",
    "New messages · jump to latest": "demo.latest",
    "No messages in this channel.": "demo.nothing",
}


def script(source: str, voice: Voice) -> str:
    """A script of the preview that says its sentences in this voice."""
    for english, (key, values) in SAID.items():
        source = source.replace(english, f"`{voice(key, **values)}`")
    for base, local in NAMED.items():
        source = source.replace(base, local)
    return source


def page(source: str, voice: Voice) -> str:
    """The preview's page with its sentences in this voice."""
    for english, key in WRITTEN.items():
        source = source.replace(f">{english}<", f">{voice(key)}<")
    return source


def commands(
    catalogue: Mapping[str, Any], registered: Mapping[str, Mapping[str, Any]], locale: str
) -> dict[str, Any]:
    """The preview's list of commands, as a client in that language shows it."""
    entries = [
        _entry(entry, registered[entry["commandId"]], locale) for entry in catalogue["entries"]
    ]
    return {**catalogue, "entries": entries}


def _entry(entry: Mapping[str, Any], command: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """One command, whose name is the path to it through groups."""
    names = [_local(command, "name", locale)]
    for step in entry["path"][1:]:
        command = next(option for option in command["options"] if option["name"] == step)
        names.append(_local(command, "name", locale))
    told = {option["name"]: option for option in command.get("options", ())}
    return {
        **entry,
        "invocation": " ".join(names),
        "description": _local(command, "description", locale),
        "options": [_option(option, told[option["name"]], locale) for option in entry["options"]],
    }


def _option(option: Mapping[str, Any], told: Mapping[str, Any], locale: str) -> dict[str, Any]:
    choices = [
        {"name": _local(choice, "name", locale), "value": choice["value"]}
        for choice in told.get("choices", ())
    ]
    return {
        **option,
        "label": _local(told, "name", locale),
        "description": _local(told, "description", locale),
        "choices": choices,
    }


def _local(told: Mapping[str, Any], what: str, locale: str) -> str:
    """A name or a description in that language, if it was given one."""
    translated: Mapping[str, str] = told.get(f"{what}_localizations") or {}
    return translated.get(locale) or str(told[what])
