"""A breaker by consecutive failures: closed, open, half open, closed again."""

import copy
import pickle
from dataclasses import replace

import pytest
from protect.breaker_makers import a_breaker, an_open_breaker, attempt, fail, succeed

from policy_engine.clock import VirtualClock
from policy_engine.errors import CallRefusedError, CircuitOpenError, DegradedError
from policy_engine.protect import CircuitBreaker, CircuitBreakerConfig, OpenBackoff, Permit, Refusal, SlowCall


def test_it_opens_at_the_threshold_and_not_before():
    breaker = a_breaker(VirtualClock(), failure_threshold=3)
    attempt(breaker, times=2)
    assert breaker.state == "CLOSED"
    attempt(breaker)
    assert breaker.state == "OPEN"


def test_a_threshold_of_one_opens_at_the_first_failure():
    breaker = a_breaker(VirtualClock(), failure_threshold=1)
    attempt(breaker)
    assert breaker.state == "OPEN"


def test_a_success_between_failures_begins_the_row_anew():
    breaker = a_breaker(VirtualClock(), failure_threshold=3)
    attempt(breaker, times=2)
    attempt(breaker, succeed)
    attempt(breaker, times=2)
    assert breaker.state == "CLOSED"


def test_an_open_breaker_refuses_without_calling_and_says_when_to_try_again():
    clock = VirtualClock()
    breaker = an_open_breaker(clock, recovery_timeout=30.0)
    clock.advance(10)
    calls = []
    with pytest.raises(CircuitOpenError) as refusal:
        breaker.call(calls.append, 1)
    assert calls == []
    assert refusal.value.retry_after == 20.0
    assert refusal.value.breaker == "api"
    assert isinstance(refusal.value, CallRefusedError)


def test_the_state_shows_half_open_as_soon_as_the_time_is_over_though_nobody_called():
    clock = VirtualClock(start=1000.0)
    breaker = an_open_breaker(clock, recovery_timeout=30.0)
    clock.advance(29.9)
    assert breaker.state == "OPEN"
    clock.advance(5)
    assert breaker.state == "HALF_OPEN"
    assert breaker.statistics().since == 1030.0


def test_a_recovery_timeout_of_zero_probes_at_once():
    breaker = a_breaker(VirtualClock(), recovery_timeout=0.0)
    attempt(breaker, times=3)
    assert breaker.state == "HALF_OPEN"
    assert breaker.call(succeed) == "fine"


def test_enough_good_probes_close_it_and_one_bad_probe_opens_it_again():
    clock = VirtualClock()
    breaker = an_open_breaker(clock, recovery_timeout=30.0, success_threshold=2)
    clock.advance(30)
    attempt(breaker, succeed)
    assert breaker.state == "HALF_OPEN"
    attempt(breaker)
    assert breaker.state == "OPEN"
    clock.advance(30)
    attempt(breaker, succeed, times=2)
    assert breaker.state == "CLOSED"


def test_a_closed_again_breaker_has_forgotten_the_failures_that_opened_it():
    clock = VirtualClock()
    breaker = an_open_breaker(clock, failure_threshold=3, recovery_timeout=30.0, success_threshold=1)
    clock.advance(30)
    attempt(breaker, succeed)
    attempt(breaker, times=2)
    assert breaker.state == "CLOSED"


def test_each_transition_is_one_event_with_its_reason_and_time():
    clock, events = VirtualClock(start=1000.0), []
    breaker = an_open_breaker(clock, events, recovery_timeout=30.0, success_threshold=1)
    clock.advance(40)
    attempt(breaker, succeed)
    assert [(event.time, event.before, event.after) for event in events] == [
        (1000.0, "CLOSED", "OPEN"),
        (1040.0, "OPEN", "HALF_OPEN"),
        (1040.0, "HALF_OPEN", "CLOSED"),
    ]
    assert [event.reason for event in events] == [
        "3 failures in a row",
        "the time to stay open is over",
        "good probes: 1",
    ]


def test_a_call_longer_than_the_timeout_counts_as_a_failure_and_returns_its_result():
    clock = VirtualClock()
    breaker = a_breaker(clock, failure_threshold=1, timeout=10.0)

    def slow(seconds):
        clock.advance(seconds)
        return "late but here"

    assert breaker.call(slow, 10.0) == "late but here"
    assert breaker.state == "CLOSED"
    assert breaker.call(slow, 10.1) == "late but here"
    assert breaker.state == "OPEN"
    assert breaker.statistics().slow == 1


def test_reset_closes_it_and_keeps_the_totals():
    events = []
    breaker = an_open_breaker(VirtualClock(), events)
    breaker.reset()
    assert breaker.state == "CLOSED"
    assert breaker.statistics().failures == 3
    assert events[-1].reason == "reset"
    attempt(breaker, times=2)
    breaker.reset()
    attempt(breaker, times=2)
    assert breaker.state == "CLOSED"


def test_forced_open_refuses_for_its_time_and_then_probes():
    clock, events = VirtualClock(), []
    breaker = a_breaker(clock, events, success_threshold=1)
    breaker.force_open(5.0, "maintenance")
    breaker.force_open(5.0, "maintenance again")
    assert breaker.state == "FORCED_OPEN"
    with pytest.raises(CircuitOpenError) as refusal:
        breaker.call(succeed)
    assert refusal.value.retry_after == 5.0
    clock.advance(5)
    assert breaker.state == "HALF_OPEN"
    attempt(breaker, succeed)
    assert breaker.state == "CLOSED"
    assert [event.reason for event in events][:1] == ["maintenance"]
    assert len(events) == 3


def test_forced_open_lasts_the_recovery_timeout_where_no_time_is_given():
    clock = VirtualClock()
    breaker = a_breaker(clock, recovery_timeout=30.0)
    breaker.force_open()
    clock.advance(29)
    assert breaker.state == "FORCED_OPEN"
    clock.advance(1)
    assert breaker.state == "HALF_OPEN"


def test_a_wall_clock_that_steps_backwards_changes_no_state():
    clock = VirtualClock(start=5000.0)
    breaker = an_open_breaker(clock, recovery_timeout=30.0)
    clock.set_time(0.0)
    clock.advance(29)
    assert breaker.state == "OPEN"
    clock.set_time(90_000.0)
    assert breaker.state == "OPEN"
    clock.advance(1)
    assert breaker.state == "HALF_OPEN"


def test_a_refusal_says_what_it_is_and_survives_a_copy_and_a_process_border():
    degraded = pickle.loads(pickle.dumps(DegradedError("chart", level="minimal", reason="too many errors")))
    assert (str(degraded), degraded.level) == ('"chart" does not run at level "minimal": too many errors', "minimal")
    refusal = CircuitOpenError("api", retry_after=12.5)
    assert str(refusal) == 'circuit breaker "api" is open: try again in 12.5 s'
    for copied in (copy.copy(refusal), pickle.loads(pickle.dumps(refusal))):
        assert (str(copied), copied.breaker, copied.retry_after) == (str(refusal), "api", 12.5)


def test_repeated_refusals_carry_no_growing_traceback():
    breaker = an_open_breaker(VirtualClock())

    def depth():
        try:
            breaker.call(succeed)
        except CircuitOpenError as refusal:
            entries, here = 0, refusal.__traceback__
            while here is not None:
                entries, here = entries + 1, here.tb_next
            return entries, refusal.__context__
        raise AssertionError

    first = depth()
    for _ in range(100):
        last = depth()
    assert first == last
    assert last[1] is None


def test_it_works_on_the_system_clock_with_no_arguments_at_all():
    breaker = CircuitBreaker()
    assert breaker.name == "default"
    assert breaker.call(succeed) == "fine"
    assert breaker.statistics().calls == 1
    assert CircuitBreaker("x", CircuitBreakerConfig(failure_threshold=2)).options.failure_threshold == 2


def test_who_only_asks_is_answered_without_an_exception():
    clock = VirtualClock()
    breaker = an_open_breaker(clock, recovery_timeout=30.0, success_threshold=1)
    clock.advance(10)
    assert breaker.ask() == Refusal(20.0)
    clock.advance(20)
    probe = breaker.ask()
    assert isinstance(breaker.ask(), Refusal)
    breaker.end(probe, clock.monotonic(), "a result")
    assert breaker.state == "CLOSED"
    assert isinstance(breaker.ask(), Permit)
    assert breaker.statistics().refused == 2


@pytest.mark.parametrize(("probe", "reason"), [(fail, "a probe failed"), (None, "a probe was slow")])
def test_the_event_says_what_was_wrong_with_the_probe(probe, reason):
    clock, events = VirtualClock(), []
    breaker = an_open_breaker(clock, events, recovery_timeout=30.0, slow_call=SlowCall(longer_than=1.0, rate=0.5))
    clock.advance(30)
    attempt(breaker, probe or (lambda: clock.advance(2.0)))
    assert (events[-1].after, events[-1].reason) == ("OPEN", reason)


def test_a_new_definition_keeps_how_far_the_open_time_has_grown():
    clock = VirtualClock()
    growing = {"recovery_timeout": 10.0, "open_backoff": OpenBackoff(factor=2.0, maximum=600.0)}
    breaker = an_open_breaker(clock, **growing)
    clock.advance(10)
    attempt(breaker, fail)
    clock.advance(15)
    breaker.adopt(replace(breaker.options, success_threshold=1))
    assert breaker.state == "OPEN"
    clock.advance(5)
    assert breaker.state == "HALF_OPEN"


def test_a_slow_call_that_returned_in_time_ends_a_row_of_failures():
    clock = VirtualClock()
    breaker = a_breaker(clock, failure_threshold=3, timeout=10.0, slow_call=SlowCall(longer_than=1.0, rate=0.5))
    attempt(breaker, times=2)
    breaker.call(clock.advance, 2.0)
    attempt(breaker, times=2)
    assert breaker.state == "CLOSED"
    attempt(breaker)
    assert breaker.state == "OPEN"


def test_all_calls_that_ended_are_in_the_total_also_those_that_say_nothing():
    breaker = a_breaker(VirtualClock())
    attempt(breaker, succeed, times=3)
    attempt(breaker, fail, times=2)
    with pytest.raises(KeyboardInterrupt), breaker:
        raise KeyboardInterrupt
    assert breaker.statistics().calls == 6
