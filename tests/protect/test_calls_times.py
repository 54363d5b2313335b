"""Deadlines to the moment: what is left of them, what late calls are told, and what goes on alone after them."""

import asyncio
import threading

import pytest
from protect.call_makers import Flaky, a_protection

from policy_engine.clock import SystemClock, VirtualClock
from policy_engine.errors import CallRefusedError
from policy_engine.protect import time_left


def a_late_clock():
    clock = VirtualClock()
    clock.advance(100.0)
    return clock


def test_no_time_is_left_once_the_deadline_has_passed():
    clock = VirtualClock()

    @a_protection(clock, timeout=3.0)
    def work():
        clock.advance(2.5)
        nearly_over = time_left(clock)
        clock.advance(1.0)
        return nearly_over, time_left(clock)

    assert work() == (0.5, 0.0)


def test_a_coroutine_can_ask_how_much_time_is_left():
    clock = a_late_clock()

    @a_protection(clock, timeout=3.0)
    async def work():
        clock.advance(1.0)
        return time_left(clock)

    async def main():
        return await work(), time_left(clock)

    assert asyncio.run(main()) == (2.0, None)


@pytest.mark.parametrize(("seconds", "shown"), [(0.25, "0.25"), (3.0, "3")])
def test_a_coroutine_is_cancelled_at_its_time_and_not_later(seconds, shown):
    clock = a_late_clock()

    @a_protection(clock, timeout=seconds)
    async def hang():
        for _ in range(100):
            await clock.asleep(0.125)

    with pytest.raises(TimeoutError, match=rf'^call "api" took longer than {shown} s$'):
        asyncio.run(hang())
    assert 100.0 + seconds <= clock.monotonic() <= 100.0 + seconds + 0.125


def test_a_coroutine_inside_a_deadline_that_has_passed_is_cancelled_at_once():
    clock = a_late_clock()
    inner = a_protection(clock, timeout=10.0)

    @inner
    async def hang():
        await clock.asleep(0.0)
        await asyncio.Event().wait()

    @a_protection(clock, timeout=1.0)
    def outer():
        clock.advance(2.0)
        asyncio.run(hang())

    with pytest.raises(TimeoutError, match=r'^call "api" took longer than'):
        outer()
    assert clock.monotonic() == 102.0


def test_a_call_that_ended_late_but_did_end_takes_no_place_of_those_that_go_on_alone():
    clock = VirtualClock()
    protection = a_protection(clock, timeout=1.0, on_thread=True, pipeline={"abandoned": 1})
    for _ in range(3):
        with pytest.raises(TimeoutError):
            protection.call(clock.advance, 2.0)


def test_the_only_place_to_go_on_alone_comes_back_when_its_call_ends():
    let_go = threading.Event()
    protection = a_protection(SystemClock(), timeout=0.01, on_thread=True, pipeline={"abandoned": 1})
    before = set(threading.enumerate())
    with pytest.raises(TimeoutError):
        protection.call(let_go.wait, 30)
    with pytest.raises(CallRefusedError, match=r'^call "api" is refused: 1 calls of it still run'):
        protection.call(str)
    let_go.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(30)
    assert protection.call(lambda: "fine") == "fine"


def test_a_call_that_ends_in_time_frees_no_place_of_one_that_goes_on_alone():
    let_go = threading.Event()
    protection = a_protection(SystemClock(), timeout=0.05, on_thread=True, pipeline={"abandoned": 2})
    try:
        with pytest.raises(TimeoutError):
            protection.call(let_go.wait, 30)
        assert protection.call(lambda: "fine") == "fine"
        with pytest.raises(TimeoutError):
            protection.call(let_go.wait, 30)
        with pytest.raises(CallRefusedError, match="2 calls of it still run"):
            protection.call(str)
    finally:
        let_go.set()


def test_a_protection_on_another_thread_leaves_the_report_to_the_one_that_waits_for_it():
    inner, outer = [], []
    inside = a_protection(SystemClock(), inner)
    outside = a_protection(SystemClock(), outer, timeout=30.0, on_thread=True)
    with pytest.raises(ConnectionResetError):
        outside.call(lambda: inside.call(Flaky(1)))
    assert (len(inner), len(outer)) == (0, 1)


def test_where_nobody_says_thirty_two_calls_may_go_on_alone():
    let_go = threading.Event()
    protection = a_protection(SystemClock(), timeout=0.001, on_thread=True)
    try:
        for _ in range(32):
            with pytest.raises(TimeoutError):
                protection.call(let_go.wait, 30)
        with pytest.raises(CallRefusedError, match="32 calls of it still run"):
            protection.call(let_go.wait, 30)
    finally:
        let_go.set()
