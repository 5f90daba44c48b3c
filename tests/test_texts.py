import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from bot import texts
from bot.texts import LANGUAGES, LOCALES

ROOT = Path(texts.__file__).parents[1]
SUBJECTS = sorted(path.name for path in (LOCALES / "fr").glob("*.po"))
# Dotted words in the code that are no sentences: files, and loggers.
NO_SENTENCE = re.compile(r".*\.(db|html|http|gateway)")
# Said alike in both languages: the same word, or nothing but numbers and addresses.
ALIKE = {
    "ask.lead",
    "commands.ask.question",
    "commands.diagnostic",
    "commands.event.role",
    "events.form_capacity_example",
    "recaps.figure_exactly",
    "recaps.form_edition_example",
    "recaps.form_link_example",
    "recaps.lead",
    "recaps.page",
}


def catalogue(language: str, subject: str) -> dict[str, Message]:
    with (LOCALES / language / subject).open("rb") as file:
        found = read_po(file, locale=language)
    return {_key(message): message for message in found if message.id}


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def forms(message: Message) -> Sequence[str]:
    """The sentence, or its singular and plural."""
    if isinstance(message.string, str):
        return (message.string,)
    return tuple(message.string or ())


def everything(language: str) -> dict[str, Message]:
    found: dict[str, Message] = {}
    for path in sorted((LOCALES / language).glob("*.po")):
        for key, message in catalogue(language, path.name).items():
            assert key not in found, f"{key} stands in two catalogues"
            found[key] = message
    return found


FRENCH, ENGLISH = everything("fr"), everything("en")
BY_LANGUAGE = {"fr": FRENCH, "en": ENGLISH}


def placeholders(message: Message) -> set[str]:
    return {name for form in forms(message) for _, name, _, _ in Formatter().parse(form) if name}


# The two languages.


def test_both_languages_have_the_same_subjects() -> None:
    assert sorted(path.name for path in (LOCALES / "en").glob("*.po")) == SUBJECTS


@pytest.mark.parametrize("subject", SUBJECTS)
def test_both_languages_have_the_same_keys(subject: str) -> None:
    assert catalogue("fr", subject).keys() == catalogue("en", subject).keys()


@pytest.mark.parametrize("key", FRENCH)
def test_a_sentence_takes_the_same_in_both_languages(key: str) -> None:
    french, english = FRENCH[key], ENGLISH[key]
    assert placeholders(french) == placeholders(english)
    assert len(forms(french)) == len(forms(english))
    assert all(forms(french))
    assert all(forms(english))


def test_a_french_sentence_is_not_the_english_one() -> None:
    alike = {key for key in FRENCH if FRENCH[key].string == ENGLISH[key].string}
    assert alike == ALIKE


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_voice_fails_aloud_for_a_key_it_does_not_know(language: str) -> None:
    with pytest.raises(LookupError, match="nobody"):
        texts.load()[language]("nobody.says_this")


def test_numbers_choose_the_plural() -> None:
    voices = texts.load()
    counts = (0, 1, 2)
    assert [voices["fr"]("events.waiting", count=n) for n in counts] == [
        "⏳ 0 personne en liste d’attente",
        "⏳ 1 personne en liste d’attente",
        "⏳ 2 personnes en liste d’attente",
    ]
    assert [voices["en"]("events.waiting", count=n) for n in counts] == [
        "⏳ 0 people on the waiting list",
        "⏳ 1 person on the waiting list",
        "⏳ 2 people on the waiting list",
    ]


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        ((), "fr"),
        ((None, "en-US"), "en"),
        (("en", "fr"), "en"),
        (("de", "en-GB"), "en"),
        (("de", None), "fr"),
        (("FR-ca",), "fr"),
    ],
)
def test_the_first_wish_that_is_spoken_counts(wishes: Sequence[str | None], language: str) -> None:
    assert texts.pick(texts.load(), *wishes).language == language


# How French is written.


def prose(sentence: str) -> str:
    """A sentence without code, tags of HTML, addresses and placeholders."""
    without_code = re.sub(r"`[^`]*`|<[^>]*>|\w+://\S*", "code", sentence)
    return re.sub(r"\{[^}]*\}", "x", without_code)


MISPRINTS = {
    "a straight apostrophe": re.compile(r"'"),
    "straight quotation marks": re.compile(r'"'),
    "an ordinary space before a mark": re.compile(r" [:;?!»]"),
    "no space before a mark": re.compile(r"[\w)*][:;?!»](?=\s|$)"),
    "an ordinary space inside quotation marks": re.compile(r"«(?![\u00a0\u202f])"),
    "three full stops": re.compile(r"\.\.\."),
    "an ordinary space in a time": re.compile(r"\d h\b|\bh \d"),
    "two spaces": re.compile(r"  "),
}


def misprints(sentence: str) -> set[str]:
    return {name for name, pattern in MISPRINTS.items() if pattern.search(prose(sentence))}


@pytest.mark.parametrize(
    "sentence",
    ["l'heure", "Attention : non", "Quoi?", "« ici\u00a0»", "Voici...", "à 18 h 30", '"x"'],
)
def test_misprints_are_found(sentence: str) -> None:
    assert misprints(sentence)


@pytest.mark.parametrize("key", FRENCH)
def test_french_is_printed_as_french(key: str) -> None:
    assert {form: misprints(form) for form in forms(FRENCH[key]) if misprints(form)} == {}


@pytest.mark.parametrize("key", ENGLISH)
def test_english_has_its_own_apostrophes_and_quotation_marks(key: str) -> None:
    for form in forms(ENGLISH[key]):
        assert not re.search(r"'|\"|«|  |\.\.\.", prose(form)), form


# What the code says.


@dataclass(frozen=True)
class Said:
    """What one module says: whole keys, and patterns of keys with a gap in them."""

    keys: frozenset[str]
    patterns: frozenset[str]

    def covers(self, key: str) -> bool:
        return key in self.keys or any(re.fullmatch(p, key) for p in self.patterns)


KEY = re.compile(r"[a-z]+(\.[a-z0-9_]*[a-z0-9])+")
GAP = "[a-z0-9_]+"


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for folder in ("bot", "cogs"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text())


def strings(tree: ast.AST) -> Iterator[str]:
    """String literals that may be keys."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def pattern(node: ast.JoinedStr) -> str:
    """An f-string as a pattern: f"rsvp.button_{choice}" is rsvp, button, and a gap."""
    return "".join(
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else GAP
        for part in node.values
    )


def patterns(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            first = node.values[0]
            if isinstance(first, ast.Constant) and re.match(r"[a-z]+\.", str(first.value)):
                yield pattern(node)


def called(node: ast.AST) -> str:
    """The last name of what is called: "command" of `_labels.command(...)`."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)


def commands(tree: ast.AST) -> Iterator[str]:
    """The keys of the commands that a module makes: the convention of `cogs/_labels.py`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                if called(decorator) in {"command", "subcommand"}:
                    key = _first(decorator)
                    yield from _with_about(key)
                    yield from _with_about(key.partition(".")[0])
                    for option in node.args.args[2:]:
                        yield from _with_about(f"{key}.{option.arg}")


def _first(call: ast.AST) -> str:
    assert isinstance(call, ast.Call)
    return str(ast.literal_eval(call.args[0]))


def _with_about(key: str) -> tuple[str, str]:
    return f"commands.{key}", f"commands.{key}.about"


def said_by(path: Path, tree: ast.AST) -> Said:
    keys = {string for string in strings(tree) if KEY.fullmatch(string)}
    gaps = set[str]() if path.name == "_labels.py" else {*patterns(tree)}
    return Said(frozenset({*keys, *commands(tree)}), frozenset(gaps))


def all_said() -> Said:
    every = [said_by(path, tree) for path, tree in modules()]
    return Said(
        frozenset(key for said in every for key in said.keys),
        frozenset(p for said in every for p in said.patterns),
    )


def test_every_sentence_is_said_somewhere() -> None:
    said = all_said()
    assert {key for key in FRENCH if not said.covers(key)} == set()


def test_every_sentence_that_is_said_exists() -> None:
    said = all_said()
    known = {*FRENCH, *(key.removeprefix("commands.") for key in FRENCH)}
    assert {key for key in said.keys - known if not is_ours(key)} == set()
    gaps = {gap for gap in said.patterns if not is_ours(gap.replace("\\", ""))}
    assert {gap for gap in gaps if not any(re.fullmatch(gap, key) for key in FRENCH)} == set()


def is_ours(name: str) -> bool:
    """Whether it names a module, a column or a file ("cogs.rsvp", "guild.id", "demo.db")."""
    in_folder = (ROOT / name.partition(".")[0]).is_dir()
    return in_folder or name.endswith(".id") or NO_SENTENCE.fullmatch(name) is not None


def test_the_collector_finds_keys_patterns_and_commands() -> None:
    tree = ast.parse(
        """
@subcommand("event.create")
async def create(self, interaction, title):
    voice("events.no_title")
    voice(f"rsvp.button_{choice.value}")
"""
    )
    said = said_by(Path("x.py"), tree)
    assert {"commands.event.create", "commands.event.create.title.about"} <= said.keys
    assert said.covers("events.no_title")
    assert said.covers("rsvp.button_yes")
    assert not said.covers("rsvp.seated")


# Discord's limits.


def longest(key: str) -> int:
    return max(len(form) for m in (FRENCH[key], ENGLISH[key]) for form in forms(m))


COMMANDS = [key for key in FRENCH if key.startswith("commands.")]


@pytest.mark.parametrize("key", [key for key in COMMANDS if not key.endswith(".about")])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_command_has_a_name_that_discord_takes(language: str, key: str) -> None:
    (name,) = forms(BY_LANGUAGE[language][key])
    assert re.fullmatch(r"[-_\w]{1,32}", name)
    assert name == name.lower()
    if language == "en" or key.count(".") <= 2:
        assert name.isascii(), "typed without accents"


@pytest.mark.parametrize("key", [key for key in COMMANDS if key.endswith(".about")])
def test_a_command_is_described_in_a_hundred_characters(key: str) -> None:
    assert longest(key) <= 100


Limited = Callable[[ast.Call], Iterable[ast.AST]]


def keywords(call: ast.Call, name: str) -> Iterable[ast.AST]:
    return [keyword.value for keyword in call.keywords if keyword.arg == name]


# What part of which call has how many characters at most.
LIMITS: dict[str, tuple[int, Limited]] = {
    "the label of a button": (80, lambda c: [c] if called(c).endswith("Button") else []),
    "the title of a form": (45, lambda c: keywords(c, "title") if _opens_a_form(c) else []),
    "the label of a field": (45, lambda c: keywords(c, "text") if called(c) == "Label" else []),
    "the description of a field": (
        100,
        lambda c: keywords(c, "description") if called(c) == "Label" else [],
    ),
    "the example in a field": (100, lambda c: keywords(c, "placeholder")),
}


def _opens_a_form(call: ast.Call) -> bool:
    return ast.unparse(call.func) == "super().__init__"


def keys_within(node: ast.AST) -> Iterator[str]:
    """The keys said within a piece of code; a gap holds no underscore here: `form_{name}`."""
    said = {string for string in strings(node) if string in FRENCH}
    gaps = [gap.replace(GAP, "[a-z0-9]+") for gap in patterns(node)]
    yield from (key for key in FRENCH if key in said or any(re.fullmatch(g, key) for g in gaps))


@pytest.mark.parametrize("limit", LIMITS)
def test_what_stands_in_a_small_place_is_short(limit: str) -> None:
    most, places = LIMITS[limit]
    calls = [n for _, tree in modules() for n in ast.walk(tree) if isinstance(n, ast.Call)]
    keys = {key for call in calls for place in places(call) for key in keys_within(place)}
    assert keys, "a limit that holds nothing proves nothing"
    assert {key: longest(key) for key in keys if longest(key) > most} == {}
