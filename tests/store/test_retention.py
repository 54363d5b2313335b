"""What goes: the oldest, past its age or past the size of the file, and nothing that still counts."""

from __future__ import annotations

import sqlite3
from random import Random

import pytest
from makers import an_info
from store.store_makers import ALWAYS, NOON, a_recovery, a_store, an_error_at, keep

from policy_engine import VirtualClock
from policy_engine.ids import new_id
from policy_engine.metrics.costs import Cost, series_of
from policy_engine.metrics.rollup import DAY, HOUR, Window
from policy_engine.model import RecoveryStatus
from policy_engine.store import Change, RecoveryRow, WaitingBounds
from policy_engine.store.backend import Retention
from policy_engine.store.sqlite import SqliteBackend

MANY = WaitingBounds(errors=100_000, alike=100_000, kinds=10_000, changes=10_000)
FOREVER = 10_000 * DAY
HUGE = 10**12


def retired(backend, keep_seconds, size, now, *, most=1000):
    """Retire until there is no more to do; returns how many steps that took."""
    for step in range(1, most + 1):
        if not backend.retire(Retention(keep_seconds, size), now):
            return step
    raise AssertionError(f"still more to remove after {most} steps")


def tables(path):
    with sqlite3.connect(path) as raw:
        names = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: raw.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}


def test_everything_that_is_too_old_goes_from_every_table(tmp_path):
    path = tmp_path / "errors.db"
    store = a_store(VirtualClock(NOON), path=path, bounds=MANY)
    keep(store, *[an_error_at(NOON + number, number, fingerprint=f"f{number}") for number in range(20)])
    store.call_finished("api", NOON, 0.1, failed=True, slow=False)
    store.recovered("reconnect", NOON, 2.0)
    store.changed(Change(NOON, "level", "", "full", "degraded", "too many"))
    store.recovery_changed(RecoveryRow(a_recovery("r", NOON, RecoveryStatus.SUCCEEDED), NOON, "f0"))
    store.close()
    assert all(tables(path).values())
    backend = SqliteBackend(str(path))
    retired(backend, 10 * DAY, HUGE, NOON + 20 * DAY)
    backend.close()
    assert set(tables(path).values()) == {0}


@pytest.mark.parametrize("days", [1, 2, 5])
def test_counts_of_the_days_that_stay_are_exact(tmp_path, days):
    random = Random(days)
    store = a_store(VirtualClock(NOON), path=tmp_path / "errors.db", bounds=MANY)
    now = NOON + 7 * DAY
    times = sorted(NOON + random.random() * 7 * DAY for _ in range(2000))
    for number, time in enumerate(times):
        keep(store, an_error_at(time, number, fingerprint=f"f{number % 7}"))
        if number % 50 == 0:
            store.flush()
    store.close()
    backend = SqliteBackend(str(tmp_path / "errors.db"))
    retired(backend, days * DAY, HUGE, now)
    for since in (now - days * DAY, now - days * DAY + 1234.0, now - HOUR):
        window = backend.aligned(Window(since + 60, now))
        expected = sum(window.since <= time < window.until for time in times)
        for by in ("category", "fingerprint"):
            assert sum(cost.errors for cost in backend.costs(window, by, {}).values()) == expected
        assert len(backend.errors(window, {}, 5000)) == expected
    assert len(backend.errors(ALWAYS, {}, 5000)) == sum(time >= now - days * DAY for time in times)


def test_a_file_that_is_too_big_loses_its_oldest_and_shrinks(tmp_path):
    path = tmp_path / "errors.db"
    store = a_store(VirtualClock(NOON), path=path, bounds=MANY)
    for hour in range(100):
        keep(store, *[an_error_at(NOON + hour * HOUR + 6 * n, 1000 * hour + n) for n in range(600)])
        store.flush()
    store.close()
    before = path.stat().st_size
    backend = SqliteBackend(str(path))
    retired(backend, FOREVER, before // 3, NOON + 100 * HOUR)
    newest = backend.errors(ALWAYS, {}, 1_000_000)
    backend.close()
    assert path.stat().st_size <= before // 3 + 10_000
    assert newest[0].time == NOON + 99 * HOUR + 6 * 599
    oldest = newest[-1].time
    assert len(newest) == sum(
        NOON + hour * HOUR + 6 * n >= oldest for hour in range(100) for n in range(600)
    ), "what stays has no gap"
    assert len(newest) > 60_000 // 6, "no more goes than has to"


def test_thirty_thousand_errors_of_one_moment_go_and_so_do_their_counts(tmp_path):
    path = tmp_path / "errors.db"
    store = a_store(VirtualClock(NOON), path=path, bounds=MANY)
    random = Random(1)
    infos = [an_info(id=new_id(NOON, random), time=NOON) for _ in range(30_000)]
    keep(store, *infos)
    store.close()
    backend = SqliteBackend(str(path))
    assert retired(backend, DAY, HUGE, NOON + 10 * DAY) <= 3
    assert backend.errors(ALWAYS, {}, 10) == []
    assert backend.costs(ALWAYS, "category", {}) == {}


def test_changes_of_one_moment_that_are_more_than_one_step_removes_end_too(tmp_path):
    store = a_store(VirtualClock(NOON), path=tmp_path / "errors.db", bounds=WaitingBounds(10, 10, 10, 30_000))
    for _ in range(30_000):
        store.changed(Change(NOON, "breaker", "b", "CLOSED", "OPEN", ""))
    store.close()
    backend = SqliteBackend(str(tmp_path / "errors.db"))
    assert retired(backend, DAY, HUGE, NOON + 10 * DAY) <= 3
    assert backend.changes(ALWAYS, 10) == []


def test_a_bound_that_nothing_fits_in_ends_with_an_empty_file_and_no_endless_work(tmp_path):
    path = tmp_path / "errors.db"
    store = a_store(VirtualClock(NOON), path=path, bounds=MANY)
    keep(store, *[an_error_at(NOON + number, number, fingerprint=f"f{number}") for number in range(500)])
    store.close()
    backend = SqliteBackend(str(path))
    retired(backend, FOREVER, 1000, NOON + HOUR)
    assert backend.errors(ALWAYS, {}, 10) == []


def test_errors_of_the_future_do_not_keep_a_file_at_work_for_ever(tmp_path):
    """The clock was set back: everything that is stored lies ahead of it."""
    path = tmp_path / "errors.db"
    store = a_store(VirtualClock(NOON), path=path, bounds=MANY)
    keep(store, *[an_error_at(NOON + 60 * number, number) for number in range(500)])
    store.close()
    backend = SqliteBackend(str(path))
    retired(backend, DAY, 1000, NOON - 10 * DAY)
    assert backend.errors(ALWAYS, {}, 1)[0].time == NOON + 60 * 499, "the newest is not what goes first"


def test_a_process_that_removes_an_old_series_takes_none_from_one_that_writes_it_again(tmp_path):
    """Its number may go to another series: each write asks for the numbers anew."""
    path = tmp_path / "errors.db"
    clock = VirtualClock(NOON)
    writes, removes = (a_store(clock, path=path, bounds=MANY) for _ in range(2))
    keep(writes, an_error_at(NOON, 1, fingerprint="old"))
    assert writes.flush()
    backend = SqliteBackend(str(path))
    later = NOON + 40 * DAY
    retired(backend, 10 * DAY, HUGE, later)
    keep(removes, an_error_at(later, 2, fingerprint="new"))
    assert removes.flush()
    keep(writes, an_error_at(later, 3, fingerprint="old"))
    assert writes.flush()
    assert {name: cost.errors for name, cost in backend.costs(ALWAYS, "fingerprint", {}).items()} == {
        "new": 1,
        "old": 1,
    }
    assert {each.fingerprint for each in backend.errors(ALWAYS, {}, 10)} == {"new", "old"}


def test_an_error_of_long_ago_that_is_written_late_is_removed_with_its_counts_and_hides_nothing(tmp_path):
    path = tmp_path / "errors.db"
    store = a_store(VirtualClock(NOON), path=path, bounds=MANY)
    keep(store, an_error_at(NOON, 1), an_error_at(NOON - 100 * DAY, 2, fingerprint="g"))
    store.close()
    backend = SqliteBackend(str(path))
    retired(backend, 10 * DAY, HUGE, NOON)
    assert [each.fingerprint for each in backend.errors(ALWAYS, {}, 10)] == ["f"]
    assert list(backend.costs(ALWAYS, "fingerprint", {})) == ["f"]
    assert list(backend.kinds(["f", "g"])) == ["f"]


def test_what_is_charged_to_an_error_that_went_is_counted_still(tmp_path):
    path = tmp_path / "errors.db"
    clock = VirtualClock(NOON)
    store = a_store(clock, path=path, bounds=MANY, keep=10.0 * DAY)
    info = an_error_at(NOON, 1)
    keep(store, info)
    clock.advance(20 * DAY)
    store.charge(series_of(info), NOON + 20 * DAY, Cost(degraded_seconds=20.0 * DAY))
    clock.advance(HOUR)
    found = store.reader().costs(ALWAYS, "category", {})["UNKNOWN"]
    assert (found.degraded_seconds, found.errors) == (20.0 * DAY, 0)


def test_a_service_that_writes_lets_go_of_what_is_too_old_by_itself(tmp_path):
    clock = VirtualClock(NOON)
    store = a_store(clock, path=tmp_path / "errors.db", bounds=MANY, keep=10.0 * DAY)
    for day in range(30):
        keep(store, an_error_at(NOON + day * DAY, day))
        clock.advance(DAY)
    kept = store.reader().errors(ALWAYS, {}, 100)
    assert [each.time for each in kept] == [NOON + day * DAY for day in range(29, 19, -1)]
