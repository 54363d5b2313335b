"""What a ``retry`` table may say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy_engine.backoff import Backoff, Growth, Jitter
from policy_engine.policy.durations import seconds
from policy_engine.protect.retry.budget import BudgetOptions

DEFAULT_BACKOFF = Backoff(jitter=Jitter.FULL)


@dataclass(frozen=True, slots=True)
class RetryOptions:
    """``attempts`` calls in all, the first one included, and none that begins ``deadline`` seconds after the first.

    Where the other side says when to come back, the wait is at least that long; past ``longest_retry_after`` seconds
    there is no retry, since an earlier one would be in vain.
    """

    attempts: int = 3
    deadline: float | None = None
    backoff: Backoff = DEFAULT_BACKOFF
    longest_retry_after: float = 60.0
    budget: BudgetOptions | None = None

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError(f"attempts is {self.attempts!r}: it must be 1 or more")
        if self.deadline is not None and not self.deadline > 0:
            raise ValueError(f"deadline is {self.deadline!r}: it must be above 0")


def compile_retry(table: Mapping[str, Any]) -> RetryOptions:
    """Compile a schema-valid ``retry`` table."""
    return RetryOptions(
        attempts=table.get("attempts", 3),
        deadline=seconds(table["deadline"]) if "deadline" in table else None,
        backoff=_backoff(table["backoff"]) if "backoff" in table else DEFAULT_BACKOFF,
        longest_retry_after=seconds(table.get("longest_retry_after", "60s")),
        budget=BudgetOptions(**table["budget"]) if "budget" in table else None,
    )


def _backoff(table: Mapping[str, Any]) -> Backoff:
    default = Backoff()
    return Backoff(
        kind=Growth(table.get("kind", default.kind)),
        initial=seconds(table["initial"]) if "initial" in table else default.initial,
        maximum=seconds(table["max"]) if "max" in table else default.maximum,
        factor=float(table.get("factor", default.factor)),
        jitter=Jitter(table.get("jitter", default.jitter)),
    )
