"""What is too old goes, then the oldest of what is too much; what stays is counted as before."""

from __future__ import annotations

import pytest
from store.store_makers import ALWAYS, NOON, a_store, an_error_at, count, keep

from policy_engine import VirtualClock
from policy_engine.metrics.rollup import Window
from policy_engine.store import WaitingBounds

DAY = 86_400.0
MANY = WaitingBounds(errors=100_000, alike=100_000, kinds=1000, changes=100)


def test_what_is_older_than_it_may_be_goes_and_the_rest_is_counted_exactly(tmp_path):
    clock = VirtualClock(NOON)
    store = a_store(clock, path=tmp_path / "errors.db", keep=2 * DAY, bounds=MANY)
    for hour in range(24 * 5):
        time = NOON + 3600 * hour
        keep(store, an_error_at(time, hour, fingerprint=f"f{hour // 24}"))
        clock.advance(3600.0)
    clock.advance(1200.0)
    reader = store.reader()
    now = clock.time()
    recent = Window(now - 2 * DAY, now)
    assert 47 <= len(reader.errors(ALWAYS, {}, 1000)) <= 48
    assert len(reader.errors(recent, {}, 1000)) == 47
    assert sum(cost.errors for cost in reader.costs(recent, "category", {}).values()) == 47
    assert set(reader.first_seen({"f0", "f1", "f3", "f4"})) == {"f3", "f4"}


def test_a_store_that_is_too_big_shrinks_and_keeps_the_newest(tmp_path):
    clock, path = VirtualClock(NOON), tmp_path / "errors.db"
    store = a_store(clock, path=path, max_size=1_000_000, bounds=MANY)
    number = 0
    for minute in range(600):
        for _ in range(60):
            number += 1
            keep(store, an_error_at(NOON + 60 * minute + number % 60, number, fingerprint=f"f{number % 7}"))
        clock.advance(60.0)
    clock.advance(600.0)
    reader = store.reader()
    newest = Window(NOON + 60 * 599, NOON + 60 * 600)
    assert sum(cost.errors for cost in reader.costs(newest, "category", {}).values()) == 60
    kept = len(reader.errors(ALWAYS, {}, 1_000_000))
    assert 1000 < kept < number
    store.close()
    assert path.stat().st_size < 1_500_000


def test_many_rows_of_one_moment_go_in_the_end(tmp_path):
    """A step removes some thousands: those of one time stamp must not stand in its way for ever."""
    clock = VirtualClock(NOON)
    store = a_store(clock, path=tmp_path / "errors.db", keep=60.0, bounds=MANY)
    keep(store, *[an_error_at(NOON, number) for number in range(45_000)])
    clock.advance(1.0)
    assert count(store) == 45_000
    clock.advance(3 * DAY)
    assert count(store) == 0
    assert store.reader().errors(ALWAYS, {}, 100) == []


def test_what_another_process_let_go_of_is_counted_when_it_comes_back(tmp_path):
    """The number that a kind had in the file went with its last row."""
    path = tmp_path / "errors.db"
    first, second = VirtualClock(NOON), VirtualClock(NOON + 5 * DAY)
    one = a_store(first, path=path, keep=30 * DAY)
    other = a_store(second, path=path, keep=DAY)
    keep(one, an_error_at(NOON, 1, fingerprint="old"))
    first.advance(1.0)
    keep(other, an_error_at(NOON + 5 * DAY, 2, fingerprint="new"))
    second.advance(1200.0)
    assert set(other.reader().costs(ALWAYS, "fingerprint", {})) == {"new"}
    keep(one, an_error_at(NOON + 5 * DAY, 3, fingerprint="old"))
    first.advance(1.0)
    assert {name: cost.errors for name, cost in one.reader().costs(ALWAYS, "fingerprint", {}).items()} == {
        "new": 1,
        "old": 1,
    }


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_retention_holds_for_memory_as_for_a_file(tmp_path, kind):
    clock = VirtualClock(NOON)
    store = a_store(clock, path=tmp_path / "errors.db" if kind == "file" else None, keep=DAY)
    keep(store, an_error_at(NOON, 1))
    clock.advance(1.0)
    clock.advance(3 * DAY)
    keep(store, an_error_at(clock.time(), 2))
    clock.advance(1200.0)
    assert count(store) == 1
