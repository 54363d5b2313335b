"""How recoveries went, counted: over all, by strategy, by action, by target.

Bounded by the policy's own names, and targets by a number: those past it are counted together. Knows no clock and no
lock: its owner holds one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from policy_engine.model import RecoveryStatus, RecoveryStep
from policy_engine.recover.options import Strategy
from policy_engine.recover.supervision import Refusal, Target

MAX_TARGETS = 1000
OTHER = "other"
"""Stands for the targets past the bound."""


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
    """Counts over all, by strategy, by action and by target."""

    def __init__(self, *, max_targets: int = MAX_TARGETS) -> None:
        self._max_targets = max_targets
        self._by_target: dict[Target, Tally] = {}
        self._all = Tally()
        self._by_strategy: dict[str, Tally] = {}
        self._by_action: dict[str, Counter[str]] = {}

    def started(self, strategy: Strategy, target: Target) -> None:
        """A recovery was planned and will run."""
        for tally in self._of(strategy, target):
            tally.started += 1

    def skipped(self, strategy: Strategy, target: Target, refusal: Refusal) -> None:
        """An error matched, and no recovery was started for it."""
        for tally in self._of(strategy, target):
            tally.skipped[refusal] += 1

    def ended(self, strategy: Strategy, target: Target, status: RecoveryStatus, seconds: float) -> None:
        """A recovery reached its last status after ``seconds``."""
        for tally in self._of(strategy, target):
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
                name: {
                    "succeeded": counts["succeeded"],
                    "failed": counts["failed"],
                    "success_rate": counts["succeeded"] / counts.total(),
                }
                for name, counts in sorted(self._by_action.items())
            },
            "by_target": self._targets(),
        }

    def _targets(self) -> dict[str, dict[str, Any]]:
        """By the context key that strategies name as their target, and by its value."""
        found: dict[str, dict[str, Any]] = {}
        for (key, value), tally in sorted(self._by_target.items()):
            found.setdefault(key, {})[value] = tally.to_dict()
        return found

    def _of(self, strategy: Strategy, target: Target) -> list[Tally]:
        tallies = [self._all, self._by_strategy.setdefault(strategy.name, Tally())]
        if strategy.target is not None:
            known = target in self._by_target or (target[0] != "" and len(self._by_target) < self._max_targets)
            counted = target if known else (strategy.target, OTHER)
            tallies.append(self._by_target.setdefault(counted, Tally()))
        return tallies
