"""The store's database as SQLite: each write is one transaction, so a process that dies leaves all of it or nothing.

What ``durable`` asks for is SQLite's ``synchronous = full``: the log is on the disk when the write returns. Without it
the system writes it later, which a process that dies does not touch; only a machine that dies may lose the last writes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from policy_engine.store.backend import Retention
from policy_engine.store.batch import Batch
from policy_engine.store.sqlite.connection import MEMORY, in_plain_words, open_for_writing
from policy_engine.store.sqlite.reading import SqliteReader
from policy_engine.store.sqlite.retention import retire
from policy_engine.store.sqlite.writing import write

_PAGES_GIVEN_BACK = 2000
"""Free pages that one look at retention gives back to the file system."""


class SqliteBackend(SqliteReader):
    """Reads and writes through one connection, one at a time."""

    def __init__(self, path: str) -> None:
        """Open or make the file.

        Raises:
            StoreError: it cannot be opened, is no store, or is one of a newer version.
        """
        super().__init__(path, open_for_writing(path))
        self._file = _file_at(path)

    def write(self, batch: Batch, *, durable: bool) -> None:
        """Write all of a batch, or raise and have written nothing.

        Raises:
            StoreError: it cannot be written now.
        """
        if _file_at(self._path) != self._file:
            self._reopen()
        with self._transaction(durable=durable) as connection:
            write(connection, batch)

    def retire(self, retention: Retention, now: float) -> bool:
        """Remove some of what may not stay; true where there is more of it.

        Raises:
            StoreError: it cannot be written now.
        """
        with self._transaction(durable=False) as connection:
            more = retire(connection, keep=retention.keep, max_size=retention.max_size, now=now)
        with self._lock, in_plain_words(self._path):
            # As a script: `execute` takes one step of a statement without columns, and each step gives back one page.
            self._connection.executescript(f"PRAGMA incremental_vacuum({_PAGES_GIVEN_BACK})")
        return more

    def _reopen(self) -> None:
        """Begin a new file where somebody took the old one away: what is written there now, nobody would ever see."""
        connection = open_for_writing(self._path)
        with self._lock:
            self._connection.close()
            self._connection = connection
        self._file = _file_at(self._path)

    @contextmanager
    def _transaction(self, *, durable: bool) -> Iterator[sqlite3.Connection]:
        with self._lock, in_plain_words(self._path):
            self._connection.execute(f"PRAGMA synchronous = {'full' if durable else 'normal'}")
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk ends it by itself
                    self._connection.execute("ROLLBACK")
                raise


def _file_at(path: str) -> tuple[int, int] | None:
    """Which file lies there: its device and number; ``None`` where none does."""
    if path == MEMORY:
        return None
    try:
        found = Path(path).stat()
    except FileNotFoundError:
        return None
    except OSError:
        return -1, -1  # opening it will say why
    return found.st_dev, found.st_ino
