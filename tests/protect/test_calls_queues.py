"""Threads in line for a place: they are woken, and wait no longer than they may."""

import threading

import pytest
from protect.call_makers import a_protection

from policy_engine.clock import SystemClock, VirtualClock
from policy_engine.errors import CallRefusedError
from policy_engine.protect import BulkheadOptions


class SignallingClock(VirtualClock):
    """Tells when somebody has set an alarm."""

    def __init__(self):
        super().__init__()
        self.alarmed = threading.Semaphore(0)

    def call_at(self, when, task):
        timer = super().call_at(when, task)
        self.alarmed.release()
        return timer


def on_a_thread(function):
    """Start ``function``; what it returned or raised is in the list once the thread has ended."""
    ended = []

    def work():
        try:
            ended.append(function())
        except Exception as error:
            ended.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread, ended


def test_a_thread_in_line_goes_on_when_a_place_becomes_free():
    clock = SignallingClock()
    protection = a_protection(clock, bulkhead=BulkheadOptions(concurrent=1, queued=1, wait=60.0))
    with protection.block():
        thread, ended = on_a_thread(lambda: protection.call(lambda: "fine"))
        assert clock.alarmed.acquire(timeout=10)
        assert ended == []
    thread.join(10)
    assert ended == ["fine"]


def test_a_thread_waits_no_longer_than_it_may_and_leaves_the_line():
    clock = SignallingClock()
    protection = a_protection(clock, bulkhead=BulkheadOptions(concurrent=1, queued=1, wait=2.0))
    with protection.block():
        thread, ended = on_a_thread(lambda: protection.call(lambda: "fine"))
        assert clock.alarmed.acquire(timeout=10)
        clock.advance(1.9)
        assert ended == []
        clock.advance(0.1)
        thread.join(10)
        assert [str(error) for error in ended] == ['the bulkhead of call "api" is full: no place became free in 2 s']
    assert protection.call(lambda: "fine") == "fine"


def test_a_full_line_turns_away_and_says_how_many_run_and_wait():
    clock = SignallingClock()
    protection = a_protection(clock, bulkhead=BulkheadOptions(concurrent=1, queued=1, wait=60.0))
    with protection.block():
        thread, ended = on_a_thread(lambda: protection.call(lambda: "fine"))
        assert clock.alarmed.acquire(timeout=10)
        with pytest.raises(CallRefusedError, match=r'^the bulkhead of call "api" is full: 1 run and 1 wait$'):
            protection.call(str)
    thread.join(10)
    assert ended == ["fine"]


def test_in_real_time_a_thread_in_line_is_refused_when_its_wait_is_over():
    protection = a_protection(SystemClock(), bulkhead=BulkheadOptions(concurrent=1, queued=1, wait=0.01))
    with protection.block():
        thread, ended = on_a_thread(lambda: protection.call(str))
        thread.join(10)
    assert [type(error) for error in ended] == [CallRefusedError]
