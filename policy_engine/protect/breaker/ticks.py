"""A counter that threads may move without a lock, and its holder may read."""

from __future__ import annotations

from itertools import count


class Ticks:
    """Counts its calls of `tick`, exactly: ``next`` on an ``itertools.count`` is one step, whatever threads do."""

    __slots__ = ("_reads", "tick")

    def __init__(self) -> None:
        self.tick = count().__next__
        self._reads = 0

    def read(self) -> int:
        """Return the count. To read it is to move it, so reads are counted too: one at a time, under a lock."""
        self._reads += 1
        return self.tick() - self._reads + 1
