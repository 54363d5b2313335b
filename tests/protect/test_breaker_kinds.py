"""Every kind of function is protected as what it is."""

import asyncio
import functools
import inspect

import pytest
from protect.breaker_makers import a_breaker, an_open_breaker

from policy_engine.callables import Kind, kind_of
from policy_engine.clock import VirtualClock
from policy_engine.errors import CircuitOpenError


def counted(breaker):
    now = breaker.statistics()
    return now.successes, now.failures, now.neutral


def test_a_plain_function_keeps_name_signature_and_result():
    breaker = a_breaker(VirtualClock())

    @breaker
    def add(left: int, right: int = 2) -> int:
        """Add."""
        return left + right

    assert add(1) == 3
    assert add(1, right=5) == 6
    assert (add.__name__, add.__doc__) == ("add", "Add.")
    assert list(inspect.signature(add).parameters) == ["left", "right"]
    assert counted(breaker) == (2, 0, 0)


def test_a_coroutine_function_counts_when_it_ends_not_when_it_is_made():
    breaker = a_breaker(VirtualClock())

    @breaker
    async def work(fails):
        if fails:
            raise OSError("no")
        return "done"

    assert inspect.iscoroutinefunction(work)
    assert asyncio.run(work(False)) == "done"
    with pytest.raises(OSError, match="no"):
        asyncio.run(work(True))
    assert counted(breaker) == (1, 1, 0)


def test_a_generator_counts_at_its_end_and_not_while_its_consumer_dawdles():
    clock = VirtualClock()
    breaker = a_breaker(clock, timeout=10.0)

    @breaker
    def numbers():
        for number in range(3):
            clock.advance(1)
            yield number

    assert inspect.isgeneratorfunction(numbers)
    for _ in numbers():
        clock.advance(60)
    assert counted(breaker) == (1, 0, 0)
    assert breaker.statistics().slow == 0


def test_time_spent_inside_a_generator_counts():
    clock = VirtualClock()
    breaker = a_breaker(clock, timeout=10.0)

    @breaker
    def numbers():
        for number in range(3):
            clock.advance(4)
            yield number

    assert list(numbers()) == [0, 1, 2]
    assert counted(breaker) == (0, 1, 0)


def test_a_generator_passes_send_throw_and_return_through():
    breaker = a_breaker(VirtualClock())

    @breaker
    def echo():
        received = yield "ready"
        try:
            yield received
        except KeyError:
            yield "caught"
        return "end"

    generator = echo()
    assert next(generator) == "ready"
    assert generator.send("hello") == "hello"
    assert generator.throw(KeyError("x")) == "caught"
    with pytest.raises(StopIteration) as stop:
        next(generator)
    assert stop.value.value == "end"
    assert counted(breaker) == (1, 0, 0)


def test_a_generator_left_early_is_neutral_and_its_finally_runs():
    breaker = a_breaker(VirtualClock())
    cleaned = []

    @breaker
    def numbers():
        try:
            yield 1
            yield 2
        finally:
            cleaned.append(True)

    for _ in numbers():
        break
    assert cleaned == [True]
    assert counted(breaker) == (0, 0, 1)


def test_a_generator_that_swallows_its_close_is_neutral_too():
    breaker = a_breaker(VirtualClock())

    @breaker
    def stubborn():
        try:
            yield 1
        except GeneratorExit:
            return

    generator = stubborn()
    next(generator)
    generator.close()
    assert counted(breaker) == (0, 0, 1)


def test_a_generator_that_raises_is_a_failure():
    breaker = a_breaker(VirtualClock())

    @breaker
    def broken():
        yield 1
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(broken())
    assert counted(breaker) == (0, 1, 0)


def test_a_refused_generator_raises_at_its_first_step():
    breaker = an_open_breaker(VirtualClock())

    @breaker
    def numbers():
        yield 1

    steps = numbers()
    with pytest.raises(CircuitOpenError):
        next(steps)


def test_an_asynchronous_generator_is_protected_as_one():
    breaker = a_breaker(VirtualClock())

    @breaker
    async def numbers(last):
        for number in range(3):
            yield number
        if last is not None:
            raise last

    async def collect(last=None):
        return [number async for number in numbers(last)]

    async def leave_early():
        steps = numbers(None)
        async for _ in steps:
            break
        await steps.aclose()

    assert inspect.isasyncgenfunction(numbers)
    assert asyncio.run(collect()) == [0, 1, 2]
    with pytest.raises(OSError, match="gone"):
        asyncio.run(collect(OSError("gone")))
    asyncio.run(leave_early())
    assert counted(breaker) == (1, 1, 1)


def test_an_asynchronous_generator_passes_asend_and_athrow_through():
    breaker = a_breaker(VirtualClock())

    @breaker
    async def echo():
        received = yield "ready"
        try:
            yield received
        except KeyError:
            yield "caught"

    async def talk():
        generator = echo()
        heard = [await anext(generator), await generator.asend("hello"), await generator.athrow(KeyError("x"))]
        await generator.aclose()
        return heard

    assert asyncio.run(talk()) == ["ready", "hello", "caught"]


def test_methods_static_methods_and_class_methods_are_protected():
    breaker = a_breaker(VirtualClock())

    class Client:
        @breaker
        def fetch(self, what):
            return (type(self).__name__, what)

        @classmethod
        @breaker
        def make(cls):
            return cls.__name__

        @staticmethod
        @breaker
        def version():
            return 1

    assert Client().fetch("x") == ("Client", "x")
    assert Client.make() == "Client"
    assert Client.version() == 1
    assert counted(breaker) == (3, 0, 0)


def test_partials_and_objects_with_an_async_call_are_taken_for_what_they_are():
    # tenacity#224, #430
    breaker = a_breaker(VirtualClock())

    async def fetch(url, *, fails=False):
        if fails:
            raise OSError(url)
        return url

    class Fetcher:
        async def __call__(self, url):
            return url

    partial = breaker(functools.partial(fetch, fails=True))
    assert kind_of(partial) is Kind.COROUTINE
    with pytest.raises(OSError, match="a"):
        asyncio.run(partial("a"))
    assert asyncio.run(breaker(Fetcher())("b")) == "b"
    assert counted(breaker) == (1, 1, 0)


def test_a_plain_function_that_returns_a_coroutine_counts_when_that_ends():
    breaker = a_breaker(VirtualClock())

    async def fetch():
        raise OSError("later")

    @breaker
    def old_decorator():
        return fetch()

    with pytest.raises(OSError, match="later"):
        asyncio.run(old_decorator())
    assert counted(breaker) == (0, 1, 0)


def test_call_takes_plain_functions_coroutines_and_generators():
    breaker = a_breaker(VirtualClock())

    async def fetch(url):
        return url

    def numbers(count):
        yield from range(count)

    async def main():
        return await breaker.call(fetch, "x")

    assert breaker.call(max, 1, 2) == 2
    assert asyncio.run(main()) == "x"
    assert list(breaker.call(numbers, 3)) == [0, 1, 2]
    assert counted(breaker) == (3, 0, 0)


def test_what_cannot_be_called_is_refused_loudly():
    breaker = a_breaker(VirtualClock())
    with pytest.raises(TypeError, match="under @classmethod"):
        breaker(classmethod(lambda cls: 1))


def test_a_with_block_counts_its_outcome():
    clock = VirtualClock()
    breaker = a_breaker(clock, timeout=10.0)
    with breaker as entered:
        assert entered is breaker
    with pytest.raises(OSError, match="no"), breaker:
        raise OSError("no")
    with breaker:
        clock.advance(11)
    assert counted(breaker) == (1, 2, 0)


def test_with_blocks_of_two_tasks_do_not_mix_their_times():
    clock = VirtualClock()
    breaker = a_breaker(clock, timeout=10.0)

    async def long(gate):
        async with breaker:
            await gate.wait()

    async def short(gate):
        await asyncio.sleep(0)
        clock.advance(11)
        async with breaker:
            gate.set()
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    async def both():
        gate = asyncio.Event()
        await asyncio.gather(long(gate), short(gate))

    asyncio.run(both())
    assert counted(breaker) == (1, 1, 0)


def test_nested_and_interleaved_with_blocks_each_end_their_own_call():
    clock = VirtualClock()
    outer, inner = a_breaker(clock), a_breaker(clock)

    def through(breaker):
        with breaker:
            yield

    first, second = through(outer), through(inner)
    next(first)
    next(second)
    list(first)
    list(second)
    with outer, inner, outer:
        pass
    assert counted(outer) == (3, 0, 0)
    assert counted(inner) == (2, 0, 0)


def test_a_refused_with_block_does_not_run():
    breaker = an_open_breaker(VirtualClock())
    ran = []
    with pytest.raises(CircuitOpenError), breaker:
        ran.append(True)
    assert ran == []
