"""What the engine asks of a clock, whoever keeps the time."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol

from policy_engine.clock.timer import Task, Timer


class TimeoutScope(Protocol):
    """A block with an end in time, as ``asyncio.timeout`` makes one."""

    async def __aenter__(self) -> object: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None: ...

    def expired(self) -> bool:
        """Whether its time ran out."""


class Lane(Protocol):
    """Where tasks run one after another, and hold up nobody else however long one takes."""

    def submit(self, task: Task) -> bool:
        """Run ``task`` after those before it; false when the lane's queue is full and the task was not taken."""


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

    def lane(self, name: str, queue: int) -> Lane:
        """Return a new lane, in which at most ``queue`` tasks wait; ``name`` is what its thread is called."""

    def run_within(self, task: Task, seconds: float) -> bool:
        """Run ``task`` on a thread of its own; true when it ended within ``seconds``, false while it goes on."""

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass before returning."""

    async def asleep(self, seconds: float) -> None:
        """Let ``seconds`` pass, and others of the event loop run meanwhile."""

    def timeout(self, seconds: float) -> TimeoutScope:
        """Return an ``async with`` block that ends after ``seconds``, cancelled from within, in `TimeoutError`."""
