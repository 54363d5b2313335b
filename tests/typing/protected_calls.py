"""Checked by ``mypy --strict``, never run: protection keeps the types of what it protects."""

from collections.abc import AsyncIterator, Callable, Iterator
from random import Random
from typing import assert_type

from policy_engine.clock import SystemClock
from policy_engine.protect import CallOptions, CircuitBreaker, CircuitBreakerConfig, Pipeline, Protection

breaker = CircuitBreaker("api", CircuitBreakerConfig(failure_threshold=3))
pipeline = Pipeline("api", CallOptions(), clock=SystemClock(), random=Random())
protect = Protection("api", lambda: pipeline, lambda error, module, function: None)


@breaker
def guarded(number: int, *, text: str = "") -> str:
    return text * number


@protect
def protected(number: int, *, text: str = "") -> str:
    return text * number


@protect
async def later(number: int) -> bytes:
    return bytes(number)


@protect
def steps(number: int) -> Iterator[int]:
    yield number


@breaker
async def later_steps(number: int) -> AsyncIterator[int]:
    yield number


class Client:
    @protect
    def fetch(self, url: str) -> bytes:
        return url.encode()

    @breaker
    async def fetch_later(self, url: str) -> bytes:
        return url.encode()


async def uses() -> None:
    assert_type(guarded(1, text="a"), str)
    assert_type(protected(1, text="a"), str)
    assert_type(await later(1), bytes)
    assert_type(steps(1), Iterator[int])
    assert_type(later_steps(1), AsyncIterator[int])
    assert_type(Client().fetch("x"), bytes)
    assert_type(await Client().fetch_later("x"), bytes)
    assert_type(protect.call(protected, 1, text="a"), str)
    assert_type(await protect.call(later, 1), bytes)
    assert_type(breaker.call(guarded, 1, text="a"), str)
    assert_type(await breaker.call(later, 1), bytes)
    with breaker as entered:
        assert_type(entered, CircuitBreaker)
    async with protect.block():
        pass

    protected("one")  # type: ignore[arg-type]  # the signature is checked through the wrapper
    protect.call(protected, "one")  # type: ignore[arg-type]
    breaker.call(guarded, "one")  # type: ignore[arg-type]
    wrong: Callable[[str], str] = protected  # type: ignore[assignment]
    del wrong
