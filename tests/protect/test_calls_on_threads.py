"""Plain functions on threads of their own: the caller goes on when their time is over, and so do they."""

import asyncio
import threading
from contextvars import ContextVar

import pytest
from makers import an_engine
from protect.call_makers import Flaky, a_breaker, a_protection, retries

from policy_engine import VirtualClock, time_left
from policy_engine.clock import SystemClock
from policy_engine.errors import CallRefusedError

POLICY = """
[calls.api]
timeout = { after = "20ms", on_thread = true }
"""


class Hanging:
    """A function that hangs until it is let go, and tells when it has ended."""

    def __init__(self):
        self.let_go, self.ended = threading.Event(), threading.Semaphore(0)

    def __call__(self):
        self.let_go.wait(30)
        self.ended.release()
        return "too late"


def test_the_caller_of_a_hanging_function_goes_on_when_its_time_is_over():
    hanging, reports = Hanging(), []
    with pytest.raises(TimeoutError, match=r'call "api" took longer than 0.02 s'):
        a_protection(SystemClock(), reports, timeout=0.02, on_thread=True).call(hanging)
    assert [type(error) for error, _, _ in reports] == [TimeoutError]
    hanging.let_go.set()
    assert hanging.ended.acquire(timeout=30), "nobody stopped it"


def test_results_errors_and_context_come_through_as_if_there_were_no_thread():
    current = ContextVar("current", default="nobody")
    current.set("ada")
    protection = a_protection(SystemClock(), timeout=30.0, on_thread=True)
    assert protection.call(lambda: (current.get(), threading.current_thread().name)) == ("ada", "policy-engine-call")
    with pytest.raises(ZeroDivisionError):
        protection.call(lambda: 1 / 0)
    assert 0 < protection.call(time_left) <= 30.0


def test_in_virtual_time_a_function_that_takes_too_long_is_late():
    clock = VirtualClock()
    breaker = a_breaker(clock, failure_threshold=1)
    protection = a_protection(clock, breaker=breaker, timeout=3.0, on_thread=True)
    protection.call(clock.advance, 3.0)
    assert breaker.state == "CLOSED"
    with pytest.raises(TimeoutError):
        protection.call(clock.advance, 3.1)
    assert breaker.state == "OPEN"


def test_each_attempt_has_a_thread_and_its_own_time():
    clock = VirtualClock()
    attempts = []

    def slow_at_first():
        attempts.append(clock.monotonic())
        clock.advance(5.0 if len(attempts) == 1 else 0.0)
        return "fine"

    assert a_protection(clock, timeout=3.0, on_thread=True, retry=retries()).call(slow_at_first) == "fine"
    assert len(attempts) == 2


def test_only_so_many_calls_go_on_alone_and_a_place_comes_back_with_their_end():
    hanging = Hanging()
    protection = a_protection(SystemClock(), timeout=0.01, on_thread=True, pipeline={"abandoned": 2})
    for _ in range(2):
        with pytest.raises(TimeoutError):
            protection.call(hanging)
    with pytest.raises(CallRefusedError, match="2 calls of it still run though their time is over"):
        protection.call(hanging)
    hanging.let_go.set()
    for _ in range(2):
        assert hanging.ended.acquire(timeout=30)
    for thread in threading.enumerate():
        if thread.name == "policy-engine-call":
            thread.join(30)
    assert protection.call(lambda: "fine") == "fine"


def test_a_protection_inside_the_thread_leaves_the_report_to_the_one_outside():
    inner, outer = [], []
    clock = VirtualClock()
    inside = a_protection(clock, inner)
    outside = a_protection(clock, outer, timeout=3.0, on_thread=True)
    with pytest.raises(ConnectionResetError):
        outside.call(lambda: inside.call(Flaky(1)))
    assert (len(inner), len(outer)) == (0, 1)


def test_a_coroutine_that_a_plain_function_returns_is_awaited_by_the_caller():
    async def later():
        return threading.current_thread() is threading.main_thread()

    assert asyncio.run(a_protection(SystemClock(), timeout=30.0, on_thread=True).call(lambda: later()))


def test_a_policy_asks_for_it():
    engine = an_engine(POLICY, clock=SystemClock())
    hanging = Hanging()
    with pytest.raises(TimeoutError):
        engine.protect("api").call(hanging)
    hanging.let_go.set()
    assert engine.statistics()["total_errors"] == 1
