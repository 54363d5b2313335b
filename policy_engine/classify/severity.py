"""Adjusts an error's severity by what else has happened: a burst, an outage, an hour.

Knows conditions over metrics, not how metrics are kept. Adjustments apply in file order, each to what the last left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policy_engine.match import Matcher, compile_matcher
from policy_engine.metrics import Condition, Metric, compile_condition
from policy_engine.model import Occurrence, Severity


@dataclass(frozen=True, slots=True)
class SeverityAdjustment:
    """Moves the severity of matching errors while its condition holds; one that names no condition always does."""

    name: str
    matcher: Matcher
    condition: Condition | None
    raise_to: Severity | None
    lower_to: Severity | None


def compile_adjustments(section: Sequence[Mapping[str, Any]]) -> tuple[SeverityAdjustment, ...]:
    """Compile ``[[severity.adjust]]``, in file order."""
    return tuple(
        SeverityAdjustment(
            table["name"],
            compile_matcher(table.get("match", {})),
            compile_condition(table["when"]) if "when" in table else None,
            Severity(table["raise_to"]) if "raise_to" in table else None,
            Severity(table["lower_to"]) if "lower_to" in table else None,
        )
        for table in section
    )


def adjusted_severity(
    occurrence: Occurrence,
    adjustments: Sequence[SeverityAdjustment],
    read: Callable[[Metric], float | None] | None,
) -> Severity:
    """Return the severity after all adjustments; ``read`` is ``None`` where an error may not look at windows."""
    for adjustment in adjustments:
        if not adjustment.matcher(occurrence):
            continue
        if adjustment.condition is not None and (read is None or not adjustment.condition.holds(read)):
            continue
        occurrence.severity = _moved(occurrence.severity, adjustment)
    return occurrence.severity


def _moved(severity: Severity, adjustment: SeverityAdjustment) -> Severity:
    if adjustment.raise_to is not None and severity < adjustment.raise_to:
        return adjustment.raise_to
    if adjustment.lower_to is not None and severity > adjustment.lower_to:
        return adjustment.lower_to
    return severity
