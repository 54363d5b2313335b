"""Errors of many threads: none is counted twice or not at all, and what is to be on the disk is there."""

import threading

from store.store_makers import ALWAYS, NOON, a_store, an_error_at, an_id, count, keep

from policy_engine import Severity
from policy_engine.clock import SystemClock
from policy_engine.store import WaitingBounds
from policy_engine.store.sqlite import SqliteReader

THREADS, ERRORS = 6, 1500


def test_all_are_counted_once_and_each_that_is_sync_is_in_the_file_when_handling_returns(tmp_path):
    """More than stand in line before somebody counts them, while a worker writes what is there every 10 ms."""
    path, clock = tmp_path / "errors.db", SystemClock()
    bounds = WaitingBounds(errors=10_000, alike=100, kinds=100, changes=100)
    options = {"commit_within": 0.01, "sync": frozenset({Severity.CRITICAL}), "keep": 1e9}
    store = a_store(clock, path=path, bounds=bounds, **options)
    missing = []

    def fail(thread):
        for number in range(ERRORS):
            severity = Severity.CRITICAL if number % 300 == 299 else Severity.LOW
            time = NOON + thread
            keep(store, an_error_at(time, thread * ERRORS + number, severity=severity, fingerprint=f"f{number % 7}"))
            if severity is Severity.CRITICAL:
                reader = SqliteReader.open(str(path))
                if reader.error(an_id(time, thread * ERRORS + number)) is None:
                    missing.append((thread, number))
                reader.close()

    threads = [threading.Thread(target=fail, args=(thread,)) for thread in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert missing == []
    assert count(store) == THREADS * ERRORS
    assert store.statistics()["taken"] == store.statistics()["written"] == THREADS * ERRORS
    kinds = store.reader().kinds([f"f{number}" for number in range(7)])
    assert sum(kind.errors for kind in kinds.values()) == THREADS * ERRORS
    assert len(store.reader().errors(ALWAYS, {}, 100_000)) == THREADS * ERRORS - store.statistics()["counted_alone"]
    store.close()


def test_a_storm_that_nobody_writes_holds_no_more_errors_than_its_bounds_and_a_short_line():
    """Each thread sees how many wait; none of them waits for a write."""
    store = a_store(SystemClock(), bounds=WaitingBounds(errors=50, alike=50, kinds=5, changes=5), commit_within=3600.0)
    keep(store, *[an_error_at(NOON, number, fingerprint=f"f{number % 5}") for number in range(5000)])
    intake = store._intake
    assert len(intake._line) < 2000
    assert len(intake._batch.errors) == 50
    assert count(store) == 5000
