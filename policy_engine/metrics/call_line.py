"""Calls that stand in line to be counted: a few dozen together cost a fraction of what each of them would alone.

Standing in line takes no lock; whoever counts holds that of the counts. What waits here is plain: no error of a call is
kept alive.
"""

from __future__ import annotations

from collections import deque

from policy_engine.metrics.costs import CallCounts
from policy_engine.metrics.rollup import MINUTE, Rollup

ENOUGH = 50
"""Calls in line that are worth counting."""


class CallLine(deque[tuple[str, float, float, bool, bool]]):
    """Each call's name, when it ended, its seconds, whether it failed, whether it was slow."""

    def count_into(self, calls: Rollup[str, CallCounts]) -> None:
        """Count all that stand in line now; the caller holds the lock of ``calls``."""
        together: dict[tuple[str, float], tuple[list[float], list[bool], list[bool]]] = {}
        for _ in range(len(self)):
            call, time, seconds, failed, slow = self.popleft()
            place = call, time // MINUTE * MINUTE
            group = together.get(place) or together.setdefault(place, ([], [], []))
            group[0].append(seconds)
            group[1].append(failed)
            group[2].append(slow)
        for (call, start), (times, failures, slows) in together.items():
            calls.at(start, call).count(times, failed=sum(failures), slow=sum(slows))
