"""A trigger: comes into force when its condition has held long enough, is released when relief has.

Knows no clock and no other trigger: callers bring ``now`` (monotonic seconds) and ``read``. Two rules: what is
interrupted starts over, on the way in and on the way out; without data a condition does not hold, and relief is what
``when_idle`` makes of it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from policy_engine.degrade.options import TriggerOptions, WhenIdle
from policy_engine.metrics import ERROR_COUNTS, EVENT_COUNTS, Metric

Read = Callable[[Metric], float | None]


class Phase(Enum):
    """How far a trigger is."""

    IDLE = "idle"
    PENDING = "pending"
    ACTIVE = "active"
    RELEASING = "releasing"


class Trigger:
    """The state of one trigger. ``position`` is the level it asks for while `in_force`: 0 is the best."""

    __slots__ = (
        "_compared",
        "_events_wake_it",
        "_next_step",
        "_target",
        "_worst",
        "errors_wake_it",
        "holds",
        "metrics",
        "options",
        "phase",
        "position",
        "since",
        "threshold",
    )

    def __init__(self, options: TriggerOptions, *, target: int | None, worst: int) -> None:
        self.options = options
        self.phase = Phase.IDLE
        self.since = 0.0
        self.position = 0
        self.holds = options.when.holds
        self.metrics = options.metrics
        self.threshold = options.when.threshold
        self.errors_wake_it = options.when.raised_by(ERROR_COUNTS)
        self._events_wake_it = options.when.raised_by(EVENT_COUNTS)
        self._compared = options.when.compared_metrics()
        self._target = target
        self._worst = worst
        self._next_step: float | None = None

    @property
    def in_force(self) -> bool:
        """Whether it asks for its level."""
        return self.phase is Phase.ACTIVE or self.phase is Phase.RELEASING

    @property
    def awake(self) -> bool:
        """Whether to look at it whatever happened, not only after an error that its metrics took notice of."""
        return self.phase is not Phase.IDLE or not self.errors_wake_it

    @property
    def restless(self) -> bool:
        """Whether to look at it as time passes, even if nothing happens."""
        return self.phase is not Phase.IDLE or not self._events_wake_it

    def due(self) -> float | None:
        """When its phase ends if nothing changes; ``None`` where only a change of values ends it."""
        if self.phase is Phase.PENDING:
            return self.since + self.options.dwell
        if self.phase is Phase.RELEASING:
            return self.since + self.options.release_dwell
        return self._next_step

    def earliest_release(self, now: float) -> float:
        """When it can be released at the earliest."""
        since = self.since if self.phase is Phase.RELEASING else now
        return since + self.options.release_dwell

    def observe(self, now: float, read: Read, position: int) -> None:
        """Move on with the values of now; ``position`` is where the level stands."""
        if self.in_force:
            self._watch_release(now, read)
            self._step_further(now, read)
        elif self.holds(read):
            if self.phase is Phase.IDLE:
                self._enter(Phase.PENDING, now)
            if now >= self.since + self.options.dwell:
                self._fire(now, position)
        else:
            self.phase = Phase.IDLE

    def move_to(self, *, target: int | None, worst: int) -> None:
        """Ask for another position from now on: the list of levels changed, its state did not."""
        self._target, self._worst = target, worst
        self.position = min(self.position, worst) if target is None else target

    def _enter(self, phase: Phase, now: float) -> None:
        self.phase, self.since = phase, now

    def _fire(self, now: float, position: int) -> None:
        self._enter(Phase.ACTIVE, now)
        if self._target is not None:
            self.position = self._target
            return
        self.position = min(position + self.options.steps, self._worst)
        self._await_next_step(now)

    def _await_next_step(self, now: float) -> None:
        """One step for each ``for`` that the condition holds; without a ``for`` there is one step alone."""
        further = self.options.dwell > 0 and self.position < self._worst
        self._next_step = now + self.options.dwell if further else None

    def _step_further(self, now: float, read: Read) -> None:
        if self._target is not None or not self.in_force:
            return
        if not self.holds(read):
            self._next_step = None
        elif self._next_step is None:
            self._await_next_step(now)
        elif now >= self._next_step:
            self.position = min(self.position + self.options.steps, self._worst)
            self._await_next_step(now)

    def _watch_release(self, now: float, read: Read) -> None:
        if not self._relieved(read):
            if self.phase is Phase.RELEASING:
                self._enter(Phase.ACTIVE, now)
            return
        if self.phase is Phase.ACTIVE:
            self._enter(Phase.RELEASING, now)
        if now >= self.since + self.options.release_dwell:
            self._enter(Phase.IDLE, now)
            self._next_step = None

    def _relieved(self, read: Read) -> bool:
        options = self.options
        holding = options.when_idle is WhenIdle.HOLD
        if holding and not any(read(each) for each in options.activity):
            return False
        if all(read(each) is None for each in self._compared):
            return not holding
        return not self.holds(read) if options.release is None else options.release.holds(read)
