import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot import guilds, migrate
from bot.db import Database

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "bot" / "sample" / "recaps"


def tableronde(folder: Path, *arguments: str, language: str = "fr") -> tuple[int, str]:
    """Run the command line as an operator does; give its exit code and all it wrote."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "LANG": language,
            "LOG_LEVEL": "ERROR",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


async def community(folder: Path, *names: str) -> None:
    """A database in the folder that knows these communities."""
    database = Database(make_url(f"sqlite+aiosqlite:///{folder / 'tableronde.db'}"))
    await migrate.to_newest(database, now=datetime.now(UTC))
    async with database.writing() as session:
        await guilds.remember(session, dict(enumerate(names, 1)))
    await database.close()


@pytest.mark.slow
async def test_import_says_what_it_read_skipped_and_why_and_twice_changes_nothing(
    tmp_path: Path,
) -> None:
    await community(tmp_path, "Les Tablées")
    picture = tmp_path / "affiche.png"
    picture.write_bytes(b"\x89PNG")
    files = (str(SAMPLE), str(picture), str(tmp_path / "absent.txt"))
    code, said = tableronde(tmp_path, "import", *files)
    assert code == 0
    assert f"Nouveaux\u00a0: {len([*SAMPLE.glob('*.md')])}. Déjà là\u00a0: 0." in said
    assert "affiche.png" in said
    assert "absent.txt" in said
    assert "Laissés de côté\u00a0: 2." in said
    code, said = tableronde(tmp_path, "import", *files, language="en_GB.UTF-8")
    assert code == 0
    assert f"New: 0. Already there: {len([*SAMPLE.glob('*.md')])}. Skipped: 2." in said


@pytest.mark.slow
async def test_import_asks_which_community_by_name(tmp_path: Path) -> None:
    await community(tmp_path, "Les Tablées", "Ailleurs")
    code, said = tableronde(tmp_path, "import", str(SAMPLE))
    assert code == 2
    assert "Ailleurs, Les Tablées" in said
    assert tableronde(tmp_path, "import", str(SAMPLE), "--guild", "Ailleurs")[0] == 0


@pytest.mark.slow
async def test_import_does_not_post_where_no_channel_was_chosen(tmp_path: Path) -> None:
    await community(tmp_path, "Les Tablées")
    code, said = tableronde(tmp_path, "import", "--post", str(SAMPLE))
    assert code == 2
    assert "/configurer retours:" in said


def test_import_before_any_community_says_what_to_do_first(tmp_path: Path) -> None:
    code, said = tableronde(tmp_path, "import", str(SAMPLE))
    assert code == 2
    assert "tableronde run" in said


@pytest.mark.slow
def test_migrate_and_reindex_end_well_on_a_new_file(tmp_path: Path) -> None:
    assert tableronde(tmp_path, "migrate") == (0, "")
    assert tableronde(tmp_path, "reindex") == (0, "")
