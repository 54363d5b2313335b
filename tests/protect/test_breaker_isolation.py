"""Listeners, predicates and other protections may misbehave; the breaker and its caller do not notice."""

import asyncio

import pytest
from protect.breaker_makers import a_breaker, attempt, fail, succeed
from protect.call_makers import a_protection

from policy_engine.clock import VirtualClock
from policy_engine.errors import CallRefusedError
from policy_engine.protect import CircuitBreaker, CircuitBreakerConfig


def test_a_listener_that_raises_neither_keeps_it_closed_nor_loses_the_callers_result():
    faults = []

    def listener(event):
        raise RuntimeError("a bad listener")

    config = CircuitBreakerConfig(failure_threshold=1, recovery_timeout=0.0, success_threshold=1)
    breaker = CircuitBreaker(
        "api", config, clock=VirtualClock(), publish=listener, fault=lambda where, error: faults.append((where, error))
    )
    with pytest.raises(ConnectionResetError):
        breaker.call(fail)
    assert breaker.call(succeed) == "fine"
    assert breaker.state == "CLOSED"
    assert [where for where, _ in faults] == ['a listener of breaker "api"'] * 3


def test_a_predicate_that_raises_counts_the_error_and_lets_it_pass():
    faults = []

    def predicate(error):
        raise RuntimeError("a bad predicate")

    breaker = CircuitBreaker(
        "api",
        CircuitBreakerConfig(failure_threshold=1),
        clock=VirtualClock(),
        counts=predicate,
        fault=lambda where, error: faults.append(where),
    )
    with pytest.raises(ConnectionResetError):
        breaker.call(fail)
    assert breaker.state == "OPEN"
    assert faults == ['what counts for breaker "api"']


def test_a_predicate_may_use_the_breaker_itself():
    breaker = a_breaker(VirtualClock())
    breaker._judge._counts = lambda error: breaker.state == "CLOSED"
    attempt(breaker, times=3)
    assert breaker.state == "OPEN"


def test_what_a_listener_causes_is_told_after_what_caused_it():
    seen = []

    def listener(event):
        seen.append((event.before, event.after))
        if event.after == "OPEN":
            breaker.reset()

    breaker = CircuitBreaker("api", CircuitBreakerConfig(failure_threshold=1), clock=VirtualClock(), publish=listener)
    attempt(breaker)
    assert breaker.state == "CLOSED"
    assert seen == [("CLOSED", "OPEN"), ("OPEN", "CLOSED")]


def test_an_interrupted_listener_does_not_silence_the_next_event():
    seen = []

    def listener(event):
        seen.append(event.after)
        if len(seen) == 1:
            raise KeyboardInterrupt

    breaker = CircuitBreaker("api", CircuitBreakerConfig(failure_threshold=1), clock=VirtualClock(), publish=listener)
    with pytest.raises(KeyboardInterrupt):
        breaker.call(fail)
    breaker.reset()
    assert seen == ["OPEN", "CLOSED"]


def test_a_refusal_by_another_protection_inside_is_neutral():
    breaker = a_breaker(VirtualClock(), failure_threshold=1)

    def refused():
        raise CallRefusedError("the inner one is open")

    attempt(breaker, refused)
    assert breaker.state == "CLOSED"
    assert breaker.statistics().neutral == 1


def test_a_result_can_be_a_failure_and_is_returned_none_the_less():
    breaker = CircuitBreaker(
        "api",
        CircuitBreakerConfig(failure_threshold=5),
        clock=VirtualClock(),
        counts_result=lambda status: status >= 500,
    )

    async def later(status):
        return status

    def plain(status):
        return status

    protection = a_protection(breaker=breaker)
    for status in (200, 503):
        assert breaker(plain)(status) == status
        assert breaker.call(plain, status) == status
        assert asyncio.run(breaker(later)(status)) == status
        assert protection.call(plain, status) == status
        assert asyncio.run(protection(later)(status)) == status
    now = breaker.statistics()
    assert (now.successes, now.failures, now.state) == (5, 5, "OPEN")


def test_a_predicate_on_results_that_raises_counts_the_call_as_good():
    faults = []
    breaker = CircuitBreaker(
        "api",
        clock=VirtualClock(),
        counts_result=lambda result: result.status >= 500,
        fault=lambda where, error: faults.append(where),
    )
    assert breaker.call(succeed) == "fine"
    assert breaker.statistics().successes == 1
    assert faults == ['which results count for breaker "api"']


def test_a_predicate_that_is_interrupted_counts_nothing_and_the_interrupt_passes():
    def predicate(error):
        raise KeyboardInterrupt

    config = CircuitBreakerConfig(failure_threshold=1)
    breaker = CircuitBreaker("api", config, clock=VirtualClock(), counts=predicate)
    with pytest.raises(KeyboardInterrupt):
        breaker.call(fail)
    now = breaker.statistics()
    assert (now.state, now.calls, now.failures, now.neutral) == ("CLOSED", 1, 0, 1)


@pytest.mark.parametrize("given", ["counts", "counts_result", "publish"])
def test_what_went_wrong_in_foreign_code_is_told_with_its_error(given):
    faults = []

    def broken(_):
        raise RuntimeError("foreign code")

    breaker = CircuitBreaker(
        "api",
        CircuitBreakerConfig(failure_threshold=1),
        clock=VirtualClock(),
        fault=lambda where, error: faults.append(str(error)),
        **{given: broken},
    )
    attempt(breaker, fail)
    attempt(breaker, succeed)
    breaker.reset()
    attempt(breaker, succeed)
    assert set(faults) == {"foreign code"}


def test_a_listener_is_through_with_one_event_before_it_hears_the_next():
    seen = []

    def listener(event):
        seen.append(f"begin {event.after}")
        if event.after == "OPEN":
            breaker.reset()
        seen.append(f"end {event.after}")

    breaker = CircuitBreaker("api", CircuitBreakerConfig(failure_threshold=1), clock=VirtualClock(), publish=listener)
    attempt(breaker)
    assert seen == ["begin OPEN", "end OPEN", "begin CLOSED", "end CLOSED"]


def test_an_event_that_waited_for_a_listener_has_the_time_of_its_change():
    clock, times = VirtualClock(start=1000.0), []

    def listener(event):
        times.append(event.time)
        if event.after == "OPEN":
            breaker.reset()
            clock.advance(10.0)

    breaker = CircuitBreaker("api", CircuitBreakerConfig(failure_threshold=1), clock=clock, publish=listener)
    attempt(breaker)
    assert times == [1000.0, 1000.0]
