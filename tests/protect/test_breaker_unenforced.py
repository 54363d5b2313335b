"""Breakers that are not enforced: they let all pass, and know what they would have done through reloads and probes."""

import asyncio
from dataclasses import replace
from random import Random

import pytest
from protect.breaker_makers import a_breaker, attempt, fail, succeed
from protect.call_makers import a_protection

from policy_engine.clock import VirtualClock
from policy_engine.model import BreakerState
from policy_engine.protect import BreakerOptions, CircuitBreaker, LimiterOptions, OpenBackoff, Window, WindowKind

WATCHES = {"enforce": False, "mode": BreakerState.METRICS_ONLY}


def would(breaker):
    now = breaker.statistics()
    return now.would_be, now.would_refuse


def test_a_reload_that_stops_enforcing_begins_to_watch_from_then_on():
    clock = VirtualClock()
    clock.advance(100.0)
    breaker = a_breaker(clock, failure_threshold=2, recovery_timeout=30.0)
    assert would(breaker) == (None, 0)
    breaker.adopt(replace(breaker.options, **WATCHES))
    assert would(breaker) == ("CLOSED", 0)
    attempt(breaker, times=3)
    assert would(breaker) == ("OPEN", 1)
    clock.advance(29.9)
    assert would(breaker) == ("OPEN", 1)
    clock.advance(0.1)
    assert would(breaker) == ("HALF_OPEN", 1)


def test_a_reload_that_enforces_again_ends_the_watching():
    breaker = a_breaker(VirtualClock(), failure_threshold=2, **WATCHES)
    attempt(breaker, times=3)
    breaker.adopt(replace(breaker.options, enforce=True, mode=BreakerState.CLOSED))
    assert would(breaker) == (None, 0)
    attempt(breaker, times=2)
    assert breaker.state == "OPEN"


def test_a_breaker_that_only_watches_follows_a_reload_and_keeps_what_it_would_be():
    clock = VirtualClock()
    breaker = a_breaker(clock, failure_threshold=2, recovery_timeout=30.0, **WATCHES)
    attempt(breaker, times=3)
    breaker.adopt(replace(breaker.options, recovery_timeout=5.0))
    assert would(breaker) == ("OPEN", 1)
    clock.advance(5.0)
    assert would(breaker) == ("HALF_OPEN", 1)


def test_a_lower_threshold_holds_for_what_would_have_been_too():
    breaker = a_breaker(VirtualClock(), failure_threshold=9, **WATCHES)
    breaker.adopt(replace(breaker.options, failure_threshold=1))
    attempt(breaker)
    assert would(breaker) == ("OPEN", 0)


class Least(Random):
    """Draws the lower end, always."""

    def uniform(self, a, b):
        return a


@pytest.mark.parametrize("at_first", [{}, WATCHES])
def test_open_times_that_would_have_been_are_spread_by_the_same_random_source(at_first):
    clock = VirtualClock()
    options = BreakerOptions(failure_threshold=1, recovery_timeout=30.0, open_backoff=OpenBackoff(jitter=0.5))
    breaker = CircuitBreaker("api", replace(options, **at_first), clock=clock, random=Least())
    breaker.adopt(replace(options, **WATCHES))
    attempt(breaker)
    clock.advance(14.9)
    assert would(breaker) == ("OPEN", 0)
    clock.advance(0.1)
    assert would(breaker) == ("HALF_OPEN", 0)


@pytest.mark.parametrize("at_first", [{}, WATCHES])
def test_a_window_in_time_watches_too(at_first):
    clock = VirtualClock()
    options = BreakerOptions(window=Window(WindowKind.TIME, 60.0), failure_rate=0.5, minimum_calls=2)
    breaker = CircuitBreaker("api", replace(options, **at_first), clock=clock)
    breaker.adopt(replace(options, **WATCHES))
    attempt(breaker, times=1)
    assert would(breaker) == ("CLOSED", 0)
    attempt(breaker, times=2)
    assert would(breaker) == ("OPEN", 1)


def test_a_call_that_says_nothing_of_its_target_would_have_given_its_probe_back():
    clock = VirtualClock()
    breaker = a_breaker(clock, failure_threshold=1, recovery_timeout=30.0, success_threshold=1, **WATCHES)
    attempt(breaker)
    clock.advance(30.0)
    with pytest.raises(KeyboardInterrupt):
        breaker.call(interrupt)
    attempt(breaker, succeed)
    assert would(breaker) == ("CLOSED", 0)
    assert breaker.statistics().neutral == 1


def test_a_plain_function_that_returns_a_coroutine_would_have_been_one_probe():
    clock = VirtualClock()
    breaker = a_breaker(clock, failure_threshold=1, recovery_timeout=30.0, success_threshold=1, **WATCHES)
    protection = a_protection(clock, breaker=breaker, rate_limit=LimiterOptions(calls=10, per=1.0, burst=10))

    async def later():
        return "fine"

    attempt(breaker)
    clock.advance(30.0)
    assert asyncio.run(protection.call(lambda: later())) == "fine"
    assert would(breaker) == ("CLOSED", 0)


def test_a_slow_call_would_have_counted_as_slow():
    clock = VirtualClock()
    breaker = a_breaker(clock, failure_threshold=1, timeout=10.0, **WATCHES)
    breaker.call(clock.advance, 10.0)
    assert would(breaker) == ("CLOSED", 0)
    breaker.call(clock.advance, 10.1)
    assert would(breaker) == ("OPEN", 0)


def test_errors_pass_as_they_are_while_calls_would_be_refused():
    breaker = a_breaker(VirtualClock(), failure_threshold=1, **WATCHES)
    for _ in range(3):
        with pytest.raises(ConnectionResetError):
            breaker.call(fail)
    assert breaker.call(succeed) == "fine"
    assert would(breaker) == ("OPEN", 3)


def interrupt():
    raise KeyboardInterrupt
