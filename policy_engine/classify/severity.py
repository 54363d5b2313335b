"""Adjusts an error's severity by what else has happened: a burst, an outage, an hour.

Knows conditions over metrics, not how metrics are kept. Adjustments apply in file order, each to what the last left.
The error at hand counts in the conditions it is held against: with ``at_least = 10`` the tenth error is moved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policy_engine.match import Matcher, compile_matcher
from policy_engine.metrics import ERROR_COUNTS, Condition, Metric, compile_condition
from policy_engine.model import Occurrence, Severity


@dataclass(frozen=True, slots=True)
class SeverityAdjustment:
    """Moves the severity of matching errors while its condition holds; one that names no condition always does."""

    name: str
    matcher: Matcher
    condition: Condition | None
    raise_to: Severity | None
    lower_to: Severity | None
    own_share: Mapping[Metric, tuple[Matcher, float]]
    """What the error at hand adds to each metric of the condition, where it matches the metric's filters."""


def compile_adjustments(section: Sequence[Mapping[str, Any]]) -> tuple[SeverityAdjustment, ...]:
    """Compile ``[[severity.adjust]]``, in file order."""
    return tuple(_adjustment(table) for table in section)


def _adjustment(table: Mapping[str, Any]) -> SeverityAdjustment:
    condition = compile_condition(table["when"]) if "when" in table else None
    return SeverityAdjustment(
        table["name"],
        compile_matcher(table.get("match", {})),
        condition,
        Severity(table["raise_to"]) if "raise_to" in table else None,
        Severity(table["lower_to"]) if "lower_to" in table else None,
        {} if condition is None else _own_share(condition.metrics),
    )


def _own_share(metrics: Sequence[Metric]) -> Mapping[Metric, tuple[Matcher, float]]:
    return {
        metric: (compile_matcher(metric.filter_table()), 60.0 / metric.window if metric.name == "error_rate" else 1.0)
        for metric in metrics
        if metric.name in ERROR_COUNTS and metric.window is not None
    }


def adjusted_severity(
    occurrence: Occurrence,
    adjustments: Sequence[SeverityAdjustment],
    read: Callable[[Metric], float | None] | None,
) -> Severity:
    """Return the severity after all adjustments; ``read`` is ``None`` where an error may not look at windows.

    Those that moved it are named in ``adjusted_by``.
    """
    for adjustment in adjustments:
        if adjustment.condition is not None and read is None:
            continue
        if adjustment.matcher.holds(occurrence) and (read is None or holds_now(adjustment, occurrence, read)):
            severity = moved(occurrence.severity, adjustment)
            if severity is not occurrence.severity:
                occurrence.severity = severity
                occurrence.adjusted_by += (adjustment.name,)
    return occurrence.severity


def holds_now(adjustment: SeverityAdjustment, occurrence: Occurrence, read: Callable[[Metric], float | None]) -> bool:
    """Whether the adjustment's condition holds, with the error at hand counted in."""

    def including(metric: Metric) -> float | None:
        value = read(metric)
        matcher, share = adjustment.own_share.get(metric, (None, 0.0))
        return value if value is None or matcher is None or not matcher(occurrence) else value + share

    return adjustment.condition is None or adjustment.condition.holds(including)


def moved(severity: Severity, adjustment: SeverityAdjustment) -> Severity:
    """Return what the adjustment makes of a severity."""
    if adjustment.raise_to is not None and severity < adjustment.raise_to:
        return adjustment.raise_to
    if adjustment.lower_to is not None and severity > adjustment.lower_to:
        return adjustment.lower_to
    return severity
