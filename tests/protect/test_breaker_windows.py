"""Rates over the last calls, or over the calls of the last seconds."""

import pytest
from protect.breaker_makers import a_breaker, attempt, fail, succeed

from policy_engine.clock import VirtualClock
from policy_engine.protect import BreakerOptions, SlowCall, Window, WindowKind, compile_breakers


def the_last(calls):
    return Window(WindowKind.COUNT, calls)


def seconds(size):
    return Window(WindowKind.TIME, size)


def test_a_count_window_opens_at_its_rate_and_not_below():
    breaker = a_breaker(VirtualClock(), window=the_last(10), failure_rate=0.5, minimum_calls=10)
    attempt(breaker, succeed, times=6)
    attempt(breaker, fail, times=4)
    assert breaker.state == "CLOSED"
    attempt(breaker, fail)
    assert breaker.state == "OPEN"


@pytest.mark.parametrize("window", [the_last(100), seconds(60.0)])
def test_good_calls_are_each_counted_once_however_often_somebody_looks(window):
    breaker = a_breaker(VirtualClock(), window=window, failure_rate=0.5, minimum_calls=100)
    seen = []
    for good in (5, 7, 11):
        attempt(breaker, succeed, times=good)
        seen.append(breaker.statistics().counted)
    attempt(breaker, fail)
    now = breaker.statistics()
    assert (seen, now.counted, now.counted_failures) == ([5, 12, 23], 24, 1)


def test_old_calls_leave_a_count_window():
    breaker = a_breaker(VirtualClock(), window=the_last(4), failure_rate=0.75, minimum_calls=1)
    attempt(breaker, succeed)
    attempt(breaker, fail, times=2)
    attempt(breaker, succeed, times=4)
    attempt(breaker, fail, times=2)
    assert breaker.state == "CLOSED"
    now = breaker.statistics()
    assert (now.counted, now.counted_failures, now.failure_rate) == (4, 2, 0.5)


@pytest.mark.parametrize("window", [the_last(1), the_last(1000)])
def test_the_smallest_and_a_large_count_window_work(window):
    # resilience4j#2379
    breaker = a_breaker(VirtualClock(), window=window, failure_rate=1.0, minimum_calls=1)
    attempt(breaker, succeed, times=3)
    assert breaker.state == "CLOSED"
    breaker.reset()
    attempt(breaker, fail)
    assert breaker.state == "OPEN"


def test_nothing_opens_before_the_minimum_of_calls_and_a_good_call_may_complete_it():
    breaker = a_breaker(VirtualClock(), window=the_last(10), failure_rate=0.5, minimum_calls=4)
    attempt(breaker, fail, times=3)
    assert breaker.state == "CLOSED"
    attempt(breaker, succeed)
    assert breaker.state == "OPEN"


def test_a_minimum_above_the_window_means_a_full_window():
    breaker = a_breaker(VirtualClock(), window=the_last(3), failure_rate=1.0, minimum_calls=100)
    attempt(breaker, fail, times=2)
    assert breaker.state == "CLOSED"
    attempt(breaker, fail)
    assert breaker.state == "OPEN"


def test_probes_are_exempt_from_the_minimum_of_calls():
    clock = VirtualClock()
    breaker = a_breaker(clock, window=the_last(10), minimum_calls=10, success_threshold=1, recovery_timeout=30.0)
    attempt(breaker, fail, times=10)
    clock.advance(30)
    attempt(breaker, fail)
    assert breaker.state == "OPEN"


def test_a_rate_is_reached_exactly():
    breaker = a_breaker(VirtualClock(), window=the_last(100), failure_rate=0.07, minimum_calls=100)
    attempt(breaker, succeed, times=93)
    attempt(breaker, fail, times=7)
    assert breaker.state == "OPEN"


def test_a_time_window_forgets_what_is_older_than_its_size():
    clock = VirtualClock()
    breaker = a_breaker(clock, window=seconds(60.0), failure_rate=0.5, minimum_calls=4)
    attempt(breaker, fail, times=3)
    clock.advance(60)
    attempt(breaker, fail, times=3)
    assert breaker.state == "CLOSED"
    assert breaker.statistics().counted == 3
    attempt(breaker, fail)
    assert breaker.state == "OPEN"


def test_a_time_window_remembers_what_is_younger_than_nineteen_twentieths_of_its_size():
    clock = VirtualClock()
    breaker = a_breaker(clock, window=seconds(60.0), failure_rate=0.5, minimum_calls=4)
    attempt(breaker, fail, times=3)
    clock.advance(56.9)
    attempt(breaker, fail)
    assert breaker.state == "OPEN"


def test_good_calls_that_age_out_let_the_rate_rise():
    clock = VirtualClock()
    breaker = a_breaker(clock, window=seconds(60.0), failure_rate=0.5, minimum_calls=4)
    attempt(breaker, succeed, times=10)
    clock.advance(30)
    attempt(breaker, fail, times=4)
    assert breaker.state == "CLOSED"
    clock.advance(31)
    attempt(breaker, succeed)
    assert breaker.state == "OPEN"


def test_a_breaker_that_slept_for_days_starts_with_an_empty_window():
    clock = VirtualClock()
    breaker = a_breaker(clock, window=seconds(1.0), failure_rate=0.5, minimum_calls=2)
    attempt(breaker, fail)
    clock.advance(1_000_000)
    attempt(breaker, fail)
    assert breaker.state == "CLOSED"
    assert breaker.statistics().counted == 1


def test_slow_calls_open_at_their_rate_and_are_good_calls_otherwise():
    clock = VirtualClock()
    breaker = a_breaker(
        clock, window=the_last(10), minimum_calls=5, slow_call=SlowCall(longer_than=2.0, rate=0.8), timeout=30.0
    )

    def slowly():
        clock.advance(2.5)

    attempt(breaker, succeed)
    attempt(breaker, slowly, times=3)
    assert breaker.state == "CLOSED"
    attempt(breaker, slowly)
    assert breaker.state == "OPEN"
    now = breaker.statistics()
    assert (now.slow, now.successes, now.failures) == (4, 5, 0)


def test_exactly_as_long_as_allowed_is_not_slow():
    clock = VirtualClock()
    breaker = a_breaker(clock, window=the_last(2), minimum_calls=1, slow_call=SlowCall(2.0, 0.5))
    breaker.call(clock.advance, 2.0)
    assert breaker.statistics().slow == 0


def test_a_call_that_fails_slowly_counts_as_both():
    clock = VirtualClock()
    breaker = a_breaker(clock, window=the_last(10), minimum_calls=10, slow_call=SlowCall(2.0, 0.5))

    def both():
        clock.advance(3)
        fail()

    attempt(breaker, both)
    now = breaker.statistics()
    assert (now.counted_failures, now.counted_slow, now.failure_rate, now.slow_rate) == (1, 1, 1.0, 1.0)


def test_a_slow_probe_opens_again():
    clock = VirtualClock()
    breaker = a_breaker(clock, window=the_last(2), minimum_calls=1, slow_call=SlowCall(2.0, 0.5), recovery_timeout=30.0)
    attempt(breaker, fail)
    clock.advance(30)
    breaker.call(clock.advance, 3.0)
    assert breaker.state == "OPEN"
    assert breaker.statistics().reason == "a probe was slow"


def test_a_table_becomes_a_window():
    compiled = compile_breakers(
        {
            "default": {"window": {"kind": "count", "size": 100}},
            "api": {
                "window": {"kind": "time", "size": "60s"},
                "failure_rate": 0.4,
                "minimum_calls": 20,
                "slow_call": {"longer_than": "2s", "rate": 0.8},
                "open_backoff": {"factor": 2.0, "max": "10m", "jitter": 0.1},
                "mode": "metrics_only",
                "key": "host",
                "counts": {"category": ["NETWORK"]},
            },
        }
    )
    api = compiled["api"]
    assert (api.window, api.failure_rate, api.minimum_calls) == (seconds(60.0), 0.4, 20)
    assert (api.slow_call, api.mode, api.key) == (SlowCall(2.0, 0.8), "METRICS_ONLY", "host")
    assert (api.open_backoff.maximum, api.open_backoff.jitter) == (600.0, 0.1)
    assert compiled["default"].window == the_last(100)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Window(WindowKind.COUNT, 0), "window.size is 0: it must be a whole number, 1 or more"),
        (lambda: Window(WindowKind.TIME, 0.0), "window.size is 0.0: it must be a number above 0"),
        (lambda: BreakerOptions(failure_rate=0.0), "failure_rate is 0.0: it must be above 0 and at most 1"),
        (lambda: BreakerOptions(failure_rate=1.1), "failure_rate is 1.1: it must be above 0 and at most 1"),
        (lambda: BreakerOptions(minimum_calls=0), "minimum_calls is 0: it must be a whole number, 1 or more"),
        (lambda: SlowCall(0.0, 0.5), "slow_call.longer_than is 0.0: it must be a number above 0"),
        (lambda: SlowCall(1.0, 0.0), "slow_call.rate is 0.0: it must be above 0 and at most 1"),
    ],
)
def test_a_size_or_rate_that_cannot_work_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_time_window_slides_in_steps_of_a_twentieth():
    clock = VirtualClock()
    breaker = a_breaker(clock, window=seconds(60.0), minimum_calls=100)
    clock.advance(2.9)
    attempt(breaker, fail)
    clock.advance(57.0)
    assert breaker.statistics().counted == 1
    clock.advance(0.125)
    assert breaker.statistics().counted == 0


def test_slow_calls_below_their_rate_do_not_open():
    clock = VirtualClock()
    breaker = a_breaker(clock, window=the_last(10), minimum_calls=5, slow_call=SlowCall(2.0, rate=0.8))
    attempt(breaker, succeed, times=2)
    attempt(breaker, lambda: clock.advance(3), times=3)
    assert breaker.state == "CLOSED"
    assert breaker.statistics().slow_rate == 0.6


def test_good_calls_are_counted_once_however_they_are_mixed_with_bad_ones():
    breaker = a_breaker(VirtualClock(), window=the_last(100), minimum_calls=100)
    for _ in range(3):
        attempt(breaker, succeed, times=2)
        attempt(breaker, fail)
    now = breaker.statistics()
    assert (now.counted, now.counted_failures) == (9, 3)


def test_a_good_call_may_complete_the_minimum_of_a_time_window_too():
    breaker = a_breaker(VirtualClock(), window=seconds(60.0), failure_rate=0.5, minimum_calls=4)
    attempt(breaker, fail, times=3)
    attempt(breaker, succeed)
    assert breaker.state == "OPEN"


def test_a_good_call_is_remembered_from_the_moment_it_ended():
    clock = VirtualClock()
    breaker = a_breaker(clock, window=seconds(10.0), minimum_calls=100)
    clock.advance(1.9)
    attempt(breaker, succeed)
    clock.advance(8.2)
    assert breaker.statistics().counted == 1
    clock.advance(1.9)
    assert breaker.statistics().counted == 0


def test_a_time_window_that_begins_late_forgets_as_one_that_began_at_zero():
    clock = VirtualClock()
    clock.advance(1000.0)
    breaker = a_breaker(clock, window=seconds(60.0), failure_rate=1.0, minimum_calls=100)
    attempt(breaker, fail)
    clock.advance(56.0)
    assert breaker.statistics().counted_failures == 1
    clock.advance(5.0)
    assert breaker.statistics().counted_failures == 0


def test_a_good_call_in_the_next_step_is_not_counted_with_the_one_before():
    clock = VirtualClock()
    breaker = a_breaker(clock, window=seconds(20.0), failure_rate=1.0, minimum_calls=100)
    attempt(breaker, succeed)
    clock.advance(1.5)
    attempt(breaker, succeed)
    clock.advance(19.1)
    assert breaker.statistics().counted == 1


@pytest.mark.parametrize("window", [the_last(4), seconds(60.0)])
def test_counts_are_whole_numbers_also_in_json(window):
    clock = VirtualClock()
    breaker = a_breaker(clock, window=window, minimum_calls=100, slow_call=SlowCall(longer_than=1.0, rate=1.0))
    for took in (2.0, 0.0, 2.0, 0.0, 0.0):
        breaker.call(clock.advance, took)
    shown = breaker.statistics().to_dict()
    assert [repr(shown[name]) for name in ("counted", "counted_failures", "counted_slow")] == (
        ["4", "0", "1"] if window.kind is WindowKind.COUNT else ["5", "0", "2"]
    )


def test_slow_calls_open_a_time_window_at_their_rate():
    clock = VirtualClock()
    slow = SlowCall(longer_than=1.0, rate=0.5)
    breaker = a_breaker(clock, window=seconds(60.0), failure_rate=1.0, minimum_calls=4, slow_call=slow)
    for took in (2.0, 0.0, 0.0):
        breaker.call(clock.advance, took)
    assert breaker.state == "CLOSED"
    breaker.call(clock.advance, 2.0)
    assert breaker.state == "OPEN"
    assert breaker.statistics().reason == "2 of 4 calls were slow"


def test_good_calls_alone_never_open_a_time_window():
    clock = VirtualClock()
    breaker = a_breaker(clock, window=seconds(60.0), failure_rate=1.0, minimum_calls=1)
    for _ in range(5):
        assert breaker.call(succeed) == "fine"
        clock.advance(7.0)
    assert breaker.state == "CLOSED"


def test_a_good_call_at_the_very_beginning_of_a_step_belongs_to_that_step():
    clock = VirtualClock()
    breaker = a_breaker(clock, window=seconds(20.0), failure_rate=1.0, minimum_calls=100)
    clock.advance(1.0)
    breaker.call(succeed)
    clock.advance(19.5)
    assert breaker.statistics().counted == 1
    clock.advance(0.5)
    assert breaker.statistics().counted == 0
