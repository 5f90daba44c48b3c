"""The house's rules: each is a function that finds what breaks it, and is shown a culprit."""

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TypeAlias

import pytest

ROOT = Path(__file__).parents[1]
LONGEST_FUNCTION = 30
LONGEST_FILE = 400


@dataclass(frozen=True)
class Module:
    """A file of ours, by the name under which it is imported."""

    name: str
    source: str
    is_package: bool = False

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    def within(self, *packages: str) -> bool:
        return any(self.name == p or self.name.startswith(f"{p}.") for p in packages)


Findings: TypeAlias = Iterable[str]
Rule: TypeAlias = Callable[[Module], Findings]


def read(path: Path) -> Module:
    parts = path.relative_to(ROOT).with_suffix("").parts
    package = parts[-1] == "__init__"
    return Module(".".join(parts[:-1] if package else parts), path.read_text(), package)


def modules(*folders: str) -> list[Module]:
    return [read(path) for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


EVERY = modules("bot", "cogs", "migrations", "tests")
NAMES = {module.name for module in EVERY}


def imports(module: Module) -> Iterator[str]:
    """The modules that a module imports, in full; `from x import y` is x.y where that is one."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in NAMES else str(node.module)


def importing(module: Module, *packages: str) -> Findings:
    return [
        f"{module.name} imports {name}"
        for name in imports(module)
        if any(name == p or name.startswith(f"{p}.") for p in packages)
    ]


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def methods(tree: ast.AST, *names: str) -> Iterator[ast.Attribute]:
    """The attributes of these names: `.commit`, `.rollback`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in names:
            yield node


def at(module: Module, node: ast.expr | ast.stmt | ast.ExceptHandler) -> str:
    return f"{module.name}:{node.lineno}"


# Who may know whom.


def discord_in_bot(module: Module) -> Findings:
    """`bot/` is true whether or not Discord exists; only its application speaks to it."""
    if module.within("bot") and not module.within("bot.app", "bot.demo"):
        return importing(module, "discord")
    return []


def tables_in_cogs(module: Module) -> Findings:
    """`cogs/` ask for facts in functions, not in SQL."""
    return importing(module, "sqlalchemy", "alembic") if module.within("cogs") else []


def cogs_in_bot(module: Module) -> Findings:
    """The rules do not know who uses them."""
    return importing(module, "cogs", "tests") if module.within("bot", "migrations") else []


def ground_floor(module: Module) -> Findings:
    """Subjects do not know the application, nor Discord's simulator."""
    if module.within("bot.recaps", "bot.events", "bot.search", "bot.members"):
        return importing(module, "bot.app", "bot.demo", "discord")
    return []


def demo_elsewhere(module: Module) -> Findings:
    """The command line alone starts the demonstration."""
    if module.within("bot.demo", "bot.__main__", "tests"):
        return []
    return importing(module, "bot.demo")


def simcord_elsewhere(module: Module) -> Findings:
    """The demonstration alone needs the simulator."""
    if module.within("bot.demo", "tests"):
        return []
    return importing(module, "simcord")


def ours_in_versions(module: Module) -> Findings:
    """A revision stays true when the code moves on."""
    if module.within("migrations.versions"):
        return importing(module, "bot", "cogs", "tests", "migrations")
    return []


def other_cogs(module: Module) -> Findings:
    """Cogs do not know each other: what they share stands in `_` modules, or is dispatched."""
    if not module.within("cogs"):
        return []
    shared = [name for name in NAMES if name.startswith("cogs._")]
    others = [name for name in NAMES if name.startswith("cogs.") and name not in shared]
    found = [f"{module.name} asks for a cog" for _ in methods(module.tree, "get_cog")]
    return [*found, *importing(module, *others)]


# What happens to the database.


def commits_elsewhere(module: Module) -> Findings:
    """`db.py` alone commits or rolls back."""
    if module.within("bot.db", "tests"):
        return []
    return [at(module, node) for node in methods(module.tree, "commit", "rollback")]


def session_methods_in_cogs(module: Module) -> Findings:
    """Cogs hand the session on; what is done with it is decided in `bot/`."""
    if not module.within("cogs"):
        return []
    return [
        at(module, node)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "session"
    ]


def discord_inside_transactions(module: Module) -> Findings:
    """Inside `writing()`, cogs await functions of `bot/` with the session, and nothing else."""
    if not module.within("cogs"):
        return []
    return [
        at(module, awaited)
        for block in ast.walk(module.tree)
        if isinstance(block, ast.AsyncWith) and _opens(block, "writing")
        for statement in block.body
        for awaited in ast.walk(statement)
        if isinstance(awaited, ast.Await) and not _hands_on_the_session(awaited)
    ]


def _opens(block: ast.AsyncWith, method: str) -> bool:
    return any(
        isinstance(item.context_expr, ast.Call)
        and isinstance(item.context_expr.func, ast.Attribute)
        and item.context_expr.func.attr == method
        for item in block.items
    )


def _hands_on_the_session(awaited: ast.Await) -> bool:
    call = awaited.value
    return (
        isinstance(call, ast.Call)
        and bool(call.args)
        and isinstance(call.args[0], ast.Name)
        and call.args[0].id == "session"
    )


# How it is written.


def swallows_everything(module: Module) -> Findings:
    """Nobody keeps what ends the program from ending it."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "BaseException"
            if "BaseException" in caught and not isinstance(node.body[-1], ast.Raise):
                yield at(module, node)


Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


def long_functions(module: Module) -> Findings:
    """A function fits on a screen; its docstring and the list of its parameters come on top."""
    if module.within("migrations.versions"):
        return  # a schema is a list, not a function
    for node in ast.walk(module.tree):
        if isinstance(node, Function) and _lines(node) > LONGEST_FUNCTION:
            yield f"{at(module, node)} {node.name}: {_lines(node)} lines"


def _lines(function: Function) -> int:
    """The lines of code from the first statement on, without those of functions inside."""
    code = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not code:
        return 0
    nested = [node for node in ast.walk(function) if isinstance(node, Function)]
    inside = sum(_lines(node) for node in nested if node is not function)
    return (code[-1].end_lineno or 0) - code[0].lineno + 1 - inside


def long_files(module: Module) -> Findings:
    """A file over its budget becomes a package."""
    lines = len(module.source.splitlines())
    return [f"{module.name}: {lines} lines"] if lines > LONGEST_FILE else []


def local_clocks(module: Module) -> Findings:
    """Rules are told what time it is; the command line and the demonstration tell it."""
    if not module.within("bot", "cogs") or module.within("bot.__main__", "bot.demo"):
        return []
    naming = ("now", "utcnow", "today")
    return [
        at(module, call)
        for call in calls(module.tree)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in naming
        and ast.unparse(call.func.value) in {"datetime", "date", "discord.utils"}
    ]


def mocks(module: Module) -> Findings:
    """Tests look at the real thing."""
    if not module.within("tests") or module.name == "tests.wire.conftest":
        return []  # it tells discord.py the address of another Discord
    replaced = [at(module, node) for node in methods(module.tree, "setattr", "setitem")]
    return [*importing(module, "unittest", "mock", "pytest_mock"), *replaced]


def sleeping_tests(module: Module) -> Findings:
    """Tests wait for conditions; sockets and benchmarks keep real time."""
    if not module.within("tests") or module.within("tests.wire", "tests.benchmarks"):
        return []
    return [at(module, node) for node in methods(module.tree, "sleep")]


# A rule, and something that breaks it: a test that cannot fail is worth nothing.
RULES: Sequence[tuple[Rule, Module]] = [
    (discord_in_bot, Module("bot.guilds", "import discord")),
    (discord_in_bot, Module("bot.events.rsvp", "from discord.ext import commands")),
    (tables_in_cogs, Module("cogs.rsvp", "from sqlalchemy import select")),
    (cogs_in_bot, Module("bot.app", "from cogs import rsvp")),
    (ground_floor, Module("bot.events.rsvp", "from bot.app import Bot")),
    (demo_elsewhere, Module("bot.app", "from bot import demo")),
    (simcord_elsewhere, Module("bot.app", "import simcord")),
    (ours_in_versions, Module("migrations.versions.0001_x", "from bot.tables import Guild")),
    (other_cogs, Module("cogs.rsvp", "self.bot.get_cog('Events')")),
    (other_cogs, Module("cogs.rsvp", "from cogs.events import propose")),
    (commits_elsewhere, Module("bot.guilds", "await session.commit()")),
    (session_methods_in_cogs, Module("cogs.rsvp", "session.add(answer)")),
    (
        discord_inside_transactions,
        Module(
            "cogs.rsvp",
            "async def press(self, interaction):\n"
            "    async with self.bot.db.writing() as session:\n"
            "        await rsvp.play(session, [])\n"
            "        await interaction.response.defer()\n",
        ),
    ),
    (swallows_everything, Module("bot.app", "try: pass\nexcept: pass")),
    (swallows_everything, Module("bot.app", "try: pass\nexcept (OSError, BaseException): pass")),
    (long_functions, Module("bot.app", "def f():\n" + "    f()\n" * (LONGEST_FUNCTION + 1))),
    (long_files, Module("bot.app", "f()\n" * (LONGEST_FILE + 1))),
    (local_clocks, Module("bot.guilds", "datetime.now(UTC)")),
    (mocks, Module("tests.test_x", "from unittest.mock import Mock")),
    (mocks, Module("tests.test_x", "monkeypatch.setattr(discord, 'Client', None)")),
    (sleeping_tests, Module("tests.test_x", "await asyncio.sleep(1)")),
]


@pytest.mark.parametrize("rule", dict.fromkeys(rule for rule, _ in RULES))
def test_the_house_keeps_the_rule(rule: Rule) -> None:
    assert [finding for module in EVERY for finding in rule(module)] == [], rule.__doc__


@pytest.mark.parametrize(("rule", "culprit"), RULES)
def test_the_rule_finds_what_breaks_it(rule: Rule, culprit: Module) -> None:
    assert [*rule(culprit)] != []


def circle(graph: dict[str, set[str]]) -> Sequence[str]:
    """Modules that import each other in a circle, if any."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: Sequence[str] = error.args[1]
        return found
    return []


def graph(every: Iterable[Module]) -> dict[str, set[str]]:
    """What each module imports of ours, itself and its own packages apart."""
    return {
        module.name: {name for name in imports(module) if name in NAMES and not module.within(name)}
        for module in every
    }


def test_nobody_imports_in_a_circle() -> None:
    assert circle(graph(modules("bot", "cogs"))) == []


def test_the_subjects_do_not_import_each_other_in_a_circle() -> None:
    """Packages as wholes: neither `events` with `recaps`, nor any other two."""
    packages: dict[str, set[str]] = {}
    for name, found in graph(modules("bot")).items():
        home = ".".join(name.split(".")[:2])
        others = {".".join(other.split(".")[:2]) for other in found} - {home, "bot"}
        packages.setdefault(home, set()).update(others)
    assert circle(packages) == []


def test_a_circle_is_found() -> None:
    assert circle({"bot.a": {"bot.b"}, "bot.b": {"bot.a"}}) != []


def test_the_folders_are_those_of_the_map() -> None:
    listed = {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and not path.name.startswith(".") and path.name != "build"
    }
    assert listed - {"dist"} == {"bot", "cogs", "migrations", "tests"}
