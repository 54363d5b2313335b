"""Long proofs under load: 64 threads and a million calls, ten thousand tasks. They run under make prove."""

import asyncio
import itertools
import sys
import threading
from collections import Counter
from random import Random

import pytest
from protect.breaker_makers import a_breaker, fail, succeed

from policy_engine.clock import SystemClock, VirtualClock
from policy_engine.errors import CircuitOpenError
from policy_engine.protect import CallOptions, CircuitBreaker, HalfOpen, Pipeline, Protection, Window, WindowKind

THREADS = 64
CALLS = 1_000_000 // THREADS

pytestmark = pytest.mark.prove


@pytest.fixture(autouse=True)
def eager_switching():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    yield
    sys.setswitchinterval(before)


def in_threads(work):
    """Run ``work(number)`` in all threads; return the sum of their counters."""
    counters = [Counter() for _ in range(THREADS)]
    threads = [threading.Thread(target=work, args=(number, counters[number])) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counters, Counter())


def call(breaker, function, counter):
    try:
        breaker.call(function)
    except CircuitOpenError:
        counter["refused"] += 1
    except ConnectionResetError:
        counter["failures"] += 1
    else:
        counter["successes"] += 1


@pytest.mark.parametrize("window", [None, Window(WindowKind.COUNT, 100), Window(WindowKind.TIME, 60.0)])
def test_a_million_calls_of_64_threads_are_counted_exactly(window):
    breaker = a_breaker(VirtualClock(), window=window, failure_threshold=10**9, failure_rate=1.0, minimum_calls=10**9)

    def work(number, counter):
        random = Random(number)
        for _ in range(CALLS):
            call(breaker, fail if random.random() < 0.05 else succeed, counter)

    counted = in_threads(work)
    found = breaker.statistics()
    assert (found.successes, found.failures, found.refused) == (counted["successes"], counted["failures"], 0)
    assert found.calls == THREADS * CALLS


def test_a_breaker_that_opens_and_closes_all_the_time_counts_exactly_and_tells_each_transition_once_in_order():
    events = []
    clock = SystemClock()
    breaker = a_breaker(
        clock, events, failure_threshold=3, recovery_timeout=0.001, success_threshold=2, half_open=HalfOpen(2, 10.0)
    )

    def work(number, counter):
        random = Random(number)
        for _ in range(CALLS // 10):
            call(breaker, fail if random.random() < 0.3 else succeed, counter)

    counted = in_threads(work)
    found = breaker.statistics()
    assert found.calls + found.refused == THREADS * (CALLS // 10)
    assert (found.failures, found.refused) == (counted["failures"], counted["refused"])
    assert found.transitions == len(events)
    assert events
    for earlier, later in itertools.pairwise(events):
        assert earlier.after == later.before


def test_permits_are_never_exceeded_by_64_threads():
    breaker = a_breaker(
        VirtualClock(),
        failure_threshold=1,
        recovery_timeout=0.0,
        success_threshold=1_000_000,
        half_open=HalfOpen(3, 1e6),
    )
    with pytest.raises(ConnectionResetError):
        breaker.call(fail)
    inside, most, guard = [0], [0], threading.Lock()

    def probe():
        with guard:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        with guard:
            inside[0] -= 1

    def work(number, counter):
        for _ in range(CALLS // 20):
            call(breaker, probe, counter)

    in_threads(work)
    assert 1 <= most[0] <= 3


def test_ten_thousand_tasks_with_cancellations_among_them_are_counted_exactly():
    clock = SystemClock()
    breaker = CircuitBreaker("api", clock=clock)
    breaker.metrics_only()
    pipeline = Pipeline("api", CallOptions(), clock=clock, random=Random(1), breaker=breaker)
    protection = Protection("api", lambda: pipeline, lambda *_: None)
    random = Random(1)

    @protection
    async def work(how):
        await asyncio.sleep(0)
        if how == "fails":
            fail()
        if how == "hangs":
            await asyncio.Event().wait()

    async def main():
        kinds = random.choices(["works", "fails", "hangs"], weights=[8, 1, 1], k=10_000)
        tasks = [asyncio.ensure_future(work(kind)) for kind in kinds]
        for _ in range(3):
            await asyncio.sleep(0)
        for task, kind in zip(tasks, kinds, strict=True):
            if kind == "hangs":
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return Counter(kinds)

    kinds = asyncio.run(main())
    found = breaker.statistics()
    assert (found.successes, found.failures, found.neutral) == (kinds["works"], kinds["fails"], kinds["hangs"])
