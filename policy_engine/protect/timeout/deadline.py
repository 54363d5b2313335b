"""The time by which a protected call should be done, for all code further in.

A protection cannot stop a plain function; a function that takes long can ask `time_left` and hand it to its client.
Nested deadlines only shorten each other.
"""

from __future__ import annotations

import math
from contextvars import ContextVar

from policy_engine.clock import Clock, SystemClock

deadline: ContextVar[float] = ContextVar("policy_engine_deadline", default=math.inf)
"""In monotonic seconds. Layers set and reset it in place: that costs an ordinary call least."""


def no_later_than(until: float) -> float:
    """Return ``until``, or the outer deadline where that comes first."""
    return min(until, deadline.get())


def time_left(clock: Clock | None = None) -> float | None:
    """Seconds until the deadline of the protected call that runs here, never below 0; ``None`` where there is none.

    By the system's clock, or that of a test.
    """
    until = deadline.get()
    monotonic = SystemClock.monotonic if clock is None else clock.monotonic
    return None if until == math.inf else max(0.0, until - monotonic())
