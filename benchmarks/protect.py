"""What protecting a call costs while all is well, and when it is refused, beside nine peers in the same rounds.

Run it with ``python -m benchmarks.protect``. Candidates alternate within one process; times are medians.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import statistics
import tempfile
import time
from pathlib import Path
from random import Random

import circuitbreaker

from benchmarks import protect_peers as peers
from benchmarks.protect_peers import AsyncCall, Call, Candidates, nothing, nothing_async
from benchmarks.rounds import alternate, print_table
from policy_engine import Engine
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

ROUNDS = 15
CALLS = 10_000

COUNT_WINDOW = BreakerOptions(window=Window(WindowKind.COUNT, 100), slow_call=SlowCall(2.0, 0.8))
TIME_WINDOW = BreakerOptions(window=Window(WindowKind.TIME, 60.0), slow_call=SlowCall(2.0, 0.8))
RETRY = CallOptions(retry=RetryOptions())


async def measure_async(
    candidates: dict[str, AsyncCall], *, rounds: int = ROUNDS, calls: int = CALLS
) -> dict[str, float]:
    """`alternate` for coroutine functions."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(rounds + 1):
        for name, call in candidates.items():
            gc.collect()
            begun = time.perf_counter()
            for _ in range(calls):
                await call()
            if turn:
                times[name].append((time.perf_counter() - begun) / calls)
    return {name: statistics.median(values) for name, values in times.items()}


def compare(title: str, candidates: Candidates, baseline: str = "circuitbreaker") -> None:
    print_table(title, alternate(candidates, rounds=ROUNDS, calls=CALLS), baseline=baseline)


def compare_async(title: str, candidates: Candidates) -> None:
    print_table(title, asyncio.run(measure_async(candidates)), baseline="circuitbreaker")


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


def by_key(keys: int, *, in_a_row: int = 1) -> Call:
    breakers = KeyedBreakers("api", bound=100_000)
    hosts = [f"host-{number}" for number in range(keys)]
    for host in hosts:
        breakers.get(host)
    following = itertools.cycle(host for host in hosts for _ in range(in_a_row)).__next__

    def one() -> None:
        breakers.get(following()).call(nothing)

    return one


def protected(options: CallOptions) -> Protection:
    clock = SystemClock()
    pipeline = Pipeline("api", options, clock=clock, random=Random(1), breaker=CircuitBreaker("api", clock=clock))
    return Protection("api", lambda: pipeline, lambda *_: None)


def through_an_engine(folder: Path, table: str) -> Call:
    file = folder / "policy.toml"
    file.write_text(f'schema_version = 1\n[calls.api]\nbreaker = "default"\n{table}')
    return Engine.from_path(file).protect("api")(nothing)


def closed_breakers() -> None:
    compare(
        "closed breaker, plain function",
        {
            "bare call": nothing,
            **peers.breakers(),
            "consecutive failures": CircuitBreaker("plain")(nothing),
            "count window": CircuitBreaker("count", COUNT_WINDOW)(nothing),
            "time window": CircuitBreaker("time", TIME_WINDOW)(nothing),
            "count window, one failure in it": with_a_failure(CircuitBreaker("once", COUNT_WINDOW)),
        },
    )
    compare_async(
        "closed breaker, coroutine function",
        {
            "bare await": nothing_async,
            **peers.async_breakers(),
            "consecutive failures": CircuitBreaker("plain")(nothing_async),
            "count window": CircuitBreaker("count", COUNT_WINDOW)(nothing_async),
            "time window": CircuitBreaker("time", TIME_WINDOW)(nothing_async),
        },
    )


def refusals() -> None:
    asked = CircuitBreaker("asked")
    asked.force_open(3600.0)
    compare(
        "refused call",
        {
            "circuitbreaker": open_peer(),
            "raised and caught": open_breaker(),
            "as an outcome": asked.ask,
        },
    )


def keyed_breakers() -> None:
    compare(
        "one breaker for each key",
        {
            "1 key": by_key(1),
            "1,000 keys": by_key(1000),
            "100,000 keys": by_key(100_000),
            # As many breakers, the same steps a call: what is left of the difference is not the algorithm's.
            "100,000 keys, each ten times in a row": by_key(100_000, in_a_row=10),
        },
        baseline="1 key",
    )


def protected_calls(folder: Path) -> None:
    compare(
        "a call that succeeds, plain function",
        {
            "circuitbreaker": peers.circuitbreaker(),
            **peers.retries(),
            "breaker": protected(CallOptions())(nothing),
            "retry and breaker": protected(RETRY)(nothing),
            "retry and breaker, counted by an engine": through_an_engine(folder, "retry = { attempts = 3 }"),
            "fallback, breaker, retry, timeout": protected(
                CallOptions(retry=RetryOptions(deadline=20.0), timeout=3.0, fallback=FallbackValue([]))
            )(nothing),
        },
    )
    compare_async(
        "a call that succeeds, coroutine function",
        {
            "circuitbreaker": peers.circuitbreaker(nothing_async),
            **peers.async_retries(),
            "retry and breaker": protected(RETRY)(nothing_async),
        },
    )


def main() -> None:
    closed_breakers()
    with tempfile.TemporaryDirectory() as folder:
        protected_calls(Path(folder))
    refusals()
    keyed_breakers()


if __name__ == "__main__":
    main()
