"""Rate limits, bulkheads, retry budgets and Retry-After: what keeps a target from being run over."""

import asyncio
import contextvars
import os
import threading
import time
from email.utils import formatdate
from random import Random
from types import SimpleNamespace

import pytest
from protect.call_makers import EVERY_SECOND, Flaky, a_breaker, a_protection, retries

from policy_engine.clock import SystemClock, VirtualClock
from policy_engine.errors import CallRefusedError, CircuitOpenError
from policy_engine.protect import (
    BudgetOptions,
    BulkheadOptions,
    CallOptions,
    FallbackValue,
    LastGood,
    LimiterOptions,
    Pipeline,
    Protection,
    RetryOptions,
    compile_calls,
)
from policy_engine.protect.retry import Budget


def work():
    return "fine"


async def work_later():
    return "fine"


def test_tables_become_options():
    compiled = compile_calls(
        {
            "api": {
                "rate_limit": {"calls": 100, "per": "1s", "wait": "250ms"},
                "bulkhead": {"concurrent": 10, "queued": 20, "wait": "1s"},
                "retry": {"budget": {"tokens": 5, "per_success": 0.5}, "longest_retry_after": "10s"},
            },
            "bare": {"rate_limit": {"calls": 2, "per": "1m", "burst": 1}, "bulkhead": {"concurrent": 1}},
        }
    )
    assert compiled["api"].rate_limit == LimiterOptions(100, 1.0, burst=100, wait=0.25)
    assert compiled["api"].bulkhead == BulkheadOptions(10, 20, 1.0)
    assert compiled["api"].retry.budget == BudgetOptions(5, 0.5)
    assert compiled["api"].retry.longest_retry_after == 10.0
    assert compiled["bare"].rate_limit == LimiterOptions(2, 60.0, burst=1)
    assert compiled["bare"].bulkhead == BulkheadOptions(1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: LimiterOptions(0, 1.0),
        lambda: LimiterOptions(1, 0.0),
        lambda: LimiterOptions(1, 1.0, burst=0),
        lambda: LimiterOptions(1, 1.0, wait=-1.0),
        lambda: BulkheadOptions(0),
        lambda: BulkheadOptions(1, -1),
        lambda: BulkheadOptions(1, 1, 0.0),
        lambda: BudgetOptions(0),
        lambda: BudgetOptions(1, 1.5),
        lambda: BudgetOptions(1, -0.1),
    ],
)
def test_options_that_cannot_work_are_refused(make):
    with pytest.raises(ValueError, match="must be"):
        make()


def test_a_rate_limit_lets_a_burst_pass_then_refuses_and_says_when_to_try_again():
    clock, reports = VirtualClock(), []
    protection = a_protection(clock, reports, rate_limit=LimiterOptions(calls=2, per=1.0, burst=2))
    assert [protection.call(work), protection.call(work)] == ["fine", "fine"]
    with pytest.raises(CallRefusedError) as refusal:
        protection.call(work)
    assert str(refusal.value) == 'the rate limit of call "api" is reached: try again in 0.5 s'
    assert refusal.value.retry_after == 0.5
    clock.advance(0.5)
    assert protection.call(work) == "fine"
    assert reports == []


def test_calls_wait_for_their_turn_where_they_may():
    clock = VirtualClock()
    protection = a_protection(clock, rate_limit=LimiterOptions(calls=1, per=1.0, burst=1, wait=2.0))
    for _ in range(3):
        protection.call(work)
    assert clock.monotonic() == 2.0
    asyncio.run(protection(work_later)())
    assert clock.monotonic() == 3.0


def test_three_calls_a_second_may_come_at_every_third_of_one():
    clock = VirtualClock()
    protection = a_protection(clock, rate_limit=LimiterOptions(calls=3, per=1.0, burst=1))
    for third in range(300):
        clock.advance(max(0.0, third / 3 - clock.monotonic()))
        assert protection.call(work) == "fine"


def test_a_block_goes_at_once_or_is_refused():
    clock = VirtualClock()
    protection = a_protection(clock, rate_limit=LimiterOptions(calls=1, per=1.0, burst=1, wait=60.0))
    with protection.block():
        pass
    with pytest.raises(CallRefusedError), protection.block():
        pass
    assert clock.monotonic() == 0.0


def test_a_bulkhead_without_a_queue_refuses_when_it_is_full():
    protection = a_protection(bulkhead=BulkheadOptions(concurrent=1))

    def outer():
        with pytest.raises(CallRefusedError, match='the bulkhead of call "api" is full: 1 run and 0 wait'):
            protection.call(work)
        return "outer"

    assert protection.call(outer) == "outer"
    assert protection.call(work) == "fine"


def test_a_place_is_given_back_whatever_the_call_does():
    protection = a_protection(bulkhead=BulkheadOptions(concurrent=1))
    for error in (ConnectionResetError, KeyboardInterrupt):
        with pytest.raises(error):
            protection.call(Flaky(1, error=error))
    with pytest.raises(ConnectionResetError), protection.block():
        raise ConnectionResetError
    assert protection.call(work) == "fine"


def test_a_block_that_the_breaker_refuses_gives_its_place_back():
    clock = VirtualClock()
    breaker = a_breaker(clock)
    breaker.force_open(5.0)
    protection = a_protection(clock, breaker=breaker, bulkhead=BulkheadOptions(concurrent=1))
    for _ in range(3):
        with pytest.raises(CircuitOpenError), protection.block():
            pass
    clock.advance(5)
    with protection.block():
        pass


def test_tasks_wait_in_line_and_the_one_who_waited_longest_goes_first():
    protection = a_protection(bulkhead=BulkheadOptions(concurrent=1, queued=2))
    order = []

    async def main():
        gate = asyncio.Event()

        @protection
        async def enter(name):
            order.append(name)
            await gate.wait()

        tasks = [asyncio.ensure_future(enter(name)) for name in "abcd"]
        for _ in range(5):
            await asyncio.sleep(0)
        assert order == ["a"]
        gate.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    results = asyncio.run(main())
    assert order == ["a", "b", "c"]
    assert isinstance(results[3], CallRefusedError)


def test_a_task_cancelled_in_line_leaves_it_and_blocks_nobody():
    protection = a_protection(bulkhead=BulkheadOptions(concurrent=1, queued=2))

    async def main():
        gate = asyncio.Event()

        @protection
        async def enter(name):
            await gate.wait()
            return name

        first, second, third = (asyncio.ensure_future(enter(name)) for name in "abc")
        for _ in range(3):
            await asyncio.sleep(0)
        second.cancel()
        gate.set()
        return await asyncio.gather(first, second, third, return_exceptions=True)

    first, second, third = asyncio.run(main())
    assert (first, third) == ("a", "c")
    assert isinstance(second, asyncio.CancelledError)


def test_a_task_waits_no_longer_than_it_may():
    clock = VirtualClock()
    protection = a_protection(clock, bulkhead=BulkheadOptions(concurrent=1, queued=1, wait=2.0))

    async def main():
        gate = asyncio.Event()

        @protection
        async def enter():
            await gate.wait()

        first, second = asyncio.ensure_future(enter()), asyncio.ensure_future(enter())
        for _ in range(3):
            await asyncio.sleep(0)
        clock.advance(2.0)
        with pytest.raises(CallRefusedError, match="no place became free in 2 s"):
            await second
        gate.set()
        await first

    asyncio.run(main())
    assert asyncio.run(protection(work_later)()) == "fine"


def test_threads_wait_in_line_and_never_more_run_than_may():
    pipeline = Pipeline("api", CallOptions(bulkhead=BulkheadOptions(2, 100)), clock=SystemClock(), random=Random(1))
    protection = Protection("api", lambda: pipeline, lambda *_: None)
    running, most, guard = 0, 0, threading.Lock()

    @protection
    def enter():
        nonlocal running, most
        with guard:
            running += 1
            most = max(most, running)
        with guard:
            running -= 1

    threads = [threading.Thread(target=lambda: [enter() for _ in range(50)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most <= 2
    assert pipeline.memory.bulkhead.places.running == 0


def test_a_retry_takes_a_token_and_without_one_there_is_no_retry():
    # envoy#30205: it is taken when the retry is decided, so one that waits counts
    protection = a_protection(
        retry=RetryOptions(attempts=2, backoff=EVERY_SECOND, budget=BudgetOptions(tokens=2, per_success=0.5))
    )
    attempts = []
    for _ in range(4):
        broken = Flaky(99)
        with pytest.raises(ConnectionResetError):
            protection.call(broken)
        attempts.append(broken.calls)
    assert attempts == [2, 2, 1, 1]
    for _ in range(2):
        protection.call(work)
    broken = Flaky(1)
    assert asyncio.run(protection(broken.later)()) == "fine"
    assert broken.calls == 2


def test_a_retry_that_waits_counts_against_the_budget_already():
    # envoy#30205
    clock = VirtualClock()
    protection = a_protection(
        clock, retry=RetryOptions(attempts=2, backoff=EVERY_SECOND, budget=BudgetOptions(tokens=1, per_success=0.0))
    )
    first, second = Flaky(99), Flaky(99)

    def call_the_second():
        with pytest.raises(ConnectionResetError):
            protection.call(second)

    clock.call_at(0.5, call_the_second)  # while the first waits for its retry
    with pytest.raises(ConnectionResetError):
        protection.call(first)
    assert (first.calls, second.calls) == (2, 1)


def test_the_budget_never_holds_more_than_its_tokens():
    protection = a_protection(retry=RetryOptions(attempts=9, budget=BudgetOptions(tokens=1, per_success=1.0)))
    for _ in range(10):
        protection.call(work)
    broken = Flaky(99)
    with pytest.raises(ConnectionResetError):
        protection.call(broken)
    assert broken.calls == 2


class ThrottledError(Exception):
    def __init__(self, **said):
        self.__dict__.update(said)


def waited(error, **options):
    """How long a call that fails once with ``error`` waits before it succeeds; ``None`` where it is not retried."""
    clock, left = VirtualClock(start=1_000_000.0), [error]

    def once():
        if left:
            raise left.pop()

    protection = a_protection(clock, retry=RetryOptions(**({"backoff": EVERY_SECOND} | options)))
    try:
        protection.call(once)
    except ThrottledError:
        return None
    return clock.monotonic()


def response(value):
    return SimpleNamespace(headers={"Retry-After": value})


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (ThrottledError(retry_after=7), 7.0),
        (ThrottledError(response=response("7")), 7.0),
        (ThrottledError(headers={"retry-after": "7"}), 7.0),
        (ThrottledError(response=response(formatdate(1_000_012.0, usegmt=True))), 12.0),
        (ThrottledError(response=response("Mon, 12 Jan 1970 15:46:52 +0200")), 12.0),
        (ThrottledError(response=response(formatdate(900_000.0, usegmt=True))), 1.0),
        (ThrottledError(retry_after=0.5), 1.0),
        (ThrottledError(retry_after=-5), 1.0),
        (ThrottledError(retry_after=True), 1.0),
        (ThrottledError(retry_after=float("nan")), 1.0),
        (ThrottledError(response=response("soon")), 1.0),
        (ThrottledError(response=response("Mon, 99 Foo 2026 99:99:99 GMT")), 1.0),
        (ThrottledError(response=None), 1.0),
        (ThrottledError(retry_after=61), None),
    ],
)
def test_the_other_side_says_when_to_come_back(error, seconds):
    assert waited(error) == seconds


@pytest.mark.parametrize(
    "date",
    ["Mon, 12 Jan 1970 13:46:52 GMT", "Monday, 12-Jan-70 13:46:52 GMT", "Mon Jan 12 13:46:52 1970"],
)
def test_a_date_is_understood_in_all_three_forms_of_http_wherever_the_machine_stands(date, monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert waited(ThrottledError(response=response(date))) == 12.0
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_success_that_is_worth_next_to_nothing_gives_that_back_and_not_nothing():
    budget = Budget(BudgetOptions(tokens=1, per_success=0.0001))
    assert budget.take()
    for _ in range(9_999):
        budget.succeeded()
    assert not budget.take()
    budget.succeeded()
    assert budget.take()


def test_what_the_other_side_says_is_bounded_by_the_deadline_too():
    assert waited(ThrottledError(retry_after=7), deadline=5.0) is None
    assert waited(ThrottledError(retry_after=100), longest_retry_after=100.0) == 100.0


def test_a_reload_keeps_what_did_not_change():
    clock = VirtualClock()
    options = CallOptions(
        rate_limit=LimiterOptions(1, 60.0),
        bulkhead=BulkheadOptions(1),
        retry=RetryOptions(attempts=2, budget=BudgetOptions(1)),
        fallback=LastGood(60.0),
    )
    first = Pipeline("api", options, clock=clock, random=Random(1))
    second = Pipeline("api", options, clock=clock, random=Random(1), previous=first)
    kept, before = second.memory, first.memory
    assert (kept.limiter, kept.bulkhead) == (before.limiter, before.bulkhead)
    assert (kept.budget, kept.results) == (before.budget, before.results)
    third = Pipeline("api", CallOptions(fallback=FallbackValue(1)), clock=clock, random=Random(1), previous=second)
    assert (third.memory.limiter, third.memory.bulkhead, third.memory.budget, third.memory.results) == (None,) * 4


def test_a_block_left_in_another_context_than_entered_still_ends_its_call():
    clock = VirtualClock()
    breaker = a_breaker(clock)
    block = a_protection(clock, breaker=breaker, timeout=3.0, retry=retries()).block()
    contextvars.copy_context().run(block.__enter__)
    block.__exit__(None, None, None)
    assert breaker.statistics().successes == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_has_all_places_and_no_held_lock():
    clock = VirtualClock()
    options = CallOptions(
        rate_limit=LimiterOptions(10, 1.0, burst=10),
        bulkhead=BulkheadOptions(1),
        retry=RetryOptions(budget=BudgetOptions(1)),
        fallback=LastGood(60.0),
    )
    pipeline = Pipeline("api", options, clock=clock, random=Random(1))
    protection, memory = Protection("api", lambda: pipeline, lambda *_: None), pipeline.memory
    with protection.block(), memory.limiter._lock, memory.bulkhead._lock, memory.budget._lock, memory.results._lock:
        child = os.fork()
        if child == 0:
            try:
                os._exit(0 if protection.call(work) == "fine" else 1)
            finally:
                os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
