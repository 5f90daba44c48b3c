"""The command line."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from sqlalchemy import URL

from bot import app, config, guilds, logs, migrate, texts, web
from bot.alone import alone
from bot.config import Settings
from bot.db import Database
from bot.errors import UserError
from bot.recaps import imports
from bot.recaps.imports import Report
from bot.search import index
from bot.texts import Voice

Result = TypeVar("Result")

# As for any command line: what was asked for cannot be done as it was asked.
WRONG = 2

cli = typer.Typer(
    name="tableronde",
    help="The Discord bot of a community that meets around tables.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Guild = Annotated[
    str | None, typer.Option(help="The community's name or id, if there are several.")
]


@cli.command()
def run() -> None:
    """Log in to Discord and serve, until told to stop."""
    settings = _settings()
    _carry_out(lambda: _run(settings))


@cli.command(name="import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="Text or Markdown files, or folders.")],
    *,
    post: Annotated[bool, typer.Option("--post", help="Post them in the recaps channel.")] = False,
    guild: Guild = None,
) -> None:
    """Bring recaps into the library; a second time changes nothing."""
    settings = _settings()
    report = _carry_out(lambda: _import(settings, files, guild, post=post))
    _summarise(report)


@cli.command(name="migrate")
def migrate_() -> None:
    """Bring the database to its newest schema; `run` does it by itself."""
    settings = _settings()
    _carry_out(lambda: _opened_only(settings))


@cli.command()
def reindex() -> None:
    """Build the search index again from the library."""
    settings = _settings()
    _carry_out(lambda: _reindex(settings))


@cli.command()
def demo(
    database: Annotated[
        Path | None, typer.Option(help="Keep the state in this SQLite file.")
    ] = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on; any free one if 0.")] = 0,
) -> None:
    """Try the bot with a sample community, in the browser and without a token."""
    try:
        from bot import demo as stage
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "simcord":
            raise
        _refuse(UserError("config.no_simcord"))
    logs.configure("WARNING", "text")
    _carry_out(lambda: stage.show(database, _voice(), host=host, port=port))


def main() -> None:
    """Run the command line."""
    cli()


async def _run(settings: Settings) -> None:
    token = settings.token()
    app.redirect(settings.discord_api_base, settings.discord_gateway)
    voices = texts.load()
    with alone(settings.database):
        async with _opened(settings.database) as database, _website(settings, database, voices):
            bot = app.Bot(
                database,
                voices,
                public_url=settings.public_url,
                members_intent=settings.members_intent,
            )
            await app.serve(bot, token)


def _website(
    settings: Settings, database: Database, voices: Mapping[str, Voice]
) -> AbstractAsyncContextManager[object]:
    """What is served over HTTP, where a port was given."""
    if settings.web_port is None:
        return nullcontext()
    return web.serving(
        database,
        voices,
        host=settings.web_host,
        port=settings.web_port,
        clock=_now,
        public_url=settings.public_url,
    )


async def _import(settings: Settings, files: list[Path], wish: str | None, *, post: bool) -> Report:
    async with _opened(settings.database) as database:
        async with database.reading() as session:
            guild = await guilds.named(session, wish)
        return await imports.import_files(database, guild, files, post=post, now=_now())


async def _opened_only(settings: Settings) -> None:
    async with _opened(settings.database):
        pass


async def _reindex(settings: Settings) -> None:
    async with _opened(settings.database) as database, database.writing() as session:
        await index.rebuild(session)


@asynccontextmanager
async def _opened(url: URL) -> AsyncGenerator[Database]:
    """A database in its newest schema, with an index of this version; closed at the end."""
    database = Database(url)
    try:
        await migrate.to_newest(database, now=_now())
        async with database.writing() as session:
            await index.refresh(session)
        yield database
    finally:
        await database.close()


def _settings() -> Settings:
    """Read the settings and begin to log, or say all that is wrong with them."""
    try:
        settings = config.read()
    except ExceptionGroup as wrong:
        _refuse(*(error for error in wrong.exceptions if isinstance(error, UserError)))
    logs.configure(settings.log_level, settings.log_format)
    return settings


def _carry_out(work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Carry out a command; what the person can put right is said in a sentence."""
    try:
        return asyncio.run(work())
    except UserError as error:
        _refuse(error)
    except KeyboardInterrupt:
        raise SystemExit(0) from None


def _refuse(*errors: UserError) -> NoReturn:
    voice = _voice()
    for error in errors:
        typer.echo(voice(error.key, **error.values), err=True)
    sys.exit(WRONG)


def _summarise(report: Report) -> None:
    voice = _voice()
    for found in report.new:
        typer.echo(voice("import.read", path=found.path, title=found.title, count=found.sections))
    for found in report.known:
        typer.echo(voice("import.known", path=found.path, title=found.title))
    for skipped in report.skipped:
        why = voice(skipped.why.key, **skipped.why.values)
        typer.echo(voice("import.skipped", path=skipped.path, why=why))
    typer.echo(
        voice(
            "import.summary",
            new=len(report.new),
            known=len(report.known),
            skipped=len(report.skipped),
        )
    )


def _voice() -> Voice:
    """The operator's language, as the terminal says it."""
    wishes = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return texts.pick(texts.load(), *wishes)


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
