"""Spans: the values of one metric for which something stays true, as two numbers to compare with.

A comparison holds within a span, and where it does not hold is a span too, as long as it has one end. So whoever waits
for a change of mind need not evaluate anything: two comparisons of a number tell that there was none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from policy_engine.metrics.metric import Metric


class Span(NamedTuple):
    """The values of ``metric`` above ``low`` and below ``high``, neither included."""

    metric: Metric
    low: float = -math.inf
    high: float = math.inf

    def outside(self) -> Span | None:
        """Return all other values; ``None`` where they lie on both sides."""
        if self.low == -math.inf:
            return Span(self.metric, low=math.nextafter(self.high, -math.inf))
        if self.high == math.inf:
            return Span(self.metric, high=math.nextafter(self.low, math.inf))
        return None


def span_of(compared: Metric, limits: Iterable[tuple[str, float]]) -> Span:
    """Return where all ``limits`` are kept: ``((">", 30.0),)``."""
    low, high = -math.inf, math.inf
    for sign, limit in limits:
        if sign == ">":
            low = max(low, limit)
        elif sign == ">=":
            low = max(low, math.nextafter(limit, -math.inf))
        elif sign == "<":
            high = min(high, limit)
        else:
            high = min(high, math.nextafter(limit, math.inf))
    return Span(compared, low, high)
