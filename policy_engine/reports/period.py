"""What a store tells of a stretch of time, as plain values: what failed, how it changed, what was tried, what it cost.

Asks a `Reader` a few questions, each answered from counts; no error is read one by one, however many there were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policy_engine.instants import iso
from policy_engine.metrics.costs import CallCounts, Cost
from policy_engine.metrics.rollup import Window
from policy_engine.metrics.sketch import Sketch
from policy_engine.model import ErrorInfo
from policy_engine.observe.answers import Question, new_and_returning
from policy_engine.store import Change, Reader, StoredKind, StoredRecovery

MOST_CHANGES = 1000
"""Levels, breakers, alerts and recoveries that a period holds at the most."""


@dataclass(frozen=True, slots=True)
class PeriodKind:
    """Errors of one fingerprint in a period."""

    fingerprint: str
    errors: int
    before: int
    """In the period of the same length before it."""
    cost: Cost
    first: float | None
    """When it was first seen at all; ``None`` where the store knows no example of it."""
    last: float | None
    example: ErrorInfo | None
    """The newest one."""
    is_new: bool
    """Whether it was first seen in the period."""
    is_returning: bool
    """Whether it was seen before, but not in the period of the same length before this one."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        return {
            "fingerprint": self.fingerprint,
            "errors": self.errors,
            "errors_before": self.before,
            "new": self.is_new,
            "returning": self.is_returning,
            "first": iso(self.first),
            "last": iso(self.last),
            "impact": self.cost.to_dict(),
            "example": None if self.example is None else self.example.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time, and the one of the same length before it."""

    window: Window
    errors: int
    before: int
    """Errors in the period before."""
    cost: Cost
    categories: Mapping[str, tuple[int, int]]
    """Errors by category, now and in the period before."""
    severities: Mapping[tuple[str, str], int]
    """Errors by category and severity."""
    kinds: Sequence[PeriodKind]
    """The most frequent first."""
    kind_count: int
    new: int
    returning: int
    calls: Mapping[str, CallCounts]
    recovery_times: Mapping[str, Sketch]
    recoveries: Sequence[StoredRecovery]
    changes: Sequence[Change]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        return {
            "since": iso(self.window.since),
            "until": iso(self.window.until),
            "errors": self.errors,
            "errors_before": self.before,
            "impact": self.cost.to_dict(),
            "by_category": {name: {"errors": now, "errors_before": b} for name, (now, b) in self.categories.items()},
            "fingerprints": self.kind_count,
            "new": self.new,
            "returning": self.returning,
            "kinds": [kind.to_dict() for kind in self.kinds],
            "calls": {name: counts.to_dict() for name, counts in self.calls.items()},
            "recovery_seconds": {name: sketch.quantiles() for name, sketch in self.recovery_times.items()},
            "recoveries": [recovery.to_dict() for recovery in self.recoveries],
            "changes": [change.to_dict() for change in self.changes],
        }


def period_of(reader: Reader, asked: Question, *, most: int) -> Period:
    """Return what a store tells of the window asked for, with an example of each of the ``most`` frequent kinds.

    Raises:
        StoreError: the store cannot be read.
    """
    window, where = reader.aligned(asked.window), asked.where
    by_kind = reader.costs(window, "fingerprint", where)
    kinds_before = reader.costs(window.before, "fingerprint", where)
    by_category = reader.costs(window, "category", where)
    before = reader.costs(window.before, "category", where)
    ordered = sorted(by_kind, key=lambda name: (-by_kind[name].errors, name))
    known = reader.kinds(ordered[:most])
    new, returning = new_and_returning(reader.first_seen(set(ordered)), by_kind, kinds_before, window.since)
    total = Cost()
    for cost in by_kind.values():
        total.absorb(cost)
    return Period(
        window=window,
        errors=total.errors,
        before=sum(cost.errors for cost in before.values()),
        cost=total,
        categories={
            name: (by_category[name].errors if name in by_category else 0, before[name].errors if name in before else 0)
            for name in sorted(by_category.keys() | before.keys(), key=lambda each: _most_first(by_category, each))
        },
        severities=reader.matrix(window, where),
        kinds=tuple(
            _kind(name, by_kind[name], kinds_before.get(name), known.get(name), new=name in new, back=name in returning)
            for name in ordered[:most]
        ),
        kind_count=len(ordered),
        new=len(new),
        returning=len(returning),
        calls=reader.calls(window),
        recovery_times=reader.recovery_times(window),
        recoveries=reader.recoveries(window, MOST_CHANGES),
        changes=reader.changes(window, MOST_CHANGES),
    )


def _most_first(costs: Mapping[str, Cost], name: str) -> tuple[int, str]:
    return -(costs[name].errors if name in costs else 0), name


def _kind(
    fingerprint: str, cost: Cost, before: Cost | None, known: StoredKind | None, *, new: bool, back: bool
) -> PeriodKind:
    return PeriodKind(
        fingerprint=fingerprint,
        errors=cost.errors,
        before=0 if before is None else before.errors,
        cost=cost,
        first=None if known is None else known.first,
        last=None if known is None else known.last,
        example=None if known is None else ErrorInfo.from_dict(known.example),
        is_new=new,
        is_returning=back,
    )
