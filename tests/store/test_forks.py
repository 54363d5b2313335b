"""A forked child of a service with a store: it writes its own errors, and nobody's file is harmed."""

import os
import sqlite3
import threading

import pytest
from forked import NEEDS_FORK, in_child
from store.store_makers import NOON, Failing, a_store, an_error_at, count, keep

from policy_engine import VirtualClock

pytestmark = NEEDS_FORK


def whole(path):
    with sqlite3.connect(path) as raw:
        return raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_child_writes_its_own_errors_and_not_what_waits_in_its_parent(tmp_path):
    path = tmp_path / "errors.db"
    store = a_store(VirtualClock(NOON), path=path)
    keep(store, an_error_at(NOON, 1))
    assert store.flush()
    keep(store, an_error_at(NOON, 2))

    def child():
        keep(store, an_error_at(NOON, 3))
        return store.flush() and store.statistics()["written"] == 1

    assert in_child(child)
    assert count(store) == 3
    assert whole(path)


def test_a_child_writes_on_after_its_parent_closed_the_file_and_others_wrote_to_it(tmp_path):
    """A child that believed to have its parent's locks wrote into a log that had been removed."""
    path = tmp_path / "errors.db"
    store = a_store(VirtualClock(NOON), path=path)
    keep(store, an_error_at(NOON, 1))
    assert store.flush()
    told_child, tell_child = os.pipe()
    told_parent, tell_parent = os.pipe()

    def child():
        keep(store, an_error_at(NOON, 2))
        written = store.flush()
        os.write(tell_parent, b"1")
        os.read(told_child, 1)
        keep(store, an_error_at(NOON, 3))
        return written and store.flush()

    result = []
    waiting = threading.Thread(target=lambda: result.append(in_child(child)))
    waiting.start()
    os.read(told_parent, 1)
    store.close()
    other = a_store(VirtualClock(NOON), path=path)
    keep(other, *[an_error_at(NOON, number) for number in range(10, 110)])
    other.close()
    os.write(tell_child, b"1")
    waiting.join(30)
    assert result == [True]
    assert count(store) == 103
    assert whole(path)


def test_a_fork_waits_for_the_write_under_way_and_the_parent_goes_on_after_it(tmp_path):
    path = tmp_path / "errors.db"
    backend, writing, go_on = Failing(str(path)), threading.Event(), threading.Event()
    real_write = backend.write

    def slow_write(batch, *, durable):
        writing.set()
        assert go_on.wait(30)
        real_write(batch, durable=durable)

    backend.write = slow_write
    store = a_store(VirtualClock(NOON), backend=backend)
    keep(store, an_error_at(NOON, 1))
    writer = threading.Thread(target=store.flush)
    writer.start()
    assert writing.wait(30)
    forked = []
    forking = threading.Thread(target=lambda: forked.append(in_child(lambda: backend.batches == [1])))
    forking.start()
    go_on.set()
    forking.join(30)
    writer.join(30)
    assert forked == [True], "the child was made when the write was done"
    keep(store, an_error_at(NOON, 2))
    assert count(store) == 2


def test_errors_kept_in_memory_stay_with_the_parent_and_a_child_begins_with_none():
    store = a_store(VirtualClock(NOON))
    keep(store, an_error_at(NOON, 1))
    assert count(store) == 1
    assert in_child(lambda: count(store) == 0)
    assert count(store) == 1


@pytest.mark.parametrize("threads", [4])
def test_threads_that_fork_at_once_do_not_hold_each_other_up_for_ever(tmp_path, threads):
    store = a_store(VirtualClock(NOON), path=tmp_path / "errors.db")
    results = []

    def fork():
        results.append(in_child(lambda: True))
        keep(store, an_error_at(NOON, threading.get_ident()))
        results.append(store.flush())

    forking = [threading.Thread(target=fork) for _ in range(threads)]
    for thread in forking:
        thread.start()
    for thread in forking:
        thread.join(30)
    assert results == [True] * 2 * threads
