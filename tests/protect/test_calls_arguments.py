"""What is given to a protected function arrives as it was given, and what it ends with is what counts."""

import asyncio

import pytest
from protect.call_makers import a_breaker, a_protection

from policy_engine.clock import VirtualClock
from policy_engine.protect import BreakerOptions, FallbackFunction, KeyedBreakers


def plain(*args, **kwargs):
    return args, kwargs


async def coroutine(*args, **kwargs):
    return args, kwargs


def generator(*args, **kwargs):
    yield args, kwargs


async def async_generator(*args, **kwargs):
    yield args, kwargs


async def collected(items):
    return [item async for item in items]


@pytest.mark.parametrize("protect", [a_protection(), a_breaker(VirtualClock())])
def test_arguments_arrive_by_position_and_by_name_in_every_kind_of_function(protect):
    given = ((1, 2), {"name": "ada"})
    assert protect(plain)(1, 2, name="ada") == given
    assert asyncio.run(protect(coroutine)(1, 2, name="ada")) == given
    assert list(protect(generator)(1, 2, name="ada")) == [given]
    assert asyncio.run(collected(protect(async_generator)(1, 2, name="ada"))) == [given]


@pytest.mark.parametrize("protect", [a_protection(), a_breaker(VirtualClock())])
def test_arguments_of_a_call_arrive_by_position_and_by_name(protect):
    given = ((1, 2), {"name": "ada"})
    assert protect.call(plain, 1, 2, name="ada") == given
    assert asyncio.run(protect.call(coroutine, 1, 2, name="ada")) == given
    assert list(protect.call(generator, 1, 2, name="ada")) == [given]
    assert asyncio.run(collected(protect.call(async_generator, 1, 2, name="ada"))) == [given]


@pytest.mark.parametrize(
    ("function", "finish"),
    [
        (plain, lambda result: result),
        (coroutine, asyncio.run),
        (generator, list),
        (async_generator, lambda items: asyncio.run(collected(items))),
    ],
)
def test_a_key_is_found_in_the_arguments_of_every_kind_of_function(function, finish):
    breakers = KeyedBreakers("api", BreakerOptions(key="host"), clock=VirtualClock())
    protection = a_protection(breaker=breakers).keyed_by(lambda number, *, host: f"{host}-{number}")
    finish(protection(function)(7, host="north"))
    assert list(breakers.snapshot()) == ["north-7"]


def test_a_fallback_function_gets_named_arguments_too():
    def fails(city, *, units):
        raise ConnectionResetError("peer hung up")

    def cached(city, *, units):
        return f"{city} in {units}"

    protection = a_protection(fallback=FallbackFunction("cached"), pipeline={"registered": {"cached": cached}.get})
    assert protection.call(fails, "Bern", units="kelvin") == "Bern in kelvin"


def test_a_generator_that_handles_what_is_thrown_into_it_and_ends_has_succeeded():
    breaker = a_breaker(VirtualClock())

    @breaker
    def handles():
        try:
            yield 1
        except ConnectionResetError:
            return

    steps = handles()
    next(steps)
    with pytest.raises(StopIteration):
        steps.throw(ConnectionResetError("the consumer's own"))
    now = breaker.statistics()
    assert (now.successes, now.failures, now.neutral) == (1, 0, 0)


def test_an_asynchronous_generator_that_handles_what_is_thrown_into_it_and_ends_has_succeeded():
    breaker = a_breaker(VirtualClock())

    @breaker
    async def handles():
        try:
            yield 1
        except ConnectionResetError:
            return

    async def main():
        steps = handles()
        await anext(steps)
        with pytest.raises(StopAsyncIteration):
            await steps.athrow(ConnectionResetError("the consumer's own"))

    asyncio.run(main())
    now = breaker.statistics()
    assert (now.successes, now.failures, now.neutral) == (1, 0, 0)


def test_an_asynchronous_generator_that_is_left_early_and_ends_quietly_says_nothing_of_its_target():
    breaker = a_breaker(VirtualClock())

    @breaker
    async def ends_quietly():
        try:
            yield 1
        except GeneratorExit:
            return

    async def main():
        steps = ends_quietly()
        await anext(steps)
        await steps.aclose()

    asyncio.run(main())
    now = breaker.statistics()
    assert (now.successes, now.failures, now.neutral) == (0, 0, 1)
