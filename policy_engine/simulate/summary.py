"""What a replay amounts to, as plain values: printed by the command, written as JSON, compared by tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy_engine.instants import iso
from policy_engine.model import BreakerChanged, LevelChanged, Severity
from policy_engine.simulate.heaviest import Kind
from policy_engine.simulate.reading import Counts


@dataclass(frozen=True, slots=True)
class InputRead:
    """One input: what its lines were, and why reading ended early where it did."""

    name: str
    counts: Counts
    problem: str


@dataclass(frozen=True, slots=True)
class Rate:
    """How errors lay in time. Times in seconds since 1970; ``None`` where no error had one."""

    first: float | None
    last: float | None
    per_minute: float | None
    peak: int
    """Errors in the busiest minute."""
    peak_minute: float | None
    """When it began."""


@dataclass(frozen=True, slots=True)
class ReplaySummary:
    """Everything a replay found out, in bounded size."""

    inputs: tuple[InputRead, ...]
    counts: Counts
    """Of all inputs together."""
    timed: int
    """Errors with a time; the others were judged alone."""
    late: int
    """Errors that lie before one that came earlier in the input; they were judged at the later one's time."""
    rate: Rate
    by_category: Mapping[str, Mapping[Severity, int]]
    retryable: int
    kinds: int
    """How many fingerprints there were."""
    most_frequent: tuple[Kind, ...]
    forgotten: int
    """Errors of kinds too rare to be kept apart."""
    rules_fired: Mapping[str, int]
    rules_silent: tuple[str, ...]
    """Rules that claimed no error, in the policy's order."""
    unclaimed: int
    """Errors that no rule claimed."""
    unclaimed_kinds: int
    """How many fingerprints those had."""
    most_frequent_unclaimed: tuple[Kind, ...]
    levels: tuple[LevelChanged, ...]
    level_changes: int
    level: str
    """At the end."""
    breakers: tuple[BreakerChanged, ...]
    breaker_changes: int
    recoveries: Mapping[str, int]
    """Recoveries that would have run, by strategy."""
    alerts: Mapping[str, int]
    """Alerts that would have been sent, by route."""
    shadow: Mapping[str, Mapping[str, int]]
    """What entries that are not enforced would have done, by their kind and name."""
    faults: int
    """Errors inside error handling."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        return {
            "inputs": [
                {"name": each.name, **_counts(each.counts), "problem": each.problem or None} for each in self.inputs
            ],
            **_counts(self.counts),
            "timed": self.timed,
            "late": self.late,
            "rate": {
                "first": iso(self.rate.first),
                "last": iso(self.rate.last),
                "per_minute": self.rate.per_minute,
                "peak": self.rate.peak,
                "peak_minute": iso(self.rate.peak_minute),
            },
            "by_category": {
                category: {severity.value: count for severity, count in by.items()}
                for category, by in self.by_category.items()
            },
            "by_severity": self.by_severity,
            "retryable": self.retryable,
            "fingerprints": self.kinds,
            "top": [_kind(kind) for kind in self.most_frequent],
            "forgotten": self.forgotten,
            "rules": {
                "fired": dict(self.rules_fired),
                "never_fired": list(self.rules_silent),
                "unclaimed": self.unclaimed,
                "unclaimed_fingerprints": self.unclaimed_kinds,
                "unclaimed_top": [_kind(kind) for kind in self.most_frequent_unclaimed],
            },
            "level": self.level,
            "level_changes": self.level_changes,
            "levels": [
                {
                    "time": iso(each.time),
                    "before": each.before,
                    "after": each.after,
                    "cause": each.cause,
                    "reason": each.reason,
                }
                for each in self.levels
            ],
            "breaker_changes": self.breaker_changes,
            "breakers": [
                {
                    "time": iso(each.time),
                    "breaker": each.breaker,
                    "before": each.before.value,
                    "after": each.after.value,
                    "reason": each.reason,
                }
                for each in self.breakers
            ],
            "recoveries": dict(self.recoveries),
            "alerts": dict(self.alerts),
            "shadow": {kind: dict(counts) for kind, counts in self.shadow.items()},
            "faults": self.faults,
        }

    @property
    def by_severity(self) -> dict[str, int]:
        """Errors by severity, worst first."""
        return {
            severity.value: sum(by.get(severity, 0) for by in self.by_category.values())
            for severity in sorted(Severity, reverse=True)
        }


def _kind(kind: Kind) -> dict[str, Any]:
    return {**kind.to_dict(), "first": iso(kind.first), "last": iso(kind.last)}


def _counts(counts: Counts) -> dict[str, Any]:
    return {
        "lines": counts.lines,
        "errors": counts.errors,
        "tracebacks": counts.tracebacks,
        "error_lines": counts.error_lines,
        "other": counts.other,
        "unparsed": counts.unparsed,
        "cut": counts.cut,
        "unread_times": counts.unread_times,
        "unread_time": counts.unread_time or None,
        "formats": dict(counts.formats),
        "unparsed_samples": [{"line": number, "text": text} for number, text in counts.samples],
    }
