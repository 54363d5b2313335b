"""What others see of a recovery: what was planned for an error, and how one stands. Frozen, JSON-ready."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from policy_engine.model import RecoveryStatus, RecoveryStep
from policy_engine.recover.supervision import Refusal


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done about one error: a recovery that waits to be started, or why there is none."""

    strategy: str
    status: RecoveryStatus
    """WAITING: to be started. SKIPPED: ``refusal`` says why."""
    recovery_id: str | None
    """Of the recovery to start; where the target is in recovery already, of that one."""
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Recovery:
    """One recovery as it stood when it was asked for."""

    id: str
    strategy: str
    target: str
    """The value of the context key that the strategy names, or the strategy's name."""
    error_id: str
    status: RecoveryStatus
    reason: str
    """Why it ended as it did, where its steps do not say."""
    attempt: int
    attempts: int
    """How many it may make."""
    steps: tuple[RecoveryStep, ...]
    """Of the attempt under way, or of the last one."""
    started: float
    """Seconds since 1970, as ``ended``."""
    ended: float | None
    seconds: float | None
    """From its start to its end, on a clock that nobody steps."""
    dry: bool
    """Whether it only shows what would have run."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        return {
            "id": self.id,
            "strategy": self.strategy,
            "target": self.target,
            "error_id": self.error_id,
            "status": self.status.value,
            "reason": self.reason,
            "attempt": self.attempt,
            "attempts": self.attempts,
            "steps": [_step(step) for step in self.steps],
            "started": _iso(self.started),
            "ended": None if self.ended is None else _iso(self.ended),
            "seconds": self.seconds,
            "dry": self.dry,
        }


def _step(step: RecoveryStep) -> dict[str, Any]:
    return {"action": step.action, "succeeded": step.succeeded, "detail": step.detail, "seconds": step.seconds}


def _iso(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat()
