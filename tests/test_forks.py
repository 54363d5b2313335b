"""A forked child: what was made is renewed, in the order in which it was made, and nothing else."""

import gc
import os
from operator import attrgetter

import pytest
from forked import NEEDS_FORK, in_child

from policy_engine import Engine
from policy_engine.clock import SystemClock
from policy_engine.forks import survives_fork
from policy_engine.protect import BreakerOptions, CircuitBreaker, OpenBackoff

pytestmark = NEEDS_FORK


class AHolder:
    def __init__(self, name: str, renewed: list[str]) -> None:
        self.name = name
        self.renewed = renewed
        survives_fork(self)

    def after_fork(self) -> None:
        self.renewed.append(self.name)


def test_a_child_renews_holders_in_the_order_in_which_they_were_made_and_the_parent_none():
    renewed: list[str] = []
    names = [f"holder {number}" for number in range(100)]
    holders = [AHolder(name, renewed) for name in names]
    assert in_child(lambda: renewed == names)
    assert renewed == []
    del holders


def test_a_holder_that_nobody_holds_is_forgotten():
    renewed: list[str] = []
    kept, lost = AHolder("kept", renewed), AHolder("lost", renewed)
    del lost
    gc.collect()
    assert in_child(lambda: renewed == [kept.name])


def test_who_is_built_upon_a_clock_may_set_a_timer_when_it_is_renewed():
    clock = SystemClock()

    class Ticking:
        def __init__(self) -> None:
            self.timer = clock.call_at(clock.monotonic() + 3600, lambda: None)
            survives_fork(self)

        def after_fork(self) -> None:
            self.timer = clock.call_at(clock.monotonic() + 3600, lambda: None)

    ticking = Ticking()
    with clock._timers_changed:  # as a thread that is cut off by the fork would hold it
        child_has_the_timer = in_child(lambda: [timer for *_, timer in clock._timers] == [ticking.timer])
    assert child_has_the_timer


def test_two_children_do_not_draw_the_same_random_open_times():
    def an_open_time() -> float:
        options = BreakerOptions(failure_threshold=1, open_backoff=OpenBackoff(jitter=1.0))
        breaker = CircuitBreaker("api", options)
        breaker.fail(breaker.enter(), 0.0, ConnectionError())
        return breaker.statistics().retry_after

    def drawn_in_a_child() -> bytes:
        reading, writing = os.pipe()
        in_child(lambda: os.write(writing, str(round(an_open_time(), 1)).encode()))
        os.close(writing)
        drawn = os.read(reading, 100)
        os.close(reading)
        return drawn

    assert len({drawn_in_a_child() for _ in range(4)}) > 1


@pytest.mark.parametrize(
    "lock",
    [
        "_lock",
        "_alerts._lock",
        "_changes._lock",
        "_protections._composing",
        "_protections._lock",
        "_registry._lock",
        "_shadow._lock",
        "_statistics._lock",
    ],
)
def test_a_child_handles_errors_though_a_thread_that_the_fork_cut_off_was_in_the_middle_of_one(lock: str):
    engine = Engine()

    def works_on() -> bool:
        engine.register("reconnect", print)
        engine.supply("shop.queue", lambda metric: 1.0)
        engine.reload()
        engine.breaker("api")
        return engine.handle(ConnectionResetError("reset")).category == "NETWORK" and bool(engine.statistics())

    with attrgetter(lock)(engine):  # as a thread that is cut off by the fork would hold it
        assert in_child(works_on)
