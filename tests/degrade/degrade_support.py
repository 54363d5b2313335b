"""Makers for the tests of this room: a degradation in virtual time over values that a test sets."""

from __future__ import annotations

from policy_engine.clock import VirtualClock
from policy_engine.degrade import FunctionDecorators, GracefulDegradation, compile_degradation

START = 1_700_000_000.0


class Service:
    """What the engine is to this room: values to read, events heard, faults reported, names registered."""

    def __init__(self, section=None, **values):
        self.clock = VirtualClock(START)
        self.values = values
        self.events = []
        self.reported = []
        self.functions = {}
        self.degradation = GracefulDegradation(
            compile_degradation(section or {}),
            clock=self.clock,
            read_all=lambda metrics: {each: self.values.get(each.name) for each in metrics},
            publish=self.events.append,
        )
        decorators = FunctionDecorators(lambda: self)
        self.critical_function = decorators.critical_function
        self.emergency_function = decorators.emergency_function
        self.degradable = decorators.degradable

    def report(self, error, module, function):
        self.reported.append((error, module, function))

    def registered(self, name):
        return self.functions[name]

    @property
    def level(self):
        return self.degradation.current_level

    def see(self, **values):
        """Set values and let the triggers look, as after an error."""
        self.values.update(values)
        self.degradation.evaluate()

    def pass_time(self, seconds):
        self.clock.advance(seconds)

    @property
    def moves(self):
        return [(event.before, event.after, event.cause) for event in self.events]


def a_trigger(name="too-many-errors", level="degraded", above=30, **keys):
    return {"name": name, "level": level, "when": {"metric": "error_rate", "window": "1m", "above": above}, **keys}
