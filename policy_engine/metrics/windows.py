"""Counts over a sliding window, in constant memory and constant time.

Knows no clock: callers bring ``now`` (monotonic seconds) and hold the lock. The window is a ring of 60 buckets, so its
resolution is a sixtieth: what is older than the window is never counted, what is younger than 59/60 of it always is.
"""

from __future__ import annotations

from collections.abc import Iterable

BUCKETS = 60


class SlidingCount:
    """How often something happened in the last ``window`` seconds.

    ``count`` is the answer as long as ``now < until``; past that, ask `total`.
    """

    __slots__ = ("_bucket", "_buckets", "_newest", "_per_second", "count", "until")

    def __init__(self, window: float) -> None:
        self._per_second = BUCKETS / window
        self._buckets = [0] * BUCKETS
        self._bucket = -1
        self._newest = 0
        self.count = 0
        self.until = 0.0

    def add(self, now: float) -> None:
        """Count one more."""
        # A caller that read its clock before another one counts in the newest bucket: time does not run backwards.
        if now >= self.until:
            self._begin_bucket(now)
        self._newest += 1
        self.count += 1

    def total(self, now: float) -> int:
        """Return the count of the window that ends at ``now``."""
        if now >= self.until:
            self._begin_bucket(now)
        return self.count

    def _begin_bucket(self, now: float) -> None:
        """Put the newest bucket into the ring and begin that of ``now``: each bucket is emptied once a turn."""
        bucket = max(int(now * self._per_second), self._bucket + 1)
        passed = bucket - self._bucket
        if passed >= BUCKETS:
            self._buckets = [0] * BUCKETS
            self.count = 0
        else:
            self._buckets[self._bucket % BUCKETS] = self._newest
            for old in range(self._bucket + 1, bucket + 1):
                self.count -= self._buckets[old % BUCKETS]
                self._buckets[old % BUCKETS] = 0
        self._newest = 0
        self._bucket = bucket
        self.until = (bucket + 1) / self._per_second


def add_to_all(counters: Iterable[SlidingCount], now: float) -> None:
    """`SlidingCount.add` for several at once, without a call for each."""
    for counter in counters:
        if now >= counter.until:
            counter._begin_bucket(now)  # noqa: SLF001  the same module
        counter._newest += 1  # noqa: SLF001
        counter.count += 1
