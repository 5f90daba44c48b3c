"""Recaps from files on this machine, as `tableronde import` reads them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot import guilds
from bot.db import Database
from bot.errors import UserError
from bot.recaps import article, library
from bot.recaps.article import Article
from bot.tables import Guild

KINDS = (".txt", ".md")
MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Imported:
    """A file that has been read, and how many sections it has."""

    path: Path
    title: str
    sections: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that has not been read, and the sentence that says why."""

    path: Path
    why: UserError


@dataclass(frozen=True, slots=True)
class Report:
    """What became of each file: new in the library, there already, or skipped."""

    new: list[Imported] = field(default_factory=list[Imported])
    known: list[Imported] = field(default_factory=list[Imported])
    skipped: list[Skipped] = field(default_factory=list[Skipped])


async def import_files(
    db: Database, guild: Guild, paths: Iterable[Path], *, post: bool, now: datetime
) -> Report:
    """Bring files, and the .txt and .md files of folders, into the library of a guild.

    Each file is a transaction of its own, so that one that is refused keeps no other out, and
    a bot that runs meanwhile is not held up. A second time changes nothing. With `post`, recaps
    that were never posted are owed to the recaps channel.

    Raises:
        UserError: if they are to be posted and no channel has been chosen for it.
    """
    if post:
        guilds.require(guild, "recaps_channel")
    report = Report()
    for path in _files(paths):
        try:
            found = read(path)
        except UserError as why:
            report.skipped.append(Skipped(path, why))
            continue
        new = await _store(db, guild, found, post=post, now=now)
        imported = Imported(path, found.title, len(found.sections))
        (report.new if new else report.known).append(imported)
    return report


def read(path: Path) -> Article:
    """Read a recap from a file.

    Raises:
        UserError: naming what to change.
    """
    check(path.name, path.stat().st_size if path.is_file() else None)
    try:
        return article.read(article.decode(path.read_bytes()))
    except OSError as error:
        raise UserError("recaps.unreadable_file", name=path.name) from error


def check(name: str, size: int | None) -> None:
    """Check, before it is read, that a file is of a kind and size that a recap can have.

    Raises:
        UserError: if it is not; a size of None is a file that is not there.
    """
    if size is None:
        raise UserError("recaps.no_file", name=name)
    if not name.lower().endswith(KINDS):
        raise UserError("recaps.wrong_kind", name=name)
    if size > MOST_BYTES:
        raise UserError("recaps.big_file", name=name)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files among these paths, and those of the right kinds in the folders, sorted by name."""
    for path in paths:
        if path.is_dir():
            yield from sorted(
                file for file in path.rglob("*") if file.suffix.lower() in KINDS and file.is_file()
            )
        else:
            yield path


async def _store(db: Database, guild: Guild, found: Article, *, post: bool, now: datetime) -> bool:
    """Keep an article, and owe its post if it should have one; whether it is new."""
    async with db.writing(guild.id) as session:
        stored = await library.publish(session, guild.id, found, now=now)
        if post:
            await library.owe_post(session, guild, stored.recap_id, now)
    return stored.new
