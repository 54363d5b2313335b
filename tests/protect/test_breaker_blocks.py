"""Blocks and calls that end apart from where they began: each ends its own call, at its own time."""

import asyncio

import pytest
from protect.breaker_makers import a_breaker, an_open_breaker, attempt, fail

from policy_engine.clock import VirtualClock
from policy_engine.model import BreakerState, ShadowDecision
from policy_engine.protect import BreakerOptions, CircuitBreaker
from policy_engine.protect.breaker.results import compile_failed_result


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


def test_a_breaker_that_is_not_enforced_hears_its_calls_in_time_and_shows_what_it_would_be():
    clock = VirtualClock()
    breaker = a_breaker(clock, enforce=False, mode=BreakerState.METRICS_ONLY, failure_threshold=2)
    attempt(breaker, times=3)
    now = breaker.statistics()
    assert (now.failures, now.late, now.to_dict()["would_be"], now.would_refuse) == (3, 0, "OPEN", 1)


def test_what_a_breaker_that_is_not_enforced_would_do_is_told_as_a_decision_and_not_as_a_change():
    events = []
    clock = VirtualClock(start=1000.0)
    breaker = a_breaker(clock, events, enforce=False, mode=BreakerState.METRICS_ONLY, failure_threshold=2)
    attempt(breaker, times=3)
    assert events == [ShadowDecision(1000.0, "breaker", "api", "CLOSED -> OPEN (2 failures in a row)")]


def test_a_breaker_that_is_not_enforced_counts_as_if_refused_calls_had_not_been_made():
    clock = VirtualClock()
    breaker = a_breaker(
        clock, enforce=False, mode=BreakerState.METRICS_ONLY, failure_threshold=1, recovery_timeout=30.0
    )
    attempt(breaker, times=2)
    with pytest.raises(ConnectionResetError):
        breaker.call(fail)
    clock.advance(30.0)
    attempt(breaker)
    now = breaker.statistics()
    assert (now.failures, now.would_refuse, now.would_be) == (4, 2, "OPEN")


@pytest.mark.parametrize(("result", "state"), [([], "OPEN"), ([1], "CLOSED")])
def test_a_function_tells_a_failure_by_the_result_itself(result, state):
    options = BreakerOptions(failure_threshold=1, failed_result=compile_failed_result({"function": "is_empty"}))
    functions = {"is_empty": lambda given: given == []}
    breaker = CircuitBreaker("api", options, clock=VirtualClock(), registered=functions.__getitem__)
    breaker.call(lambda: result)
    assert breaker.state == state


def test_a_breaker_without_an_engine_knows_no_functions_and_says_so_to_its_fault_handler():
    faults = []
    options = BreakerOptions(failed_result=compile_failed_result({"function": "is_empty"}))
    breaker = CircuitBreaker(
        "api", options, clock=VirtualClock(), fault=lambda where, error: faults.append((where, str(error)))
    )
    assert breaker.call(list) == []
    assert faults == [('which results count for breaker "api"', 'no function is registered as "is_empty"')]


def test_a_result_without_the_attribute_is_good_and_no_fault():
    faults = []
    options = BreakerOptions(failed_result=compile_failed_result({"attributes": {"status_code": {"from": 500}}}))
    breaker = CircuitBreaker(
        "api", options, clock=VirtualClock(), fault=lambda where, error: faults.append((where, error))
    )
    for result in ("text", {}, None):
        breaker.call(lambda given=result: given)
    assert (breaker.statistics().successes, faults) == (3, [])


def test_a_coroutine_that_is_called_through_the_breaker_counts_once_and_when_it_ends():
    breaker = a_breaker(VirtualClock())

    async def breaks():
        raise ConnectionResetError("peer hung up")

    under_way = breaker.call(breaks)
    assert breaker.statistics().calls == 0
    with pytest.raises(ConnectionResetError):
        asyncio.run(under_way)
    now = breaker.statistics()
    assert (now.successes, now.failures) == (0, 1)


async def coroutine():
    return "fine"


def generator():
    yield "fine"


async def async_generator():
    yield "fine"


async def collected(items):
    return [item async for item in items]


@pytest.mark.parametrize("through", [CircuitBreaker.call, lambda breaker, function: breaker(function)()])
@pytest.mark.parametrize(
    ("function", "finish"),
    [(coroutine, asyncio.run), (generator, list), (async_generator, lambda items: asyncio.run(collected(items)))],
)
def test_what_a_plain_function_returns_unfinished_is_one_probe_and_not_two(through, function, finish):
    clock = VirtualClock()
    breaker = an_open_breaker(clock, recovery_timeout=30.0, success_threshold=1)
    clock.advance(30.0)
    finish(through(breaker, lambda: function()))
    now = breaker.statistics()
    assert (now.state, now.successes, now.neutral) == ("CLOSED", 1, 0)
