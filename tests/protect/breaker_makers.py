"""Small makers for the breaker's tests."""

import contextlib
from collections.abc import Callable

from policy_engine.clock import VirtualClock
from policy_engine.protect import BreakerOptions, CircuitBreaker


def fail() -> None:
    raise ConnectionResetError("peer hung up")


def succeed() -> str:
    return "fine"


def attempt(breaker: CircuitBreaker, function: Callable[[], object] = fail, times: int = 1) -> None:
    """Call through the breaker, whatever comes of it."""
    for _ in range(times):
        with contextlib.suppress(Exception):
            breaker.call(function)


def a_breaker(clock: VirtualClock, events: list | None = None, **options) -> CircuitBreaker:
    chosen = {"failure_threshold": 3, "recovery_timeout": 30.0, "success_threshold": 2, "timeout": 10.0} | options
    publish = None if events is None else events.append
    return CircuitBreaker("api", BreakerOptions(**chosen), clock=clock, publish=publish)


def an_open_breaker(clock: VirtualClock, events: list | None = None, **options) -> CircuitBreaker:
    breaker = a_breaker(clock, events, **options)
    attempt(breaker, times=breaker.options.failure_threshold)
    assert breaker.state == "OPEN"
    return breaker
