"""What triggers compare, over time: the values of their metrics and the numbers that these are held against.

Fed with readings in the order of time; knows no engine and no drawing. Memory is bounded: when it is full, of every
four readings the lowest and the highest stay, so that a peak is never lost, nor a trough.
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
        """Keep at most ``most`` readings of each metric, 8 or more."""
        self.watched = tuple(_watched(options))
        self._most = most
        self._readings: dict[Metric, list[Reading]] = {each.metric: [] for each in self.watched}

    def add(self, time: float, values: Mapping[Metric, float | None]) -> None:
        """Take note of the values at ``time``; of a metric without data there is nothing to note."""
        for metric, readings in self._readings.items():
            value = values.get(metric)
            if value is None:
                continue
            if len(readings) >= self._most:
                readings[:] = _thinned(readings)
            readings.append(Reading(time, value))

    def of(self, metric: Metric) -> list[Reading]:
        """Return the readings of a metric, in order."""
        return self._readings.get(metric, [])

    def came_near(self, watched: Watched) -> bool:
        """Whether the metric ever was at half of a limit or more, on the way to it."""
        peak = max((reading.value for reading in self.of(watched.metric)), default=0.0)
        return any(sign in _RISING and peak > 0 and peak >= number / 2 for sign, number in watched.fires)


def _watched(options: DegradationOptions) -> Iterator[Watched]:
    for component, triggers in {"": options.triggers, **options.components}.items():
        for trigger in triggers:
            for metric in trigger.when.compared_metrics():
                fires, releases = _limits(trigger.when, metric), _limits(trigger.release, metric)
                yield Watched(component, trigger.name, metric, fires, releases, trigger.dwell, trigger.release_dwell)


def _limits(condition: Condition | None, metric: Metric) -> tuple[Limit, ...]:
    limits = () if condition is None else condition.limits()
    return tuple(Limit(sign, number) for compared, sign, number in limits if compared is metric)


def _thinned(readings: list[Reading]) -> Iterator[Reading]:
    for start in range(0, len(readings), 4):
        four = readings[start : start + 4]
        extremes = {min(four, key=lambda each: each.value), max(four, key=lambda each: each.value)}
        yield from sorted(extremes)
