"""A plain function that returns a coroutine or a generator is guarded until that ends."""

from __future__ import annotations

import asyncio
import functools

import pytest
from degrade.degrade_support import Service

from policy_engine.errors import DegradedError


async def fetch(number):
    await asyncio.sleep(0)
    if number < 0:
        raise ValueError("negative")
    return number * 2


def test_an_error_of_the_coroutine_that_a_lambda_returns_is_reported_once_under_the_function_of_the_call():
    service = Service()

    @service.critical_function
    def outer():
        return fetch(-1)

    with pytest.raises(ValueError, match="negative"):
        asyncio.run(outer())
    [(error, _, function)] = service.reported
    assert str(error) == "negative"
    assert function.endswith("outer")


def test_its_result_comes_through_at_its_level_and_it_is_refused_below():
    service = Service({"functions": {"fetch": {"runs_at": ["full"]}}})
    dear = service.degradable("fetch")(lambda number: fetch(number))

    async def main():
        assert await dear(2) == 4
        service.degradation.set_level("minimal", "test")
        with pytest.raises(DegradedError):
            dear(2)

    asyncio.run(main())


def test_a_call_that_was_let_in_goes_on_when_the_level_falls_before_it_is_awaited():
    service = Service({"functions": {"fetch": {"runs_at": ["full"]}}})
    dear = service.degradable("fetch")(lambda number: fetch(number))

    async def main():
        started = dear(2)
        service.degradation.set_level("minimal", "test")
        return await started

    assert asyncio.run(main()) == 4


def test_the_last_good_result_is_what_was_awaited_and_not_the_coroutine():
    service = Service({"functions": {"fetch": {"runs_at": ["full"], "fallback": {"last_good": "5m"}}}})
    dear = service.degradable("fetch")(lambda number: fetch(number))

    assert asyncio.run(dear(2)) == 4
    service.degradation.set_level("minimal", "test")
    assert dear(2) == 4


def test_a_generator_that_a_plain_function_returns_reports_what_fails_between_its_items():
    service = Service()

    def numbers():
        yield 1
        raise ValueError("no more")

    stream = service.critical_function(lambda: numbers())()
    assert next(stream) == 1
    with pytest.raises(ValueError, match="no more"):
        next(stream)
    assert len(service.reported) == 1


def test_an_asynchronous_generator_that_a_plain_function_returns_is_guarded_too():
    service = Service()

    async def numbers():
        yield 1
        raise ValueError("no more")

    async def main():
        stream = service.critical_function(lambda: numbers())()
        assert await anext(stream) == 1
        with pytest.raises(ValueError, match="no more"):
            await anext(stream)

    asyncio.run(main())
    assert len(service.reported) == 1


def test_an_outer_protection_reports_what_an_inner_one_lets_through():
    service = Service()
    inner = service.critical_function(lambda: fetch(-1))

    @service.critical_function
    async def outer():
        return await inner()

    with pytest.raises(ValueError, match="negative"):
        asyncio.run(outer())
    [(_, _, function)] = service.reported
    assert function.endswith("outer")


def test_a_cancelled_coroutine_is_no_error():
    service = Service()
    waits = service.critical_function(lambda: asyncio.sleep(3600))

    async def main():
        task = asyncio.ensure_future(waits())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert service.reported == []


def test_a_partial_of_a_coroutine_function_is_one():
    service = Service()
    assert asyncio.run(service.critical_function(functools.partial(fetch, 3))()) == 6
