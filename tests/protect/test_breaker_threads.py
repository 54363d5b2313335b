"""Threads and forks: exact counts, no lock while user code runs, one event a transition."""

import contextlib
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from protect.breaker_makers import a_breaker, attempt, fail, succeed

from policy_engine.clock import VirtualClock
from policy_engine.errors import CircuitOpenError
from policy_engine.protect import CircuitBreaker, CircuitBreakerConfig, HalfOpen


@pytest.fixture
def eager_switching():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def in_threads(work, threads=8):
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work, number) for number in range(threads)]:
            done.result()


def test_counts_are_exact_with_failures_mixed_in(eager_switching):
    breaker = a_breaker(VirtualClock(), failure_threshold=1_000_000)

    def work(number):
        for call in range(2000):
            attempt(breaker, fail if call % 10 == 0 else succeed)

    in_threads(work)
    now = breaker.statistics()
    assert (now.successes, now.failures, now.calls, now.refused) == (14_400, 1_600, 16_000, 0)


def test_reading_statistics_disturbs_no_count(eager_switching):
    breaker = a_breaker(VirtualClock())
    function = breaker(succeed)

    def work(number):
        for _ in range(2000):
            function()
            if number == 0:
                breaker.statistics()

    in_threads(work)
    assert breaker.statistics().successes == 16_000


def test_many_threads_that_fail_at_once_make_one_transition_and_one_event(eager_switching):
    # resilience4j#674
    events = []
    breaker = a_breaker(VirtualClock(), events, failure_threshold=5)
    together = threading.Barrier(8)

    def work(number):
        together.wait()
        attempt(breaker, times=50)

    in_threads(work)
    assert [(event.before, event.after) for event in events] == [("CLOSED", "OPEN")]


def test_the_permits_of_a_half_open_breaker_are_never_exceeded_by_threads(eager_switching):
    clock = VirtualClock()
    breaker = a_breaker(
        clock, failure_threshold=1, recovery_timeout=0.0, success_threshold=10_000, half_open=HalfOpen(3, 100.0)
    )
    attempt(breaker)
    inside, most, guard = 0, 0, threading.Lock()

    def probe():
        nonlocal inside, most
        with guard:
            inside += 1
            most = max(most, inside)
        with guard:
            inside -= 1

    def work(number):
        for _ in range(500):
            with contextlib.suppress(CircuitOpenError):
                breaker.call(probe)

    in_threads(work)
    assert 1 <= most <= 3


def test_no_lock_is_held_while_user_code_runs():
    # pybreaker#55
    breaker = CircuitBreaker("api", CircuitBreakerConfig())
    together = threading.Barrier(8, timeout=10)

    def work(number):
        breaker.call(together.wait)

    in_threads(work)
    assert breaker.statistics().successes == 8


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_lock_that_was_held_at_a_fork_is_free_in_the_child():
    breaker = a_breaker(VirtualClock(), failure_threshold=1)
    with breaker._lock:
        child = os.fork()
        if child == 0:
            try:
                attempt(breaker)
                os._exit(0 if breaker.state == "OPEN" else 1)
            finally:
                os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
