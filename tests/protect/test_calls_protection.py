"""A target's protection: every kind of function, the order of its layers, and what is reported."""

import asyncio
import functools
import inspect

import pytest
from protect.call_makers import Flaky, a_breaker, a_protection, retries

from policy_engine.backoff import Backoff, Growth, Jitter
from policy_engine.clock import VirtualClock
from policy_engine.errors import CircuitOpenError, UnknownNameError
from policy_engine.protect import (
    CallOptions,
    FallbackFunction,
    FallbackValue,
    LastGood,
    LimiterOptions,
    Pipeline,
    Protection,
    RetryOptions,
    compile_calls,
    time_left,
)


def fails(*args, **kwargs):
    raise ConnectionResetError("peer hung up")


async def fails_later():
    fails()


def test_a_table_becomes_options():
    compiled = compile_calls(
        {
            "external_api": {
                "breaker": "external_api",
                "retry": {
                    "attempts": 4,
                    "deadline": "20s",
                    "backoff": {"kind": "exponential", "initial": "200ms", "max": "5s", "jitter": "full"},
                },
                "timeout": "3s",
                "fallback": {"value": []},
            },
            "other": {"fallback": {"last_good": "5m"}},
            "third": {"fallback": {"function": "cached"}},
            "bare": {"description": "counted, and nothing else"},
        }
    )
    assert compiled["external_api"] == CallOptions(
        fallback=FallbackValue([]),
        breaker="external_api",
        retry=RetryOptions(4, 20.0, Backoff(Growth.EXPONENTIAL, 0.2, 5.0, 2.0, Jitter.FULL)),
        timeout=3.0,
    )
    assert compiled["other"].fallback == LastGood(300.0)
    assert compiled["third"].fallback == FallbackFunction("cached")
    assert compiled["bare"] == CallOptions()


def test_what_leaves_is_reported_once_with_the_functions_module_and_name():
    reports = []
    outer, inner = a_protection(reports=reports), a_protection(reports=reports)

    @inner
    def inside():
        fails()

    @outer
    def outside():
        inside()

    with pytest.raises(ConnectionResetError) as caught:
        outside()
    assert [(error, function) for error, _, function in reports] == [(caught.value, outside.__qualname__)]
    assert reports[0][1] == __name__
    with pytest.raises(ConnectionResetError):
        inside()
    assert len(reports) == 2


def test_an_error_caught_inside_the_outer_protection_is_no_error():
    reports = []
    protection = a_protection(reports=reports)

    @protection
    def outside():
        try:
            protection.call(fails)
        except ConnectionResetError:
            return "handled it"

    assert outside() == "handled it"
    assert reports == []


def test_a_refusal_is_not_reported():
    clock, reports = VirtualClock(), []
    protection = a_protection(clock, reports, breaker=a_breaker(clock, failure_threshold=1))
    with pytest.raises(ConnectionResetError):
        protection.call(fails)
    with pytest.raises(CircuitOpenError):
        protection.call(fails)
    with pytest.raises(CircuitOpenError):
        asyncio.run(protection(fails_later)())
    assert len(reports) == 1


def test_every_kind_of_function_is_protected_and_keeps_its_kind():
    clock, reports = VirtualClock(), []
    breaker = a_breaker(clock, failure_threshold=100)
    protection = a_protection(clock, reports, breaker=breaker)

    @protection
    def plain(n):
        return n

    @protection
    async def coroutine(n):
        return n

    @protection
    def generator(n):
        yield n

    @protection
    async def async_generator(n):
        yield n

    async def collect():
        return [item async for item in async_generator(4)]

    class Caller:
        async def __call__(self, n):
            return n

        @protection
        def method(self, n):
            return n

    assert inspect.iscoroutinefunction(coroutine)
    assert inspect.isgeneratorfunction(generator)
    assert inspect.isasyncgenfunction(async_generator)
    assert plain(1) == 1
    assert asyncio.run(coroutine(2)) == 2
    assert list(generator(3)) == [3]
    assert asyncio.run(collect()) == [4]
    assert asyncio.run(protection(Caller())(5)) == 5
    assert Caller().method(6) == 6
    assert asyncio.run(protection(functools.partial(coroutine, 7))()) == 7
    assert breaker.statistics().successes == 8


def test_an_error_in_a_generator_is_reported_once_with_its_name():
    reports = []
    protection = a_protection(reports=reports)

    @protection
    def broken():
        yield 1
        fails()

    @protection
    async def broken_later():
        yield 1
        fails()

    async def collect():
        return [item async for item in broken_later()]

    with pytest.raises(ConnectionResetError):
        list(broken())
    with pytest.raises(ConnectionResetError):
        asyncio.run(collect())
    assert [function.rpartition(".")[2] for _, _, function in reports] == ["broken", "broken_later"]


def test_code_between_the_steps_of_a_generator_is_outside_of_its_protection():
    reports = []
    protection = a_protection(reports=reports)

    @protection
    def numbers():
        yield 1
        yield 2

    for _ in numbers():
        with pytest.raises(ConnectionResetError):
            protection.call(fails)
    assert len(reports) == 2


def test_a_plain_function_that_returns_a_coroutine_is_retried_as_one():
    clock, work = VirtualClock(), Flaky(2)
    breaker = a_breaker(clock)

    @a_protection(clock, breaker=breaker, retry=retries(attempts=3), rate_limit=LimiterOptions(1, 60.0))
    def old_decorator():
        return work.later()

    assert asyncio.run(old_decorator()) == "fine"
    assert work.calls == 3
    now = breaker.statistics()
    assert (now.calls, now.successes, now.neutral) == (1, 1, 0)


def test_a_plain_function_that_returns_a_generator_is_protected_until_its_end():
    reports = []

    @a_protection(reports=reports)
    def stream():
        return (fails() for _ in range(1))

    with pytest.raises(ConnectionResetError):
        list(stream())
    assert reports[0][2] == stream.__qualname__


def test_call_passes_arguments_to_functions_of_every_kind():
    protection = a_protection()

    async def later(value, *, twice):
        return value * 2 if twice else value

    assert protection.call(max, 1, 5) == 5
    assert protection.call(lambda value: value, 3) == 3
    assert asyncio.run(protection.call(later, 2, twice=True)) == 4
    assert list(protection.call(iter, [1])) == [1]


def test_what_cannot_be_called_is_refused_loudly():
    with pytest.raises(TypeError, match="under @classmethod"):
        a_protection()(classmethod(fails))


def test_a_function_wrapped_before_a_reload_follows_it():
    clock, work = VirtualClock(), Flaky(1)
    current = [Pipeline("api", CallOptions(), clock=clock, random=None)]
    function = Protection("api", lambda: current[0], lambda *_: None)(work)
    with pytest.raises(ConnectionResetError):
        function()
    current[0] = Pipeline("api", CallOptions(fallback=FallbackValue("instead")), clock=clock, random=None)
    work.failures = 9
    assert function() == "instead"


def test_a_block_passes_the_breaker_and_is_reported():
    clock, reports = VirtualClock(), []
    breaker = a_breaker(clock, failure_threshold=2)
    protection = a_protection(clock, reports, breaker=breaker, timeout=3.0)
    with protection.block():
        assert time_left(clock) == 3.0
    assert time_left(clock) is None
    with pytest.raises(ConnectionResetError), protection.block():
        fails()
    with protection.block():
        clock.advance(4)
    now = breaker.statistics()
    assert (now.successes, now.failures, len(reports)) == (1, 2, 1)
    with pytest.raises(CircuitOpenError), protection.block():
        pass


def test_an_asynchronous_block_ends_with_its_timeout():
    clock, reports = VirtualClock(), []
    breaker = a_breaker(clock)
    protection = a_protection(clock, reports, breaker=breaker, timeout=3.0)

    async def main():
        async with protection.block():
            pass
        async with protection.block():
            await clock.asleep(4)
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        asyncio.run(main())
    now = breaker.statistics()
    assert (now.successes, now.failures, len(reports)) == (1, 1, 1)


def test_a_coroutine_is_cancelled_when_its_time_is_over():
    clock, cleaned = VirtualClock(), []

    @a_protection(clock, timeout=3.0)
    async def hang():
        try:
            await clock.asleep(4)
            await asyncio.Event().wait()
        finally:
            cleaned.append(True)

    with pytest.raises(TimeoutError, match='call "api" took longer than 3 s'):
        asyncio.run(hang())
    assert cleaned == [True]


def test_an_asynchronous_generator_is_cancelled_when_the_time_of_its_own_code_is_over():
    clock, cleaned, reports = VirtualClock(), [], []
    breaker = a_breaker(clock, failure_threshold=1)

    @a_protection(clock, reports, breaker=breaker, timeout=3.0)
    async def pages():
        try:
            await clock.asleep(2)
            yield "the first"
            await clock.asleep(2)
            await asyncio.Event().wait()
        finally:
            cleaned.append(True)

    async def read():
        async for page in pages():
            assert page == "the first"
            clock.advance(60)  # what the reader does with it is none of the generator's time

    with pytest.raises(TimeoutError, match='call "api" took longer than 3 s'):
        asyncio.run(read())
    assert cleaned == [True]
    assert breaker.state == "OPEN"
    assert [(type(error), function.rpartition(".")[2]) for error, _, function in reports] == [(TimeoutError, "pages")]


@pytest.mark.parametrize("taken", [2.5, 4.0])
def test_a_step_of_an_asynchronous_generator_has_only_the_time_that_steps_before_it_left(taken):
    clock, went_on = VirtualClock(), []

    @a_protection(clock, timeout=3.0)
    async def pages():
        clock.advance(taken)  # without awaiting: nothing can be cancelled in it
        yield "the first"
        await clock.asleep(0.7)
        await asyncio.sleep(0)  # where the loop may cancel it
        went_on.append(True)

    async def read():
        return [page async for page in pages()]

    with pytest.raises(TimeoutError, match='call "api" took longer than 3 s'):
        asyncio.run(read())
    assert went_on == []


def test_an_asynchronous_generator_that_is_left_early_may_tidy_up_however_late_it_is():
    clock, cleaned = VirtualClock(), []

    @a_protection(clock, timeout=3.0)
    async def pages():
        try:
            clock.advance(5)
            yield "the first"
        finally:
            await asyncio.sleep(0)
            cleaned.append(True)

    async def read():
        reading = pages()
        assert await anext(reading) == "the first"
        await reading.aclose()

    asyncio.run(read())
    assert cleaned == [True]


def test_a_timeout_of_an_asynchronous_generators_own_passes_as_it_is():
    @a_protection(timeout=3.0)
    async def pages():
        yield "the first"
        raise TimeoutError("the client's own")

    async def read():
        return [page async for page in pages()]

    with pytest.raises(TimeoutError, match="the client's own"):
        asyncio.run(read())


def test_a_cancellation_from_outside_is_no_timeout():
    protection = a_protection(timeout=3.0)

    @protection
    async def hang():
        await asyncio.Event().wait()

    async def main():
        task = asyncio.ensure_future(hang())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())


def test_a_timeout_of_the_functions_own_passes_as_it_is():
    @a_protection(timeout=3.0)
    async def work():
        raise TimeoutError("the client's own")

    with pytest.raises(TimeoutError, match="the client's own"):
        asyncio.run(work())


def test_a_plain_call_past_its_time_returns_its_result_and_counts_as_failed():
    clock, reports = VirtualClock(), []
    breaker = a_breaker(clock, failure_threshold=1)

    @a_protection(clock, reports, breaker=breaker, timeout=3.0)
    def slow(seconds):
        clock.advance(seconds)
        return "late but here"

    assert slow(3) == "late but here"
    assert breaker.state == "CLOSED"
    assert slow(3.5) == "late but here"
    assert breaker.state == "OPEN"
    assert reports == []


def test_a_function_can_ask_how_much_time_is_left_and_inner_deadlines_only_shorten():
    clock = VirtualClock()
    seen = []

    @a_protection(clock, timeout=10.0, retry=retries(attempts=2, deadline=4.0))
    def work():
        seen.append(time_left(clock))
        clock.advance(1)
        seen.append(time_left(clock))

    work()
    assert seen == [4.0, 3.0]
    assert time_left(clock) is None


def test_a_fallback_value_answers_failures_and_refusals_and_each_caller_gets_its_own():
    clock, reports = VirtualClock(), []
    protection = a_protection(clock, reports, breaker=a_breaker(clock, failure_threshold=1), fallback=FallbackValue([]))
    first = protection.call(fails)
    first.append("mine")
    assert protection.call(fails) == []
    assert asyncio.run(protection.call(fails_later)) == []
    assert reports == []


def test_a_fallback_function_gets_the_same_arguments_and_may_be_a_coroutine_function():
    functions = {"cached": lambda city: f"{city} from the cache"}

    async def later(city):
        return f"{city} from another cache"

    protection = a_protection(
        fallback=FallbackFunction("cached"), pipeline={"registered": lambda name: functions[name]}
    )

    async def fetch(city):
        fails()

    assert protection.call(fails, "Bern") == "Bern from the cache"
    assert asyncio.run(protection.call(fetch, "Bern")) == "Bern from the cache"
    functions["cached"] = later
    assert asyncio.run(protection.call(fetch, "Bern")) == "Bern from another cache"


def test_a_fallback_function_that_raises_is_what_leaves_and_keeps_the_first_error_as_its_context():
    reports = []
    protection = a_protection(reports=reports, fallback=FallbackFunction("nobody"))
    with pytest.raises(UnknownNameError) as caught:
        protection.call(fails)
    assert isinstance(caught.value.__context__, ConnectionResetError)
    assert len(reports) == 1


def test_the_last_good_result_answers_for_the_same_arguments_until_it_is_too_old():
    clock = VirtualClock()
    broken = []

    @a_protection(clock, fallback=LastGood(300.0))
    def weather(city):
        if broken:
            fails()
        return f"sun in {city}"

    assert weather("Bern") == "sun in Bern"
    broken.append(True)
    clock.advance(300)
    assert weather("Bern") == "sun in Bern"
    with pytest.raises(ConnectionResetError):
        weather("Lima")
    clock.advance(0.1)
    with pytest.raises(ConnectionResetError):
        weather("Bern")


def test_a_call_whose_arguments_cannot_be_compared_has_no_last_good_result():
    protection = a_protection(fallback=LastGood(300.0))
    work = Flaky(0)
    assert protection.call(work, ["a list"]) == "fine"
    work.failures = 9
    with pytest.raises(ConnectionResetError):
        protection.call(work, ["a list"])


def test_no_fallback_answers_a_cancellation_or_an_interrupt():
    protection = a_protection(fallback=FallbackValue("instead"))
    with pytest.raises(KeyboardInterrupt):
        protection.call(Flaky(1, error=KeyboardInterrupt))


def test_a_listener_learns_how_each_call_ended_once():
    clock, ended, faults = VirtualClock(), [], []
    breaker = a_breaker(clock, failure_threshold=2, timeout=5.0)

    class Listener:
        def finished(self, outcome):
            ended.append(outcome[:-1])
            raise RuntimeError("a bad listener")

        def refused(self, name):
            ended.append((name, "refused"))

    protection = a_protection(
        clock,
        breaker=breaker,
        retry=retries(attempts=3),
        fallback=FallbackValue("instead"),
        pipeline={"on_outcome": Listener(), "fault": lambda where, error: faults.append(where)},
    )
    protection.call(Flaky(2))
    protection.call(clock.advance, 6)
    protection.call(Flaky(9))
    protection.call(Flaky(0))
    assert asyncio.run(protection.call(Flaky(0).later)) == "instead"
    assert ended == [
        ("api", 2.0, False, False, 2),
        ("api", 6.0, False, True, 0),
        ("api", 2.0, True, False, 2),
        ("api", "refused"),
        ("api", "refused"),
    ]
    assert len(faults) == 3
