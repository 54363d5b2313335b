"""The counters behind a policy's metrics: fed by errors, calls and recoveries, read by conditions.

One `MetricSet` belongs to one compiled policy; a reload makes another, which carries over the counters of the metrics
that stayed. Rules: one short lock, held while counters move and never while a matcher or a gauge runs; an error touches
only counters whose category it can have; a metric that nobody supplies has no value, nor has one whose gauge raises.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from policy_engine.forks import survives_fork
from policy_engine.metrics.arrangement import arrange
from policy_engine.metrics.metric import Metric
from policy_engine.metrics.windows import SlidingCount, add_to_all
from policy_engine.model import Occurrence

Gauge = Callable[[Metric], float | None]
"""Returns a metric's value at this moment; its filters are in ``metric.filter_table()``."""
FaultHandler = Callable[[str, BaseException], None]


class MetricSet:
    """Measures ``metrics``, and no others. A gauge that raises is reported to ``on_fault``."""

    def __init__(self, metrics: Iterable[Metric], *, on_fault: FaultHandler) -> None:
        self._metrics = frozenset(metrics)
        self._on_fault = on_fault
        self._lock = threading.Lock()
        self._gauges: dict[str, Gauge] = {}
        self._arrangement = arrange(self._metrics, {})
        self.counts_calls = bool(self._arrangement.calls)
        """Whether any metric counts calls: `call_finished` does nothing where none does."""
        survives_fork(self)

    def error_handled(self, occurrence: Occurrence, now: float) -> tuple[Metric, ...]:
        """Count an error; returns the metrics that took notice.

        A refusal is no error, and an error without a time feeds no window.
        """
        if occurrence.time is None or occurrence.refusal:
            return ()
        arrangement = self._arrangement
        counters, touched, tested = arrangement.errors_of.get(occurrence.category, arrangement.errors_of_others)
        for matches, counter, readers in tested:
            if matches(occurrence):
                counters, touched = (*counters, counter), touched + readers
        if counters:
            with self._lock:
                add_to_all(counters, now)
        return touched

    def call_finished(
        self, call: str, seconds: float, *, failed: bool, slow: bool, now: float, breaker: str = ""
    ) -> None:
        """Count a call and how it ended; ``slow`` is the verdict of its protection."""
        outcome = {"calls": True, "failures": failed, "slow_calls": slow}
        with self._lock:
            for kind, calls, breakers, longer_than, counter in self._arrangement.calls:
                counted = outcome[kind] if longer_than is None else seconds > longer_than
                if counted and (not calls or call in calls) and (not breakers or breaker in breakers):
                    counter.add(now)

    def recovery_failed(self, strategy: str, now: float) -> None:
        """Count a recovery that failed or gave up."""
        with self._lock:
            for strategies, counter in self._arrangement.recoveries:
                if not strategies or strategy in strategies:
                    counter.add(now)

    def supply(self, name: str, gauge: Gauge) -> None:
        """Let ``gauge`` give the values of the metrics called ``name``."""
        self._gauges = {**self._gauges, name: gauge}

    def withdraw(self, name: str) -> None:
        """Let nobody give the values of the metrics called ``name`` any more."""
        self._gauges = {each: gauge for each, gauge in self._gauges.items() if each != name}

    def read(self, wanted: Metric, now: float) -> float | None:
        """Return the value at ``now``; ``None`` where there is no data, as for a ratio without calls."""
        return self.read_all((wanted,), now)[wanted]

    def read_all(self, wanted: Iterable[Metric], now: float) -> dict[Metric, float | None]:
        """Return the values of several metrics, all of one moment."""
        arrangement = self._arrangement
        counts, ratios = arrangement.counts, arrangement.ratios
        values: dict[Metric, float | None] = {}
        gauges = []
        with self._lock:
            for each in wanted:
                scaled = counts.get(each)
                if scaled is not None:
                    counter, factor = scaled
                    # Nearly always; a hundred are read at a time, so this spares a call for each.
                    values[each] = (counter.count if now < counter.until else counter.total(now)) * factor
                elif each in ratios:
                    values[each] = _quotient(*ratios[each], now)
                else:
                    gauges.append(each)
        for each in dict.fromkeys(gauges):
            values[each] = self._gauge(each)
        return values

    def carry_over(self, old: MetricSet) -> None:
        """Take the counters that ``old`` kept for the same metrics, and its gauges; call it before this set is used."""
        # The lock goes along with the counters: an error on its way may still hold the old set.
        self._lock = old._lock
        self._gauges = {**old._gauges, **self._gauges}
        self._arrangement = arrange(self._metrics, old._arrangement.counters)

    def after_fork(self) -> None:
        """Make the lock anew in a child."""
        self._lock = threading.Lock()

    def _gauge(self, wanted: Metric) -> float | None:
        gauge = self._gauges.get(wanted.name)
        if gauge is None:
            return None
        try:
            value = gauge(wanted)
            # What no number can be compared with must fail here, not in the condition.
            return value if value is None or isinstance(value, int | float) else float(value)
        except Exception as error:  # noqa: BLE001  a plugin's metric must not reach the error being handled
            self._on_fault(f'the metric "{wanted.name}"', error)
            return None


def _quotient(counted: SlidingCount, among: SlidingCount, now: float) -> float | None:
    events = among.total(now)
    return min(1.0, counted.total(now) / events) if events else None
