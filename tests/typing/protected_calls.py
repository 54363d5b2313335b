"""Checked by ``mypy --strict``, never run: protection keeps the types of what it protects."""

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from functools import partial
from random import Random
from typing import assert_type

from policy_engine import Engine
from policy_engine.clock import SystemClock
from policy_engine.protect import CallOptions, CircuitBreaker, CircuitBreakerConfig, Pipeline, Protection

engine = Engine.from_path("policy.toml")
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


@protect
async def later_protected_steps(number: int) -> AsyncIterator[int]:
    yield number


@breaker
def exchange(number: int) -> Generator[int, str, bytes]:
    text = yield number
    return text.encode()


@protect.given(host="a.example")
def given(number: int) -> str:
    return str(number)


@protect.keyed_by(lambda number: number)
async def keyed(number: int) -> str:
    return str(number)


@engine.protect("api")
def by_policy(number: int, *, text: str = "") -> str:
    return text * number


@engine.breaker("api")
async def behind_a_breaker(number: int) -> bytes:
    return bytes(number)


class Fetch:
    async def __call__(self, url: str) -> bytes:
        return url.encode()


class Client:
    @protect
    def fetch(self, url: str) -> bytes:
        return url.encode()

    @breaker
    async def fetch_later(self, url: str) -> bytes:
        return url.encode()

    @protect
    def pages(self, url: str) -> Iterator[bytes]:
        yield url.encode()

    @classmethod
    @protect
    def by_class(cls, url: str) -> bytes:
        return url.encode()

    @staticmethod
    @breaker
    def by_name(url: str) -> bytes:
        return url.encode()


async def uses() -> None:
    assert_type(guarded(1, text="a"), str)
    assert_type(protected(1, text="a"), str)
    assert_type(await later(1), bytes)
    assert_type(steps(1), Iterator[int])
    assert_type(later_steps(1), AsyncIterator[int])
    assert_type(Client().fetch("x"), bytes)
    assert_type(await Client().fetch_later("x"), bytes)
    assert_type(later_protected_steps(1), AsyncIterator[int])
    assert_type(exchange(1), Generator[int, str, bytes])
    assert_type(given(1), str)
    assert_type(await keyed(1), str)
    assert_type(by_policy(1, text="a"), str)
    assert_type(await behind_a_breaker(1), bytes)
    assert_type(await protect(Fetch())("x"), bytes)
    assert_type(protect(partial(protected, 1))(text="a"), str)
    assert_type(Client().pages("x"), Iterator[bytes])
    assert_type(Client.by_class("x"), bytes)
    assert_type(Client.by_name("x"), bytes)
    assert_type(protect.call(protected, 1, text="a"), str)
    assert_type(await protect.call(later, 1), bytes)
    assert_type(breaker.call(guarded, 1, text="a"), str)
    assert_type(await breaker.call(later, 1), bytes)
    with breaker as entered:
        assert_type(entered, CircuitBreaker)
    async with protect.block():
        pass
    with engine.call("api"):
        pass

    protected("one")  # type: ignore[arg-type]  # the signature is checked through the wrapper
    by_policy(1, txt="a")  # type: ignore[call-arg]  # as are the names of arguments
    Client().fetch(1)  # type: ignore[arg-type]  # a method's too, without its self
    protect.call(protected, "one")  # type: ignore[arg-type]
    breaker.call(guarded, "one")  # type: ignore[arg-type]
    wrong: Callable[[str], str] = protected  # type: ignore[assignment]
    del wrong
