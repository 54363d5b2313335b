"""The machine's clock, with a thread for timers and a few for work; the only place that reads the system's time.

Rules: nothing is started before it is needed; no lock is held while a timer runs; a fork leaves the child with a fresh
thread and none of the parent's timers; a program that ends waits a moment for tasks that were handed over, so that the
alert about its last error goes out.
"""

from __future__ import annotations

import atexit
import heapq
import itertools
import threading
import time as system_time
from weakref import ref

from policy_engine.clock.loops import running_loop
from policy_engine.clock.protocol import TimeoutScope
from policy_engine.clock.timer import FaultHandler, Task, Timer, run
from policy_engine.clock.workers import Workers, start_thread
from policy_engine.forks import survives_fork

_wall = system_time.time
_steady = system_time.monotonic
_sleep = system_time.sleep

PATIENCE_AT_EXIT = 2.0
"""Seconds that the end of a program waits for tasks under way."""

_LOOK_AGAIN = 0.01
"""Seconds after which `drain` looks again whether all is done: this happens once, at the end."""


class SystemClock:
    """The machine's time, one thread for timers, and at most ``workers`` threads for tasks."""

    def __init__(self, *, workers: int = 8, queue: int = 10_000) -> None:
        self.on_fault: FaultHandler = _ignore
        self._workers = Workers("policy-engine-worker", limit=workers, queue=queue, on_fault=self._tell)
        self._lanes: list[Workers] = []
        self._timer_runs = False
        self.after_fork()
        survives_fork(self)
        atexit.register(_drain, ref(self))

    # The builtins themselves: they are asked on every call, and a method around one would cost more than its answer.
    time = staticmethod(_wall)
    monotonic = staticmethod(_steady)

    def call_at(self, when: float, task: Task) -> Timer:
        """Run ``task`` on the timer thread at ``when``."""
        timer = Timer(when, task)
        with self._timers_changed:
            heapq.heappush(self._timers, (when, next(self._sequence), timer))
            if not self._timer_runs:
                self._timer_runs = True
                start_thread(self._run_timers, "policy-engine-timer")
            elif self._timers[0][2] is timer:
                self._timers_changed.notify()
        return timer

    def submit(self, task: Task) -> bool:
        """Run ``task`` on a worker thread; false when ``queue`` tasks wait already."""
        return self._workers.submit(task)

    def lane(self, name: str, queue: int) -> Workers:
        """Return a thread of its own, and ``queue`` places to wait for it."""
        lane = Workers(f"policy-engine-{name}", limit=1, queue=queue, on_fault=self._tell)
        self._lanes.append(lane)
        return lane

    def run_within(self, task: Task, seconds: float) -> bool:
        """Run ``task`` on a thread that a program's end does not wait for; whether it ended within ``seconds``.

        Raises:
            RuntimeError: the machine has no thread left.
        """
        ended = threading.Event()

        def work() -> None:
            try:
                task()
            finally:
                ended.set()

        start_thread(work, "policy-engine-call")
        return ended.wait(seconds)

    def drain(self, seconds: float) -> bool:
        """Wait until no task waits or runs, for ``seconds`` at the most; tells whether that came about."""
        end = self.monotonic() + seconds
        # All at once, for a task of one may hand work to another.
        while any(workers.busy for workers in (self._workers, *self._lanes)):
            if self.monotonic() >= end:
                return False
            _sleep(_LOOK_AGAIN)
        return True

    def sleep(self, seconds: float) -> None:
        """Block this thread."""
        _sleep(max(0.0, seconds))

    async def asleep(self, seconds: float) -> None:
        """Wait in the event loop that runs."""
        await running_loop().sleep(max(0.0, seconds))

    def timeout(self, seconds: float) -> TimeoutScope:
        """Return the event loop's own timeout."""
        return running_loop().timeout(seconds)

    def after_fork(self) -> None:
        """Have no timers: none of the parent's came along."""
        self._timers: list[tuple[float, int, Timer]] = []
        self._sequence = itertools.count()
        self._timers_changed = threading.Condition(threading.Lock())
        self._timer_runs = False

    def _tell(self, where: str, error: BaseException) -> None:
        self.on_fault(where, error)

    def _run_timers(self) -> None:
        while True:
            run(self._next_due().take(), self.on_fault)

    def _next_due(self) -> Timer:
        with self._timers_changed:
            while True:
                wait = self._timers[0][0] - self.monotonic() if self._timers else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._timers)[2]
                self._timers_changed.wait(wait)


def _drain(clock: ref[SystemClock]) -> None:
    alive = clock()
    if alive is not None:
        alive.drain(PATIENCE_AT_EXIT)


def _ignore(where: str, error: BaseException) -> None:
    """Until an engine says where faults go, there is nobody to tell."""
