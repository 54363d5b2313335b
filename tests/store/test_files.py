"""The file that errors are kept in: who may read it, what happens when it cannot be used, how versions follow."""

import os
import sqlite3
import stat
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from store.store_makers import NOON, a_store, an_error_at, count, keep

from policy_engine import VirtualClock
from policy_engine.store import StoreError
from policy_engine.store.sqlite import SqliteBackend, SqliteReader, connection

NOBODY = 65534


def test_a_new_file_is_for_its_owner_alone(tmp_path):
    path = tmp_path / "errors.db"
    SqliteBackend(str(path))
    for file in tmp_path.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.write_bytes(b"this is a text" * 100), "it is no SQLite database: give [store] another path"),
        (lambda path: path.mkdir(), "it is a folder: give [store] a file in it"),
        (
            lambda path: sqlite3.connect(path).executescript("CREATE TABLE t(a); PRAGMA user_version = 3;"),
            "it is a database of something else: give [store] another path",
        ),
    ],
)
def test_what_is_no_store_is_refused_and_left_as_it_was(tmp_path, make, words):
    path = tmp_path / "errors.db"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    for open_it in (lambda: SqliteBackend(str(path)), lambda: SqliteReader.open(str(path))):
        with pytest.raises(StoreError) as refused:
            open_it()
        assert str(refused.value) == f"{path}: {words}"
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_missing_folder_is_told_in_plain_words(tmp_path):
    path = tmp_path / "nowhere" / "errors.db"
    with pytest.raises(StoreError, match=r"nowhere/errors\.db: No such file or directory$"):
        SqliteBackend(str(path))


def test_reading_a_file_that_nobody_has_written_says_who_would(tmp_path):
    with pytest.raises(StoreError, match=r"there is no such file: a service with \[store\] writes it"):
        SqliteReader.open(str(tmp_path / "errors.db"))


def test_a_copy_without_its_log_says_what_it_lacks(tmp_path):
    path, copy = tmp_path / "errors.db", tmp_path / "copy.db"
    store = a_store(VirtualClock(NOON), path=path)
    keep(store, an_error_at(NOON))
    assert count(store) == 1
    copy.write_bytes(path.read_bytes())
    with pytest.raises(StoreError, match=r"is it a copy without the file copy\.db-wal beside it\?"):
        SqliteReader.open(str(copy))
    store.close()
    assert [file.name for file in tmp_path.glob("errors.db*")] == ["errors.db"]
    SqliteReader.open(str(path)).close()


def test_a_file_of_a_newer_version_is_refused(tmp_path):
    path = tmp_path / "errors.db"
    SqliteBackend(str(path)).close()
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match=r"it is of version 99, and this policy-engine knows 1: use a newer one"):
        SqliteBackend(str(path))


def test_a_file_of_an_older_version_is_brought_on_and_keeps_what_it_holds(tmp_path, monkeypatch):
    path = tmp_path / "errors.db"
    store = a_store(VirtualClock(NOON), path=path)
    keep(store, an_error_at(NOON))
    store.close()
    later = (*connection.MIGRATIONS, "ALTER TABLE kinds ADD COLUMN note TEXT;\nCREATE INDEX by_note ON kinds(note);\n")
    monkeypatch.setattr(connection, "MIGRATIONS", later)
    with pytest.raises(StoreError, match=r"it is of version 1: a service with this version of policy-engine renews it"):
        SqliteReader.open(str(path))
    again = a_store(VirtualClock(NOON), path=path)
    assert count(again) == 1
    again.close()
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (2,)
        assert raw.execute("SELECT note FROM kinds").fetchall() == [(None,)]


def test_a_migration_that_fails_leaves_the_file_at_its_version(tmp_path, monkeypatch):
    path = tmp_path / "errors.db"
    SqliteBackend(str(path)).close()
    broken = (*connection.MIGRATIONS, "CREATE TABLE half(a);\nCREATE TABLE kinds(b);\n")
    monkeypatch.setattr(connection, "MIGRATIONS", broken)
    with pytest.raises(StoreError, match="already exists"):
        SqliteBackend(str(path))
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (1,)
        assert raw.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)


def test_a_file_that_another_process_holds_locked_is_caught_up_with(tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "_PATIENCE", 0.01)
    path, clock, faults = tmp_path / "errors.db", VirtualClock(NOON), []
    store = a_store(clock, path=path, faults=faults)
    assert count(store) == 0
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    keep(store, an_error_at(NOON))
    clock.advance(0.3)
    assert faults == [f"{path}: another process holds it locked"]
    other.execute("ROLLBACK")
    clock.advance(1.0)
    assert store.statistics()["waiting"] == 0
    assert count(store) == 1


def test_a_full_disk_is_reported_survived_and_caught_up_with(tmp_path):
    """SQLite's own limit on pages answers as a full disk does."""
    path, clock, faults = tmp_path / "errors.db", VirtualClock(NOON), []
    backend = SqliteBackend(str(path))
    store = a_store(clock, backend=backend, faults=faults)
    (pages,) = backend._connection.execute("PRAGMA page_count").fetchone()
    backend._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    keep(store, *[an_error_at(NOON, number, message="m" * 2000, fingerprint=f"f{number}") for number in range(50)])
    clock.advance(0.3)
    assert faults == [f"{path}: the disk is full"]
    backend._connection.execute("PRAGMA max_page_count = 100000")
    clock.advance(1.0)
    assert count(store) == 50


@pytest.fixture
def folder_of_nobody():
    """A folder of a user to whom its rights apply: root may write everywhere."""
    with TemporaryDirectory() as name:
        if os.geteuid() == 0:
            os.chown(name, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield Path(name)
        finally:
            os.seteuid(os.getuid())


def test_a_folder_that_may_not_be_written_is_reported_and_survived(folder_of_nobody):
    path, clock, faults = folder_of_nobody / "errors.db", VirtualClock(NOON), []
    folder_of_nobody.chmod(0o500)
    store = a_store(clock, path=path, faults=faults)
    keep(store, an_error_at(NOON))
    clock.advance(0.3)
    assert faults == [f"{path}: Permission denied"]
    folder_of_nobody.chmod(0o700)
    clock.advance(1.0)
    assert count(store) == 1
    store.close()


def test_a_file_that_cannot_be_written_any_more_is_reported_and_caught_up_with(tmp_path):
    path, clock, faults = tmp_path / "errors.db", VirtualClock(NOON), []
    backend = SqliteBackend(str(path))
    store = a_store(clock, backend=backend, faults=faults)
    backend._connection.execute("PRAGMA query_only = on")
    keep(store, an_error_at(NOON))
    clock.advance(0.3)
    assert faults == [f"{path}: it cannot be written: the file or its folder is read-only"]
    backend._connection.execute("PRAGMA query_only = off")
    clock.advance(1.0)
    assert count(store) == 1


def test_a_file_that_somebody_took_away_is_begun_anew(tmp_path):
    path, clock = tmp_path / "errors.db", VirtualClock(NOON)
    store = a_store(clock, path=path)
    keep(store, an_error_at(NOON, 1))
    clock.advance(1.0)
    path.rename(tmp_path / "errors.db.1")
    for beside in ("-wal", "-shm"):
        (tmp_path / f"errors.db{beside}").rename(tmp_path / f"errors.db.1{beside}")
    keep(store, an_error_at(NOON, 2), an_error_at(NOON, 3))
    clock.advance(1.0)
    assert count(store) == 2
    assert path.exists()


def test_two_processes_that_write_one_file_add_up(tmp_path):
    path = tmp_path / "errors.db"
    clocks = VirtualClock(NOON), VirtualClock(NOON)
    stores = [a_store(clock, path=path) for clock in clocks]
    for number in range(20):
        keep(stores[number % 2], an_error_at(NOON, number))
        clocks[number % 2].advance(1.0)
    assert count(stores[0]) == 20
    assert stores[1].reader().kinds(["f"])["f"].errors == 20
