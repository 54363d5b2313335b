"""How each call ended is told once: coroutines, blocks and generators as plain calls."""

import asyncio

import pytest
from protect.call_makers import Flaky, a_breaker, a_protection, retries

from policy_engine.clock import SystemClock, VirtualClock
from policy_engine.errors import CallRefusedError
from policy_engine.protect import BulkheadOptions


class Listener:
    """Notes what it is told."""

    def __init__(self):
        self.told = []
        self.refusals = []

    def finished(self, outcome):
        self.told.append((outcome.call, outcome.seconds, outcome.failed, outcome.slow))

    def refused(self, name):
        self.refusals.append(name)


def a_late_clock():
    clock = VirtualClock()
    clock.advance(100.0)
    return clock


def fails_after(clock, seconds):
    clock.advance(seconds)
    raise ConnectionResetError("peer hung up")


def listened(clock, reports=None, **options):
    listener = Listener()
    return a_protection(clock, reports, pipeline={"on_outcome": listener}, **options), listener.told


@pytest.mark.parametrize(("seconds", "slow"), [(5.0, False), (5.1, True)])
def test_a_call_is_slow_past_the_patience_of_its_breaker_and_not_at_it(seconds, slow):
    clock = VirtualClock()
    protection, told = listened(clock, breaker=a_breaker(clock, timeout=5.0))
    protection.call(clock.advance, seconds)
    assert told == [("api", seconds, False, slow)]


def test_coroutines_tell_how_long_they_took_and_whether_they_failed():
    clock = a_late_clock()
    protection, told = listened(clock)

    @protection
    async def work(seconds, error=None):
        clock.advance(seconds)
        if error is not None:
            raise error

    asyncio.run(work(2.0))
    with pytest.raises(ConnectionResetError):
        asyncio.run(work(3.0, ConnectionResetError("peer hung up")))
    assert told == [("api", 2.0, False, False), ("api", 3.0, True, False)]


def test_blocks_tell_how_long_they_took_and_whether_they_failed():
    clock = a_late_clock()
    protection, told = listened(clock, timeout=10.0)
    with protection.block():
        clock.advance(10.0)
    with protection.block():
        clock.advance(10.5)
    with pytest.raises(ConnectionResetError), protection.block():
        fails_after(clock, 1.0)
    with pytest.raises(ConnectionResetError), protection.block():
        fails_after(clock, 11.0)
    assert told == [
        ("api", 10.0, False, False),
        ("api", 10.5, True, True),
        ("api", 1.0, True, False),
        ("api", 11.0, True, False),
    ]


def test_the_time_between_the_steps_of_a_generator_is_its_consumers():
    clock = a_late_clock()
    protection, told = listened(clock, timeout=10.0, breaker=a_breaker(clock, timeout=5.0))

    @protection
    def steps():
        for _ in range(3):
            clock.advance(1.0)
            yield clock.monotonic()

    for _ in steps():
        clock.advance(50.0)
    assert told == [("api", 3.0, False, False)]


def test_a_listener_that_raises_is_told_with_its_error():
    faults = []

    class Bad(Listener):
        def finished(self, outcome):
            raise RuntimeError("a bad listener")

    pipeline = {"on_outcome": Bad(), "fault": lambda where, error: faults.append((where, str(error)))}
    assert a_protection(pipeline=pipeline).call(Flaky(0)) == "fine"
    assert faults == [('the listener of call "api"', "a bad listener")]


def test_a_block_that_raises_is_reported_with_its_error_and_no_functions_name():
    reports = []
    error = ConnectionResetError("peer hung up")
    with pytest.raises(ConnectionResetError), a_protection(reports=reports).block():
        raise error
    assert reports == [(error, "", "")]


def test_a_coroutine_that_raises_is_reported_with_its_error_and_name():
    reports = []
    error = ConnectionResetError("peer hung up")

    @a_protection(reports=reports)
    async def work():
        raise error

    with pytest.raises(ConnectionResetError):
        asyncio.run(work())
    assert reports == [(error, __name__, work.__qualname__)]


def test_an_asynchronous_block_without_a_timeout_tells_its_error_to_breaker_and_engine():
    clock, reports = VirtualClock(), []
    breaker = a_breaker(clock)
    protection = a_protection(clock, reports, breaker=breaker)
    error = ConnectionResetError("peer hung up")

    async def main():
        async with protection.block():
            raise error

    with pytest.raises(ConnectionResetError):
        asyncio.run(main())
    assert (breaker.statistics().failures, reports) == (1, [(error, "", "")])


def test_a_block_and_a_generator_hold_a_place_until_they_end():
    protection = a_protection(bulkhead=BulkheadOptions(concurrent=1))

    @protection
    def steps():
        yield 1

    with protection.block():
        with pytest.raises(CallRefusedError, match="is full"):
            protection.call(str)
        with pytest.raises(CallRefusedError, match="is full"):
            list(steps())
    under_way = steps()
    next(under_way)
    with pytest.raises(CallRefusedError, match="is full"), protection.block():
        pass
    under_way.close()
    assert protection.call(lambda: "fine") == "fine"


def test_a_plain_function_that_returns_an_asynchronous_generator_is_protected_until_its_end():
    reports = []

    async def broken():
        yield 1
        raise ConnectionResetError("peer hung up")

    @a_protection(reports=reports)
    def stream():
        return broken()

    async def main():
        return [item async for item in stream()]

    with pytest.raises(ConnectionResetError):
        asyncio.run(main())
    assert [function for _, _, function in reports] == [stream.__qualname__]


def test_an_asynchronous_block_whose_timeout_cannot_begin_has_failed_and_gives_its_place_back():
    breaker = a_breaker(VirtualClock())
    protection = a_protection(SystemClock(), breaker=breaker, timeout=3.0, bulkhead=BulkheadOptions(concurrent=1))
    refused = []

    def enter_outside_of_a_task():
        with pytest.raises(RuntimeError) as refusal:
            protection.block().__aenter__().send(None)
        refused.append(refusal)

    async def main():
        asyncio.get_running_loop().call_soon(enter_outside_of_a_task)
        await asyncio.sleep(0)

    asyncio.run(main())
    now = breaker.statistics()
    assert (len(refused), now.successes, now.failures) == (1, 0, 1)
    assert protection.call(lambda: "fine") == "fine"


def open_breaker(clock):
    breaker = a_breaker(clock)
    breaker.force_open(reason="maintenance")
    return breaker


def test_a_refused_call_is_told_as_refused_whatever_its_form():
    clock, listener = VirtualClock(), Listener()
    protection = a_protection(clock, pipeline={"on_outcome": listener}, breaker=open_breaker(clock))

    @protection
    async def later():
        raise AssertionError("the breaker is open")

    @protection
    def steps():
        yield 1

    with pytest.raises(CallRefusedError):
        protection.call(str)
    with pytest.raises(CallRefusedError):
        asyncio.run(later())
    with pytest.raises(CallRefusedError), protection.block():
        raise AssertionError("the breaker is open")
    with pytest.raises(CallRefusedError):
        list(steps())
    assert (listener.refusals, listener.told) == (["api"] * 4, [])


def test_an_outcome_carries_the_retries_and_the_error_that_it_ended_in():
    clock, outcomes = VirtualClock(), []

    class Keeps(Listener):
        def finished(self, outcome):
            outcomes.append((outcome.retries, outcome.error))

    protection = a_protection(clock, pipeline={"on_outcome": Keeps()}, retry=retries(attempts=3))
    error = ConnectionResetError("peer hung up")

    def fails():
        raise error

    async def fails_later():
        raise error

    with pytest.raises(ConnectionResetError):
        protection.call(fails)
    with pytest.raises(ConnectionResetError):
        asyncio.run(protection.call(fails_later))
    with pytest.raises(ConnectionResetError), protection.block():
        raise error
    protection.call(str)
    assert outcomes == [(2, error), (2, error), (0, error), (0, None)]


def test_a_call_that_returns_after_retries_tells_how_many_there_were():
    clock, outcomes = VirtualClock(), []

    class Keeps(Listener):
        def finished(self, outcome):
            outcomes.append((outcome.seconds, outcome.failed, outcome.retries, outcome.error))

    protection = a_protection(clock, pipeline={"on_outcome": Keeps()}, retry=retries(attempts=4))
    assert protection.call(Flaky(2)) == "fine"
    assert asyncio.run(protection.call(Flaky(3).later)) == "fine"
    assert outcomes == [(2.0, False, 2, None), (3.0, False, 3, None)]


@pytest.mark.parametrize(("seconds", "slow"), [(5.0, False), (5.1, True)])
def test_a_call_that_fails_is_slow_past_the_patience_of_its_breaker_and_not_at_it(seconds, slow):
    clock = VirtualClock()
    protection, told = listened(clock, breaker=a_breaker(clock, timeout=5.0))

    @protection
    async def later():
        fails_after(clock, seconds)

    with pytest.raises(ConnectionResetError):
        protection.call(fails_after, clock, seconds)
    with pytest.raises(ConnectionResetError):
        asyncio.run(later())
    with pytest.raises(ConnectionResetError), protection.block():
        fails_after(clock, seconds)
    assert told == [("api", seconds, True, slow)] * 3


def test_a_plain_call_that_returns_after_its_time_has_failed_and_was_slow():
    clock = VirtualClock()
    protection, told = listened(clock, timeout=3.0)
    protection.call(clock.advance, 3.5)
    assert told == [("api", 3.5, True, True)]


def test_a_cancelled_or_interrupted_call_is_no_outcome():
    clock, listener, faults = VirtualClock(), Listener(), []
    pipeline = {"on_outcome": listener, "fault": lambda where, error: faults.append(error)}
    protection = a_protection(clock, pipeline=pipeline)

    @protection
    async def later():
        raise asyncio.CancelledError

    with pytest.raises(KeyboardInterrupt):
        protection.call(Flaky(1, error=KeyboardInterrupt))
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(later())
    with pytest.raises(SystemExit), protection.block():
        raise SystemExit
    assert (listener.told, listener.refusals, faults) == ([], [], [])


def test_a_refused_block_that_nobody_listens_to_raises_its_refusal():
    clock = VirtualClock()
    protection = a_protection(clock, breaker=open_breaker(clock))
    with pytest.raises(CallRefusedError), protection.block():
        raise AssertionError("the breaker is open")


def test_a_call_refused_by_a_target_further_in_is_refused_and_not_failed():
    clock, listener = VirtualClock(), Listener()
    inner = a_protection(clock, breaker=open_breaker(clock))
    outer = a_protection(clock, pipeline={"on_outcome": listener})
    with pytest.raises(CallRefusedError):
        outer.call(inner.call, str)
    with pytest.raises(CallRefusedError), outer.block():
        inner.call(str)
    assert (listener.refusals, listener.told) == (["api"] * 2, [])


def test_a_listener_that_raises_over_a_refusal_is_told_with_its_error():
    clock, faults = VirtualClock(), []

    class Bad(Listener):
        def refused(self, name):
            raise RuntimeError("a bad listener")

    pipeline = {"on_outcome": Bad(), "fault": lambda where, error: faults.append((where, str(error)))}
    protection = a_protection(clock, pipeline=pipeline, breaker=open_breaker(clock))
    with pytest.raises(CallRefusedError):
        protection.call(str)
    assert faults == [('the listener of call "api"', "a bad listener")]
