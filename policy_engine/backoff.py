"""Delays that grow, and the jitter that spreads them.

Knows no clock and no policy: callers bring the attempt, the previous delay and the random source.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random


class Growth(StrEnum):
    """How a delay grows from one attempt to the next."""

    CONSTANT = "constant"
    LINEAR = "linear"
    EXPONENTIAL = "exponential"
    FIBONACCI = "fibonacci"


class Jitter(StrEnum):
    """How a delay is spread (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015)."""

    NONE = "none"
    FULL = "full"
    EQUAL = "equal"
    DECORRELATED = "decorrelated"


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds to wait before each retry: ``initial`` first, growing to ``maximum`` at the most."""

    kind: Growth = Growth.EXPONENTIAL
    initial: float = 1.0
    maximum: float = 30.0
    factor: float = 2.0
    jitter: Jitter = Jitter.NONE

    def delay(self, attempt: int, random: Random, *, previous: float | None = None) -> float:
        """Seconds to wait before retry number ``attempt`` (from 1).

        The grown delay d is ``min(maximum, growth(attempt))``. Jitter "full" draws from [0, d], "equal" from [d/2, d],
        "decorrelated" from [initial, 3 * previous], never above ``maximum``.
        """
        if self.jitter is Jitter.DECORRELATED:
            ceiling = max(self.initial, 3.0 * (self.initial if previous is None else previous))
            return min(self.maximum, random.uniform(self.initial, ceiling))
        grown = self._grown(attempt)
        if self.jitter is Jitter.FULL:
            return random.uniform(0.0, grown)
        if self.jitter is Jitter.EQUAL:
            return random.uniform(grown / 2.0, grown)
        return grown

    def _grown(self, attempt: int) -> float:
        if self.kind is Growth.CONSTANT:
            return min(self.maximum, self.initial)
        if self.kind is Growth.LINEAR:
            return min(self.maximum, self.initial * attempt)
        if self.kind is Growth.FIBONACCI:
            return self._fibonacci(attempt)
        try:
            return min(self.maximum, self.initial * self.factor ** (attempt - 1))
        except OverflowError:  # after 1,024 doublings; the maximum was reached long before
            return self.maximum if self.initial else 0.0

    def _fibonacci(self, attempt: int) -> float:
        current, following = self.initial, self.initial
        for _ in range(attempt - 1):
            if current >= self.maximum:
                break
            current, following = following, current + following
        return min(self.maximum, current)
