"""Counts what a replay's engine decides and does, in bounded memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from policy_engine.compile import Policy
from policy_engine.model import (
    AlertSent,
    BreakerChanged,
    EngineFault,
    ErrorHandled,
    ErrorInfo,
    Event,
    LevelChanged,
    Severity,
    ShadowDecision,
)
from policy_engine.simulate.heaviest import HeaviestKinds
from policy_engine.simulate.reading import Counts
from policy_engine.simulate.summary import InputRead, Rate, ReplaySummary

_MINUTE = 60.0


class Tally:
    """One replay's counts; `event` and `handled` feed it, `summary` reads it."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._history = policy.bounds.history
        self._kinds = HeaviestKinds(policy.bounds.fingerprints)
        self._unclaimed = HeaviestKinds(policy.bounds.fingerprints)
        self._by_category: defaultdict[str, Counter[Severity]] = defaultdict(Counter)
        self._rules: Counter[str | None] = Counter()
        self._retryable = 0
        self._timed = 0
        self._first: float | None = None
        self._last = 0.0
        self._minute = 0.0
        self._in_minute = 0
        self._peak = 0
        self._peak_minute: float | None = None
        self._levels: list[LevelChanged] = []
        self._level_changes = 0
        self._breakers: list[BreakerChanged] = []
        self._breaker_changes = 0
        self._alerts: Counter[str] = Counter()
        self._shadow: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._faults = 0
        self.late = 0

    def handled(self, info: ErrorInfo, now: float) -> None:
        """Count one error; ``now`` is what the engine's clock says."""
        self._by_category[info.category][info.severity] += 1
        self._rules[info.rule] += 1
        self._retryable += info.retryable
        self._kinds.add(info)
        if info.rule is None:
            self._unclaimed.add(info)
        if info.time is None:
            return
        self._timed += 1
        self._first = now if self._first is None else self._first
        self._last = now
        minute = now // _MINUTE
        self._in_minute = self._in_minute + 1 if minute == self._minute else 1
        self._minute = minute
        if self._in_minute > self._peak:
            self._peak, self._peak_minute = self._in_minute, minute * _MINUTE

    def event(self, event: Event) -> None:
        """Take note of what the engine did."""
        if isinstance(event, ErrorHandled):
            return  # `handled` counts it, which knows its time; the most frequent event by far
        if isinstance(event, LevelChanged):
            self._level_changes += 1
            if len(self._levels) < self._history:
                self._levels.append(event)
        elif isinstance(event, BreakerChanged):
            self._breaker_changes += 1
            if len(self._breakers) < self._history:
                self._breakers.append(event)
        elif isinstance(event, AlertSent):
            self._alerts[event.route] += 1
        elif isinstance(event, ShadowDecision):
            self._shadow[event.kind][event.name] += 1
        elif isinstance(event, EngineFault):
            self._faults += 1

    def summary(
        self, inputs: Sequence[InputRead], *, level: str, recoveries: Mapping[str, int], top: int
    ) -> ReplaySummary:
        """Return the counts as they are now, beside what the engine itself knows."""
        counts = Counts()
        for each in inputs:
            counts.add(each.counts)
        names = [rule.name for rule in self._policy.rules]
        return ReplaySummary(
            inputs=tuple(inputs),
            counts=counts,
            timed=self._timed,
            late=self.late,
            rate=self._rate(),
            by_category={category: dict(by) for category, by in sorted(self._by_category.items())},
            retryable=self._retryable,
            kinds=self._kinds.count,
            most_frequent=tuple(self._kinds.most_frequent(top)),
            forgotten=self._kinds.forgotten,
            rules_fired={name: count for name, count in self._rules.most_common() if name is not None},
            rules_silent=tuple(name for name in names if name not in self._rules),
            unclaimed=self._rules[None],
            unclaimed_kinds=self._unclaimed.count,
            most_frequent_unclaimed=tuple(self._unclaimed.most_frequent(top)),
            levels=tuple(self._levels),
            level_changes=self._level_changes,
            level=level,
            breakers=tuple(self._breakers),
            breaker_changes=self._breaker_changes,
            recoveries=dict(recoveries),
            alerts=dict(self._alerts.most_common()),
            shadow={kind: dict(counts.most_common()) for kind, counts in sorted(self._shadow.items())},
            faults=self._faults,
        )

    def _rate(self) -> Rate:
        if self._first is None:
            return Rate(None, None, None, 0, None)
        minutes = max(self._last - self._first, _MINUTE) / _MINUTE
        return Rate(self._first, self._last, self._timed / minutes, self._peak, self._peak_minute)
