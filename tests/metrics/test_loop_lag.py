"""How late a loop is, on a loop that the test moves."""

from __future__ import annotations

from collections.abc import Callable

from policy_engine.metrics import LoopLag, metric

LAG = metric("loop_lag")


class FakeTimer:
    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class FakeLoop:
    """Runs its timer when told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self.closed = False
        self.timer = FakeTimer()
        self.callback: Callable[[], object] = list

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[[], object]) -> FakeTimer:
        self.callback = callback
        self.timer = FakeTimer()
        return self.timer

    def is_closed(self) -> bool:
        return self.closed

    def run_after(self, seconds: float) -> None:
        self.now += seconds
        self.callback()


def test_without_a_loop_there_is_no_value() -> None:
    assert LoopLag().gauge(LAG) is None


def test_a_loop_that_runs_is_not_late() -> None:
    lag, loop = LoopLag(), FakeLoop()
    lag.follow(loop)
    loop.run_after(0.25)
    assert lag.gauge(LAG) == 0.0


def test_a_loop_that_stands_still_is_late_already_before_it_runs_again() -> None:
    lag, loop = LoopLag(), FakeLoop()
    lag.follow(loop)
    loop.now += 3.25
    assert lag.gauge(LAG) == 3.0


def test_a_lag_is_remembered_for_two_seconds_of_good_running() -> None:
    lag, loop = LoopLag(), FakeLoop()
    lag.follow(loop)
    loop.run_after(1.25)
    for _ in range(7):
        loop.run_after(0.25)
        assert lag.gauge(LAG) == 1.0
    loop.run_after(0.25)
    assert lag.gauge(LAG) == 0.0


def test_of_several_loops_the_worst_counts_and_one_that_ended_does_not() -> None:
    lag, good, bad = LoopLag(), FakeLoop(), FakeLoop()
    lag.follow(good)
    lag.follow(bad)
    bad.now += 2.25
    assert lag.gauge(LAG) == 2.0
    bad.closed = True
    assert lag.gauge(LAG) == 0.0


def test_a_loop_that_is_followed_no_longer_has_no_value() -> None:
    lag, loop = LoopLag(), FakeLoop()
    end = lag.follow(loop)
    end()
    assert lag.gauge(LAG) is None
    assert loop.timer.cancelled
