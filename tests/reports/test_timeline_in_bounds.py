"""The timeline keeps little and counts everything, however long the span and in whatever order errors come."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from makers import an_info

from policy_engine.model import BreakerChanged, BreakerState, LevelChanged, RecoveryChanged, RecoveryStatus
from policy_engine.reports import Timeline
from policy_engine.reports.bands import Band
from policy_engine.reports.buckets import Buckets
from policy_engine.reports.timeline import ErrorKey


@given(st.lists(st.tuples(st.floats(-1e9, 4e9), st.sampled_from("abc"))), st.integers(2, 20))
def test_whatever_the_times_no_count_is_lost_and_few_buckets_are_kept(errors, most) -> None:
    buckets: Buckets[str] = Buckets(most)
    for time, key in errors:
        buckets.add(time, key)
    assert len(buckets) <= most
    added_up: Counter[str] = Counter()
    for _, counts in buckets:
        added_up.update(counts)
    assert added_up == Counter(key for _, key in errors)


@given(st.lists(st.integers(0, 100_000), min_size=1))
def test_every_error_lies_in_the_bucket_of_its_time(times) -> None:
    buckets: Buckets[int] = Buckets(10)
    for time in times:
        buckets.add(time, time)
    for start, counts in buckets:
        assert all(start <= time < start + buckets.width for time in counts)
    starts = [start for start, _ in buckets]
    assert starts == sorted(starts)


def test_wider_buckets_hold_what_the_narrow_ones_held() -> None:
    buckets: Buckets[str] = Buckets(100)
    for time in (0, 1, 59, 60, 61):
        buckets.add(time, "a")
    assert buckets.at_width(60) == {0: Counter(a=3), 60: Counter(a=2)}


def test_a_million_seconds_of_errors_stay_within_the_buckets_allowed() -> None:
    timeline = Timeline(buckets=50)
    for time in range(0, 1_000_000, 500):
        timeline.handled(an_info(time=float(time), category="NETWORK"))
    assert len(timeline.errors) <= 50
    assert timeline.by_category == {"NETWORK": 2000}


def test_types_past_the_bound_count_for_their_category_alone() -> None:
    timeline = Timeline(types=3)
    for number in range(10):
        timeline.handled(an_info(time=1.0, category="LOGIC", exception_type=f"Made{number}"))
    ((_, counts),) = timeline.errors
    assert sorted(counts.values()) == [1, 1, 1, 7]
    assert counts[ErrorKey("LOGIC", "")] == 7


def test_one_stray_error_years_away_does_not_flatten_the_rest() -> None:
    timeline = Timeline()
    timeline.handled(an_info(time=0.0))
    for second in range(100):
        timeline.handled(an_info(time=1e9 + second))
    span = timeline.span()
    assert span is not None
    assert (span.start, span.end, span.before, span.after) == (1e9, 1e9 + 100, 1, 0)


def test_a_quiet_start_close_by_is_part_of_the_span() -> None:
    timeline = Timeline()
    for second in (0, 50, *range(100, 200)):
        timeline.handled(an_info(time=float(second)))
    span = timeline.span()
    assert span is not None
    assert (span.start, span.end, span.before) == (0, 200, 0)


def test_errors_without_a_time_are_counted_beside() -> None:
    timeline = Timeline()
    timeline.handled(an_info(time=None, category="LOGIC", retryable=True))
    assert (timeline.untimed, timeline.by_category, timeline.retryable) == (1, {"LOGIC": 1}, {"LOGIC": 1})
    assert timeline.span() is None


def test_levels_and_breakers_become_bands_of_their_states() -> None:
    timeline = Timeline()
    timeline.event(LevelChanged(10.0, "full", "degraded", "many", "", {}))
    timeline.event(LevelChanged(40.0, "degraded", "full", "many", "", {}))
    timeline.event(BreakerChanged(20.0, "api", BreakerState.CLOSED, BreakerState.OPEN, "failures"))
    assert list(timeline.levels.bands("", 0, 100)) == [
        Band(0, 10, "full"),
        Band(10, 40, "degraded"),
        Band(40, 100, "full"),
    ]
    assert list(timeline.breakers.bands("api", 15, 30)) == [Band(15, 20, "CLOSED"), Band(20, 30, "OPEN")]


def test_changes_past_the_bound_are_counted_and_when_they_began() -> None:
    timeline = Timeline(changes=2)
    for time in range(5):
        timeline.event(LevelChanged(float(time), "full", "degraded", "", "", {}))
    assert (timeline.levels.dropped, timeline.levels.dropped_from) == (3, 2.0)


def test_a_recovery_with_several_attempts_counts_once() -> None:
    timeline = Timeline()
    for status, attempt in (
        (RecoveryStatus.RUNNING, 1),
        (RecoveryStatus.WAITING, 1),
        (RecoveryStatus.RUNNING, 2),
        (RecoveryStatus.SUCCEEDED, 2),
    ):
        timeline.event(RecoveryChanged(1.0, "r1", "reconnect", status, "e1", attempt, ()))
    assert [counts for _, counts in timeline.recoveries] == [Counter(reconnect=1)]
    assert timeline.outcomes == {("reconnect", RecoveryStatus.SUCCEEDED): 1}
