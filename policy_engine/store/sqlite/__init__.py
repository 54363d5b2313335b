"""Errors in one SQLite file, with its log beside it while it is open (WAL)."""

from policy_engine.store.sqlite.backend import SqliteBackend
from policy_engine.store.sqlite.connection import MEMORY
from policy_engine.store.sqlite.reading import SqliteReader

__all__ = ["MEMORY", "SqliteBackend", "SqliteReader"]
