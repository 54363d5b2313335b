"""The plainest tally: failures in a row.

A tally is what a closed breaker counts by; it is made anew with each era. Good calls may be told late and together,
as long as `quiet_until` lies ahead: until then a good call cannot open the breaker.
"""

from __future__ import annotations

import math
from typing import Protocol

GOOD = 0
FAILED = 1
SLOW = 2
"""Outcomes are sums of these: a call that failed slowly is ``FAILED | SLOW``."""


class Tally(Protocol):
    """What a closed breaker counts by."""

    @property
    def quiet_until(self) -> float:
        """Until when (monotonic seconds) a good call changes nothing but a count; ``-inf`` where each must be told."""

    def add_good(self, count: int) -> None:
        """Count good calls that ended while it was quiet, and before anything that is told after them."""

    def add(self, outcome: int, now: float) -> str | None:
        """Count one outcome; return why the breaker must open, or ``None``."""


class ConsecutiveFailures:
    """Opens at ``threshold`` failures with no success between them."""

    __slots__ = ("_streak", "_threshold", "quiet_until")

    def __init__(self, threshold: int) -> None:
        self._threshold = threshold
        self._streak = 0
        self.quiet_until = math.inf

    def add_good(self, count: int) -> None:  # noqa: ARG002  one ends a row as well as ten
        """End the row."""
        self._streak = 0
        self.quiet_until = math.inf

    def add(self, outcome: int, now: float) -> str | None:  # noqa: ARG002  a row of failures has no age
        """Count one outcome."""
        if not outcome & FAILED:
            self.add_good(1)
            return None
        self._streak += 1
        self.quiet_until = -math.inf
        return f"{self._streak} failures in a row" if self._streak >= self._threshold else None
