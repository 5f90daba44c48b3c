"""Measure search on question sets: `python -m tests.benchmarks.search_quality <folder> [set…]`.

A set is a folder with `docs.jsonl` (id, doc, title, heading, text), `queries.jsonl` (text,
relevant) and `meta.json` (level: passage or doc). One fixed setting, one SQLite file a set; prints
nDCG@10 and the time of a question.
"""

import asyncio
import hashlib
import itertools
import json
import math
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from bot import migrate
from bot.db import Database
from bot.search import index, ranking, words
from bot.tables import Guild, Passage, Recap, RecapStatus, Section

GUILD = 1
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SEEN = 10
# Passages looked at where whole documents are judged: several may be of one document.
DEPTH = 50


def read(folder: Path, name: str) -> list[dict[str, Any]]:
    """Read a file of one JSON object a line, or of the path of the file to read instead."""
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    if lines[0].endswith(name):
        return read(folder / Path(lines[0]).parent, name)
    return [json.loads(line) for line in lines]


async def fill(session: AsyncSession, docs: Iterable[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Keep each document as a recap and index it; returns what each passage's number stands for."""
    session.add(Guild(id=GUILD, name="sets", zone="Europe/Paris"))
    of = itemgetter("doc")
    meant: dict[int, dict[str, Any]] = {}
    for doc, group in itertools.groupby(sorted(docs, key=of), key=of):
        passages = list(group)
        recap = Recap(
            guild_id=GUILD,
            title=passages[0]["title"],
            language="fr",
            fingerprint=hashlib.sha256(doc.encode()).hexdigest(),
            status=RecapStatus.PUBLISHED,
            created_at=NOW,
            updated_at=NOW,
        )
        session.add(recap)
        await session.flush()
        for position, passage in enumerate(passages):
            section = Section(
                guild_id=GUILD, recap_id=recap.id, position=position, heading=passage["heading"]
            )
            session.add(section)
            await session.flush()
            row = Passage(guild_id=GUILD, section_id=section.id, position=0, text=passage["text"])
            session.add(row)
            await session.flush()
            meant[row.id] = passage
        await index.add(session, recap.id)
        session.expunge_all()
    return meant


def ndcg(ranked: Sequence[str], relevant: Iterable[str]) -> float:
    """The discounted gain of the first ten, as a share of the best there could be."""
    right = set(relevant)
    gain = sum(1 / math.log2(rank + 2) for rank, it in enumerate(ranked[:SEEN]) if it in right)
    return gain / sum(1 / math.log2(rank + 2) for rank in range(min(len(right), SEEN)))


async def measure(folder: Path, scratch: Path) -> str:
    """Index a set, ask all its questions, and say how well they were answered."""
    level = json.loads((folder / "meta.json").read_text(encoding="utf-8"))["level"]
    queries = read(folder, "queries.jsonl")
    database = Database(make_url(f"sqlite+aiosqlite:///{scratch / folder.name}.db"))
    await migrate.to_newest(database, now=NOW)
    started = time.perf_counter()
    async with database.writing(GUILD) as session:
        meant = await fill(session, read(folder, "docs.jsonl"))
    indexed = time.perf_counter() - started
    gains: list[float] = []
    times: list[float] = []
    async with database.reading() as session:
        for query in queries:
            started = time.perf_counter()
            asked = words.content(query["text"], "fr") or words.words(query["text"])
            found = await ranking.search(session, GUILD, asked, limit=DEPTH)
            times.append((time.perf_counter() - started) * 1000)
            ids = [meant[hit.passage_id]["doc" if level == "doc" else "id"] for hit in found.hits]
            gains.append(ndcg(list(dict.fromkeys(ids)), query["relevant"]))
    await database.close()
    times.sort()
    return (
        f"{folder.name:<14} nDCG@10 {100 * sum(gains) / len(gains):5.1f}"
        f"   p50 {times[len(times) // 2]:.1f} ms   p95 {times[int(0.95 * len(times))]:.1f} ms"
        f"   indexed {len(meant)} passages in {indexed:.0f} s"
    )


def main(folder: str, *names: str) -> None:
    """Measure the sets of these names, or all that the folder has."""
    sets = sorted(path.parent for path in Path(folder).glob("*/queries.jsonl"))
    with tempfile.TemporaryDirectory() as scratch:
        for path in sets:
            if not names or path.name in names:
                print(asyncio.run(measure(path, Path(scratch))), flush=True)  # noqa: T201 # a report


if __name__ == "__main__":
    main(*sys.argv[1:])
