"""What others see of a recovery: what was planned for an error, how one stands, the event that tells it.

Frozen, JSON-ready; made from a `Run` under the lock of its owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from policy_engine.instants import iso
from policy_engine.model import Occurrence, RecoveryChanged, RecoveryStatus, RecoveryStep
from policy_engine.recover.run import Run
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
    follows: Occurrence | None = None
    """The error, where something failed that the recovery under way has just made: it is planned once that ended."""


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
            "started": iso(self.started),
            "ended": iso(self.ended),
            "seconds": self.seconds,
            "dry": self.dry,
        }


def view_of(run: Run, *, dry: bool) -> Recovery:
    """Return how ``run`` stands."""
    return Recovery(
        id=run.id,
        strategy=run.strategy.name,
        target=run.target[1],
        error_id=run.info.id if run.info else "",
        status=run.status,
        reason=run.reason,
        attempt=run.attempt,
        attempts=run.strategy.attempts,
        steps=tuple(run.steps),
        started=run.started,
        ended=run.ended,
        seconds=None if run.ended_at is None else run.ended_at - run.started_at,
        dry=dry,
    )


def event_of(run: Run, time: float) -> RecoveryChanged:
    """Return the event that tells how ``run`` stands."""
    return RecoveryChanged(
        time=time,
        recovery_id=run.id,
        strategy=run.strategy.name,
        status=run.status,
        error_id=run.info.id if run.info else "",
        attempt=run.attempt,
        steps=tuple(run.steps),
    )


def _step(step: RecoveryStep) -> dict[str, Any]:
    return {"action": step.action, "succeeded": step.succeeded, "detail": step.detail, "seconds": step.seconds}
