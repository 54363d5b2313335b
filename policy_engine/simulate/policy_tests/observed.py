"""What was seen while a case ran: by step, and since the beginning.

Hears the engine's events and is told of calls; decides nothing. What an event belongs to is the step under way when it
came.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from policy_engine.model import (
    AlertSent,
    BreakerChanged,
    EngineFault,
    ErrorHandled,
    ErrorInfo,
    Event,
    LevelChanged,
    RecoveryChanged,
)
from policy_engine.simulate.policy_tests.coverage import Coverage

_MOST_KEPT = 1000


@dataclass(slots=True)
class StepRecord:
    """What happened in one step."""

    allowed: int = 0
    refused: int = 0
    failed: int = 0
    succeeded: int = 0
    retries: int = 0
    delays: list[float] = field(default_factory=list)
    """Of the last call: seconds from the end of an attempt to the beginning of the next."""
    info: ErrorInfo | None = None
    """The last error."""
    alerts: list[AlertSent] = field(default_factory=list)
    """As many as are worth comparing one by one."""
    alert_count: int = 0


class Observed:
    """The records of one case."""

    def __init__(self, steps: int, coverage: Coverage) -> None:
        self.steps = [StepRecord() for _ in range(steps)]
        self.step = self.steps[0]
        """The one under way."""
        self.info: ErrorInfo | None = None
        """The last error of all."""
        self.errors = 0
        self.alerts = 0
        self.level_changes = 0
        self.breaker_changes: list[BreakerChanged] = []
        self.breaker_change_count = 0
        self.categories: Counter[str] = Counter()
        self.severities: Counter[str] = Counter()
        self.recoveries: dict[str, None] = {}
        self.faults: list[EngineFault] = []
        self._coverage = coverage

    @property
    def last_recovery(self) -> str | None:
        """The id of the recovery that started last."""
        return next(reversed(self.recoveries), None)

    def total(self, name: str) -> int:
        """The sum of a count over all steps."""
        return sum(getattr(step, name) for step in self.steps)

    def event(self, event: Event) -> None:
        """Take note of what the engine did."""
        if isinstance(event, ErrorHandled):
            self._error(event.info)
        elif isinstance(event, BreakerChanged):
            self.breaker_change_count += 1
            self._coverage.breaker_changed(event)
            if len(self.breaker_changes) < _MOST_KEPT:
                self.breaker_changes.append(event)
        elif isinstance(event, AlertSent):
            self._alert(event)
        elif isinstance(event, LevelChanged):
            self.level_changes += not event.component
            self._coverage.triggers.add(event.cause)
        elif isinstance(event, RecoveryChanged):
            self.recoveries.setdefault(event.recovery_id)
            self._coverage.strategies.add(event.strategy)
        elif isinstance(event, EngineFault):
            self.faults.append(event)

    def _error(self, info: ErrorInfo) -> None:
        self.info = self.step.info = info
        self.errors += 1
        self.categories[info.category] += 1
        self.severities[info.severity] += 1
        if info.rule is not None:
            self._coverage.rules.add(info.rule)

    def _alert(self, alert: AlertSent) -> None:
        self.alerts += 1
        self.step.alert_count += 1
        self._coverage.routes.add(alert.route)
        if len(self.step.alerts) < _MOST_KEPT:
            self.step.alerts.append(alert)
