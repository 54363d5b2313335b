"""How recoveries went, counted: over all, by strategy, by action. Bounded by the policy's own names.

Knows no clock and no lock: its owner holds one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from policy_engine.model import RecoveryStatus, RecoveryStep
from policy_engine.recover.supervision import Refusal


@dataclass(slots=True)
class Tally:
    """Counts of one strategy, or of all."""

    started: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    seconds: float = 0.0
    """Of those that succeeded."""
    skipped: Counter[Refusal] = field(default_factory=Counter)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data; rates are ``None`` where nothing ended."""
        ended = self.succeeded + self.failed
        return {
            "started": self.started,
            "succeeded": self.succeeded,
            "failed": self.failed,
            "cancelled": self.cancelled,
            "success_rate": self.succeeded / ended if ended else None,
            "mean_seconds_to_recover": self.seconds / self.succeeded if self.succeeded else None,
            "skipped": {refusal.value: count for refusal, count in sorted(self.skipped.items())},
        }


class Tallies:
    """Counts over all, by strategy and by action."""

    def __init__(self) -> None:
        self._all = Tally()
        self._by_strategy: dict[str, Tally] = {}
        self._by_action: dict[str, Counter[str]] = {}

    def started(self, strategy: str) -> None:
        """A recovery was planned and will run."""
        for tally in self._of(strategy):
            tally.started += 1

    def skipped(self, strategy: str, refusal: Refusal) -> None:
        """An error matched, and no recovery was started for it."""
        for tally in self._of(strategy):
            tally.skipped[refusal] += 1

    def ended(self, strategy: str, status: RecoveryStatus, seconds: float) -> None:
        """A recovery reached its last status after ``seconds``."""
        for tally in self._of(strategy):
            if status is RecoveryStatus.SUCCEEDED:
                tally.succeeded += 1
                tally.seconds += seconds
            elif status is RecoveryStatus.CANCELLED:
                tally.cancelled += 1
            else:
                tally.failed += 1

    def stepped(self, steps: Iterable[RecoveryStep]) -> None:
        """Steps of one attempt ended."""
        for step in steps:
            counts = self._by_action.setdefault(step.action, Counter())
            counts["succeeded" if step.succeeded else "failed"] += 1

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        return {
            **self._all.to_dict(),
            "by_strategy": {name: tally.to_dict() for name, tally in sorted(self._by_strategy.items())},
            "by_action": {
                name: {"succeeded": counts["succeeded"], "failed": counts["failed"]}
                for name, counts in sorted(self._by_action.items())
            },
        }

    def _of(self, strategy: str) -> tuple[Tally, Tally]:
        return self._all, self._by_strategy.setdefault(strategy, Tally())
