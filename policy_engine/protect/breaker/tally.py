"""What a closed breaker counts by: failures in a row, or rates over a window.

A tally is made anew with each era. Good calls may be told to it late and together, as long as ``quiet_until`` lies
ahead: until then a good call cannot open the breaker, and which good call came when makes no difference.
"""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

from policy_engine.protect.breaker.options import BreakerOptions

GOOD = 0
FAILED = 1
SLOW = 2
"""Outcomes are sums of these: a call that failed slowly is ``FAILED | SLOW``."""


class Reading(NamedTuple):
    """The calls that count now, and how many of them failed and were slow."""

    calls: int
    failed: int
    slow: int


class Tally(Protocol):
    """What a closed breaker counts by."""

    @property
    def quiet_until(self) -> float:
        """Until when (monotonic seconds) a good call changes nothing but a count; ``-inf`` where each must be told."""

    def add_good(self, count: int) -> None:
        """Count good calls that ended while it was quiet, and before anything that is told after them."""

    def add(self, outcome: int, now: float) -> str | None:
        """Count one outcome; return why the breaker must open, or ``None``."""

    def reading(self, now: float) -> Reading:
        """Return what counts now."""

    def go_by(self, options: BreakerOptions) -> None:
        """Keep what was counted, and open by the limits of ``options`` from the next outcome on."""


class ConsecutiveFailures:
    """Opens at ``threshold`` failures with no success between them."""

    __slots__ = ("_streak", "_threshold", "quiet_until")

    def __init__(self, threshold: int) -> None:
        self._threshold = threshold
        self._streak = 0
        self.quiet_until = math.inf  # that a row has ended matters to the next failure alone

    def add_good(self, count: int) -> None:  # noqa: ARG002  one ends a row as well as ten
        """End the row."""
        self._streak = 0

    def add(self, outcome: int, now: float) -> str | None:  # noqa: ARG002  a row of failures has no age
        """Count one outcome."""
        if not outcome & FAILED:
            self.add_good(1)
            return None
        self._streak += 1
        return f"{self._streak} failures in a row" if self._streak >= self._threshold else None

    def reading(self, now: float) -> Reading:  # noqa: ARG002  a row of failures has no age
        """Return the row."""
        return Reading(self._streak, self._streak, 0)

    def go_by(self, options: BreakerOptions) -> None:
        """Open at another threshold."""
        self._threshold = options.failure_threshold


class Rates(NamedTuple):
    """When a window opens the breaker: at ``failure`` or ``slow`` of at least ``minimum`` calls."""

    failure: float
    slow: float
    minimum: int

    def verdict(self, calls: int, failed: int, slow: int) -> str | None:
        """Return why the breaker must open. Division rounds correctly, so 7 of 100 is exactly a rate of 0.07."""
        if calls < self.minimum:
            return None
        if failed / calls >= self.failure:
            return f"{failed} of {calls} calls failed"
        if slow / calls >= self.slow:
            return f"{slow} of {calls} calls were slow"
        return None
