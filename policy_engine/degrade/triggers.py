"""A trigger: comes into force when its condition has held long enough, is released when relief has.

Knows no clock and no other trigger: callers bring ``now`` (monotonic seconds) and ``read``. Two rules: what is
interrupted starts over, on the way in and on the way out; without data a condition does not hold, and relief is what
``when_idle`` makes of it. Most looks change nothing: `rest` says of which that can be told without one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum

from policy_engine.degrade.options import TriggerOptions, WhenIdle
from policy_engine.metrics import ERROR_COUNTS, EVENT_COUNTS, Metric, Span

Read = Callable[[Metric], float | None]


class Phase(Enum):
    """How far a trigger is."""

    IDLE = "idle"
    PENDING = "pending"
    ACTIVE = "active"
    RELEASING = "releasing"


class Trigger:
    """The state of one trigger; what others ask of it on every look are attributes, kept by each change of phase."""

    __slots__ = (
        "_compared",
        "_events_wake_it",
        "_holding",
        "_next_step",
        "_phase_ends",
        "_rests",
        "_target",
        "_worst",
        "awake",
        "errors_wake_it",
        "holds",
        "in_force",
        "metrics",
        "options",
        "phase",
        "position",
        "rest",
        "restless",
        "since",
    )

    phase: Phase
    since: float
    """When the phase began."""
    position: int
    """The level it asks for while `in_force`: 0 is the best."""
    in_force: bool
    """Whether it asks for its level."""
    awake: bool
    """Whether to look at it whatever happened, not only after an error that its metrics took notice of."""
    restless: bool
    """Whether to look at it as time passes, even if nothing happens."""
    rest: Span | None
    """The values that leave it as it is until it is `due`; ``None`` where one metric alone does not tell."""

    def __init__(self, options: TriggerOptions, *, target: int | None, worst: int) -> None:
        self.options = options
        self.position = 0
        self.holds = options.when.holds
        self.metrics = options.metrics
        self.errors_wake_it = options.when.raised_by(ERROR_COUNTS)
        self._events_wake_it = options.when.raised_by(EVENT_COUNTS)
        self._compared = options.when.compared_metrics()
        self._target = target
        self._worst = worst
        self._holding = options.when_idle is WhenIdle.HOLD
        self._rests = _rests(options)
        self._next_step: float | None = None
        self._enter(Phase.IDLE, 0.0, lasts=None)

    def due(self) -> float | None:
        """When its phase ends if nothing changes; ``None`` where only a change of values ends it."""
        return self._next_step if self._phase_ends is None else self._phase_ends

    def earliest_release(self, now: float) -> float:
        """When it can be released at the earliest."""
        return now + self.options.release_dwell if self._phase_ends is None else self._phase_ends

    def observe(self, now: float, read: Read, position: int) -> None:
        """Move on with the values of now; ``position`` is where the level stands."""
        if self.in_force:
            self._watch_release(now, read)
            self._step_further(now, read)
        elif self.holds(read):
            if self._phase_ends is None:
                self._enter(Phase.PENDING, now, lasts=self.options.dwell)
            if self._is_over(now):
                self._fire(now, position)
        elif self._phase_ends is not None:
            self._enter(Phase.IDLE, now, lasts=None)

    def succeed(self, before: Trigger | None) -> None:
        """Take the place of a trigger of the same name: one in force stays in force until the new release holds.

        A wait goes on where both wait for the same; how long another condition has held, nobody knows.
        """
        if before is None:
            return
        waits_alike = before.options.when == self.options.when
        if before.phase is Phase.PENDING and waits_alike:
            self._enter(Phase.PENDING, before.since, lasts=self.options.dwell)
        if before.in_force:
            self._enter(Phase.ACTIVE, before.since, lasts=None)
            self.position = before.position
        if before.phase is Phase.RELEASING and waits_alike and _relieved_alike(before.options, self.options):
            self._enter(Phase.RELEASING, before.since, lasts=self.options.release_dwell)

    def move_to(self, *, target: int | None, worst: int) -> None:
        """Ask for another position from now on: the list of levels changed, its state did not."""
        self._target, self._worst = target, worst
        self.position = min(self.position, worst) if target is None else target

    def _enter(self, phase: Phase, now: float, *, lasts: float | None) -> None:
        """Begin a phase that ends by itself after ``lasts`` seconds, or with ``None`` only when the values change."""
        self.phase, self.since = phase, now
        self._phase_ends = None if lasts is None else now + lasts
        self.in_force = phase in (Phase.ACTIVE, Phase.RELEASING)
        self.awake = phase is not Phase.IDLE or not self.errors_wake_it
        self.restless = phase is not Phase.IDLE or not self._events_wake_it
        self.rest = self._rests[phase]

    def _is_over(self, now: float) -> bool:
        return self._phase_ends is not None and now >= self._phase_ends

    def _fire(self, now: float, position: int) -> None:
        self._enter(Phase.ACTIVE, now, lasts=None)
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
            if self._phase_ends is not None:
                self._enter(Phase.ACTIVE, now, lasts=None)
            return
        if self._phase_ends is None:
            self._enter(Phase.RELEASING, now, lasts=self.options.release_dwell)
        if self._is_over(now):
            self._enter(Phase.IDLE, now, lasts=None)
            self._next_step = None

    def _relieved(self, read: Read) -> bool:
        if self._holding and not any(read(each) for each in self.options.activity):
            return False
        if all(read(each) is None for each in self._compared):
            return not self._holding
        release = self.options.release
        return not self.holds(read) if release is None else release.holds(read)


def _relieved_alike(one: TriggerOptions, other: TriggerOptions) -> bool:
    return (one.release, one.when_idle, one.activity) == (other.release, other.when_idle, other.activity)


def _rests(options: TriggerOptions) -> Mapping[Phase, Span | None]:
    """Return for each phase the values that do not end it, where those of one metric say so."""
    holds = options.when.span
    fails = None if holds is None else holds.outside()
    in_force = relieved = None
    if holds is not None and options.level is not None and options.when_idle is WhenIdle.RELEASE:
        relieved = fails if options.release is None else options.release.span
        if relieved is not None and relieved.metric is holds.metric:
            in_force = relieved.outside()
        else:
            relieved = None
    return {Phase.IDLE: fails, Phase.PENDING: holds, Phase.ACTIVE: in_force, Phase.RELEASING: relieved}
