"""A period of a store as the findings that a page tells: its timeline drawn from counts, its examples explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from policy_engine.compile import Policy
from policy_engine.metrics.rollup import Window
from policy_engine.model import AlertSent, BreakerChanged, BreakerState, LevelChanged, RecoveryStatus, Severity
from policy_engine.observe.answers import Question
from policy_engine.reports.explained import explained
from policy_engine.reports.findings import Findings, KindFound
from policy_engine.reports.period import Period, PeriodKind
from policy_engine.reports.timeline import Timeline
from policy_engine.store import WIDTHS, Change, Reader

_BARS = 300
"""Stretches that a timeline is made of, at the most."""


def period_findings(reader: Reader, period: Period, policy: Policy, asked: Question, *, most: int) -> Findings:
    """Return what a page tells of a period; ``policy`` explains, and knows the levels.

    Raises:
        StoreError: the store cannot be read.
    """
    timeline = _timeline(reader, period, asked.where)
    level = next((each.after for each in reversed(period.changes) if each.what == "level" and not each.name), None)
    critical = reader.costs(period.window, "fingerprint", {**asked.where, "severity": Severity.CRITICAL.value})
    unclaimed = reader.costs(period.window, "fingerprint", {**asked.where, "rule": ""})
    kinds = {kind.fingerprint: kind for kind in period.kinds}
    return Findings(
        inputs=(),
        errors=period.errors,
        tracebacks=0,
        late=0,
        faults=0,
        by_category=_by_severity(period.severities),
        kind_count=period.kind_count,
        kinds=_found(list(period.kinds)[:most], policy),
        critical_kinds=_found([kinds[name] for name in kinds if name in critical][:most], policy),
        unclaimed=sum(cost.errors for cost in unclaimed.values()),
        unclaimed_kinds=_found([kinds[name] for name in kinds if name in unclaimed][:most], policy),
        level=level or _level_before(reader, period.window) or policy.degradation.levels[0],
        recoveries=Counter(each.strategy for each in period.recoveries),
        alerts=Counter(change.name for change in period.changes if change.what == "alert"),
        degradation=policy.degradation,
        timeline=timeline,
        period=period,
    )


def _timeline(reader: Reader, period: Period, where: Mapping[str, str]) -> Timeline:
    window = period.window
    width = next((each for each in WIDTHS if (window.until - window.since) / each <= _BARS), WIDTHS[-1])
    timeline = Timeline(width=width)
    for start, category, type_, errors in reader.timeline(window, where, width):
        timeline.counted(start, category, type_, errors)
    for change in period.changes:
        _tell(timeline, change)
    for recovery in period.recoveries:
        timeline.recoveries.add(recovery.time, recovery.strategy)
        status = RecoveryStatus(recovery.status)
        if status.finished:
            timeline.outcomes[recovery.strategy, status] += 1
    return timeline


def _tell(timeline: Timeline, change: Change) -> None:
    if change.what == "level":
        timeline.event(
            LevelChanged(change.time, change.before, change.after, "", change.reason, {}, component=change.name)
        )
    elif change.what == "breaker":
        before, after = BreakerState(change.before), BreakerState(change.after)
        timeline.event(BreakerChanged(change.time, change.name, before, after, change.reason))
    elif change.what == "alert":
        timeline.event(AlertSent(change.time, change.name, change.after, change.reason, 0, None))


def _level_before(reader: Reader, window: Window) -> str | None:
    """The service's level when the window began, as far as the store remembers."""
    earlier = reader.changes(Window(0.0, window.since), 1000)
    return next((each.after for each in reversed(earlier) if each.what == "level" and not each.name), None)


def _by_severity(counts: Mapping[tuple[str, str], int]) -> dict[str, dict[Severity, int]]:
    found: dict[str, dict[Severity, int]] = {}
    for (category, severity), errors in counts.items():
        found.setdefault(category, {})[Severity(severity)] = errors
    return found


def _found(kinds: list[PeriodKind], policy: Policy) -> tuple[KindFound, ...]:
    return tuple(
        KindFound(kind.errors, kind.first, kind.last, kind.example, explained(kind.example, policy), kind)
        for kind in kinds
        if kind.example is not None
    )
