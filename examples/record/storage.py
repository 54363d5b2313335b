"""The service's databases: locked, corrupt, read-only, without the table it needs, or not reachable."""

from __future__ import annotations

import logging
import socket
import sqlite3
from contextlib import closing

from record.surroundings import Surroundings

log = logging.getLogger("bot.storage")

_INSERT = "insert into alerts values (?, 'info', 'disk almost full')"


class DatabaseUnavailableError(Exception):
    """The reporting database cannot be reached."""


def save(world: Surroundings) -> None:
    """Save an alert; all is well."""
    identity = f"a-{world.random.getrandbits(48):x}"
    with closing(sqlite3.connect("alerts.db")) as database, database:
        database.execute(_INSERT, (identity,))
    log.info("alert %s saved", identity)


def save_while_another_writes(_world: Surroundings) -> None:
    """Find the file locked by another writer."""
    with closing(sqlite3.connect("alerts.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        try:
            _save("a-locked", timeout=0.02)
        except sqlite3.Error:
            log.exception("alert not saved", extra={"context": {"table": "alerts"}})
        other.execute("rollback")


def save_twice(_world: Surroundings) -> None:
    """Save an alert that is there already."""
    try:
        _save("a-1")
        _save("a-1")
    except sqlite3.Error:
        log.exception("alert not saved", extra={"context": {"table": "alerts", "alert_id": "a-1"}})


def read_a_table_that_is_missing(_world: Surroundings) -> None:
    """Ask for a table that a migration should have made."""
    try:
        _read("alerts.db", "select count(*) from escalations")
    except sqlite3.Error:
        log.exception("escalations not counted")


def read_a_corrupt_archive(_world: Surroundings) -> None:
    """Open a file that is no database any more."""
    try:
        _read("archive.db", "select count(*) from alerts")
    except sqlite3.DatabaseError:
        log.critical("the archive is damaged", exc_info=True)


def write_to_a_replica(_world: Surroundings) -> None:
    """Write through a connection that may only read."""
    try:
        with closing(sqlite3.connect("file:alerts.db?mode=ro", uri=True)) as replica:
            replica.execute(_INSERT, ("a-2",))
    except sqlite3.Error:
        log.exception("replica not writable")


def reach_the_reporting_database(world: Surroundings) -> None:
    """Connect to a server that is down; the message quotes the address with its password."""
    dsn = f"postgresql://alertbot:tr0ub4dor-demo@127.0.0.1:{world.closed_port}/reports"
    try:
        _connect(dsn, world.closed_port)
    except DatabaseUnavailableError:
        log.exception("report not written", extra={"context": {"password": "tr0ub4dor-demo", "report": "hourly"}})


def _save(identity: str, *, timeout: float = 5.0) -> None:
    with closing(sqlite3.connect("alerts.db", timeout=timeout)) as database, database:
        database.execute(_INSERT, (identity,))


def _read(file: str, query: str) -> object:
    with closing(sqlite3.connect(file)) as database:
        return database.execute(query).fetchone()


def _connect(dsn: str, port: int) -> None:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2.0).close()
    except OSError as error:
        raise DatabaseUnavailableError(f"cannot connect to {dsn}") from error
