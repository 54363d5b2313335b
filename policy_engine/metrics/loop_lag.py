"""The metric ``loop_lag``: how many seconds late an asyncio loop is, because something keeps it from running.

A timer on the loop says how late it came. While one is overdue its lateness so far counts, so that a loop that stands
still is seen from outside, by whatever thread looks at the levels.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from policy_engine.metrics.metric import Metric

_INTERVAL = 0.25
_KEPT = 8
"""Latenesses that are looked back on: two seconds of a loop that runs well."""


class Handle(Protocol):
    """A timer of a loop."""

    def cancel(self) -> None:
        """Forget it."""


class Loop(Protocol):
    """What is asked of an asyncio loop."""

    def time(self) -> float:
        """Its monotonic seconds; may be called from any thread."""

    def call_at(self, when: float, callback: Callable[[], object]) -> Handle:
        """Call ``callback`` at ``when``."""

    def is_closed(self) -> bool:
        """Whether it has ended."""


class LoopLag:
    """Follows any number of loops; `gauge` returns the worst lag of the last seconds among them."""

    def __init__(self) -> None:
        self._followed: tuple[_Followed, ...] = ()

    def follow(self, loop: Loop) -> Callable[[], None]:
        """Follow ``loop``, on whose thread this is called, until it ends or the result is called."""
        followed = _Followed(loop)
        self._followed = (*(each for each in self._followed if not each.ended), followed)
        return followed.end

    def gauge(self, _: Metric) -> float | None:
        """Return seconds; ``None`` where no loop is followed."""
        return max((each.lag() for each in self._followed if not each.ended), default=None)


class _Followed:
    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._late: deque[float] = deque(maxlen=_KEPT)
        self._over = False
        self._expect()

    @property
    def ended(self) -> bool:
        return self._over or self._loop.is_closed()

    def end(self) -> None:
        self._over = True
        self._timer.cancel()

    def lag(self) -> float:
        overdue = max(0.0, self._loop.time() - self._due)
        return max([overdue, *self._late.copy()])

    def _expect(self) -> None:
        self._due = self._loop.time() + _INTERVAL
        self._timer = self._loop.call_at(self._due, self._came)

    def _came(self) -> None:
        if not self._over:
            self._late.append(max(0.0, self._loop.time() - self._due))
            self._expect()
