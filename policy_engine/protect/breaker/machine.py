"""The circuit breaker's machine: which call may go, and what its outcome does to the state.

Knows no threads, no I/O and no clock: callers bring ``now`` (seconds, monotonic) and hold the breaker's lock around
every method. It calls nobody: transitions wait in `news`, in order, one for each.
Without the lock a caller may read `door`, and end a call that returned by `tick` alone: when its permit is the door,
it took no longer than `patience`, and ``tally.quiet_until`` lies ahead. So nearly all calls end. ``next`` on an
``itertools.count`` is one step, so the count is exact whatever threads do.
Three rules keep it honest. A permit belongs to the era in which it was given, and its outcome changes nothing in any
other. A half-open permit is a lease that ends by itself, so no lost probe can keep a breaker half open. Every way into
a state begins a new era.
"""

from __future__ import annotations

from collections import deque
from itertools import count
from typing import NamedTuple

from policy_engine.model import BreakerState
from policy_engine.protect.breaker.consecutive import FAILED, GOOD, SLOW, ConsecutiveFailures, Tally
from policy_engine.protect.breaker.options import BreakerOptions

CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN
FORCED_OPEN = BreakerState.FORCED_OPEN


class Permit:
    """Leave for a call: shared by all calls of a closed era, one for each probe. ``expires`` ends a probe's lease."""

    __slots__ = ("era", "expires")

    def __init__(self, era: int, expires: float) -> None:
        self.era = era
        self.expires = expires


class Refusal(NamedTuple):
    """No leave; ask again in so many seconds."""

    retry_after: float


class Transition(NamedTuple):
    """One change of state, at a monotonic time."""

    at: float
    before: BreakerState
    after: BreakerState
    reason: str


class Machine:
    """One breaker's state and counts."""

    __slots__ = (
        "_leases",
        "_peeks",
        "_probes",
        "_probes_succeeded",
        "_settled",
        "_told",
        "_until",
        "door",
        "era",
        "failures",
        "late",
        "neutral",
        "news",
        "options",
        "patience",
        "refused",
        "since",
        "slow",
        "state",
        "tally",
        "tick",
        "transitions",
    )

    def __init__(self, options: BreakerOptions, now: float) -> None:
        self.options = options
        self.state = CLOSED
        self.since = now
        self.era = 0
        self.news: deque[Transition] = deque()
        self._told = self.failures = self.neutral = self.refused = self.slow = self.late = self.transitions = 0
        self._until = now
        self.tick = count().__next__
        self._peeks = self._settled = 0
        self.tally: Tally = ConsecutiveFailures(options.failure_threshold)
        self._begin_era()

    def admit(self, now: float) -> Permit | Refusal:
        """Ask leave for one call."""
        if self.door is not None:
            return self.door
        if self.state is not HALF_OPEN and now >= self._until:
            self._move(HALF_OPEN, now, "the time to stay open is over")
        if self.state is HALF_OPEN:
            return self._probe(now)
        self.refused += 1
        return Refusal(self._until - now)

    def succeed(self, permit: Permit, elapsed: float, now: float) -> None:
        """Record a call that returned after ``elapsed`` seconds; one that took too long has failed none the less."""
        outcome = GOOD
        if elapsed > self.patience:
            self.slow += 1
            outcome = SLOW
        if elapsed > self.options.timeout:
            self.failures += 1
            outcome |= FAILED
        else:
            self._told += 1
        self._end(permit, outcome, now)

    def fail(self, permit: Permit, elapsed: float, now: float) -> None:
        """Record a call that raised what counts."""
        self.failures += 1
        outcome = FAILED
        if elapsed > self.patience:
            self.slow += 1
            outcome |= SLOW
        self._end(permit, outcome, now)

    def release(self, permit: Permit) -> None:
        """Record a call that says nothing of its target: cancelled, interrupted, or raised what does not count."""
        self.neutral += 1
        self._give_back(permit)

    def shown(self, now: float) -> tuple[BreakerState, float]:
        """Return what a call now would meet, and since when."""
        if self.state in (OPEN, FORCED_OPEN) and now >= self._until:
            return HALF_OPEN, self._until
        return self.state, self.since

    @property
    def successes(self) -> int:
        """Calls that returned in time."""
        return self._told + self._ticks()

    def retry_after(self, now: float) -> float:
        """Seconds until a call is let through; 0 where one may go now."""
        if self.state in (OPEN, FORCED_OPEN):
            return max(0.0, self._until - now)
        if self.state is HALF_OPEN and len(self._leases) >= self._probes.permits:
            return max(0.0, next(iter(self._leases)).expires - now)
        return 0.0

    def reset(self, now: float, reason: str) -> None:
        """Close, and forget what the state was built on; the totals stay."""
        if self.state is CLOSED:
            self._begin_era()
        else:
            self._move(CLOSED, now, reason)

    def force_open(self, now: float, duration: float, reason: str) -> None:
        """Refuse every call for ``duration`` seconds whatever they do, then probe."""
        self._until = now + duration
        if self.state is not FORCED_OPEN:
            self._move(FORCED_OPEN, now, reason)

    def adopt(self, options: BreakerOptions) -> None:
        """Go on under another definition: the state stays, its counts and permits end with the old one."""
        if options == self.options:
            return
        self.options = options
        if self.state is OPEN:
            self._until = self.since + options.recovery_timeout
        self._begin_era()

    def _probe(self, now: float) -> Permit | Refusal:
        leases = self._leases
        while leases and (oldest := next(iter(leases))).expires <= now:
            del leases[oldest]
        if len(leases) >= self._probes.permits:
            self.refused += 1
            return Refusal(next(iter(leases)).expires - now)
        permit = Permit(self.era, now + self._probes.lease)
        leases[permit] = None
        return permit

    def _end(self, permit: Permit, outcome: int, now: float) -> None:
        if permit is not self.door:
            self._end_probe(permit, outcome, now)
            return
        self._settle()
        reason = self.tally.add(outcome, now)
        if reason is not None:
            self._open(now, reason)

    def _end_probe(self, permit: Permit, outcome: int, now: float) -> None:
        if permit.era != self.era:
            self.late += 1
            return
        self._give_back(permit)
        if outcome != GOOD:
            self._open(now, "a probe failed" if outcome & FAILED else "a probe was slow")
            return
        self._probes_succeeded += 1
        if self._probes_succeeded >= self.options.success_threshold:
            self._move(CLOSED, now, f"{self._probes_succeeded} probes succeeded")

    def _give_back(self, permit: Permit) -> None:
        self._leases.pop(permit, None)

    def _open(self, now: float, reason: str) -> None:
        self._until = now + self.options.recovery_timeout
        self._move(OPEN, now, reason)

    def _move(self, state: BreakerState, now: float, reason: str) -> None:
        self.news.append(Transition(now, self.state, state, reason))
        self.transitions += 1
        self.state = state
        self.since = now
        self._begin_era()

    def _settle(self) -> None:
        """Tell the tally of the calls that ended by `tick` alone."""
        ticks = self._ticks()
        if ticks > self._settled:
            self.tally.add_good(ticks - self._settled)
            self._settled = ticks

    def _ticks(self) -> int:
        # To read a counter is to move it, so the reads are counted too.
        self._peeks += 1
        return self.tick() - self._peeks + 1

    def _begin_era(self) -> None:
        self._settle()
        self.era += 1
        self.door = Permit(self.era, 0.0) if self.state is CLOSED else None
        self._leases: dict[Permit, None] = {}
        self._probes = self.options.probes
        self._probes_succeeded = 0
        self.patience = self.options.timeout
        self.tally = ConsecutiveFailures(self.options.failure_threshold)
