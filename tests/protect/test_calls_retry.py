"""Retries: what is tried again, how often, and never past the deadline."""

import asyncio
import math
from random import Random

import pytest
from protect.call_makers import Flaky, a_breaker, a_protection, retries

from policy_engine.backoff import Backoff, Jitter
from policy_engine.clock import VirtualClock
from policy_engine.protect import RetryOptions
from policy_engine.protect.retry.machine import Attempts


def test_a_call_that_fails_twice_succeeds_at_its_third_attempt_and_is_no_error():
    clock, reports, work = VirtualClock(), [], Flaky(2)
    protection = a_protection(clock, reports, retry=retries(attempts=3))
    assert protection.call(work) == "fine"
    assert (work.calls, clock.monotonic(), reports) == (3, 2.0, [])


def test_coroutines_are_retried_too():
    clock, work = VirtualClock(), Flaky(2)
    protection = a_protection(clock, retry=retries(attempts=3))
    assert asyncio.run(protection(work.later)()) == "fine"
    assert (work.calls, clock.monotonic()) == (3, 2.0)


def test_attempts_count_the_first_call_and_the_last_error_leaves():
    clock, reports, work = VirtualClock(), [], Flaky(9)
    protection = a_protection(clock, reports, retry=retries(attempts=3))
    with pytest.raises(ConnectionResetError, match="call 3"):
        protection.call(work)
    assert work.calls == 3
    assert [str(error) for error, _, _ in reports] == ["call 3"]


def test_a_single_attempt_is_no_retry():
    work = Flaky(1)
    with pytest.raises(ConnectionResetError):
        a_protection(retry=retries(attempts=1)).call(work)
    assert work.calls == 1


def test_a_deadline_bounds_every_sleep():
    clock, work = VirtualClock(), Flaky(9)
    protection = a_protection(clock, retry=retries(attempts=9, deadline=2.5))
    with pytest.raises(ConnectionResetError, match="call 3"):
        protection.call(work)
    assert clock.monotonic() == 2.0


def test_a_deadline_shorter_than_the_first_wait_does_not_wait_at_all():
    clock, work = VirtualClock(), Flaky(9)
    backoff = Backoff(initial=60.0, maximum=60.0)
    with pytest.raises(ConnectionResetError, match="call 1"):
        a_protection(clock, retry=retries(attempts=9, deadline=5.0, backoff=backoff)).call(work)
    assert clock.monotonic() == 0.0


def test_only_what_is_retryable_is_retried():
    work = Flaky(1, error=KeyError)
    protection = a_protection(retry=retries(), pipeline={"retryable": lambda error: isinstance(error, ConnectionError)})
    with pytest.raises(KeyError):
        protection.call(work)
    assert work.calls == 1


def test_a_predicate_that_raises_ends_the_retries_and_does_not_mask_the_error():
    faults, work = [], Flaky(1)

    def predicate(error):
        raise RuntimeError("a bad predicate")

    protection = a_protection(
        retry=retries(), pipeline={"retryable": predicate, "fault": lambda where, error: faults.append(where)}
    )
    with pytest.raises(ConnectionResetError, match="call 1"):
        protection.call(work)
    assert faults == ["whether an error is retryable"]


@pytest.mark.parametrize("exit_", [KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError])
def test_cancellation_and_interrupts_are_never_retried(exit_):
    # tenacity#529
    work, reports = Flaky(1, error=exit_), []
    with pytest.raises(exit_):
        a_protection(reports=reports, retry=retries()).call(work)
    with pytest.raises(exit_):
        drive(a_protection(reports=reports, retry=retries())(Flaky(1, error=exit_).later)())
    assert (work.calls, reports) == (1, [])


def drive(coroutine):
    """Run a coroutine that never waits, outside of a loop that would make something of its interrupt."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waited")


def test_a_task_cancelled_while_it_waits_for_its_next_attempt_ends():
    work = Flaky(9)
    protection = a_protection(retry=retries(attempts=9))

    async def main():
        task = asyncio.ensure_future(protection.call(work.later))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert work.calls == 1


def test_the_breaker_sees_one_call_whatever_its_retries_did():
    clock = VirtualClock()
    breaker = a_breaker(clock)
    protection = a_protection(clock, breaker=breaker, retry=retries(attempts=3))
    protection.call(Flaky(2))
    with pytest.raises(ConnectionResetError):
        protection.call(Flaky(9))
    now = breaker.statistics()
    assert (now.successes, now.failures) == (1, 1)


def test_an_attempt_number_beyond_all_doublings_does_not_overflow():
    # stamina PR#137, Polly#2163
    clock, work = VirtualClock(), Flaky(1500)
    backoff = Backoff(initial=0.001, maximum=0.5, jitter=Jitter.NONE)
    assert a_protection(clock, retry=RetryOptions(attempts=2000, backoff=backoff)).call(work) == "fine"
    assert work.calls == 1501


def test_a_factor_close_to_one_reaches_the_maximum_too():
    delays = [Backoff(initial=1.0, maximum=10.0, factor=1.01).delay(attempt, Random(1)) for attempt in range(1, 301)]
    assert delays[:2] == [1.0, 1.01]
    assert delays == sorted(delays)
    assert delays[-1] == 10.0


def test_options_that_cannot_work_are_refused():
    with pytest.raises(ValueError, match="attempts is 0: it must be 1 or more"):
        RetryOptions(attempts=0)
    with pytest.raises(ValueError, match="deadline is 0: it must be above 0"):
        RetryOptions(deadline=0)


def test_a_deadline_of_an_outer_protection_bounds_the_waits_of_an_inner_one():
    clock, work = VirtualClock(), Flaky(9)
    outer = a_protection(clock, timeout=2.5)
    inner = a_protection(clock, retry=retries(attempts=9, deadline=60.0))
    with pytest.raises(ConnectionResetError, match="call 3"):
        outer.call(inner.call, work)
    assert clock.monotonic() == 2.0


def test_an_error_whose_properties_raise_is_retried_as_one_that_says_nothing():
    clock, faults = VirtualClock(), []

    class OddError(Exception):
        @property
        def response(self):
            raise RuntimeError("not read yet")

    protection = a_protection(
        clock, retry=retries(attempts=2), pipeline={"fault": lambda where, error: faults.append(where)}
    )
    assert protection.call(Flaky(1, error=OddError)) == "fine"
    assert clock.monotonic() == 1.0
    assert faults == ["what an error says of its Retry-After"]


def test_a_retry_that_would_begin_at_the_deadline_is_not_made():
    clock, work = VirtualClock(), Flaky(9)
    with pytest.raises(ConnectionResetError, match="call 2"):
        a_protection(clock, retry=retries(attempts=9, deadline=2.0)).call(work)
    assert clock.monotonic() == 1.0


class Highest(Random):
    """Draws the upper end, always."""

    def uniform(self, a, b):
        return b


def test_decorrelated_jitter_grows_from_the_delay_before():
    attempts = Attempts(RetryOptions(attempts=4, backoff=Backoff(maximum=100.0, jitter=Jitter.DECORRELATED)), Highest())
    assert [attempts.next_delay(0.0, math.inf, None) for _ in range(4)] == [3.0, 9.0, 27.0, None]
