"""What a page tells, as plain values: whoever read the errors fills them in, and this room knows no reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policy_engine.classify.explanation import Explanation
from policy_engine.degrade import DegradationOptions
from policy_engine.model import ErrorInfo, Severity
from policy_engine.reports.period import Period, PeriodKind
from policy_engine.reports.timeline import Timeline


@dataclass(frozen=True, slots=True)
class KindFound:
    """Errors with one fingerprint."""

    count: int
    first: float | None
    last: float | None
    example: ErrorInfo
    explanation: Explanation
    """Why the example is what it is."""
    kind: PeriodKind | None = None
    """What a store tells of it beside."""


@dataclass(frozen=True, slots=True)
class InputFound:
    """One file that was read."""

    name: str
    lines: int
    errors: int
    unparsed: int
    formats: tuple[str, ...]
    problem: str
    """Why reading it ended early; empty where it did not."""
    samples: tuple[tuple[int, str], ...]
    """The first lines that no format knows, with their numbers."""


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything a page tells."""

    inputs: tuple[InputFound, ...]
    errors: int
    tracebacks: int
    late: int
    """Errors that lie before one that came earlier."""
    faults: int
    """Errors inside error handling."""
    by_category: Mapping[str, Mapping[Severity, int]]
    kind_count: int
    kinds: tuple[KindFound, ...]
    """The most frequent."""
    critical_kinds: tuple[KindFound, ...]
    unclaimed: int
    unclaimed_kinds: tuple[KindFound, ...]
    """What no rule claimed, the most frequent first."""
    level: str
    """At the end."""
    recoveries: Mapping[str, int]
    """Started, by strategy."""
    alerts: Mapping[str, int]
    """Sent, by route."""
    degradation: DegradationOptions
    timeline: Timeline
    period: Period | None = None
    """What a store tells beside; ``None`` of a replay."""

    @property
    def by_severity(self) -> dict[Severity, int]:
        """Errors by severity, the worst first."""
        return {
            severity: sum(by.get(severity, 0) for by in self.by_category.values())
            for severity in sorted(Severity, reverse=True)
        }
