"""The level of a service and those of its components, and what became of them.

Knows no clock and no lock: callers bring the moment. A component's level is never better than the service's; the
reverse does not hold. Every change is kept in the history and returned as an event for the caller to publish.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from policy_engine.degrade.history import History, LevelEntry
from policy_engine.degrade.levels import LevelMachine, Pin
from policy_engine.degrade.options import DegradationOptions
from policy_engine.degrade.triggers import Read
from policy_engine.metrics import Metric
from policy_engine.model import LevelChanged

SERVICE = ""
"""The name under which the service's own level stands beside its components'."""


class Moment(NamedTuple):
    """The same moment on the monotonic clock, which decides, and on the wall, which is shown."""

    now: float
    wall: float


class ServiceLevels:
    """All levels of one policy."""

    def __init__(self, options: DegradationOptions, *, history: int) -> None:
        self._history = History(history)
        self._machines: dict[str, LevelMachine] = {}
        self._reasons: dict[str, str] = {}
        self.adopt(Moment(0.0, 0.0), options)

    @property
    def history(self) -> tuple[LevelEntry, ...]:
        """The last changes, oldest first."""
        return self._history.entries()

    def knows(self, component: str) -> bool:
        """Whether the policy defines this component."""
        return component in self._machines

    def pin_of(self, component: str) -> Pin | None:
        """Return what was set by hand."""
        return self._machines[component].pin

    def position(self, component: str) -> int:
        """Return the level's place, 0 the best; one that the policy does not define is at the service's."""
        service = self._machines[SERVICE].position
        own = self._machines.get(component)
        return service if own is None else max(service, own.position)

    def reason(self, component: str) -> str:
        """Why the level is what it is."""
        name = self._deciding(component)
        pin = self._machines[name].pin
        return self._reasons[name] if pin is None else pin.reason

    def earliest_rise(self, component: str, now: float) -> float | None:
        """When the level can be better at the earliest; ``None`` where nobody can say."""
        return self._machines[self._deciding(component)].earliest_rise(now)

    def metrics_to_read(self, touched: Collection[Metric]) -> list[Metric]:
        """Return what `observe` reads when errors touched these metrics; some may be in it twice."""
        metrics: list[Metric] = []
        for machine in self._machines.values():
            metrics += machine.awake_metrics
            for trigger in machine.asleep_on(touched):
                metrics += trigger.metrics
        return metrics

    def next_look(self, now: float, tick: float) -> float | None:
        """When to look again though nothing happens: ``tick`` seconds from now while time alone may move a trigger.

        ``None`` where only an event can change anything.
        """
        moments = []
        for machine in self._machines.values():
            if machine.restless:
                moments.append(now + tick)
            if (due := machine.due()) is not None:
                moments.append(due)
        return min(moments, default=None)

    def observe(self, moment: Moment, read: Read, touched: Collection[Metric] | None) -> list[LevelChanged]:
        """Move every level on with the values of now.

        Triggers that only errors wake up are looked at where one ``touched`` a metric of theirs; with ``None``, always.
        """
        events: list[LevelChanged] = []
        for component, machine in self._machines.items():
            pin = machine.pin
            if pin is not None and pin.until is not None and moment.now >= pin.until:
                events += self.pin(moment, component, None, cause="pin expired", reason=pin.reason, author=pin.author)
            for move in machine.observe(moment.now, read, touched):
                self._reasons[component] = move.reason
                if machine.pin is None:
                    before, after = machine.levels[move.before], machine.levels[move.after]
                    events += self._record(moment, component, before, after, move.cause, move.reason, move.values)
        return events

    def pin(
        self, moment: Moment, component: str, pin: Pin | None, *, cause: str, reason: str, author: str = ""
    ) -> list[LevelChanged]:
        """Set a level by hand, or with ``None`` let the triggers decide again."""
        machine = self._machines[component]
        before = machine.levels[machine.position]
        machine.pin = pin
        after = machine.levels[machine.position]
        return self._record(moment, component, before, after, cause, reason, {}, author)

    def adopt(self, moment: Moment, options: DegradationOptions) -> list[LevelChanged]:
        """Follow another policy: triggers that did not change keep their state, levels and pins by their names."""
        events: list[LevelChanged] = []
        machines = {}
        for component, triggers in {SERVICE: options.triggers, **options.components}.items():
            machine = self._machines.get(component)
            if machine is None:
                machine = LevelMachine(options, triggers)
                self._reasons[component] = ""
            before = machine.levels[machine.position]
            machine.adopt(options, triggers)
            machines[component] = machine
            after = machine.levels[machine.position]
            if after != before:
                self._reasons[component] = "the policy changed"
                events += self._record(moment, component, before, after, "reload", "the policy changed", {})
        self._machines = machines
        return events

    def _deciding(self, component: str) -> str:
        """The component itself where it stands worse than the service, else the service."""
        own = self._machines.get(component)
        return SERVICE if own is None or own.position <= self._machines[SERVICE].position else component

    def _record(
        self,
        moment: Moment,
        component: str,
        before: str,
        after: str,
        cause: str,
        reason: str,
        values: Mapping[str, float],
        author: str = "",
    ) -> list[LevelChanged]:
        """Keep a change; return it as an event, unless it is a pin where the level stood already."""
        entry = LevelEntry(moment.wall, before, after, cause, reason, values, component, author)
        self._history.add(moment.now, entry)
        return [LevelChanged(moment.wall, before, after, cause, reason, values, component)] if after != before else []
