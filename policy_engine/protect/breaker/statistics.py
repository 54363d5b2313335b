"""What a breaker has seen, as plain frozen numbers."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from policy_engine.instants import iso
from policy_engine.model import BreakerState
from policy_engine.protect.breaker.machine import Machine


@dataclass(frozen=True, slots=True)
class BreakerStatistics:
    """One breaker at one moment. Totals run from its making; a reset of the breaker leaves them."""

    name: str
    state: BreakerState
    since: float
    """When the state began: seconds since 1970."""
    reason: str
    """Why it is in that state."""
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
    """Seconds until a call is let through again; 0 where one may go now, ``math.inf`` where only an order helps."""
    counted: int
    """Calls that count towards opening now: those in the window, or the failures in a row."""
    counted_failures: int
    counted_slow: int
    would_be: BreakerState | None = None
    """The state of one that is not enforced, if it were; ``None`` for one that is."""
    would_refuse: int = 0
    """Calls that it let through and would have refused, were it enforced."""

    @property
    def failure_rate(self) -> float | None:
        """Failures of the calls that count now; ``None`` where there are none."""
        return self.counted_failures / self.counted if self.counted else None

    @property
    def slow_rate(self) -> float | None:
        """Slow ones of the calls that count now; ``None`` where there are none."""
        return self.counted_slow / self.counted if self.counted else None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data; what JSON cannot say, an endless ``retry_after``, is ``None``."""
        endless = math.isinf(self.retry_after)
        return {
            **asdict(self),
            "state": self.state.value,
            "since": iso(self.since),
            "would_be": None if self.would_be is None else self.would_be.value,
            "retry_after": None if endless else self.retry_after,
            "failure_rate": self.failure_rate,
            "slow_rate": self.slow_rate,
        }


def statistics_of(name: str, machine: Machine, now: float, time: float) -> BreakerStatistics:
    """Read ``machine``, under its lock, at a monotonic ``now`` which is ``time`` in seconds since 1970."""
    state, since = machine.shown(now)
    successes, reading, twin = machine.successes, machine.reading(now), machine.twin
    return BreakerStatistics(
        name=name,
        state=state,
        since=time - (now - since),
        reason=machine.reason,
        calls=successes + machine.failures + machine.neutral,
        successes=successes,
        failures=machine.failures,
        neutral=machine.neutral,
        refused=machine.refusals.read(),
        slow=machine.slow,
        late=machine.late,
        transitions=machine.transitions,
        retry_after=machine.retry_after(now),
        counted=reading.calls,
        counted_failures=reading.failed,
        counted_slow=reading.slow,
        would_be=None if twin is None else twin.shown(now)[0],
        would_refuse=0 if twin is None else twin.refusals.read(),
    )
