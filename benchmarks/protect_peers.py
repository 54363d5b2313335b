"""The peers of protected calls, each built as its own documentation shows; one that is not installed is left out.

What each counts differs: circuitbreaker, pybreaker, purgatory, hyx and aiobreaker count failures in a row; interlock-cb
rates of failures and slow calls over a window; redress failures by class; stamina and tenacity only retry.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Call = Callable[[], object]
AsyncCall = Callable[[], Awaitable[object]]
Candidates = dict[str, Callable[[], Any]]


def nothing() -> None:
    return None


async def nothing_async() -> None:
    return None


def installed(peers: Candidates) -> Candidates:
    """Build those that can be imported, and name the others."""
    built = {}
    for name, build in peers.items():
        try:
            built[name] = build()
        except ImportError as error:
            print(f"  left out: {name} ({error})")
    return built


def breakers() -> Candidates:
    return installed(
        {
            "circuitbreaker": circuitbreaker,
            "pybreaker": pybreaker,
            "purgatory": purgatory,
            "interlock-cb, count window": lambda: interlock(time_window=False)(nothing),
            "interlock-cb, time window": lambda: interlock(time_window=True)(nothing),
        }
    )


def async_breakers() -> Candidates:
    return installed(
        {
            "circuitbreaker": lambda: circuitbreaker(nothing_async),
            "purgatory": purgatory_async,
            "hyx": hyx,
            "aiobreaker": aiobreaker,
            "interlock-cb, count window": lambda: interlock(time_window=False)(nothing_async),
            "interlock-cb, time window": lambda: interlock(time_window=True)(nothing_async),
        }
    )


def retries() -> Candidates:
    return installed(
        {
            "redress, retry and breaker": redress,
            "stamina, retry": lambda: stamina(nothing),
            "tenacity, retry": lambda: tenacity(nothing),
        }
    )


def async_retries() -> Candidates:
    return installed(
        {
            "redress, retry and breaker": redress_async,
            "stamina, retry": lambda: stamina(nothing_async),
            "tenacity, retry": lambda: tenacity(nothing_async),
        }
    )


def circuitbreaker(function: Callable[[], Any] = nothing) -> Any:
    from circuitbreaker import CircuitBreaker

    return CircuitBreaker(name="peer")(function)


def pybreaker() -> Any:
    from pybreaker import CircuitBreaker

    return CircuitBreaker()(nothing)


def purgatory() -> Any:
    from purgatory import SyncCircuitBreakerFactory

    return SyncCircuitBreakerFactory()("peer")(nothing)


def purgatory_async() -> Any:
    from purgatory import AsyncCircuitBreakerFactory

    return AsyncCircuitBreakerFactory()("peer")(nothing_async)


def hyx() -> Any:
    from hyx.circuitbreaker import consecutive_breaker

    return consecutive_breaker()(nothing_async)


def aiobreaker() -> Any:
    from aiobreaker import CircuitBreaker

    return CircuitBreaker()(nothing_async)


def interlock(*, time_window: bool) -> Any:
    from interlock import CircuitBreaker, Config, WindowType

    kind = WindowType.TIME_BASED if time_window else WindowType.COUNT_BASED
    return CircuitBreaker(name=f"peer {kind}", config=Config(window_type=kind, slow_call_duration_threshold=2.0))


def redress() -> Any:
    from redress import CircuitBreaker, Policy, Retry, default_classifier
    from redress.strategies import decorrelated_jitter

    policy = Policy(
        retry=Retry(classifier=default_classifier, strategy=decorrelated_jitter(max_s=5.0)),
        circuit_breaker=CircuitBreaker(),
    )
    return lambda: policy.call(nothing)


def redress_async() -> Any:
    from redress import AsyncPolicy, AsyncRetry, CircuitBreaker, default_classifier
    from redress.strategies import decorrelated_jitter

    policy = AsyncPolicy(
        retry=AsyncRetry(classifier=default_classifier, strategy=decorrelated_jitter(max_s=5.0)),
        circuit_breaker=CircuitBreaker(),
    )
    return lambda: policy.call(nothing_async)


def stamina(function: Callable[[], Any]) -> Any:
    from stamina import retry

    return retry(on=ConnectionError, attempts=3)(function)


def tenacity(function: Callable[[], Any]) -> Any:
    from tenacity import retry, stop_after_attempt

    return retry(stop=stop_after_attempt(3))(function)
