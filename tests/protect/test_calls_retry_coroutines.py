"""Coroutines are retried as plain functions are: same deadlines, budgets and waits; others run meanwhile."""

import asyncio
from random import Random

import pytest
from protect.call_makers import EVERY_SECOND, Flaky, a_protection, retries

from policy_engine.backoff import Backoff, Growth, Jitter
from policy_engine.clock import VirtualClock
from policy_engine.protect import BudgetOptions, CallOptions, Pipeline, Protection, RetryOptions, time_left


class TooManyRequestsError(Exception):
    def __init__(self, retry_after):
        super().__init__("slow down")
        self.retry_after = retry_after


def a_late_clock():
    clock = VirtualClock()
    clock.advance(100.0)
    return clock


def test_a_coroutine_is_not_retried_past_its_deadline():
    clock, work = a_late_clock(), Flaky(9)
    with pytest.raises(ConnectionResetError, match="call 3"):
        asyncio.run(a_protection(clock, retry=retries(attempts=9, deadline=2.5))(work.later)())
    assert clock.monotonic() == 102.0


def test_a_coroutine_can_ask_how_much_of_its_deadline_is_left():
    clock, left = a_late_clock(), []

    @a_protection(clock, retry=retries(attempts=2, deadline=4.0))
    async def work(result):
        left.append(time_left(clock))
        if len(left) == 1:
            raise ConnectionResetError("peer hung up")
        return result

    async def main():
        return await work("fine"), time_left(clock)

    assert asyncio.run(main()) == ("fine", None)
    assert left == [4.0, 3.0]


def test_without_a_deadline_there_is_none_inside():
    clock, left = VirtualClock(), []

    @a_protection(clock, retry=retries())
    async def work():
        left.append(time_left(clock))

    asyncio.run(work())
    assert left == [None]


def test_a_coroutine_that_succeeds_gives_tokens_back():
    budget = BudgetOptions(tokens=1, per_success=0.5)
    protection = a_protection(retry=RetryOptions(attempts=2, backoff=EVERY_SECOND, budget=budget))
    with pytest.raises(ConnectionResetError):
        asyncio.run(protection(Flaky(9).later)())
    for _ in range(2):
        asyncio.run(protection(Flaky(0).later)())
    work = Flaky(1)
    assert asyncio.run(protection(work.later)()) == "fine"


def test_the_wait_of_a_coroutine_is_spread_by_its_jitter():
    clock = VirtualClock()
    spread = Backoff(kind=Growth.CONSTANT, initial=8.0, maximum=8.0, jitter=Jitter.FULL)
    options = CallOptions(retry=RetryOptions(attempts=2, backoff=spread))
    pipeline = Pipeline("api", options, clock=clock, random=Random(7))
    assert asyncio.run(Protection("api", lambda: pipeline, lambda *_: None)(Flaky(1).later)()) == "fine"
    assert clock.monotonic() == Random(7).uniform(0.0, 8.0)


def test_a_coroutine_waits_as_long_as_its_error_asks():
    clock, work = VirtualClock(), Flaky(1, error=lambda _: TooManyRequestsError(7.0))
    assert asyncio.run(a_protection(clock, retry=retries())(work.later)()) == "fine"
    assert clock.monotonic() == 7.0


def test_a_coroutine_is_retried_for_the_errors_that_may_pass():
    seen = []

    def retryable(error):
        seen.append(type(error))
        return isinstance(error, ConnectionResetError)

    protection = a_protection(retry=retries(), pipeline={"retryable": retryable})
    assert asyncio.run(protection(Flaky(1).later)()) == "fine"
    with pytest.raises(ZeroDivisionError):
        asyncio.run(protection(Flaky(1, error=ZeroDivisionError).later)())
    assert seen == [ConnectionResetError, ZeroDivisionError]


@pytest.mark.parametrize(("asked", "waited"), [(0.25, 0.25), (0.0, 0.125), (-3.0, 0.125)])
def test_a_short_wait_that_is_asked_for_is_not_made_longer(asked, waited):
    clock, work = VirtualClock(), Flaky(1, error=lambda _: TooManyRequestsError(asked))
    quick = Backoff(kind=Growth.CONSTANT, initial=0.125, maximum=0.125)
    assert a_protection(clock, retry=retries(backoff=quick)).call(work) == "fine"
    assert clock.monotonic() == waited


def test_what_went_wrong_in_a_predicate_or_a_property_is_told_with_its_error():
    faults = []

    def told(where, error):
        faults.append((where, str(error)))

    def retryable(error):
        raise RuntimeError("a bad predicate")

    class OddError(Exception):
        @property
        def retry_after(self):
            raise RuntimeError("a bad property")

    with pytest.raises(ConnectionResetError):
        a_protection(retry=retries(), pipeline={"retryable": retryable, "fault": told}).call(Flaky(1))
    assert a_protection(retry=retries(), pipeline={"fault": told}).call(Flaky(1, error=OddError)) == "fine"
    assert faults == [
        ("whether an error is retryable", "a bad predicate"),
        ("what an error says of its Retry-After", "a bad property"),
    ]
