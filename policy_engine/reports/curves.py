"""What triggers compare, over time: the values of their metrics and the numbers that these are held against.

Knows no engine and no drawing. Memory is bounded: of each stretch of time the lowest and the highest reading stay, and
the stretches get longer as time goes on, so that a peak is never lost, nor a trough, and all parts are equally fine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from policy_engine.degrade import DegradationOptions
from policy_engine.metrics import Condition, Metric

_RISING = (">", ">=")


class Limit(NamedTuple):
    """A number that a metric is held against: ``(">", 30.0)``."""

    sign: str
    number: float


class Watched(NamedTuple):
    """A metric that a trigger compares, with the limits at which it fires and at which it lets go."""

    component: str
    trigger: str
    metric: Metric
    fires: tuple[Limit, ...]
    releases: tuple[Limit, ...]
    dwell: float = 0.0
    """Seconds that it must hold to fire."""
    release_dwell: float = 0.0
    """Seconds that relief must hold."""


class Reading(NamedTuple):
    """A value and when it was so."""

    time: float
    value: float


class Curves:
    """The readings of every metric that a policy's triggers compare."""

    def __init__(self, options: DegradationOptions, *, most: int = 1000) -> None:
        """Keep at most ``most`` readings of each metric, 4 or more."""
        self.watched = tuple(_watched(options))
        self._curves = {each.metric: _Curve(most // 2) for each in self.watched}

    def add(self, time: float, values: Mapping[Metric, float | None]) -> None:
        """Take note of the values at ``time``; of a metric without data there is nothing to note."""
        for metric, curve in self._curves.items():
            value = values.get(metric)
            if value is not None:
                curve.add(Reading(time, value))

    def of(self, metric: Metric) -> list[Reading]:
        """Return the readings of a metric, in order."""
        curve = self._curves.get(metric)
        return [] if curve is None else curve.readings()

    def came_near(self, watched: Watched) -> bool:
        """Whether the metric ever was at half of a limit or more, on the way to it."""
        peak = max((reading.value for reading in self.of(watched.metric)), default=0.0)
        return any(sign in _RISING and peak > 0 and peak >= number / 2 for sign, number in watched.fires)


class _Curve:
    """Stretches of equal length, each with its lowest and highest reading; the more there are, the longer they get."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._length = 1.0
        self._stretches: dict[int, tuple[Reading, Reading]] = {}

    def add(self, reading: Reading) -> None:
        self._widen_to(reading, reading)
        while len(self._stretches) > self._most:
            self._length *= 2
            kept, self._stretches = self._stretches, {}
            for lowest, highest in kept.values():
                self._widen_to(lowest, highest)

    def readings(self) -> list[Reading]:
        return sorted({reading for pair in self._stretches.values() for reading in pair})

    def _widen_to(self, lowest: Reading, highest: Reading) -> None:
        number = int(lowest.time // self._length)
        low, high = self._stretches.get(number, (lowest, highest))
        self._stretches[number] = (
            lowest if lowest.value < low.value else low,
            highest if highest.value > high.value else high,
        )


def _watched(options: DegradationOptions) -> Iterator[Watched]:
    for component, triggers in {"": options.triggers, **options.components}.items():
        for trigger in triggers:
            for metric in trigger.when.compared_metrics():
                fires, releases = _limits(trigger.when, metric), _limits(trigger.release, metric)
                yield Watched(component, trigger.name, metric, fires, releases, trigger.dwell, trigger.release_dwell)


def _limits(condition: Condition | None, metric: Metric) -> tuple[Limit, ...]:
    limits = () if condition is None else condition.limits()
    return tuple(Limit(sign, number) for compared, sign, number in limits if compared is metric)
