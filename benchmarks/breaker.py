"""What a closed breaker costs a call, against circuitbreaker: the same run, alternating rounds, medians and ratios.

Run it with ``python -m benchmarks.breaker``.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import statistics
import time
from collections.abc import Awaitable, Callable
from random import Random

import circuitbreaker

from benchmarks.rounds import alternate, print_table
from policy_engine.clock import SystemClock
from policy_engine.errors import CircuitOpenError
from policy_engine.protect import (
    BreakerOptions,
    CallOptions,
    CircuitBreaker,
    FallbackValue,
    KeyedBreakers,
    Pipeline,
    Protection,
    RetryOptions,
    SlowCall,
    Window,
    WindowKind,
)

ROUNDS = 25
CALLS = 20_000

COUNT_WINDOW = BreakerOptions(window=Window(WindowKind.COUNT, 100), slow_call=SlowCall(2.0, 0.8))
TIME_WINDOW = BreakerOptions(window=Window(WindowKind.TIME, 60.0), slow_call=SlowCall(2.0, 0.8))

Call = Callable[[], object]
AsyncCall = Callable[[], Awaitable[object]]


def nothing() -> None:
    return None


async def nothing_async() -> None:
    return None


async def measure_async(
    contestants: dict[str, AsyncCall], *, rounds: int = ROUNDS, calls: int = CALLS
) -> dict[str, float]:
    """`alternate` for coroutine functions."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        for name, call in contestants.items():
            gc.collect()
            begun = time.perf_counter()
            for _ in range(calls):
                await call()
            if turn:
                times[name].append((time.perf_counter() - begun) / calls)
    return {name: statistics.median(values) for name, values in times.items()}


def compare(title: str, contestants: dict[str, Call]) -> None:
    print_table(title, alternate(contestants, rounds=ROUNDS, calls=CALLS), baseline="circuitbreaker")


def with_a_failure(breaker: CircuitBreaker) -> Call:
    breaker.fail(breaker.enter(), 0.0, ConnectionError())
    return breaker(nothing)


def refused(call: Call, refusal: type[Exception]) -> Call:
    def one() -> None:
        with contextlib.suppress(refusal):
            call()

    return one


def open_peer() -> Call:
    peer = circuitbreaker.CircuitBreaker(failure_threshold=1, recovery_timeout=3600, name="open")
    with contextlib.suppress(ConnectionError), peer:
        raise ConnectionError
    return refused(peer(nothing), circuitbreaker.CircuitBreakerError)


def open_breaker() -> Call:
    breaker = CircuitBreaker("open")
    breaker.force_open(3600.0)
    return refused(breaker(nothing), CircuitOpenError)


def by_key(keys: int) -> Call:
    breakers = KeyedBreakers("api", bound=100_000)
    hosts = [f"host-{number}" for number in range(keys)]
    for host in hosts:
        breakers.get(host)
    following = itertools.cycle(hosts).__next__

    def one() -> None:
        breakers.get(following()).call(nothing)

    return one


def protected_call(options: CallOptions) -> Call:
    clock = SystemClock()
    pipeline = Pipeline("api", options, clock=clock, random=Random(1), breaker=CircuitBreaker("api", clock=clock))
    return Protection("api", lambda: pipeline, lambda *_: None)(nothing)


def main() -> None:
    peer = circuitbreaker.CircuitBreaker(name="peer")
    plain: dict[str, Call] = {
        "bare call": nothing,
        "circuitbreaker": peer(nothing),
        "consecutive failures": CircuitBreaker("plain")(nothing),
        "count window": CircuitBreaker("count", COUNT_WINDOW)(nothing),
        "time window": CircuitBreaker("time", TIME_WINDOW)(nothing),
        "count window, one failure in it": with_a_failure(CircuitBreaker("once", COUNT_WINDOW)),
    }
    print_table(
        "closed breaker, plain function", alternate(plain, rounds=ROUNDS, calls=CALLS), baseline="circuitbreaker"
    )
    awaited: dict[str, AsyncCall] = {
        "bare await": nothing_async,
        "circuitbreaker": peer(nothing_async),
        "consecutive failures": CircuitBreaker("async")(nothing_async),
        "count window": CircuitBreaker("count", COUNT_WINDOW)(nothing_async),
        "time window": CircuitBreaker("time", TIME_WINDOW)(nothing_async),
    }
    print_table("closed breaker, coroutine function", asyncio.run(measure_async(awaited)), baseline="circuitbreaker")
    asked = CircuitBreaker("asked")
    asked.force_open(3600.0)
    refusals: dict[str, Call] = {
        "circuitbreaker, raised and caught": open_peer(),
        "raised and caught": open_breaker(),
        "as an outcome": asked.ask,
    }
    seconds = alternate(refusals, rounds=ROUNDS, calls=CALLS)
    print_table("refused call", seconds, baseline="circuitbreaker, raised and caught")
    keyed = {f"{keys} keys": by_key(keys) for keys in (1, 1000, 100_000)}
    print_table("one breaker for each key", alternate(keyed, rounds=ROUNDS, calls=CALLS), baseline="1 keys")
    calls: dict[str, Call] = {
        "circuitbreaker": peer(nothing),
        "breaker": protected_call(CallOptions()),
        "breaker, retry": protected_call(CallOptions(retry=RetryOptions())),
        "fallback, breaker, retry, timeout": protected_call(
            CallOptions(retry=RetryOptions(deadline=20.0), timeout=3.0, fallback=FallbackValue([]))
        ),
    }
    print_table(
        "protected call, plain function", alternate(calls, rounds=ROUNDS, calls=CALLS), baseline="circuitbreaker"
    )


if __name__ == "__main__":
    main()
