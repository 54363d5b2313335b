"""The tables of a store's file, and how a file of an older version becomes one of this version.

Times are milliseconds since 1970, durations microseconds, starts of buckets seconds. The id of an error is kept as the
two integers of `policy_engine.ids.parts`, which tell its time too. An error costs its row and a place in the index that
finds the newest of a rare kind among millions, about 75 bytes; everything that a query adds up lies in ``costs`` and
``calls``, by minute and by wider buckets, so no question about a stretch of time reads the errors themselves. A
migration is a script that is never changed once it shipped: the next version adds one.
"""

from __future__ import annotations

APPLICATION_ID = 0x706F6C65
"""Tells such a file from any other SQLite database: "pole"."""

_FIRST = """
CREATE TABLE series(
  id INTEGER PRIMARY KEY,
  fingerprint TEXT NOT NULL, type TEXT NOT NULL, category TEXT NOT NULL, severity TEXT NOT NULL, module TEXT NOT NULL,
  rule TEXT NOT NULL,
  UNIQUE(fingerprint, type, category, severity, module, rule)
);
CREATE TABLE kinds(
  id INTEGER PRIMARY KEY,
  fingerprint TEXT NOT NULL UNIQUE, first INTEGER NOT NULL, last INTEGER NOT NULL, errors INTEGER NOT NULL,
  example TEXT NOT NULL
);
CREATE TABLE errors(
  high INTEGER NOT NULL, low INTEGER NOT NULL, series INTEGER NOT NULL, handling INTEGER NOT NULL, call INTEGER,
  retries INTEGER NOT NULL, recovery TEXT,
  PRIMARY KEY(high, low)
) WITHOUT ROWID;
CREATE INDEX errors_by_series ON errors(series, high, low);
CREATE TABLE costs(
  width INTEGER NOT NULL, start INTEGER NOT NULL, series INTEGER NOT NULL,
  errors INTEGER NOT NULL, handling INTEGER NOT NULL, call INTEGER NOT NULL, retries INTEGER NOT NULL,
  refused INTEGER NOT NULL, degraded INTEGER NOT NULL, recovering INTEGER NOT NULL,
  PRIMARY KEY(width, start, series)
) WITHOUT ROWID;
CREATE TABLE calls(
  width INTEGER NOT NULL, start INTEGER NOT NULL, name TEXT NOT NULL,
  calls INTEGER NOT NULL, failed INTEGER NOT NULL, slow INTEGER NOT NULL, refused INTEGER NOT NULL,
  PRIMARY KEY(width, start, name)
) WITHOUT ROWID;
CREATE TABLE sketches(
  what TEXT NOT NULL, start INTEGER NOT NULL, name TEXT NOT NULL, digest BLOB NOT NULL,
  UNIQUE(what, start, name)
);
CREATE TABLE changes(
  id INTEGER PRIMARY KEY,
  time INTEGER NOT NULL, what TEXT NOT NULL, name TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
  reason TEXT NOT NULL, fingerprint TEXT NOT NULL
);
CREATE INDEX changes_by_time ON changes(time);
CREATE TABLE recoveries(
  id TEXT NOT NULL UNIQUE, time INTEGER NOT NULL, strategy TEXT NOT NULL, status TEXT NOT NULL,
  attempt INTEGER NOT NULL, error_id TEXT NOT NULL, fingerprint TEXT NOT NULL, duration INTEGER NOT NULL,
  steps TEXT NOT NULL
);
CREATE INDEX recoveries_by_time ON recoveries(time);
"""

MIGRATIONS = (_FIRST,)
"""The script at position n makes version n + 1 of version n."""
