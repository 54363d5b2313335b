"""What errors are counted by and what they cost, and the counts of calls: values that add up over any stretch of time.

Used by the counts of a running engine and by the store alike, so that both answer the same questions in the same words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from policy_engine.metrics.sketch import Sketch
from policy_engine.model import ErrorInfo, Occurrence

OTHER = "other"
"""The label of what is past a bound."""


def other(_: str) -> str:
    """Return what a name is counted under where there is no room for another one."""
    return OTHER


class Series(NamedTuple):
    """Everything that errors are counted by."""

    fingerprint: str
    type: str
    category: str
    severity: str
    module: str
    rule: str
    """Empty where no rule claimed the error."""

    def rest(self) -> Series:
        """Return what this series is counted under where there is no room for another one."""
        return Series(OTHER, OTHER, self.category, self.severity, OTHER, OTHER)


LABELS = ("category", "severity", "module", "rule", "type", "fingerprint")
"""What people may group and select errors by."""


def series_of(error: ErrorInfo | Occurrence) -> Series:
    """Return what a classified error is counted by."""
    return Series(error.fingerprint, error.type, error.category, error.severity.value, error.module, error.rule or "")


def matches(series: Series, where: Mapping[str, str]) -> bool:
    """Whether a series has all labels that ``where`` asks for."""
    return all(getattr(series, label) == value for label, value in where.items())


@dataclass(slots=True)
class Cost:
    """How many errors there were, and what they cost. Durations in seconds."""

    errors: int = 0
    handling_seconds: float = 0.0
    """What handling them took."""
    call_seconds: float = 0.0
    """How long the protected calls took that failed with them."""
    retries: int = 0
    refused_calls: int = 0
    """Calls of the same target that its protection refused afterwards."""
    degraded_seconds: float = 0.0
    """How long the service, or a component, was below its best level because of them."""
    recovery_seconds: float = 0.0
    """How long the recoveries took that they started."""

    def count(self, info: ErrorInfo) -> None:
        """Count one error."""
        self.errors += 1
        self.handling_seconds += info.handling_seconds
        self.retries += info.retries
        if info.call_seconds is not None:
            self.call_seconds += info.call_seconds

    def absorb(self, other: Cost) -> None:
        """Add what another one holds."""
        self.errors += other.errors
        self.handling_seconds += other.handling_seconds
        self.call_seconds += other.call_seconds
        self.retries += other.retries
        self.refused_calls += other.refused_calls
        self.degraded_seconds += other.degraded_seconds
        self.recovery_seconds += other.recovery_seconds

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data, without the number of errors."""
        return {
            "handling_seconds": self.handling_seconds,
            "call_seconds": self.call_seconds,
            "retries": self.retries,
            "refused_calls": self.refused_calls,
            "degraded_seconds": self.degraded_seconds,
            "recovery_seconds": self.recovery_seconds,
        }


@dataclass(slots=True)
class CallCounts:
    """How the calls of one target ended; ``seconds`` is how long those took that were made."""

    calls: int = 0
    failed: int = 0
    slow: int = 0
    refused: int = 0
    seconds: Sketch = field(default_factory=Sketch)

    def count(self, seconds: Sequence[float], *, failed: int, slow: int) -> None:
        """Count calls that were made, by how long each took, and how many of them failed or were slow."""
        self.calls += len(seconds)
        self.failed += failed
        self.slow += slow
        self.seconds.add_all(seconds)

    def absorb(self, other: CallCounts) -> None:
        """Add what another one holds."""
        self.calls += other.calls
        self.failed += other.failed
        self.slow += other.slow
        self.refused += other.refused
        self.seconds.absorb(other.seconds)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data; ``error_ratio`` is ``None`` where no call was made."""
        return {
            "calls": self.calls,
            "failed": self.failed,
            "slow": self.slow,
            "refused": self.refused,
            "error_ratio": self.failed / self.calls if self.calls else None,
            "seconds": self.seconds.quantiles(),
        }
