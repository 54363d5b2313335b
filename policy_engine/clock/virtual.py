"""A clock for tests and replays: time passes when it is told to, and due work runs inline, in the order of its times.

Reads no clock and starts no thread, so the same calls give the same results, always.
"""

from __future__ import annotations

import heapq
import itertools
from types import TracebackType

from policy_engine.clock.loops import running_loop
from policy_engine.clock.protocol import Lane, TimeoutScope
from policy_engine.clock.timer import FaultHandler, Task, Timer, run


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

    def lane(self, name: str, queue: int) -> Lane:  # noqa: ARG002  no thread, so nothing to name
        """Return a lane whose tasks run as those of `submit` do."""
        return _VirtualLane(self, queue)

    def run_within(self, task: Task, seconds: float) -> bool:
        """Run ``task`` inline; whether the clock was advanced by more than ``seconds`` meanwhile."""
        end = self._now + seconds
        task()
        return self._now <= end

    def sleep(self, seconds: float) -> None:
        """Advance by ``seconds``: who sleeps in virtual time moves it."""
        self.advance(max(0.0, seconds))

    async def asleep(self, seconds: float) -> None:
        """Advance by ``seconds`` and let other tasks run once."""
        self.advance(max(0.0, seconds))
        await running_loop().sleep(0)

    def timeout(self, seconds: float) -> TimeoutScope:
        """Return a block that the `advance` which reaches its end cancels."""
        return _VirtualTimeout(self, self._now + seconds)

    def advance(self, seconds: float = 0.0) -> None:
        """Move time on by ``seconds``, stopping at each piece of due work to run it.

        Raises:
            ValueError: ``seconds`` is negative or no number; to step the wall clock alone, use `set_time`.
        """
        if not seconds >= 0:
            raise ValueError(f"time does not run backwards: advance({seconds})")
        end = self._now + seconds
        while self._due and self._due[0][0] <= end:
            when, _, timer = heapq.heappop(self._due)
            self._move_to(when)
            run(timer.take(), self.on_fault)
        self._move_to(end)

    def set_time(self, wall: float) -> None:
        """Step the wall clock, forwards or backwards, as an administrator or NTP would; `monotonic` does not move."""
        self._wall = wall

    def _move_to(self, when: float) -> None:
        self._wall += when - self._now
        self._now = when


class _VirtualLane:
    """A queue in front of a clock."""

    def __init__(self, clock: VirtualClock, queue: int) -> None:
        self._clock = clock
        self._queue = queue
        self._waiting = 0

    def submit(self, task: Task) -> bool:
        """Run ``task`` at the next `advance`; false where as many wait for it as may."""
        if self._waiting >= self._queue:
            return False
        self._waiting += 1

        def turn() -> None:
            self._waiting -= 1
            task()

        return self._clock.submit(turn)


class _VirtualTimeout:
    """A timeout of the loop that runs, ended by a timer of the clock."""

    def __init__(self, clock: VirtualClock, when: float) -> None:
        self._clock = clock
        self._when = when
        self._scope = running_loop().OpenTimeout()

    async def __aenter__(self) -> object:
        await self._scope.__aenter__()
        self._timer = self._clock.call_at(self._when, self._scope.end_soon)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        self._timer.cancel()
        return await self._scope.__aexit__(kind, error, traceback)

    def expired(self) -> bool:
        """Whether its time ran out."""
        return self._scope.expired()


def _raise(where: str, error: BaseException) -> None:  # noqa: ARG001  the form of a fault handler
    raise error
