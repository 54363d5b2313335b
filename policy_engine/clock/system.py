"""The machine's clock, with a thread for timers and a few for work; the only place that reads the system's time.

Rules: nothing is started before it is needed; no lock is held while a timer or a task runs; a fork leaves the child
with fresh threads and none of the parent's work; a program that ends waits a moment for tasks that were handed over,
so that the alert about its last error goes out.
"""

from __future__ import annotations

import atexit
import heapq
import itertools
import threading
import time as system_time
from collections import deque
from collections.abc import Callable
from weakref import ref

from policy_engine.clock.loops import running_loop
from policy_engine.clock.protocol import TimeoutScope
from policy_engine.clock.timer import FaultHandler, Task, Timer, run
from policy_engine.forks import survives_fork

_wall = system_time.time
_steady = system_time.monotonic
_sleep = system_time.sleep

PATIENCE_AT_EXIT = 2.0
"""Seconds that the end of a program waits for tasks under way."""


class SystemClock:
    """The machine's time, one thread for timers, and at most ``workers`` threads for tasks."""

    def __init__(self, *, workers: int = 8, queue: int = 10_000) -> None:
        self._max_workers = workers
        self._max_queue = queue
        self.on_fault: FaultHandler = _ignore
        self._timer_runs = False
        self.after_fork()
        survives_fork(self)
        atexit.register(_drain, ref(self))

    def time(self) -> float:
        """Seconds since 1970."""
        return _wall()

    # The builtin itself: a breaker asks twice a call, and a method around it would cost more than the answer.
    monotonic = staticmethod(_steady)

    def call_at(self, when: float, task: Task) -> Timer:
        """Run ``task`` on the timer thread at ``when``."""
        timer = Timer(when, task)
        with self._timers_changed:
            heapq.heappush(self._timers, (when, next(self._sequence), timer))
            if not self._timer_runs:
                self._timer_runs = True
                _start(self._run_timers, "policy-engine-timer")
            elif self._timers[0][2] is timer:
                self._timers_changed.notify()
        return timer

    def submit(self, task: Task) -> bool:
        """Run ``task`` on a worker thread; false when ``queue`` tasks wait already."""
        with self._tasks_changed:
            if len(self._tasks) >= self._max_queue:
                return False
            self._tasks.append(task)
            if self._idle_workers >= len(self._tasks) or self._workers >= self._max_workers:
                self._tasks_changed.notify()
                return True
            return self._start_worker()

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

        _start(work, "policy-engine-call")
        return ended.wait(seconds)

    def drain(self, seconds: float) -> bool:
        """Wait until no task waits or runs, for ``seconds`` at the most; tells whether that came about."""
        end = self.monotonic() + seconds
        with self._tasks_changed:
            while self._tasks or self._idle_workers < self._workers:
                left = end - self.monotonic()
                if left <= 0:
                    return False
                # A worker that goes idle tells nobody, so look again now and then: this happens once, at the end.
                self._tasks_changed.wait(min(left, 0.01))
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
        """Have no threads and no work: none of the parent's came along."""
        self._timers: list[tuple[float, int, Timer]] = []
        self._sequence = itertools.count()
        self._timers_changed = threading.Condition(threading.Lock())
        self._timer_runs = False
        self._tasks: deque[Task] = deque()
        self._tasks_changed = threading.Condition(threading.Lock())
        self._workers = 0
        self._idle_workers = 0

    def _start_worker(self) -> bool:
        try:
            _start(self._run_tasks, f"policy-engine-worker-{self._workers + 1}")
        except RuntimeError:
            # The interpreter is ending, or the machine has no thread left: the others take the task, if there are any.
            if not self._workers:
                self._tasks.pop()
            return self._workers > 0
        self._workers += 1
        return True

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

    def _run_tasks(self) -> None:
        while True:
            with self._tasks_changed:
                self._idle_workers += 1
                while not self._tasks:
                    self._tasks_changed.wait()
                self._idle_workers -= 1
                task = self._tasks.popleft()
            run(task, self.on_fault)


def _drain(clock: ref[SystemClock]) -> None:
    alive = clock()
    if alive is not None:
        alive.drain(PATIENCE_AT_EXIT)


def _start(target: Callable[[], None], name: str) -> None:
    threading.Thread(target=target, name=name, daemon=True).start()


def _ignore(where: str, error: BaseException) -> None:
    """Until an engine says where faults go, there is nobody to tell."""
