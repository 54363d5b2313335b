"""What is handed to the store reaches its database: when, together with what, and after which failures."""

import threading

import pytest
from store.store_makers import ALWAYS, NOON, Failing, a_store, an_error_at, an_id, count, keep

from policy_engine import Severity, VirtualClock
from policy_engine.clock import SystemClock
from policy_engine.store import StoreError, WaitingBounds
from policy_engine.store.sqlite import SqliteBackend


def written(path):
    reader = SqliteBackend(str(path))
    try:
        return sum(cost.errors for cost in reader.costs(ALWAYS, "category", {}).values())
    finally:
        reader.close()


def test_an_error_is_written_within_the_time_that_the_policy_gives(tmp_path):
    clock = VirtualClock(NOON)
    store = a_store(clock, path=tmp_path / "errors.db", commit_within=0.25)
    keep(store, an_error_at(NOON))
    clock.advance(0.2)
    assert store.statistics()["waiting"] == 1
    clock.advance(0.1)
    assert store.statistics()["waiting"] == 0
    assert written(tmp_path / "errors.db") == 1


def test_errors_that_come_together_are_written_together():
    clock, backend = VirtualClock(NOON), Failing()
    store = a_store(clock, backend=backend)
    keep(store, *[an_error_at(NOON, number) for number in range(50)])
    clock.advance(1.0)
    assert backend.batches == [50]


def test_an_error_whose_durability_is_sync_is_in_the_file_when_handling_returns(tmp_path):
    clock = VirtualClock(NOON)
    store = a_store(clock, path=tmp_path / "errors.db", sync=frozenset({Severity.CRITICAL}))
    keep(store, an_error_at(NOON, 1), an_error_at(NOON, 2, severity=Severity.CRITICAL))
    assert written(tmp_path / "errors.db") == 2, "what waited before it is written with it"
    keep(store, an_error_at(NOON, 3))
    assert written(tmp_path / "errors.db") == 2


def test_callers_that_wait_for_the_disk_at_once_share_a_write(tmp_path):
    """The first one writes for all that came while it was at work."""
    clock, started, go_on = VirtualClock(NOON), threading.Event(), threading.Event()
    backend = Failing(str(tmp_path / "errors.db"))
    real_write = backend.write

    def slow_write(batch, *, durable):
        started.set()
        assert go_on.wait(30)
        real_write(batch, durable=durable)

    backend.write = slow_write
    store = a_store(clock, backend=backend, sync=frozenset(Severity), sync_timeout=30.0)
    errors = [an_error_at(NOON, number) for number in range(9)]
    threads = [threading.Thread(target=keep, args=(store, error)) for error in errors]
    threads[0].start()
    assert started.wait(30)
    for thread in threads[1:]:
        thread.start()
    while store.statistics()["taken"] < 9:
        pass
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert sum(backend.batches) == 9
    assert len(backend.batches) <= 3


def test_what_cannot_be_written_waits_and_is_written_on_return():
    clock, backend, faults = VirtualClock(NOON), Failing(), []
    store = a_store(clock, backend=backend, faults=faults)
    backend.fails = True
    keep(store, an_error_at(NOON, 1))
    clock.advance(0.3)
    assert faults == ["the disk is full"]
    assert store.statistics()["failure"] == "the disk is full"
    keep(store, an_error_at(NOON + 1, 2))
    clock.advance(10.0)
    assert store.statistics()["waiting"] == 2
    backend.fails = False
    clock.advance(30.0)
    assert store.statistics() | {"waiting": 0, "failure": None} == store.statistics()
    assert count(store) == 2


def test_a_database_that_stays_away_is_tried_at_growing_intervals():
    clock, backend, faults = VirtualClock(NOON), Failing(), []
    store = a_store(clock, backend=backend, faults=faults, commit_within=0.1)
    backend.fails = True
    for second in range(120):
        keep(store, an_error_at(NOON + second, second))
        clock.advance(1.0)
    assert len(faults) == pytest.approx(8, abs=2), "0.5 s, 1 s, 2 s ... 30 s, however many errors come"


def test_while_it_fails_an_error_that_should_be_on_the_disk_holds_nobody_up():
    clock, backend, faults = VirtualClock(NOON), Failing(), []
    store = a_store(clock, backend=backend, faults=faults, sync=frozenset({Severity.CRITICAL}))
    backend.fails = True
    keep(store, *[an_error_at(NOON, number, severity=Severity.CRITICAL) for number in range(3)])
    assert faults == ["the disk is full"], "the first one tried, the others wait for the next try"
    assert store.statistics()["late"] == 3
    backend.fails = False
    clock.advance(1.0)
    assert store.statistics()["waiting"] == 0


def test_past_the_bound_errors_are_counted_alone_and_none_is_lost():
    clock = VirtualClock(NOON)
    store = a_store(clock, bounds=WaitingBounds(errors=10, alike=1000, kinds=100, changes=10))
    keep(store, *[an_error_at(NOON + number, number, fingerprint=f"f{number % 3}") for number in range(100)])
    assert count(store) == 100
    assert store.statistics()["counted_alone"] == 90
    assert len(store.reader().errors(ALWAYS, {}, 1000)) == 10
    kinds = store.reader().kinds(["f0", "f1", "f2"])
    assert [kinds[name].errors for name in sorted(kinds)] == [34, 33, 33]
    assert kinds["f0"].example["id"] == an_id(NOON + 99, 99), "the newest stands for all"


def test_a_storm_of_one_kind_costs_no_more_than_its_first_errors_in_each_minute():
    clock = VirtualClock(NOON)
    store = a_store(clock, bounds=WaitingBounds(errors=10_000, alike=3, kinds=100, changes=10))
    for number in range(600):
        keep(store, an_error_at(NOON + number, 2 * number), an_error_at(NOON + number, 2 * number + 1, fingerprint="g"))
        clock.advance(1.0)
    assert count(store) == 1200
    kept = store.reader().errors(ALWAYS, {}, 10_000)
    assert len(kept) == 2 * 3 * 10
    assert store.statistics()["counted_alone"] == 1200 - len(kept)


def test_an_error_that_is_to_be_on_the_disk_is_kept_however_many_there_are_like_it():
    bounds = WaitingBounds(errors=10_000, alike=3, kinds=100, changes=10)
    store = a_store(VirtualClock(NOON), bounds=bounds, sync=frozenset({Severity.CRITICAL}))
    keep(store, *[an_error_at(NOON, number, severity=Severity.CRITICAL) for number in range(20)])
    assert len(store.reader().errors(ALWAYS, {}, 100)) == 20


def test_kinds_past_the_bound_are_counted_without_an_example():
    clock = VirtualClock(NOON)
    store = a_store(clock, bounds=WaitingBounds(errors=1000, alike=1000, kinds=5, changes=10))
    keep(store, *[an_error_at(NOON, number, fingerprint=f"f{number}") for number in range(20)])
    assert count(store) == 20
    assert store.statistics()["dropped"] == 15
    assert len(store.reader().kinds([f"f{number}" for number in range(20)])) == 5


def test_a_long_outage_keeps_exact_counts_in_bounded_memory():
    clock, backend = VirtualClock(NOON), Failing()
    store = a_store(clock, backend=backend, bounds=WaitingBounds(errors=10, alike=1000, kinds=10, changes=10))
    backend.fails = True
    for minute in range(600):
        keep(store, *[an_error_at(NOON + 60 * minute, minute, fingerprint=f"f{kind}") for kind in range(10)])
        clock.advance(60.0)
    backend.fails = False
    clock.advance(60.0)
    assert count(store) == 6000
    assert sum(cost.errors for cost in store.reader().costs(ALWAYS, "fingerprint", {}).values()) == 6000


def test_a_question_is_answered_with_what_came_a_moment_ago():
    store = a_store(VirtualClock(NOON))
    keep(store, an_error_at(NOON))
    assert count(store) == 1


def test_a_question_to_a_database_that_cannot_be_written_says_why():
    backend = Failing()
    store = a_store(VirtualClock(NOON), backend=backend)
    backend.fails = True
    keep(store, an_error_at(NOON))
    with pytest.raises(StoreError, match="the disk is full"):
        store.reader()


def test_closing_it_writes_what_waits(tmp_path):
    store = a_store(VirtualClock(NOON), path=tmp_path / "errors.db")
    keep(store, an_error_at(NOON))
    store.close()
    assert written(tmp_path / "errors.db") == 1


def test_a_write_that_takes_long_holds_up_one_other_worker_at_the_most(tmp_path):
    """Eight workers serve recoveries too: a file that somebody holds locked must not take them all."""
    clock = SystemClock(workers=8)
    backend, writing, go_on = Failing(), threading.Event(), threading.Event()
    submitted = []
    real_submit, real_write = clock.submit, backend.write

    def slow_write(batch, *, durable):
        writing.set()
        assert go_on.wait(30)
        real_write(batch, durable=durable)

    def submit(task):
        submitted.append(task)
        return real_submit(task)

    backend.write, clock.submit = slow_write, submit
    store = a_store(clock, backend=backend, commit_within=0.0)
    keep(store, an_error_at(NOON))
    assert writing.wait(30)
    for number in range(1000):
        keep(store, an_error_at(NOON, number + 1))
    while len(submitted) < 2:
        pass
    keep(store, an_error_at(NOON, 1001))
    go_on.set()
    while store.statistics()["waiting"]:
        pass
    assert len(submitted) <= 3
    assert sum(backend.batches) + store.statistics()["counted_alone"] == 1002


def test_whatever_a_database_raises_what_came_is_kept_and_told():
    clock, backend, faults = VirtualClock(NOON), Failing(), []
    store = a_store(clock, backend=backend, faults=faults)
    real_write = backend.write

    def broken(batch, *, durable):
        raise OverflowError("int too big to convert")

    backend.write = broken
    keep(store, an_error_at(NOON))
    clock.advance(0.3)
    assert faults == ["OverflowError: int too big to convert"]
    backend.write = real_write
    clock.advance(1.0)
    assert count(store) == 1
