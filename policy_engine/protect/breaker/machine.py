"""The circuit breaker's machine: which call may go, and what its outcome does to the state.

Knows no threads, no I/O and no clock: callers bring ``now`` (seconds, monotonic) and hold the breaker's lock around
every method. It calls nobody: transitions wait in `news`, in order, one for each.
Without the lock a caller may do two things, and so nearly all calls begin and end: take `door` as its permit and end
a call that returned by ``good.tick()`` alone, if it took no longer than `patience` and ``tally.quiet_until`` lies
ahead; and refuse a call by ``refusals.tick()``, as long as `refuses_until` lies ahead.
A breaker that is not to be enforced lets all calls pass, and has a `twin` that does not: of the calls that the twin
would have let through it learns how they end, and its transitions are told as what would have been.
Three rules keep it honest. A permit belongs to the era in which it was given, and its outcome changes nothing in any
other. A half-open permit is a lease that ends by itself, so no lost probe can keep a breaker half open. Every way into
a state begins a new era.
"""

from __future__ import annotations

import math
from random import Random

from policy_engine.model import BreakerState
from policy_engine.protect.breaker.open_time import open_time
from policy_engine.protect.breaker.options import BreakerOptions, counts_alike, enforced
from policy_engine.protect.breaker.permit import Permit, Refusal, Transition
from policy_engine.protect.breaker.tally import FAILED, GOOD, SLOW, Reading, Tally
from policy_engine.protect.breaker.ticks import Ticks
from policy_engine.protect.breaker.windows import make_tally

CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN
FORCED_OPEN, DISABLED, METRICS_ONLY = BreakerState.FORCED_OPEN, BreakerState.DISABLED, BreakerState.METRICS_ONLY


class Machine:
    """One breaker's state and counts."""

    __slots__ = (
        "_leases",
        "_openings",
        "_ordered",
        "_pass",
        "_probes_succeeded",
        "_random",
        "_settled",
        "_told",
        "_until",
        "door",
        "era",
        "failures",
        "good",
        "late",
        "neutral",
        "news",
        "options",
        "patience",
        "reason",
        "refusals",
        "refuses_until",
        "since",
        "slow",
        "state",
        "tally",
        "transitions",
        "twin",
    )

    def __init__(self, options: BreakerOptions, now: float, random: Random) -> None:
        self.options = options
        self.state = options.mode
        self.since = now
        self.reason = "new"
        self.era = 0
        self.news: list[Transition] = []
        self.failures = self.neutral = self.slow = self.late = self.transitions = 0
        self.good, self.refusals = Ticks(), Ticks()
        self._told = self._settled = self._openings = 0
        self._until = math.inf
        self._ordered = False
        self._random = random
        self.tally: Tally
        self.twin: Machine | None = None if options.enforce else Machine(enforced(options), now, random)
        self._begin_era(now)

    def admit(self, now: float) -> Permit | Refusal:
        """Ask leave for one call."""
        self._move_on(now)
        if self._pass is not None:
            return self._pass if self.twin is None else self._beside(self.twin, now)
        if self.state is HALF_OPEN:
            return self._probe(now)
        self.refusals.tick()
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
        if permit.twin is not None:
            machine, would = permit.twin
            machine.succeed(would, elapsed, now)
            self._hear(machine)

    def fail(self, permit: Permit, elapsed: float, now: float) -> None:
        """Record a call that failed."""
        self.failures += 1
        outcome = FAILED
        if elapsed > self.patience:
            self.slow += 1
            outcome |= SLOW
        self._end(permit, outcome, now)
        if permit.twin is not None:
            machine, would = permit.twin
            machine.fail(would, elapsed, now)
            self._hear(machine)

    def release(self, permit: Permit) -> None:
        """Record a call that says nothing of its target: cancelled, interrupted, or raised what does not count."""
        self.neutral += 1
        self.give_back(permit)

    def give_back(self, permit: Permit) -> None:
        """Take a permit back for which there was no call."""
        self._leases.pop(permit, None)
        if permit.twin is not None:
            machine, would = permit.twin
            machine.give_back(would)

    def shown(self, now: float) -> tuple[BreakerState, float]:
        """Return what a call now would meet, and since when."""
        if now >= self._until:
            return self._next_state(), self._until
        return self.state, self.since

    @property
    def successes(self) -> int:
        """Calls that returned in time."""
        return self._told + self.good.read()

    def reading(self, now: float) -> Reading:
        """Return what counts towards opening now; nothing does unless calls pass freely."""
        self._settle()
        return self.tally.reading(now)

    def retry_after(self, now: float) -> float:
        """Seconds until a call is let through; 0 where one may go now, ``math.inf`` where only an order changes it."""
        state, _ = self.shown(now)
        if state in (OPEN, FORCED_OPEN):
            return self._until - now
        if state is self.state is HALF_OPEN and len(self._leases) >= self.options.half_open.permits:
            return max(0.0, next(iter(self._leases)).expires - now)
        return 0.0

    def reset(self, now: float, reason: str) -> None:
        """Go back to the ordinary state, and forget what the present one was built on; the totals stay."""
        self._openings = 0
        self._go(self.options.mode, now, math.inf, reason)

    def order(self, state: BreakerState, now: float, duration: float, reason: str) -> None:
        """Hold ``state`` for ``duration`` seconds whatever calls do."""
        self._go(state, now, now + duration, reason)
        self._ordered = True

    def adopt(self, options: BreakerOptions, now: float) -> None:
        """Go on under another definition: the state stays, its permits end with the old one.

        What was counted stays where both count alike, so that a higher threshold is no amnesty.
        """
        if options == self.options:
            return
        before, self.options = self.options, options
        self._adopt_twin(options, now)
        if before.mode is not options.mode and not self._ordered:
            self._go(options.mode, now, math.inf, "the policy says so")
            return
        if self.state is OPEN and now < self._until:
            self._until = self.since + open_time(options, self._openings, self._random)
        self._settle()
        counted = self.tally
        self._begin_era(now)
        if counts_alike(before, options):
            counted.go_by(options)
            self.tally = counted

    def _move_on(self, now: float) -> None:
        """Leave a state whose time is over."""
        if now >= self._until:
            refuses = self.state in (OPEN, FORCED_OPEN)
            reason = "the time to stay open is over" if refuses else "the time of the order is over"
            self._go(self._next_state(), now, math.inf, reason)

    def _beside(self, twin: Machine, now: float) -> Permit:
        """Let a call pass, with the leave that an enforced breaker would have given it."""
        would = twin.admit(now)
        self._hear(twin)
        return Permit(self.era, math.inf, None if isinstance(would, Refusal) else (twin, would))

    def _hear(self, twin: Machine) -> None:
        self.news.extend(change._replace(enforced=False) for change in twin.news)
        twin.news.clear()

    def _adopt_twin(self, options: BreakerOptions, now: float) -> None:
        if options.enforce:
            self.twin = None
        elif self.twin is None:
            self.twin = Machine(enforced(options), now, self._random)
        else:
            self.twin.adopt(enforced(options), now)

    def _next_state(self) -> BreakerState:
        mode = self.options.mode
        return HALF_OPEN if self.state in (OPEN, FORCED_OPEN) and mode is CLOSED else mode

    def _probe(self, now: float) -> Permit | Refusal:
        leases, probes = self._leases, self.options.half_open
        while leases and (oldest := next(iter(leases))).expires <= now:
            del leases[oldest]
        if len(leases) >= probes.permits:
            self.refusals.tick()
            return Refusal(next(iter(leases)).expires - now)
        permit = Permit(self.era, now + probes.lease)
        leases[permit] = None
        return permit

    def _end(self, permit: Permit, outcome: int, now: float) -> None:
        if permit.era != self.era:
            self.late += 1
        elif self.state is HALF_OPEN:
            self._end_probe(permit, outcome, now)
        elif now >= self._until:
            self._move_on(now)
        elif self.state is not DISABLED:
            self._settle()
            reason = self.tally.add(outcome, now)
            if reason is not None and self.state is CLOSED:
                self._open(now, reason)

    def _end_probe(self, permit: Permit, outcome: int, now: float) -> None:
        self._leases.pop(permit, None)
        if outcome != GOOD:
            self._open(now, "a probe failed" if outcome & FAILED else "a probe was slow")
            return
        self._probes_succeeded += 1
        if self._probes_succeeded >= self.options.success_threshold:
            self._openings = 0
            self._go(CLOSED, now, math.inf, f"good probes: {self._probes_succeeded}")

    def _open(self, now: float, reason: str) -> None:
        self._openings += 1
        self._go(OPEN, now, now + open_time(self.options, self._openings, self._random), reason)

    def _go(self, state: BreakerState, now: float, until: float, reason: str) -> None:
        if state is not self.state:
            self.news.append(Transition(now, self.state, state, reason))
            self.transitions += 1
            self.since = now
        self.state = state
        self.reason = reason
        self._until = until
        self._ordered = False
        self._begin_era(now)

    def _settle(self) -> None:
        """Tell the tally of the calls that ended by ``good.tick()`` alone."""
        ticks = self.good.read()
        if ticks > self._settled:
            self.tally.add_good(ticks - self._settled)
            self._settled = ticks

    def _begin_era(self, now: float) -> None:
        self._settled = self.good.read()
        self.era += 1
        self._pass = Permit(self.era, math.inf) if self.state in (CLOSED, DISABLED, METRICS_ONLY) else None
        self.door = self._pass if self.state is CLOSED else None  # an order has an end, which the lock alone sees
        self.refuses_until = self._until if self.state in (OPEN, FORCED_OPEN) else -math.inf
        self._leases: dict[Permit, None] = {}
        self._probes_succeeded = 0
        self.patience = self.options.patience
        self.tally = make_tally(self.options, now)
