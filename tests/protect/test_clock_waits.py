"""The clock's waits: virtual ones move time, the system's take none where none is asked for."""

import asyncio

import pytest

from policy_engine.clock import SystemClock, VirtualClock


def test_who_sleeps_in_virtual_time_moves_it_and_runs_what_is_due():
    clock, ran = VirtualClock(), []
    clock.call_at(2.0, lambda: ran.append(clock.monotonic()))
    clock.sleep(5.0)
    clock.sleep(-1.0)
    assert (clock.monotonic(), ran) == (5.0, [2.0])


def test_an_asynchronous_sleep_lets_others_run():
    clock, order = VirtualClock(), []

    async def other():
        order.append("other")

    async def main():
        task = asyncio.ensure_future(other())
        await clock.asleep(3.0)
        order.append("slept")
        await task

    asyncio.run(main())
    assert (order, clock.monotonic()) == (["other", "slept"], 3.0)


async def forever():
    await asyncio.Event().wait()


def test_a_virtual_timeout_ends_when_time_reaches_it_and_not_before():
    clock = VirtualClock()

    async def stay(scope):
        async with scope:
            await clock.asleep(3.0)
            await forever()

    async def main():
        async with clock.timeout(3.0) as scope:
            await clock.asleep(2.9)
        assert not scope.expired()
        scope = clock.timeout(3.0)
        with pytest.raises(TimeoutError):
            await stay(scope)
        assert scope.expired()

    asyncio.run(main())


def test_a_virtual_timeout_that_was_left_in_time_disturbs_nobody_later():
    clock = VirtualClock()

    async def main():
        async with clock.timeout(3.0):
            clock.advance(4.0)  # reached while the block still runs, but left before the loop could end it
        clock.advance(4.0)
        await asyncio.sleep(0)

    asyncio.run(main())


def test_the_system_clock_waits_for_nothing_where_nothing_is_asked():
    clock = SystemClock()
    clock.sleep(-1.0)

    async def main():
        await clock.asleep(0.0)
        async with clock.timeout(0.0):
            await forever()

    with pytest.raises(TimeoutError):
        asyncio.run(main())
