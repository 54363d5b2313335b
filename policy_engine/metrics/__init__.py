"""Windows and counters over errors and calls, and the conditions that policies state over them."""

from policy_engine.metrics.conditions import Condition, compile_comparison, compile_condition, has_comparison
from policy_engine.metrics.gauges import open_breakers
from policy_engine.metrics.loop_lag import LoopLag
from policy_engine.metrics.metric import ERROR_COUNTS, EVENT_COUNTS, Metric, metric
from policy_engine.metrics.metric_set import Gauge, MetricSet
from policy_engine.metrics.process import ProcessExtraMissingError, ProcessGauges
from policy_engine.metrics.spans import Span
from policy_engine.metrics.windows import SlidingCount

__all__ = [
    "ERROR_COUNTS",
    "EVENT_COUNTS",
    "Condition",
    "Gauge",
    "LoopLag",
    "Metric",
    "MetricSet",
    "ProcessExtraMissingError",
    "ProcessGauges",
    "SlidingCount",
    "Span",
    "compile_comparison",
    "compile_condition",
    "has_comparison",
    "metric",
    "open_breakers",
]
