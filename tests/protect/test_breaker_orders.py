"""How long a breaker stays open, and states that were ordered: by hand with an end and a reason, or by the policy."""

import dataclasses
import math
from random import Random

import pytest
from protect.breaker_makers import a_breaker, an_open_breaker, attempt, fail, succeed

from policy_engine.clock import VirtualClock
from policy_engine.errors import CircuitOpenError
from policy_engine.model import BreakerState
from policy_engine.protect import BreakerOptions, CircuitBreaker, OpenBackoff, Refusal
from policy_engine.protect.breaker.machine import Machine
from policy_engine.protect.breaker.open_time import open_time


def open_times(breaker, clock, times):
    """Let ``breaker`` open so often, its probes always failing; return how long it stayed open each time."""
    found = []
    for _ in range(times):
        attempt(breaker, fail)
        found.append(breaker.statistics().retry_after)
        clock.advance(found[-1])
    return found


def test_each_opening_without_a_closing_between_lasts_longer_up_to_the_maximum():
    clock = VirtualClock()
    breaker = a_breaker(
        clock, failure_threshold=1, recovery_timeout=30.0, success_threshold=1, open_backoff=OpenBackoff(2.0, 100.0)
    )
    assert open_times(breaker, clock, 4) == [30.0, 60.0, 100.0, 100.0]
    attempt(breaker, succeed)
    assert open_times(breaker, clock, 2) == [30.0, 60.0]


def test_a_maximum_below_the_recovery_timeout_means_no_growth():
    clock = VirtualClock()
    breaker = a_breaker(clock, failure_threshold=1, recovery_timeout=30.0, open_backoff=OpenBackoff(2.0, 1.0))
    assert open_times(breaker, clock, 2) == [30.0, 30.0]


def test_thousands_of_openings_do_not_overflow():
    clock = VirtualClock()
    breaker = a_breaker(
        clock, failure_threshold=1, recovery_timeout=1.0, open_backoff=OpenBackoff(factor=1e6, maximum=50.0)
    )
    assert open_times(breaker, clock, 2000)[-1] == 50.0


def test_an_open_time_that_grows_slowly_reaches_its_maximum_too():
    clock = VirtualClock()
    breaker = a_breaker(
        clock, failure_threshold=1, recovery_timeout=1.0, open_backoff=OpenBackoff(factor=1.01, maximum=5.0)
    )
    assert open_times(breaker, clock, 200)[-1] == 5.0


def test_jitter_takes_up_to_its_share_off_and_never_adds():
    clock = VirtualClock()
    options = BreakerOptions(
        failure_threshold=1, recovery_timeout=100.0, open_backoff=OpenBackoff(factor=1.0, maximum=100.0, jitter=0.1)
    )
    breaker = CircuitBreaker("api", options, clock=clock, random=Random(7))
    found = open_times(breaker, clock, 200)
    assert 90.0 <= min(found) < 92.0
    assert 98.0 < max(found) <= 100.0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: OpenBackoff(factor=0.5), "factor is 0.5: it must be a number of 1 or more"),
        (lambda: OpenBackoff(maximum=0.0), "max is 0.0: it must be a number above 0"),
        (lambda: OpenBackoff(jitter=1.5), "jitter is 1.5: it must be from 0 to 1"),
    ],
)
def test_a_growth_that_cannot_work_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_disabled_breaker_lets_all_pass_and_comes_back_closed_when_its_time_is_over():
    clock, events = VirtualClock(), []
    breaker = an_open_breaker(clock, events, failure_threshold=3)
    breaker.disable(60.0, "load test")
    attempt(breaker, fail, times=10)
    attempt(breaker, succeed)
    assert (breaker.state, breaker.statistics().reason) == ("DISABLED", "load test")
    assert breaker.statistics().counted == 0
    assert breaker.statistics().failures == 13
    clock.advance(60)
    assert breaker.state == "CLOSED"
    attempt(breaker, fail, times=3)
    assert breaker.state == "OPEN"
    assert [(event.before, event.after) for event in events[1:]] == [
        ("OPEN", "DISABLED"),
        ("DISABLED", "CLOSED"),
        ("CLOSED", "OPEN"),
    ]


def test_metrics_only_counts_and_does_not_open():
    breaker = a_breaker(VirtualClock(), failure_threshold=3)
    breaker.metrics_only()
    attempt(breaker, fail, times=10)
    assert breaker.state == "METRICS_ONLY"
    assert breaker.statistics().counted_failures == 10
    breaker.reset()
    assert breaker.state == "CLOSED"


def test_metrics_only_ends_by_itself_though_only_good_calls_come():
    clock = VirtualClock()
    breaker = a_breaker(clock)
    breaker.metrics_only(10.0)
    attempt(breaker, succeed)
    clock.advance(10)
    attempt(breaker, succeed)
    assert breaker.machine.state == "CLOSED"


def test_a_breaker_held_open_for_good_says_so_instead_of_a_time():
    breaker = a_breaker(VirtualClock())
    breaker.force_open(math.inf, "the vendor is gone")
    with pytest.raises(CircuitOpenError, match="held open until it is told otherwise") as refusal:
        breaker.call(succeed)
    assert refusal.value.retry_after is None
    assert breaker.statistics().to_dict()["retry_after"] is None
    breaker.reset()
    assert breaker.call(succeed) == "fine"


def test_a_time_below_zero_is_refused():
    with pytest.raises(ValueError, match="seconds is -1: it must be 0 or more"):
        a_breaker(VirtualClock()).force_open(-1)
    with pytest.raises(ValueError, match="seconds is nan"):
        a_breaker(VirtualClock()).disable(math.nan)


@pytest.mark.parametrize("mode", [BreakerState.DISABLED, BreakerState.METRICS_ONLY])
def test_a_policy_can_keep_a_breaker_from_opening(mode):
    breaker = a_breaker(VirtualClock(), mode=mode, failure_threshold=1)
    attempt(breaker, fail, times=5)
    assert breaker.state == mode
    breaker.reset()
    assert breaker.state == mode


def test_a_policy_that_changes_the_mode_is_followed_at_once_whatever_the_state():
    clock, events = VirtualClock(), []
    breaker = an_open_breaker(clock, events)
    ordinary = breaker.options
    breaker.adopt(dataclasses.replace(ordinary, mode=BreakerState.DISABLED))
    assert breaker.state == "DISABLED"
    breaker.adopt(dataclasses.replace(ordinary, mode=BreakerState.FORCED_OPEN))
    with pytest.raises(CircuitOpenError):
        breaker.call(succeed)
    breaker.adopt(ordinary)
    assert breaker.state == "CLOSED"
    assert [event.reason for event in events[1:]] == ["the policy says so"] * 3


def test_an_order_by_hand_outlives_a_reload_and_ends_in_what_the_policy_says_then():
    clock = VirtualClock()
    breaker = a_breaker(clock)
    breaker.force_open(60.0, "by hand")
    breaker.adopt(dataclasses.replace(breaker.options, mode=BreakerState.METRICS_ONLY))
    assert breaker.state == "FORCED_OPEN"
    clock.advance(60)
    assert breaker.state == "METRICS_ONLY"


def test_a_shorter_recovery_timeout_frees_a_breaker_that_is_open():
    clock = VirtualClock()
    breaker = an_open_breaker(clock, recovery_timeout=600.0)
    clock.advance(20)
    breaker.adopt(dataclasses.replace(breaker.options, recovery_timeout=20.0))
    assert breaker.state == "HALF_OPEN"


def test_a_metric_follows_the_state_after_closing():
    # dapr#10113
    clock = VirtualClock()
    breaker = an_open_breaker(clock, recovery_timeout=30.0, success_threshold=1)
    clock.advance(30)
    assert breaker.statistics().state == "HALF_OPEN"
    attempt(breaker, succeed)
    assert breaker.statistics().state == breaker.state == "CLOSED"


def test_a_breaker_that_shows_half_open_is_not_opened_again_by_a_longer_recovery_timeout():
    clock = VirtualClock()
    breaker = an_open_breaker(clock, recovery_timeout=20.0)
    clock.advance(20)
    breaker.adopt(dataclasses.replace(breaker.options, recovery_timeout=600.0))
    assert breaker.state == "HALF_OPEN"


def test_a_reset_begins_the_growth_of_open_times_anew():
    clock = VirtualClock()
    breaker = a_breaker(
        clock, failure_threshold=1, recovery_timeout=30.0, open_backoff=OpenBackoff(factor=2.0, maximum=600.0)
    )
    assert open_times(breaker, clock, 2) == [30.0, 60.0]
    breaker.reset()
    assert open_times(breaker, clock, 2) == [30.0, 60.0]


def test_a_breaker_that_nothing_happened_to_follows_a_policy_that_changes_its_mode():
    breaker = a_breaker(VirtualClock())
    assert breaker.statistics().reason == "new"
    breaker.adopt(dataclasses.replace(breaker.options, mode=BreakerState.DISABLED))
    assert breaker.state == "DISABLED"


def test_the_statistics_say_when_a_call_may_go():
    clock = VirtualClock()
    breaker = an_open_breaker(clock, recovery_timeout=30.0)
    assert breaker.statistics().retry_after == 30.0
    clock.advance(30)
    assert breaker.statistics().retry_after == 0.0
    breaker.enter()
    clock.advance(10)
    assert breaker.statistics().retry_after == 20.0
    clock.advance(25)
    assert breaker.statistics().retry_after == 0.0
    breaker.reset()
    assert breaker.statistics().retry_after == 0.0


def test_an_order_is_over_for_a_call_that_ends_exactly_with_it():
    clock, events = VirtualClock(), []
    breaker = a_breaker(clock, events, timeout=60.0)
    breaker.metrics_only(10.0)
    breaker.call(clock.advance, 10.0)
    assert [(event.before, event.after) for event in events] == [("CLOSED", "METRICS_ONLY"), ("METRICS_ONLY", "CLOSED")]


@pytest.mark.parametrize(
    ("order", "state", "reason"),
    [
        (lambda breaker: breaker.force_open(), "FORCED_OPEN", "forced open"),
        (lambda breaker: breaker.force_open(5.0, "maintenance"), "FORCED_OPEN", "maintenance"),
        (lambda breaker: breaker.disable(), "DISABLED", "disabled"),
        (lambda breaker: breaker.disable(5.0, "a drill"), "DISABLED", "a drill"),
        (lambda breaker: breaker.metrics_only(), "METRICS_ONLY", "metrics only"),
        (lambda breaker: breaker.metrics_only(5.0, "a trial"), "METRICS_ONLY", "a trial"),
    ],
)
def test_an_order_is_told_with_its_reason_and_so_is_a_reset(order, state, reason):
    events = []
    breaker = a_breaker(VirtualClock(), events)
    order(breaker)
    now = breaker.statistics()
    assert (now.state, now.reason) == (state, reason)
    breaker.reset()
    assert [(event.after, event.reason) for event in events] == [(state, reason), ("CLOSED", "reset")]


@pytest.mark.parametrize("order", [CircuitBreaker.disable, CircuitBreaker.metrics_only])
def test_the_end_of_an_order_is_told_as_such(order):
    clock, events = VirtualClock(), []
    breaker = a_breaker(clock, events)
    order(breaker, 5.0)
    clock.advance(5.0)
    attempt(breaker, succeed)
    assert (events[-1].after, events[-1].reason) == ("CLOSED", "the time of the order is over")


def test_a_machine_that_refuses_says_for_how_long_without_its_shell():
    machine = Machine(BreakerOptions(failure_threshold=1, recovery_timeout=30.0), 100.0, Random(1))
    machine.fail(machine.admit(100.0), 0.0, 100.0)
    assert machine.admit(110.0) == Refusal(20.0)


def test_an_open_time_of_zero_stays_zero_however_often_it_opens():
    options = BreakerOptions(recovery_timeout=0.0, open_backoff=OpenBackoff(factor=1e6, maximum=50.0))
    assert [open_time(options, openings, Random(1)) for openings in (1, 2, 2000)] == [0.0, 0.0, 0.0]
