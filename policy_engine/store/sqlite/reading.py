"""What a store's file is asked. No answer about a stretch of time reads the errors one by one: buckets add up to it.

Labels that people name become columns only where they are among `LABELS`; every value is a parameter.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil
from typing import Any

from policy_engine.ids import high_at, joined, parts, time_at
from policy_engine.metrics.costs import LABELS, CallCounts, Cost
from policy_engine.metrics.rollup import HOUR, Window, widened
from policy_engine.metrics.sketch import Sketch
from policy_engine.store.backend import StoredError, StoredKind, StoredRecovery
from policy_engine.store.batch import Change
from policy_engine.store.sqlite.buckets import pieces
from policy_engine.store.sqlite.connection import in_plain_words, open_for_reading
from policy_engine.store.sqlite.writing import milliseconds

_COSTS = """
SELECT s.LABEL, sum(errors), sum(handling), sum(call), sum(retries), sum(refused), sum(degraded), sum(recovering)
FROM costs c JOIN series s ON s.id = c.series
WHERE c.width = :width AND c.start >= :start AND c.start < :end AND HAS GROUP BY s.LABEL
"""
_OVER_TIME = """
SELECT c.start / :bar * :bar, s.LABEL, sum(c.errors) FROM costs c JOIN series s ON s.id = c.series
WHERE c.width = :width AND c.start >= :start AND c.start < :end AND c.errors > 0 AND HAS GROUP BY 1, s.LABEL
"""
_TIMELINE = """
SELECT c.start / :bar * :bar, s.category, s.type, sum(c.errors) FROM costs c JOIN series s ON s.id = c.series
WHERE c.width = :width AND c.start >= :start AND c.start < :end AND c.errors > 0 AND HAS
GROUP BY 1, s.category, s.type
"""
_MATRIX = """
SELECT s.category, s.severity, sum(c.errors) FROM costs c JOIN series s ON s.id = c.series
WHERE c.width = :width AND c.start >= :start AND c.start < :end AND c.errors > 0 AND HAS
GROUP BY s.category, s.severity
"""
_CALLS = """
SELECT name, sum(calls), sum(failed), sum(slow), sum(refused) FROM calls
WHERE width = :width AND start >= :start AND start < :end GROUP BY name
"""
_FIRST_SEEN = "SELECT fingerprint, first FROM kinds WHERE fingerprint IN (SELECT value FROM json_each(?))"
_KINDS = """
SELECT fingerprint, first, last, errors, example FROM kinds WHERE fingerprint IN (SELECT value FROM json_each(?))
"""
_ERRORS = """
SELECT e.high, e.low, s.fingerprint, s.category, s.severity, e.handling, e.call, e.retries, e.recovery
FROM errors e JOIN series s ON s.id = e.series WHERE
"""
_ONE = _ERRORS + "e.high = ? AND e.low = ?"
_NEWEST = _ERRORS + "e.high >= ? AND e.high < ? ORDER BY e.high DESC, e.low DESC LIMIT ?"
_NEWEST_OF = _ERRORS + "e.series = ? AND e.high >= ? AND e.high < ? ORDER BY e.high DESC, e.low DESC LIMIT ?"
_SERIES = "SELECT s.id FROM series s WHERE HAS ORDER BY s.id DESC"
_CHANGES = """
SELECT time, what, name, before, after, reason, fingerprint FROM changes
WHERE time >= ? AND time < ? ORDER BY time DESC, id DESC LIMIT ?
"""
_RECOVERIES = """
SELECT time, id, strategy, status, attempt, error_id, fingerprint, duration, steps FROM recoveries
WHERE time >= ? AND time < ? ORDER BY time DESC LIMIT ?
"""
_SKETCHES = "SELECT name, digest FROM sketches WHERE what = ? AND start > ? AND start < ?"


class SqliteReader:
    """Reads through one connection, one question at a time."""

    def __init__(self, path: str, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: str) -> SqliteReader:
        """Open a file that somebody else writes.

        Raises:
            StoreError: it is not there, cannot be read, or is no store of this version.
        """
        return cls(path, open_for_reading(path))

    def aligned(self, window: Window) -> Window:
        """Return the window with its edges moved out to whole minutes."""
        return widened(window)

    def costs(self, window: Window, by: str, where: Mapping[str, str]) -> dict[str, Cost]:
        """Return errors and costs by label."""
        found: dict[str, Cost] = {}
        for piece in pieces(window):
            for label, *sums in self._rows(_by(_COSTS, by, where), {**piece._asdict(), **where}):
                found.setdefault(label, Cost()).absorb(_cost(sums))
        return found

    def over_time(self, window: Window, by: str, where: Mapping[str, str], width: int) -> dict[str, dict[int, int]]:
        """Return errors by label and by when a stretch of ``width`` seconds begins."""
        found: dict[str, dict[int, int]] = {}
        for piece in pieces(window, widest=width):
            asked = {"bar": width, **piece._asdict(), **where}
            for start, label, errors in self._rows(_by(_OVER_TIME, by, where), asked):
                counts = found.setdefault(label, {})
                counts[start] = counts.get(start, 0) + errors
        return found

    def timeline(self, window: Window, where: Mapping[str, str], width: int) -> list[tuple[int, str, str, int]]:
        """Return rows of when a stretch of ``width`` seconds begins, category, type, and how many errors of these."""
        rows: list[tuple[int, str, str, int]] = []
        for piece in pieces(window, widest=width):
            rows += self._rows(_having(_TIMELINE, where), {"bar": width, **piece._asdict(), **where})
        return rows

    def matrix(self, window: Window, where: Mapping[str, str]) -> dict[tuple[str, str], int]:
        """Return errors by category and severity."""
        found: dict[tuple[str, str], int] = {}
        for piece in pieces(window):
            for category, severity, errors in self._rows(_having(_MATRIX, where), {**piece._asdict(), **where}):
                found[category, severity] = found.get((category, severity), 0) + errors
        return found

    def first_seen(self, fingerprints: set[str]) -> dict[str, float]:
        """Return when each was first seen, of those that are known."""
        rows = self._rows(_FIRST_SEEN, (json.dumps(sorted(fingerprints)),))
        return {fingerprint: first / 1000 for fingerprint, first in rows}

    def calls(self, window: Window) -> dict[str, CallCounts]:
        """Return the counts of calls by name; how long they took, by the hours that the window touches."""
        found: dict[str, CallCounts] = {}
        for piece in pieces(window):
            for name, *sums in self._rows(_CALLS, piece._asdict()):
                found.setdefault(name, CallCounts()).absorb(CallCounts(*sums))
        for name, sketch in self._sketches("call", window):
            if name in found:
                found[name].seconds.absorb(sketch)
        return found

    def recovery_times(self, window: Window) -> dict[str, Sketch]:
        """Return how long recoveries took, by strategy and by the hours that the window touches."""
        found: dict[str, Sketch] = {}
        for name, sketch in self._sketches("recovery", window):
            found.setdefault(name, Sketch()).absorb(sketch)
        return found

    def kinds(self, fingerprints: Sequence[str]) -> dict[str, StoredKind]:
        """Return what is known of some fingerprints."""
        rows = self._rows(_KINDS, (json.dumps(list(fingerprints)),))
        return {
            fingerprint: StoredKind(fingerprint, first / 1000, last / 1000, errors, json.loads(example))
            for fingerprint, first, last, errors, example in rows
        }

    def errors(self, window: Window, where: Mapping[str, str], most: int) -> list[StoredError]:
        """Return the newest errors that are kept one by one, the newest first."""
        since, until = high_at(window.since), ceil(window.until * 1000) << 12
        if not where:
            return _stored(self._rows(_NEWEST, (since, until, most)))
        rows: list[Any] = []
        for (series,) in self._rows(_having(_SERIES, where), where):
            rows += self._rows(_NEWEST_OF, (series, since, until, most))
            if len(rows) >= most:
                rows = sorted(rows, reverse=True)[:most]
                since = rows[-1][0]
        return _stored(sorted(rows, reverse=True))

    def error(self, error_id: str) -> StoredError | None:
        """Return the error with an id; ``None`` where it is not kept one by one."""
        place = parts(error_id)
        found = [] if place is None else _stored(self._rows(_ONE, place))
        return found[0] if found else None

    def changes(self, window: Window, most: int) -> list[Change]:
        """Return changes in order of time, the newest ``most`` of them."""
        rows = self._rows(_CHANGES, (milliseconds(window.since), milliseconds(window.until), most))
        return [Change(time / 1000, *rest) for time, *rest in reversed(rows)]

    def recoveries(self, window: Window, most: int) -> list[StoredRecovery]:
        """Return recoveries in order of time, the newest ``most`` of them."""
        rows = self._rows(_RECOVERIES, (milliseconds(window.since), milliseconds(window.until), most))
        return [
            StoredRecovery(
                time=time / 1000,
                id=id_,
                strategy=strategy,
                status=status,
                attempt=attempt,
                error_id=error_id,
                fingerprint=fingerprint,
                seconds=duration / 1_000_000,
                steps=json.loads(steps),
            )
            for time, id_, strategy, status, attempt, error_id, fingerprint, duration, steps in reversed(rows)
        ]

    def span(self) -> Window | None:
        """Return the time between the first error and the last; ``None`` where there is none."""
        ((first, last),) = self._rows("SELECT min(first), max(last) FROM kinds", ())
        return None if first is None else Window(first / 1000, last / 1000)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def _sketches(self, what: str, window: Window) -> Iterator[tuple[str, Sketch]]:
        for name, digest in self._rows(_SKETCHES, (what, window.since - HOUR, window.until)):
            yield name, Sketch.from_bytes(digest)

    def _rows(self, statement: str, values: Sequence[object] | Mapping[str, object]) -> list[Any]:
        with self._lock, in_plain_words(self._path):
            return self._connection.execute(statement, values).fetchall()


def _by(statement: str, label: str, where: Mapping[str, str]) -> str:
    """The statement for one of the labels, about errors that have those asked for."""
    return _having(statement, where).replace("LABEL", _known(label))


def _having(statement: str, where: Mapping[str, str]) -> str:
    """The statement about errors that have the labels that are asked for."""
    return statement.replace("HAS", " AND ".join(f"s.{_known(label)} = :{label}" for label in where) or "true")


def _known(label: str) -> str:
    """The label, which is all that ever becomes a part of a statement."""
    if label not in LABELS:
        raise ValueError(f'errors are not counted by "{label}"')
    return label


def _stored(rows: Iterable[Any]) -> list[StoredError]:
    return [
        StoredError(
            time=time_at(high),
            id=joined(high, low),
            fingerprint=fingerprint,
            category=category,
            severity=severity,
            handling_seconds=handling / 1_000_000,
            call_seconds=None if call is None else call / 1_000_000,
            retries=retries,
            recovery_id=recovery or "",
        )
        for high, low, fingerprint, category, severity, handling, call, retries, recovery in rows
    ]


def _cost(sums: Sequence[int]) -> Cost:
    errors, handling, call, retries, refused, degraded, recovering = sums
    return Cost(
        errors, handling / 1_000_000, call / 1_000_000, retries, refused, degraded / 1_000_000, recovering / 1_000_000
    )
