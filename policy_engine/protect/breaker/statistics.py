"""What a breaker has seen, as plain frozen numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from policy_engine.model import BreakerState


@dataclass(frozen=True, slots=True)
class BreakerStatistics:
    """One breaker at one moment. Totals run from its making; a reset of the breaker leaves them."""

    name: str
    state: BreakerState
    since: float
    """When the state began: seconds since 1970."""
    calls: int
    """Calls that were let through and have ended: successes, failures and neutral ones."""
    successes: int
    failures: int
    """Calls that raised what counts, or took longer than ``timeout``."""
    neutral: int
    """Calls that were cancelled, interrupted, or raised what does not count."""
    refused: int
    slow: int
    late: int
    """Results that came after the state in which their call began had ended: in the totals, but without effect."""
    transitions: int
    retry_after: float
    """Seconds until a call is let through again; 0 where one may go now."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        return {**asdict(self), "state": self.state.value}
