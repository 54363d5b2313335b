"""Protected coroutines under trio: the same layers, waiting as trio waits."""

import pytest
import trio
import trio.testing
from protect.call_makers import EVERY_SECOND, Flaky, a_breaker, a_protection

from policy_engine.clock import SystemClock, VirtualClock
from policy_engine.errors import CallRefusedError, CircuitOpenError
from policy_engine.protect import BulkheadOptions, FallbackValue, LimiterOptions, RetryOptions


def test_a_coroutine_is_retried_after_a_wait_in_virtual_time():
    clock, work = VirtualClock(), Flaky(2)
    protection = a_protection(clock, retry=RetryOptions(attempts=3, backoff=EVERY_SECOND))
    assert trio.run(protection(work.later)) == "fine"
    assert (work.calls, clock.monotonic()) == (3, 2.0)


def test_a_wait_on_the_system_clock_lets_other_tasks_run():
    seen = []

    async def waits():
        await SystemClock().asleep(0.001)
        seen.append("the one that waited")

    async def other():
        seen.append("the other")

    async def both():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(waits)
            await trio.testing.wait_all_tasks_blocked()
            nursery.start_soon(other)

    trio.run(both)
    assert sorted(seen) == ["the one that waited", "the other"]


def test_a_coroutine_is_cancelled_when_its_virtual_time_is_over():
    clock = VirtualClock()
    protection = a_protection(clock, timeout=3.0)

    async def hangs():
        clock.advance(3.0)
        await trio.sleep_forever()

    with pytest.raises(TimeoutError, match='call "api" took longer than 3 s'):
        trio.run(protection(hangs))


def test_an_asynchronous_generator_is_cancelled_when_its_virtual_time_is_over():
    clock = VirtualClock()

    @a_protection(clock, timeout=3.0)
    async def pages():
        yield "the first"
        clock.advance(3.0)
        await trio.sleep_forever()

    async def read():
        return [page async for page in pages()]

    with pytest.raises(TimeoutError, match='call "api" took longer than 3 s'):
        trio.run(read)


def test_a_coroutine_is_cancelled_when_the_systems_time_is_over():
    protection = a_protection(SystemClock(), timeout=0.01)
    with pytest.raises(TimeoutError, match='call "api" took longer than'):
        trio.run(protection(trio.sleep_forever))


def test_a_block_ends_with_its_timeout():
    clock = VirtualClock()
    protection = a_protection(clock, timeout=3.0)

    async def hangs_in_a_block():
        async with protection.block():
            clock.advance(3.0)
            await trio.sleep_forever()

    with pytest.raises(TimeoutError):
        trio.run(hangs_in_a_block)


def test_a_call_that_ends_in_time_is_not_disturbed_by_the_timer_later():
    clock = VirtualClock()
    protection = a_protection(clock, timeout=3.0)

    async def works():
        await protection.call(trio.lowlevel.checkpoint)
        clock.advance(10.0)
        await trio.lowlevel.checkpoint()
        return "undisturbed"

    assert trio.run(works) == "undisturbed"


def test_a_cancellation_from_outside_passes_and_counts_as_nothing():
    clock = VirtualClock()
    breaker = a_breaker(clock, failure_threshold=1)
    protection = a_protection(
        clock, breaker=breaker, timeout=60.0, fallback=FallbackValue("fallback"), retry=RetryOptions()
    )

    async def is_cancelled():
        with trio.move_on_after(0) as scope:
            await protection.call(trio.sleep_forever)
        return scope.cancelled_caught

    assert trio.run(is_cancelled)
    assert (breaker.state, breaker.statistics().neutral) == ("CLOSED", 1)


def test_tasks_wait_in_line_for_a_place():
    protection = a_protection(bulkhead=BulkheadOptions(concurrent=1, queued=2))
    running, most, done = 0, 0, []

    async def works(number):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await trio.lowlevel.checkpoint()
        running -= 1
        done.append(number)

    async def three():
        async with trio.open_nursery() as nursery:
            for number in range(3):
                nursery.start_soon(protection(works), number)

    trio.run(three)
    assert (most, sorted(done)) == (1, [0, 1, 2])


def test_a_task_waits_for_a_place_no_longer_than_it_may():
    clock = VirtualClock()
    protection = a_protection(clock, bulkhead=BulkheadOptions(concurrent=1, queued=1, wait=2.0))

    async def lets_time_pass():
        await trio.testing.wait_all_tasks_blocked()
        clock.advance(2.0)

    async def one_too_many():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(protection(trio.sleep_forever))
            await trio.testing.wait_all_tasks_blocked()
            nursery.start_soon(lets_time_pass)
            with pytest.raises(CallRefusedError, match="no place became free in 2 s"):
                await protection.call(trio.sleep_forever)
            nursery.cancel_scope.cancel()

    trio.run(one_too_many)


def test_a_rate_limit_and_a_breaker_hold():
    clock = VirtualClock()
    breaker = a_breaker(clock, failure_threshold=1)
    protection = a_protection(clock, breaker=breaker, rate_limit=LimiterOptions(calls=1, per=1.0, wait=5.0))
    broken = Flaky(99)

    async def calls():
        with pytest.raises(ConnectionResetError):
            await protection.call(broken.later)
        with pytest.raises(CircuitOpenError):
            await protection.call(broken.later)

    trio.run(calls)
    assert (broken.calls, clock.monotonic()) == (1, 1.0)
