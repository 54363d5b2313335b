"""What may not stay goes, a little at a time: first what is too old, then the oldest of a file that is too big.

Each step is a transaction of its own that removes so little that nobody who writes has to wait for it.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from policy_engine.ids import high_at, time_at
from policy_engine.metrics.rollup import HOUR
from policy_engine.store.backend import WIDTHS
from policy_engine.store.sqlite.writing import milliseconds

_AT_ONCE = 20_000
"""Rows that one step removes of each table."""
_SHARE = 20
"""A file that is too big loses the oldest 1/20 of its time at once."""


class _Table(NamedTuple):
    """How to find the last of the rows that one step removes, and to remove those before a time."""

    last: str
    remove: str


_ERRORS = _Table(
    "SELECT high FROM errors WHERE high < ? ORDER BY high LIMIT 1 OFFSET ?",
    "DELETE FROM errors WHERE high < ?",
)
_BY_TIME = (
    _Table(
        "SELECT time FROM changes WHERE time < ? ORDER BY time LIMIT 1 OFFSET ?",
        "DELETE FROM changes WHERE time < ?",
    ),
    _Table(
        "SELECT time FROM recoveries WHERE time < ? ORDER BY time LIMIT 1 OFFSET ?",
        "DELETE FROM recoveries WHERE time < ?",
    ),
)
_BY_WIDTH = (
    _Table(
        "SELECT start FROM costs WHERE width = ? AND start < ? ORDER BY start LIMIT 1 OFFSET ?",
        "DELETE FROM costs WHERE width = ? AND start < ?",
    ),
    _Table(
        "SELECT start FROM calls WHERE width = ? AND start < ? ORDER BY start LIMIT 1 OFFSET ?",
        "DELETE FROM calls WHERE width = ? AND start < ?",
    ),
)


def retire(connection: sqlite3.Connection, *, keep: float, max_size: int, now: float) -> bool:
    """Remove some of what may not stay; true where there is more of it. Runs inside the caller's transaction.

    Raises:
        sqlite3.Error: SQLite says no.
    """
    before = now - keep
    too_big = size(connection) > max_size
    if too_big:
        before = max(before, _oldest_share(connection, now))
    more = _remove_before(connection, before)
    if not more:
        # Every error has counts in a bucket of a day, which goes last.
        connection.execute("DELETE FROM series WHERE id NOT IN (SELECT series FROM costs WHERE width = ?)", WIDTHS[-1:])
    return more or (too_big and size(connection) > max_size and before < now)


def size(connection: sqlite3.Connection) -> int:
    """The bytes of the file that hold something."""
    pages, free, page = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * page)


def _oldest_share(connection: sqlite3.Connection, now: float) -> float:
    """The time before which the oldest 1/20 of everything lies."""
    (error,) = connection.execute("SELECT min(high) FROM errors").fetchone()
    (bucket,) = connection.execute("SELECT min(start) FROM costs WHERE width = ?", WIDTHS[:1]).fetchone()
    oldest = min(now if error is None else time_at(error), now if bucket is None else bucket)
    return oldest + max(WIDTHS[0], (now - oldest) / _SHARE)


def _remove_before(connection: sqlite3.Connection, time: float) -> bool:
    more = _remove(connection, _ERRORS, high_at(time))
    for table in _BY_TIME:
        more |= _remove(connection, table, milliseconds(time))
    for width in WIDTHS:
        for table in _BY_WIDTH:
            # A bucket goes once all of it is too old.
            more |= _remove(connection, table, int(time) - width + 1, width)
    connection.execute("DELETE FROM sketches WHERE start < ?", (time - HOUR,))
    connection.execute("DELETE FROM kinds WHERE last < ?", (milliseconds(time),))
    return more


def _remove(connection: sqlite3.Connection, table: _Table, limit: int, *width: int) -> bool:
    """Remove the oldest rows of those before ``limit``; true where more of them are left."""
    last = connection.execute(table.last, (*width, limit, _AT_ONCE)).fetchone()
    connection.execute(table.remove, (*width, limit if last is None else last[0] + 1))
    return last is not None
