"""A token bucket, kept as the one moment at which it will be full again (GCRA, as in ATM's traffic contracts).

Knows no clock and no threads: callers bring ``now`` and hold a lock. Exact: no rounding of a refill is ever lost.
"""

from __future__ import annotations

from typing import NamedTuple

from policy_engine.protect.limiter.options import LimiterOptions

ROUNDING = 1e-9
"""Seconds: a shorter wait is an error of the arithmetic, not of the caller."""


class Turn(NamedTuple):
    """When a call may go: in ``wait`` seconds, or not at all if not ``granted``: then ask again in ``wait``."""

    granted: bool
    wait: float


class TokenBucket:
    """Grants turns; a granted one is taken, whether its caller waits for it or gives up."""

    __slots__ = ("_full_at", "_interval", "_tolerance")

    def __init__(self, options: LimiterOptions) -> None:
        self._interval = options.per / options.calls
        self._tolerance = self._interval * (options.burst - 1)
        self._full_at = float("-inf")

    def take(self, now: float, patience: float) -> Turn:
        """Ask at ``now`` for a turn that comes within ``patience`` seconds."""
        full_at = max(self._full_at, now)
        wait = full_at - self._tolerance - now
        if wait < ROUNDING:
            wait = 0.0
        if wait > patience:
            return Turn(granted=False, wait=wait - patience)
        self._full_at = full_at + self._interval
        return Turn(granted=True, wait=wait)

    def give_back(self) -> None:
        """Take a turn back for which there was no call."""
        self._full_at -= self._interval
