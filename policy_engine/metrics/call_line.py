"""Calls that stand in line to be counted: a few dozen together cost a fraction of what each of them would alone.

Standing in line takes no lock; whoever counts holds that of the counts. What waits here is plain: no error of a call is
kept alive.
"""

from __future__ import annotations

from collections import deque
from math import inf

from policy_engine.metrics.costs import CallCounts
from policy_engine.metrics.rollup import MINUTE, Rollup

ENOUGH = 50
"""Calls in line that are worth counting."""


class CallLine(deque[tuple[str, float, float, bool, bool]]):
    """Each call's name, when it ended, its seconds, whether it failed, whether it was slow."""

    def count_into(self, calls: Rollup[str, CallCounts]) -> None:
        """Count all that stand in line now; the caller holds the lock of ``calls``."""
        together: dict[tuple[str, float], tuple[list[float], list[bool], list[bool]]] = {}
        name, start = "", inf
        for _ in range(len(self)):
            call, time, seconds, failed, slow = self.popleft()
            if call != name or not start <= time < start + MINUTE:  # nearly always as the call before
                name, start = call, time // MINUTE * MINUTE
                times, failures, slows = together.setdefault((name, start), ([], [], []))
            times.append(seconds)
            failures.append(failed)
            slows.append(slow)
        for (call, start), (times, failures, slows) in together.items():
            calls.at(start, call).count(times, failed=sum(failures), slow=sum(slows))
