"""One connection to a store's file: opened, brought to this version, and its errors put into plain words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from policy_engine.store.backend import StoreError
from policy_engine.store.sqlite.schema import APPLICATION_ID, MIGRATIONS

MEMORY = ":memory:"

_PATIENCE = 2.0
"""Seconds to wait for another process that writes."""


def open_for_writing(path: str) -> sqlite3.Connection:
    """Open or make a store's file, and bring it to this version.

    A new file is readable for its owner alone: errors tell more about a service than others should know.

    Raises:
        StoreError: it cannot be opened, is no store, or is one of a newer version.
    """
    _refuse_folder(path)
    with in_plain_words(path):
        if path != MEMORY:
            _make(path)
        connection = _connected(path)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def open_for_reading(path: str) -> sqlite3.Connection:
    """Open a store's file that somebody else writes.

    Raises:
        StoreError: it is not there, cannot be read, is no store, or is one of another version.
    """
    if not Path(path).exists():
        raise StoreError(f"{path}: there is no such file: a service with [store] writes it")
    _refuse_folder(path)
    with in_plain_words(path):
        connection = _connected(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)
        try:
            version = _version(connection, path)
        except BaseException:
            connection.close()
            raise
    if version < len(MIGRATIONS):
        connection.close()
        if version == 0:
            raise StoreError(
                f"{path}: nothing is written in it: is it a copy without the file {Path(path).name}-wal beside it?"
            )
        raise StoreError(f"{path}: it is of version {version}: a service with this version of policy-engine renews it")
    return connection


@contextmanager
def in_plain_words(path: str) -> Iterator[None]:
    """Turn what SQLite and the system say into a `StoreError` that tells what to do."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{path}: {_words(error)}") from error


def _refuse_folder(path: str) -> None:
    if Path(path).is_dir():
        raise StoreError(f"{path}: it is a folder: give [store] a file in it")


def _make(path: str) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return


def _connected(path: str, *, uri: bool = False) -> sqlite3.Connection:
    # Several threads use it, one at a time: their owner holds a lock.
    return sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False, uri=uri)


def _prepare(connection: sqlite3.Connection, path: str) -> None:
    version = _version(connection, path)
    if version == 0:
        connection.execute("PRAGMA auto_vacuum = incremental")
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("PRAGMA journal_size_limit = 16777216")
    for script in MIGRATIONS[version:]:
        _migrate(connection, script)


def _migrate(connection: sqlite3.Connection, script: str) -> None:
    """Bring the file on by one version, unless another process has done so meanwhile."""
    version = MIGRATIONS.index(script)
    connection.execute("BEGIN IMMEDIATE")
    try:
        if connection.execute("PRAGMA user_version").fetchone()[0] == version:
            for statement in script.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {version + 1}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection, path: str) -> int:
    """The version of the file; 0 where it is new."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION_ID and (tables or version):
        raise StoreError(f"{path}: it is a database of something else: give [store] another path")
    if version > len(MIGRATIONS):
        raise StoreError(
            f"{path}: it is of version {version}, and this policy-engine knows {len(MIGRATIONS)}: use a newer one"
        )
    return int(version)


_WORDS: Sequence[tuple[str, str]] = (
    ("disk is full", "the disk is full"),
    ("readonly", "it cannot be written: the file or its folder is read-only"),
    ("unable to open", "it cannot be opened: its folder is missing, or may not be read or written"),
    ("locked", "another process holds it locked"),
    ("not a database", "it is no SQLite database: give [store] another path"),
    ("malformed", "it is damaged: move it away, and a new one is begun"),
)


def _words(error: sqlite3.Error | OSError) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    said = str(error)
    return next((words for sign, words in _WORDS if sign in said), said)
