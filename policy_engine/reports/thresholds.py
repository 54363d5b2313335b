"""The error rates at which a policy's triggers come into force, where a rate of all errors is all that they ask."""

from __future__ import annotations

import math
from typing import NamedTuple

from policy_engine.degrade import DegradationOptions
from policy_engine.metrics import Span

_MINUTE = 60.0


class Threshold(NamedTuple):
    """A trigger and the rate, in errors a minute, above which it holds."""

    trigger: str
    per_minute: float


def thresholds(options: DegradationOptions) -> tuple[Threshold, ...]:
    """Return the thresholds of the service's own triggers, the lowest first."""
    known = ((trigger.name, trigger.when.span) for trigger in options.triggers)
    rates = ((name, _per_minute(span)) for name, span in known if span is not None)
    return tuple(sorted((Threshold(name, rate) for name, rate in rates if rate is not None), key=lambda each: each[1]))


def _per_minute(span: Span) -> float | None:
    metric = span.metric
    if metric.filter_table() or span.low < 0 or span.high != math.inf:
        return None
    if metric.name == "error_rate":
        return span.low
    if metric.name == "errors" and metric.window:
        return span.low * _MINUTE / metric.window
    return None
