"""Metrics that have a value at any moment: how many circuit breakers are open.

Knows breakers by name and state alone; the engine brings them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from policy_engine.metrics.metric import Metric
from policy_engine.metrics.metric_set import Gauge
from policy_engine.model import BreakerState

_REFUSING = (BreakerState.OPEN, BreakerState.FORCED_OPEN)


def open_breakers(states: Callable[[], Mapping[str, BreakerState]]) -> Gauge:
    """Return the gauge ``open_breakers``: how many are open, or with ``share = true`` which part of them (0 to 1).

    ``breakers`` in the filter names those that count, ``"api"`` also for each ``"api[value]"``; one that is forced open
    is open. A share of no breakers at all has no value.
    """

    def gauge(wanted: Metric) -> float | None:
        table = wanted.filter_table()
        listed = table.get("breakers")
        names = {listed} if isinstance(listed, str) else set(listed or ())
        watched = [state for name, state in states().items() if not names or name.partition("[")[0] in names]
        count = sum(state in _REFUSING for state in watched)
        if not table.get("share"):
            return float(count)
        # A breaker that no call has met yet is not among the states, and is closed.
        total = max(len(names), len(watched))
        return count / total if total else None

    return gauge
