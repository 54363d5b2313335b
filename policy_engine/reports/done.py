"""What was tried in a period and what it cost, in rows that a page and a Markdown text share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policy_engine.metrics.costs import Cost
from policy_engine.model import BreakerState
from policy_engine.reports.period import Period, PeriodKind
from policy_engine.reports.words import duration, many
from policy_engine.store import Change

MOST = 12
"""Rows of one list."""
_HELD_OPEN = (BreakerState.OPEN.value, BreakerState.FORCED_OPEN.value)


@dataclass(frozen=True, slots=True)
class Tried:
    """The recoveries of one strategy."""

    strategy: str
    started: int
    by_status: Sequence[tuple[str, int]]
    """The most frequent first."""
    median: float | None
    """Seconds from the error to its recovery, of those that succeeded; ``None`` where that is not known."""


@dataclass(frozen=True, slots=True)
class BreakerMoved:
    """A circuit breaker that changed its state."""

    name: str
    opened: int
    """How often it opened, or was held open."""
    first: Change
    last: Change


def tried(period: Period) -> list[Tried]:
    """Return what was tried, the most frequent first."""
    statuses: dict[str, Counter[str]] = {}
    for recovery in period.recoveries:
        statuses.setdefault(recovery.strategy, Counter())[recovery.status] += 1
    return [
        Tried(name, counts.total(), counts.most_common(), _median(period, name))
        for name, counts in sorted(statuses.items(), key=lambda item: (-item[1].total(), item[0]))
    ]


def levels_moved(period: Period) -> list[Change]:
    """Return the first changes of levels, in order of time."""
    return [change for change in period.changes if change.what == "level"][:MOST]


def breakers_moved(period: Period) -> list[BreakerMoved]:
    """Return the circuit breakers that moved, those that opened most often first."""
    changes: dict[str, list[Change]] = {}
    for change in period.changes:
        if change.what == "breaker":
            changes.setdefault(change.name, []).append(change)
    moved = [
        BreakerMoved(name, sum(change.after in _HELD_OPEN for change in found), found[0], found[-1])
        for name, found in changes.items()
    ]
    return sorted(moved, key=lambda each: (-each.opened, each.name))[:MOST]


def costly(period: Period) -> list[PeriodKind]:
    """Return the kinds of error that cost the service most: by time degraded, calls refused, time in calls."""
    ranked = sorted(period.kinds, key=lambda kind: _weight(kind.cost), reverse=True)
    return [kind for kind in ranked if any(_weight(kind.cost))][:MOST]


def cost_in_words(cost: Cost) -> Iterator[str]:
    """Yield what errors cost, each part that is not nothing."""
    if cost.degraded_seconds:
        yield f"{duration(cost.degraded_seconds)} degraded"
    if cost.refused_calls:
        yield f"{many(cost.refused_calls, 'call')} refused"
    if cost.retries:
        yield many(cost.retries, "retry", "retries")
    if cost.call_seconds:
        yield f"{duration(cost.call_seconds)} in calls that failed"
    if cost.recovery_seconds:
        yield f"{duration(cost.recovery_seconds)} in recoveries"
    if cost.handling_seconds:
        yield f"{duration(cost.handling_seconds)} to handle them"


def compared(now: int, before: int) -> str:
    """``"3.4 times as many as before"``, in words."""
    if not before:
        return "none before" if now else "none, and none before"
    if not now:
        return f"{before:,} before"
    factor = now / before
    if 0.8 <= factor <= 1.25:
        return f"about as many as before ({before:,})"
    return f"{factor:.2g} times the {before:,} before"


def _median(period: Period, strategy: str) -> float | None:
    sketch = period.recovery_times.get(strategy)
    quantiles = None if sketch is None else sketch.quantiles()
    return None if quantiles is None else quantiles["p50"]


def _weight(cost: Cost) -> tuple[float, int, float, int, float]:
    return cost.degraded_seconds, cost.refused_calls, cost.call_seconds, cost.retries, cost.recovery_seconds
