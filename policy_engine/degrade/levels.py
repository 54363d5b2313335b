"""One level, the triggers that move it, and the pin that overrides them.

Knows no clock and no lock: callers bring ``now`` (monotonic seconds). Positions count from 0, the best level. Four
rules: the level falls at once to the worst that a trigger in force asks for; it rises one level at a time, each rise
after a probation since the one before; the n-th fall within the hour that follows a rise holds its level for
``hold * 2 ** (n - 1)``; a pin hides all that, and it goes on beneath.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from policy_engine.degrade.options import DegradationOptions, TriggerOptions
from policy_engine.degrade.triggers import Read, Trigger
from policy_engine.metrics import Metric

_MOST_FLAPS = 32
"""More doublings than any hold survives."""


@dataclass(frozen=True, slots=True)
class Move:
    """One change of the automatic level."""

    before: int
    after: int
    cause: str
    reason: str
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Pin:
    """A level that somebody set by hand; ``until`` is monotonic, ``None`` where it does not expire."""

    level: str
    reason: str
    author: str = ""
    until: float | None = None


class LevelMachine:
    """The level of the service, or a component's own."""

    def __init__(self, options: DegradationOptions, triggers: tuple[TriggerOptions, ...]) -> None:
        self.levels = options.levels
        self.pin: Pin | None = None
        self.triggers: list[Trigger] = []
        self.awake: list[Trigger] = []
        """The triggers to look at whatever happened; an error wakes up the others."""
        self.awake_metrics: list[Metric] = []
        """What those read."""
        self.restless = False
        """Whether any trigger may move as time passes, without any event."""
        self._automatic = 0
        self._rise_at = 0.0
        self._rose = False
        self._flaps: deque[float] = deque(maxlen=_MOST_FLAPS)
        self._released: tuple[str, str, Mapping[str, float]]
        self.adopt(options, triggers)

    @property
    def position(self) -> int:
        """Where the level stands: the pin, else what the triggers made of it."""
        return self._automatic if self.pin is None else self.levels.index(self.pin.level)

    def adopt(self, options: DegradationOptions, triggers: tuple[TriggerOptions, ...]) -> None:
        """Follow other options: triggers that did not change keep their state, the level its name."""
        level = self.levels[self._automatic]
        self.levels = options.levels
        self._probation, self._flap_limit = options.probation, options.flap_limit
        worst = len(self.levels) - 1
        self._automatic = self.levels.index(level) if level in self.levels else min(self._automatic, worst)
        if self.pin is not None and self.pin.level not in self.levels:
            self.pin = None
        known = {trigger.options.name: trigger for trigger in self.triggers}
        self._released = ("reload", "the policy changed", {})
        self.triggers = []
        for trigger_options in triggers:
            target = None if trigger_options.level is None else self.levels.index(trigger_options.level)
            before = known.get(trigger_options.name)
            if before is not None and before.options == trigger_options:
                trigger = before
            else:
                trigger = Trigger(trigger_options, target=target, worst=worst)
                trigger.succeed(before)
            trigger.move_to(target=target, worst=worst)
            self.triggers.append(trigger)
        self._sort()
        self._asleep_on: dict[Metric, list[Trigger]] = {}
        for trigger in self.triggers:
            if trigger.errors_wake_it:
                for each in trigger.options.when.metrics:
                    self._asleep_on.setdefault(each, []).append(trigger)

    def asleep_on(self, touched: Collection[Metric]) -> list[Trigger]:
        """Return the triggers that errors wake up which these metrics took notice of."""
        found = (trigger for each in touched for trigger in self._asleep_on.get(each, ()) if not trigger.awake)
        return list(dict.fromkeys(found))

    def observe(self, now: float, read: Read, touched: Collection[Metric] | None) -> list[Move]:
        """Look at the triggers that are awake and those asleep on ``touched`` (``None``: all), with the values of now.

        Returns how the level moved.
        """
        if touched is None:
            stirring = _unsettled(self._asleep_settled, read)
            stirring += [trigger for trigger in self._asleep_otherwise if trigger.holds(read)]
        else:
            stirring = [trigger for trigger in self.asleep_on(touched) if trigger.holds(read)]
        if now >= self._due:
            stirring += self.awake
        else:
            stirring += _unsettled(self._awake_settled, read)
            stirring += self._awake_otherwise
        if not stirring and not self._automatic:
            return []
        changed = [self._observe(trigger, now, read) for trigger in stirring]
        if any(changed):
            self._sort()
        target = self._target
        if target > self._automatic:
            return [self._fall(now, target, read)]
        moves = []
        while target < self._automatic and now >= self._rise_at:
            moves.append(self._rise(now))
        return moves

    def due(self) -> float | None:
        """When something happens if no value changes; ``None`` where nothing will."""
        moments = [self._due] if self._due < math.inf else []
        if self._target < self._automatic:
            moments.append(self._rise_at)
        if self.pin is not None and self.pin.until is not None:
            moments.append(self.pin.until)
        return min(moments, default=None)

    def earliest_rise(self, now: float) -> float | None:
        """When the level can be better at the earliest; ``None`` where a pin says never."""
        if self.pin is not None:
            return self.pin.until
        holding = [each for each in self._in_force if each.position >= self._automatic]
        return max([self._rise_at, now, *(trigger.earliest_release(now) for trigger in holding)])

    def _sort(self) -> None:
        """Put the triggers where `observe` looks for them; their phases say where that is."""
        self.awake = [trigger for trigger in self.triggers if trigger.awake]
        asleep = [trigger for trigger in self.triggers if not trigger.awake]
        self.awake_metrics = list({each: None for trigger in self.awake for each in trigger.metrics})
        self.restless = any(trigger.restless for trigger in self.awake)
        self._in_force = [trigger for trigger in self.awake if trigger.in_force]
        self._target = max((trigger.position for trigger in self._in_force), default=0)
        self._due = min((due for trigger in self.awake if (due := trigger.due()) is not None), default=math.inf)
        self._awake_settled, self._awake_otherwise = _by_rest(self.awake)
        self._asleep_settled, self._asleep_otherwise = _by_rest(asleep)

    def _observe(self, trigger: Trigger, now: float, read: Read) -> bool:
        """Let a trigger move on; returns whether its phase did, or when that ends."""
        was_in_force, before = trigger.in_force, (trigger.phase, trigger.due())
        trigger.observe(now, read, self._automatic)
        if was_in_force and not trigger.in_force:
            options = trigger.options
            relief = f"not ({options.when})" if options.release is None else str(options.release)
            measured = options.when if options.release is None else options.release
            self._released = (options.name, relief + _lasting(options.release_dwell), measured.values(read))
        return before != (trigger.phase, trigger.due())

    def _fall(self, now: float, target: int, read: Read) -> Move:
        if self._rose:
            self._flaps.append(now)
        self._rose = False
        self._rise_at = now + self._flap_hold(now)
        before, self._automatic = self._automatic, target
        asking = [trigger for trigger in self._in_force if trigger.position == target]
        cause = max(asking, key=lambda trigger: trigger.since).options
        return Move(before, target, cause.name, f"{cause.when}{_lasting(cause.dwell)}", cause.when.values(read))

    def _rise(self, now: float) -> Move:
        self._rose = True
        self._rise_at = now + self._probation
        before, self._automatic = self._automatic, self._automatic - 1
        return Move(before, self._automatic, *self._released)

    def _flap_hold(self, now: float) -> float:
        """Seconds that a fall at ``now`` holds its level, whatever the triggers say."""
        limit = self._flap_limit
        while self._flaps and self._flaps[0] <= now - limit.within:
            self._flaps.popleft()
        # A hold of the n-th flap: hold * 2 ** (n - 1).
        return min(limit.longest, limit.hold * 2.0 ** (len(self._flaps) - 1)) if self._flaps else 0.0


def _lasting(dwell: float) -> str:
    return f", for {dwell:g} s" if dwell else ""


_Settled = tuple[Trigger, Metric, float, float]
"""A trigger that stays as it is while its metric lies between two numbers: plain, because it unpacks fastest."""


def _by_rest(triggers: Collection[Trigger]) -> tuple[list[_Settled], list[Trigger]]:
    """Return those of which one value tells whether anything changes, and the others."""
    settled = [(trigger, *trigger.rest) for trigger in triggers if trigger.rest is not None]
    return settled, [trigger for trigger in triggers if trigger.rest is None]


def _unsettled(settled: Iterable[_Settled], read: Read) -> list[Trigger]:
    """The triggers that are worth a look: nearly always none."""
    return [
        trigger
        for trigger, metric, low, high in settled
        if (value := read(metric)) is None or not low < value < high
    ]
