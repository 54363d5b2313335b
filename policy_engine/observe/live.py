"""The counts of a running engine over time: errors and what they cost, calls, recoveries, in bounded memory.

Exact to the minute for two hours, then to the hour, then to the day: see `Rollup`. One short lock; nothing foreign runs
under it. A store answers the same questions of longer ago.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping

from policy_engine.forks import survives_fork
from policy_engine.metrics.call_line import ENOUGH, CallLine
from policy_engine.metrics.costs import CallCounts, Cost, Series, matches, other
from policy_engine.metrics.rollup import HOUR, Rollup, Window, widened
from policy_engine.metrics.sketch import Sketch
from policy_engine.model import ErrorInfo


class LiveCounts:
    """Counts what one engine handled."""

    def __init__(self, *, kinds: int, entries: int, labels: int) -> None:
        """Remember when the last ``kinds`` fingerprints were first seen, ``entries`` counts, ``labels`` call names."""
        self._max_kinds = kinds
        self._lock = threading.Lock()
        self._costs: Rollup[Series, Cost] = Rollup(Cost, entries=entries, rest=Series.rest)
        self._calls: Rollup[str, CallCounts] = Rollup(CallCounts, entries=10 * labels, rest=other)
        self._recoveries: Rollup[str, Sketch] = Rollup(Sketch, entries=10 * labels, rest=other)
        self._first_seen: OrderedDict[str, float] = OrderedDict()
        self._line = CallLine()
        survives_fork(self)

    def after_fork(self) -> None:
        """Make the lock anew in a child."""
        self._lock = threading.Lock()

    def error_handled(self, info: ErrorInfo, series: Series, time: float) -> None:
        """Count an error."""
        with self._lock:
            self._costs.at(time, series).count(info)
            first = self._first_seen.pop(series.fingerprint, time)
            if len(self._first_seen) >= self._max_kinds:
                self._first_seen.popitem(last=False)
            self._first_seen[series.fingerprint] = min(first, time)

    def charge(self, series: Series, time: float, cost: Cost) -> None:
        """Add what errors handled before have cost since."""
        with self._lock:
            self._costs.at(time, series).absorb(cost)

    def call_finished(self, call: str, time: float, seconds: float, *, failed: bool, slow: bool) -> None:
        """Count a call that was made."""
        line = self._line
        line.append((call, time, seconds, failed, slow))
        if len(line) >= ENOUGH and self._lock.acquire(blocking=False):
            try:
                line.count_into(self._calls)
            finally:
                self._lock.release()

    def call_refused(self, call: str, time: float) -> None:
        """Count a call that a protection refused."""
        with self._lock:
            self._calls.at(time, call).refused += 1

    def recovered(self, strategy: str, time: float, seconds: float) -> None:
        """Count a recovery that succeeded, ``seconds`` after its error."""
        with self._lock:
            self._recoveries.at(time, strategy).add(seconds)

    # What `answer` asks

    def aligned(self, window: Window) -> Window:
        """Return the window with its edges moved out to what can be told apart."""
        with self._lock:
            self._line.count_into(self._calls)
            for counts in (self._costs, self._calls, self._recoveries):
                window = counts.aligned(window)
        return window

    def costs(self, window: Window, by: str, where: Mapping[str, str]) -> dict[str, Cost]:
        """Return errors and costs by label."""
        found: dict[str, Cost] = {}
        with self._lock:
            for _, series, cost in self._costs.inside(window):
                if matches(series, where):
                    found.setdefault(getattr(series, by), Cost()).absorb(cost)
        return found

    def over_time(self, window: Window, by: str, where: Mapping[str, str], width: int) -> dict[str, dict[int, int]]:
        """Return errors by label and by when a stretch of ``width`` seconds begins."""
        found: dict[str, dict[int, int]] = {}
        with self._lock:
            for start, series, cost in self._costs.inside(window):
                if matches(series, where) and cost.errors:
                    counts = found.setdefault(getattr(series, by), {})
                    begin = start // width * width
                    counts[begin] = counts.get(begin, 0) + cost.errors
        return found

    def first_seen(self, fingerprints: set[str]) -> dict[str, float]:
        """Return when each was first seen, of those that are remembered."""
        with self._lock:
            return {each: self._first_seen[each] for each in fingerprints if each in self._first_seen}

    def calls(self, window: Window) -> dict[str, CallCounts]:
        """Return the counts of calls by name; how long they took, by the hours that the window touches, as a store."""
        found: dict[str, CallCounts] = {}
        with self._lock:
            self._line.count_into(self._calls)
            for _, name, counts in self._calls.inside(window):
                found.setdefault(name, CallCounts()).absorb(counts)
            times = {name: Sketch() for name in found}
            for _, name, counts in self._calls.inside(widened(window, HOUR)):
                if name in times:
                    times[name].absorb(counts.seconds)
        for name, sketch in times.items():
            found[name].seconds = sketch
        return found

    def recovery_times(self, window: Window) -> dict[str, Sketch]:
        """Return how long recoveries took, by strategy and by the hours that the window touches."""
        found: dict[str, Sketch] = {}
        with self._lock:
            for _, name, sketch in self._recoveries.inside(widened(window, HOUR)):
                found.setdefault(name, Sketch()).absorb(sketch)
        return found
