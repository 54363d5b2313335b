"""Time, timers and workers: the system's, and a virtual clock that runs due work inline.

Everything above asks its engine's clock, so a test and a replay see the same behaviour as a service, exactly.
Rules: a timer or task that raises is reported to ``on_fault`` and stops nothing; no lock is held while one runs;
nothing is started before it is needed; a fork leaves the child with fresh threads and none of the parent's work.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time as system_time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from policy_engine.forks import survives_fork

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

Task = Callable[[], object]
FaultHandler = Callable[[str, BaseException], None]

_wall = system_time.time
_steady = system_time.monotonic
_sleep = system_time.sleep


class Timer:
    """Work that is due at a time; ``cancel()`` it as long as it has not run."""

    __slots__ = ("_task", "when")

    def __init__(self, when: float, task: Task) -> None:
        self.when = when
        self._task: Task | None = task

    def cancel(self) -> None:
        """Forget the work; harmless when it has run."""
        self._task = None

    def take(self) -> Task | None:
        """Return the work, once."""
        task, self._task = self._task, None
        return task


class TimeoutScope(Protocol):
    """A block with an end in time, as ``asyncio.timeout`` makes one."""

    async def __aenter__(self) -> object: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None: ...

    def expired(self) -> bool:
        """Whether its time ran out."""


class Clock(Protocol):
    """What the engine asks about time, and whom it hands work to."""

    def time(self) -> float:
        """Seconds since 1970."""

    def monotonic(self) -> float:
        """Seconds that never run backwards."""

    def call_at(self, when: float, task: Task) -> Timer:
        """Run ``task`` once `monotonic` reaches ``when``; it must be short, longer work goes to `submit`."""

    def submit(self, task: Task) -> bool:
        """Run ``task`` on a worker, soon; false when the bounded queue is full and the task was not taken."""

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass before returning."""

    async def asleep(self, seconds: float) -> None:
        """Let ``seconds`` pass, and others of the event loop run meanwhile."""

    def timeout(self, seconds: float) -> TimeoutScope:
        """Return an ``async with`` block that ends after ``seconds``, cancelled from within, in `TimeoutError`."""


class VirtualClock:
    """A clock that stands still until a test or a replay moves it; due work runs inline, ordered by (time, sequence).

    ``submit`` counts as due at once: it runs at the next `advance`, be it by 0 seconds.
    """

    def __init__(self, start: float = 0.0) -> None:
        self._wall = start
        self._now = 0.0
        self._due: list[tuple[float, int, Timer]] = []
        self._sequence = itertools.count()
        self.on_fault: FaultHandler = _raise

    def time(self) -> float:
        """Seconds since 1970: where the test started, and what it advanced."""
        return self._wall

    def monotonic(self) -> float:
        """Seconds advanced since the clock was made."""
        return self._now

    def call_at(self, when: float, task: Task) -> Timer:
        """Run ``task`` in the `advance` that reaches ``when``."""
        timer = Timer(when, task)
        heapq.heappush(self._due, (max(when, self._now), next(self._sequence), timer))
        return timer

    def submit(self, task: Task) -> bool:
        """Run ``task`` at the next `advance`."""
        self.call_at(self._now, task)
        return True

    def sleep(self, seconds: float) -> None:
        """Advance by ``seconds``: who sleeps in virtual time moves it."""
        self.advance(max(0.0, seconds))

    async def asleep(self, seconds: float) -> None:
        """Advance by ``seconds`` and let other tasks run once."""
        import asyncio  # here, because only a program that runs a loop should pay for it

        self.advance(max(0.0, seconds))
        await asyncio.sleep(0)

    def timeout(self, seconds: float) -> TimeoutScope:
        """Return a block that the `advance` which reaches its end cancels."""
        return _VirtualTimeout(self, self._now + seconds)

    def advance(self, seconds: float = 0.0) -> None:
        """Move time on by ``seconds``, stopping at each piece of due work to run it.

        Raises:
            ValueError: ``seconds`` is negative; to step the wall clock alone, use `set_time`.
        """
        if seconds < 0:
            raise ValueError(f"time does not run backwards: advance({seconds})")
        end = self._now + seconds
        while self._due and self._due[0][0] <= end:
            when, _, timer = heapq.heappop(self._due)
            self._move_to(when)
            _run(timer.take(), self.on_fault)
        self._move_to(end)

    def set_time(self, wall: float) -> None:
        """Step the wall clock, forwards or backwards, as an administrator or NTP would; `monotonic` does not move."""
        self._wall = wall

    def _move_to(self, when: float) -> None:
        self._wall += when - self._now
        self._now = when


class _VirtualTimeout:
    """``asyncio.timeout`` in virtual time: a timer of the clock makes the loop's deadline now."""

    def __init__(self, clock: VirtualClock, when: float) -> None:
        import asyncio  # here, because only a program that runs a loop should pay for it

        self._clock = clock
        self._when = when
        self._scope = asyncio.timeout(None)
        self._left = False

    async def __aenter__(self) -> object:
        import asyncio  # here, because only a program that runs a loop should pay for it

        loop = asyncio.get_running_loop()
        await self._scope.__aenter__()
        self._timer = self._clock.call_at(self._when, lambda: loop.call_soon_threadsafe(self._expire, loop))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._left = True
        self._timer.cancel()
        await self._scope.__aexit__(kind, error, traceback)

    def _expire(self, loop: AbstractEventLoop) -> None:
        if not self._left:
            self._scope.reschedule(loop.time())

    def expired(self) -> bool:
        """Whether its time ran out."""
        return self._scope.expired()


class SystemClock:
    """The machine's time, one thread for timers, and at most ``workers`` threads for tasks."""

    def __init__(self, *, workers: int = 8, queue: int = 10_000) -> None:
        self._max_workers = workers
        self._max_queue = queue
        self.on_fault: FaultHandler = _ignore
        self._timer_runs = False
        self.after_fork()
        survives_fork(self)

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
            else:
                self._workers += 1
                _start(self._run_tasks, f"policy-engine-worker-{self._workers}")
        return True

    def sleep(self, seconds: float) -> None:
        """Block this thread."""
        _sleep(max(0.0, seconds))

    async def asleep(self, seconds: float) -> None:
        """Wait in the event loop that runs."""
        import asyncio  # here, because only a program that runs a loop should pay for it

        await asyncio.sleep(max(0.0, seconds))

    def timeout(self, seconds: float) -> TimeoutScope:
        """Return the event loop's own timeout."""
        import asyncio  # here, because only a program that runs a loop should pay for it

        return asyncio.timeout(seconds)

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

    def _run_timers(self) -> None:
        while True:
            _run(self._next_due().take(), self.on_fault)

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
            _run(task, self.on_fault)


def _start(target: Callable[[], None], name: str) -> None:
    threading.Thread(target=target, name=name, daemon=True).start()


def _run(task: Task | None, on_fault: FaultHandler) -> None:
    if task is None:
        return
    try:
        task()
    except Exception as error:  # noqa: BLE001  whatever a task raises, the next one must run
        on_fault("a timer or a worker task", error)


def _raise(where: str, error: BaseException) -> None:  # noqa: ARG001  the form of a fault handler
    raise error


def _ignore(where: str, error: BaseException) -> None:
    """Until an engine says where faults go, there is nobody to tell."""
