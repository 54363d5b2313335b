"""Values by time whose stretches widen with age: nothing is lost on the way, and memory is bounded."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.metrics.rollup import DAY, HOUR, MINUTE, Rollup, Window

NOON = 1_772_366_400
ALWAYS = Window(-1e12, 1e12)


@dataclass
class Number:
    value: int = 0

    def absorb(self, other):
        self.value += other.value


def a_rollup(entries=1000):
    return Rollup(Number, entries=entries, rest=lambda _: "rest")


def total(rollup, window=ALWAYS):
    return sum(number.value for _, _, number in rollup.inside(window))


@settings(max_examples=200, deadline=None)
@given(
    times=st.lists(st.integers(0, 55 * DAY), max_size=300),
    keys=st.integers(1, 5),
    entries=st.sampled_from([2, 10, 1000]),
    cut=st.integers(0, 55 * DAY),
    length=st.integers(1, 55 * DAY),
)
def test_totals_stay_exact_over_all_merging_and_so_do_those_of_the_stretches_that_it_names(
    times, keys, entries, cut, length
):
    rollup = a_rollup(entries)
    for number, time in enumerate(times):
        rollup.at(NOON + time, f"k{number % keys}").value += 1
    assert total(rollup) == len(times)
    named = rollup.aligned(Window(NOON + cut, NOON + cut + length))
    assert total(rollup, named) == sum(named.since <= NOON + time < named.until for time in times)


@settings(max_examples=50, deadline=None)
@given(minutes=st.lists(st.integers(0, 50 * 24 * 60), min_size=1, max_size=200), entries=st.integers(1, 50))
def test_it_holds_no_more_values_than_asked_but_for_the_rest_of_each_stretch(minutes, entries):
    rollup = a_rollup(entries)
    for number, minute in enumerate(minutes):
        rollup.at(NOON + minute * MINUTE, f"k{number}").value += 1
    assert len(rollup) == sum(1 for _ in rollup)
    # Each of the days, and the hour and the minute at work, may hold its rest.
    assert len(rollup) <= entries + 51 + 2


def test_two_hours_are_told_apart_by_the_minute_two_days_by_the_hour_and_two_months_by_the_day():
    rollup = a_rollup(10**6)
    for minute in range(63 * 24 * 60):
        rollup.at(NOON + minute * MINUTE, "k").value += 1
    starts = [start for start, _, _ in rollup]
    end = NOON + 63 * DAY
    assert sum(start > end - 2 * HOUR - MINUTE for start in starts) == 120
    assert sum(end - 2 * DAY - 2 * HOUR <= start < end - 2 * HOUR for start in starts) == 48
    assert total(rollup, Window(end - 2 * HOUR, end - 2 * HOUR + MINUTE)) == 1
    assert rollup.aligned(Window(end - MINUTE, end - MINUTE + 1)) == (end - MINUTE, end)
    assert rollup.aligned(Window(end - 5 * HOUR + 1, end)) == (end - 5 * HOUR, end)
    assert rollup.aligned(Window(end - 10 * DAY + 1, end)).since % DAY == 0


def test_what_is_older_than_its_days_goes_and_nothing_else():
    rollup = a_rollup(10**6)
    for day in range(100):
        rollup.at(NOON + day * DAY, "k").value += 1
    starts = sorted({start for start, _, _ in rollup})
    assert total(rollup) == len(starts)
    assert starts[0] <= NOON + (100 - 62) * DAY


def test_what_comes_for_a_minute_long_past_is_counted_there():
    rollup = a_rollup()
    for minute in range(300):
        rollup.at(NOON + minute * MINUTE, "k").value += 1
    rollup.at(NOON + 30, "k").value += 5
    rollup.at(NOON + 301 * MINUTE, "k").value += 1
    assert total(rollup) == 306
    named = rollup.aligned(Window(NOON, NOON + MINUTE))
    assert total(rollup, named) == 5 + sum(named.since <= NOON + minute * MINUTE < named.until for minute in range(300))
