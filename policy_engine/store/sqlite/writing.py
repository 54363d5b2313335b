"""A batch written in one transaction, in a few statements however many errors it holds.

Rows travel as one JSON text that SQLite takes apart, or puts together: the interpreter's lock is given up once a
statement and not once a row. So a storm of errors in other threads does not hold up the writer at each row, nor does
the writer break into their work each time.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Hashable, Iterable
from typing import Any, TypeVar

from policy_engine.ids import parts
from policy_engine.metrics.costs import CallCounts, Cost, Series
from policy_engine.metrics.rollup import HOUR
from policy_engine.metrics.sketch import Sketch
from policy_engine.store.backend import WIDTHS
from policy_engine.store.batch import Batch, RecoveryRow

Key = TypeVar("Key", bound=Hashable)

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_NEW_SERIES = """
INSERT OR IGNORE INTO series(fingerprint, type, category, severity, module, rule)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 FROM json_each(?)
"""
_SERIES = """
SELECT json_group_array(json_array(j.key, s.id)) FROM json_each(?) j JOIN series s
ON s.fingerprint = j.value ->> 0 AND s.type = j.value ->> 1 AND s.category = j.value ->> 2
AND s.severity = j.value ->> 3 AND s.module = j.value ->> 4 AND s.rule = j.value ->> 5
"""
_ERRORS = """
INSERT OR IGNORE INTO errors(high, low, series, handling, call, retries, recovery)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6 FROM json_each(?)
"""
_COSTS = """
INSERT INTO costs(width, start, series, errors, handling, call, retries, refused, degraded, recovering)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
  value ->> 8, value ->> 9 FROM json_each(?) WHERE true
ON CONFLICT(width, start, series) DO UPDATE SET
  errors = errors + excluded.errors, handling = handling + excluded.handling, call = call + excluded.call,
  retries = retries + excluded.retries, refused = refused + excluded.refused,
  degraded = degraded + excluded.degraded, recovering = recovering + excluded.recovering
"""
_CALLS = """
INSERT INTO calls(width, start, name, calls, failed, slow, refused)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
  FROM json_each(?) WHERE true
ON CONFLICT(width, start, name) DO UPDATE SET
  calls = calls + excluded.calls, failed = failed + excluded.failed, slow = slow + excluded.slow,
  refused = refused + excluded.refused
"""
_KINDS = """
INSERT INTO kinds(fingerprint, first, last, errors, example)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?) WHERE true
ON CONFLICT(fingerprint) DO UPDATE SET
  first = min(first, excluded.first), last = max(last, excluded.last), errors = errors + excluded.errors,
  example = CASE WHEN excluded.last >= last THEN excluded.example ELSE example END
"""
_SKETCH = "SELECT digest FROM sketches WHERE what = ? AND start = ? AND name = ?"
_NEW_SKETCH = "INSERT OR REPLACE INTO sketches(what, start, name, digest) VALUES (?, ?, ?, ?)"
_CHANGES = "INSERT INTO changes(time, what, name, before, after, reason, fingerprint) VALUES (?, ?, ?, ?, ?, ?, ?)"
_RECOVERIES = """
INSERT INTO recoveries(id, time, strategy, status, attempt, error_id, fingerprint, duration, steps)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT(id) DO UPDATE SET
  status = excluded.status, attempt = excluded.attempt, steps = excluded.steps,
  fingerprint = coalesce(nullif(fingerprint, ''), excluded.fingerprint),
  duration = max(0, excluded.time * 1000 + excluded.duration - time * 1000)
"""


def write(connection: sqlite3.Connection, batch: Batch) -> None:
    """Write all of ``batch``; the caller's transaction makes it all or nothing.

    Raises:
        sqlite3.Error: SQLite says no.
    """
    numbers = _series(connection, batch.series.keys() | {series for _, series, _ in batch.costs})
    _errors(connection, batch, numbers)
    costs = _in_all_widths((start, numbers[series], _of_cost(cost)) for start, series, cost in batch.costs)
    connection.execute(_COSTS, (_to_json(costs),))
    calls = _in_all_widths((start, name, _of_calls(counts)) for start, name, counts in batch.calls)
    connection.execute(_CALLS, (_to_json(calls),))
    connection.execute(_KINDS, (_to_json(list(_kinds(batch))),))
    _sketches(connection, "call", ((start, name, counts.seconds) for start, name, counts in batch.calls))
    _sketches(connection, "recovery", batch.recovered)
    connection.executemany(_CHANGES, [(milliseconds(change.time), *change[1:]) for change in batch.changes])
    connection.executemany(_RECOVERIES, map(_recovery, batch.recoveries.values()))


def _series(connection: sqlite3.Connection, series: Iterable[Series]) -> dict[Series, int]:
    """The numbers of all series, new ones included.

    Asked at each write: another process may have removed one that is too old, and its number with it.
    """
    ordered = list(series)
    rows = _to_json(ordered)
    connection.execute(_NEW_SERIES, (rows,))
    (found,) = connection.execute(_SERIES, (rows,)).fetchone()
    return {ordered[key]: number for key, number in json.loads(found)}


def _errors(connection: sqlite3.Connection, batch: Batch, numbers: dict[Series, int]) -> None:
    """Write the errors that have ids of the engine's form; others are counted, and cannot be asked for one by one."""
    stored = [numbers[series] for series in batch.series]
    rows = [
        (*place, stored[number], _micro(handling), None if call is None else _micro(call), retries, recovery)
        for id_, number, handling, call, retries, recovery in batch.errors
        if (place := parts(id_)) is not None
    ]
    connection.execute(_ERRORS, (_to_json(rows),))


def _in_all_widths(rows: Iterable[tuple[int, Key, list[int]]]) -> list[tuple[int | Key, ...]]:
    """Rows of width, start, key and values: each value in the bucket of every width that it lies in, added up."""
    found: dict[tuple[int, int, Key], list[int]] = {}
    for start, key, values in rows:
        for width in WIDTHS:
            place = width, start // width * width, key
            known = found.get(place)
            found[place] = values if known is None else [a + b for a, b in zip(known, values, strict=True)]
    return [(*place, *values) for place, values in found.items()]


def _of_cost(cost: Cost) -> list[int]:
    return [
        cost.errors,
        _micro(cost.handling_seconds),
        _micro(cost.call_seconds),
        cost.retries,
        cost.refused_calls,
        _micro(cost.degraded_seconds),
        _micro(cost.recovery_seconds),
    ]


def _of_calls(counts: CallCounts) -> list[int]:
    return [counts.calls, counts.failed, counts.slow, counts.refused]


def _kinds(batch: Batch) -> Iterable[tuple[Any, ...]]:
    for fingerprint, kind in batch.kinds.items():
        yield fingerprint, milliseconds(kind.first), milliseconds(kind.last), kind.errors, kind.example.to_json()


def _sketches(connection: sqlite3.Connection, what: str, rows: Iterable[tuple[int, str, Sketch]]) -> None:
    """Merge sketches into those of their hour, which is how wide their buckets are."""
    hours: dict[tuple[int, str], Sketch] = {}
    for start, name, sketch in rows:
        hours.setdefault((start // HOUR * HOUR, name), Sketch()).absorb(sketch)
    for (start, name), sketch in hours.items():
        place = what, start, name
        known = connection.execute(_SKETCH, place).fetchone()
        if known is not None:
            sketch.absorb(Sketch.from_bytes(known[0]))
        data = sketch.to_bytes()
        if data:
            connection.execute(_NEW_SKETCH, (*place, data))


def _recovery(row: RecoveryRow) -> tuple[Any, ...]:
    """The newest word on a recovery; its time is that of the first one."""
    event = row.event
    steps = [
        {"action": step.action, "succeeded": step.succeeded, "detail": step.detail, "seconds": step.seconds}
        for step in event.steps
    ]
    return (
        event.recovery_id,
        milliseconds(row.began),
        event.strategy,
        event.status.value,
        event.attempt,
        event.error_id,
        row.fingerprint,
        _micro(max(0.0, event.time - row.began)),
        _to_json(steps),
    )


def milliseconds(seconds: float) -> int:
    """Seconds as the tables keep times."""
    return round(seconds * 1000)


def _micro(seconds: float) -> int:
    return round(seconds * 1_000_000)
