"""Blocks and calls that end apart from where they began: each ends its own call, at its own time."""

import asyncio

import pytest
from protect.breaker_makers import a_breaker, an_open_breaker, attempt

from policy_engine.clock import VirtualClock
from policy_engine.model import BreakerState
from policy_engine.protect import BreakerOptions, CircuitBreaker


def test_an_asynchronous_block_that_raises_has_failed():
    breaker = a_breaker(VirtualClock())

    async def main():
        async with breaker:
            raise ConnectionResetError("peer hung up")

    with pytest.raises(ConnectionResetError):
        asyncio.run(main())
    now = breaker.statistics()
    assert (now.successes, now.failures) == (0, 1)


@pytest.mark.parametrize(("seconds", "failures"), [(10.0, 0), (10.1, 1)])
def test_a_block_is_too_slow_past_the_timeout_and_not_at_it(seconds, failures):
    clock = VirtualClock()
    clock.advance(100.0)
    breaker = a_breaker(clock, timeout=10.0)
    with breaker:
        clock.advance(seconds)
    assert breaker.statistics().failures == failures


def test_blocks_left_in_another_order_than_entered_end_their_own_calls():
    clock = VirtualClock()
    outer, first, second = (a_breaker(clock) for _ in range(3))
    outer.__enter__()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, ConnectionResetError("the first"), None)
    outer.__exit__(None, ConnectionResetError("the outer"), None)
    second.__exit__(None, None, None)
    ended = [(breaker.statistics().successes, breaker.statistics().failures) for breaker in (outer, first, second)]
    assert ended == [(0, 1), (0, 1), (1, 0)]


def test_a_result_that_is_a_failure_is_not_slow_by_that():
    clock = VirtualClock()
    clock.advance(100.0)
    breaker = CircuitBreaker("api", BreakerOptions(timeout=10.0), clock=clock, counts_result=lambda result: True)
    breaker.call(clock.advance, 1.0)
    now = breaker.statistics()
    assert (now.failures, now.slow) == (1, 0)


def test_a_coroutine_that_a_plain_function_returns_is_one_probe_and_not_two():
    clock = VirtualClock()
    breaker = an_open_breaker(clock, recovery_timeout=30.0, success_threshold=1)
    clock.advance(30.0)

    async def later():
        return "fine"

    assert asyncio.run(breaker.call(lambda: later())) == "fine"
    assert breaker.state == "CLOSED"


def test_a_breaker_that_is_not_enforced_hears_its_calls_in_time_and_shows_what_it_would_be():
    clock = VirtualClock()
    breaker = a_breaker(clock, enforce=False, mode=BreakerState.METRICS_ONLY, failure_threshold=2)
    attempt(breaker, times=3)
    now = breaker.statistics()
    assert (now.failures, now.late, now.to_dict()["would_be"], now.would_refuse) == (3, 0, "OPEN", 1)
