import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import URL

from bot.errors import UserError


@contextmanager
def alone(database: URL) -> Generator[None]:
    """Hold a SQLite file for the one bot that answers from it; PostgreSQL is shared.

    The lock is the operating system's: it goes with its process, however that ends.

    Raises:
        UserError: if another process holds it, saying which.
    """
    if database.get_backend_name() != "sqlite":
        yield
        return
    path = Path(str(database.database))
    holder = path.with_name(f"{path.name}.pid")
    try:
        with FileLock(path.with_name(f"{path.name}.lock"), timeout=0):
            holder.write_text(str(os.getpid()))
            yield
    except Timeout:
        pid = holder.read_text() if holder.exists() else "?"
        raise UserError("config.held", path=path, pid=pid) from None
