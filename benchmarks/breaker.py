"""What a closed breaker costs a call, against circuitbreaker: the same run, alternating rounds, medians and ratios.

Run it with ``python -m benchmarks.breaker``.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
from collections.abc import Awaitable, Callable
from random import Random

import circuitbreaker

from policy_engine.clock import SystemClock
from policy_engine.protect import CallOptions, CircuitBreaker, FallbackValue, Pipeline, Protection, RetryOptions

ROUNDS = 25
CALLS = 20_000

Call = Callable[[], object]
AsyncCall = Callable[[], Awaitable[object]]


def nothing() -> None:
    return None


async def nothing_async() -> None:
    return None


def measure(contestants: dict[str, Call], *, rounds: int = ROUNDS, calls: int = CALLS) -> dict[str, float]:
    """Median nanoseconds a call, the contestants taking turns so that all meet the same weather."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        for name, call in contestants.items():
            gc.collect()
            begun = time.perf_counter_ns()
            for _ in range(calls):
                call()
            if turn:  # the first round warms up
                times[name].append((time.perf_counter_ns() - begun) / calls)
    return {name: statistics.median(values) for name, values in times.items()}


async def measure_async(
    contestants: dict[str, AsyncCall], *, rounds: int = ROUNDS, calls: int = CALLS
) -> dict[str, float]:
    """`measure` for coroutine functions."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        for name, call in contestants.items():
            gc.collect()
            begun = time.perf_counter_ns()
            for _ in range(calls):
                await call()
            if turn:
                times[name].append((time.perf_counter_ns() - begun) / calls)
    return {name: statistics.median(values) for name, values in times.items()}


def show(title: str, results: dict[str, float], peer: str) -> None:
    print(title)
    for name, nanoseconds in results.items():
        print(f"  {name:32} {nanoseconds:8.0f} ns   {nanoseconds / results[peer]:5.2f} x {peer}")


def protected_call(options: CallOptions) -> Call:
    clock = SystemClock()
    pipeline = Pipeline("api", options, clock=clock, random=Random(1), breaker=CircuitBreaker("api", clock=clock))
    return Protection("api", lambda: pipeline, lambda error, module, function: None)(nothing)


def main() -> None:
    peer = circuitbreaker.CircuitBreaker(name="peer")
    plain: dict[str, Call] = {
        "bare call": nothing,
        "circuitbreaker": peer(nothing),
        "policy_engine": CircuitBreaker("plain")(nothing),
    }
    show("closed breaker, plain function", measure(plain), "circuitbreaker")
    awaited: dict[str, AsyncCall] = {
        "bare await": nothing_async,
        "circuitbreaker": peer(nothing_async),
        "policy_engine": CircuitBreaker("async")(nothing_async),
    }
    show("closed breaker, coroutine function", asyncio.run(measure_async(awaited)), "circuitbreaker")
    calls: dict[str, Call] = {
        "circuitbreaker": peer(nothing),
        "breaker": protected_call(CallOptions()),
        "breaker, retry": protected_call(CallOptions(retry=RetryOptions())),
        "fallback, breaker, retry, timeout": protected_call(
            CallOptions(retry=RetryOptions(deadline=20.0), timeout=3.0, fallback=FallbackValue([]))
        ),
    }
    show("protected call, plain function", measure(calls), "circuitbreaker")


if __name__ == "__main__":
    main()
