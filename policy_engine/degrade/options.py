"""What ``[degradation]`` says, as values: levels, triggers, components, and the functions that depend on a level.

Compiled once from a schema-valid table; nothing here changes afterwards, and equal options mean the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from policy_engine.metrics import Condition, Metric, compile_comparison, compile_condition, has_comparison, metric
from policy_engine.policy.durations import seconds

DEFAULT_LEVELS = ("full", "degraded", "minimal", "emergency")


class WhenIdle(Enum):
    """What silence means to a trigger in force: go on holding the level, or let it count as relief."""

    HOLD = "hold"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class TriggerOptions:
    """When a trigger comes into force and when it is released; durations in seconds."""

    name: str
    when: Condition
    level: str | None = None
    """The level it asks for; ``None``: ``steps`` levels below the one at which it fires."""
    steps: int = 1
    dwell: float = 0.0
    release: Condition | None = None
    """``None``: released when ``when`` no longer holds."""
    release_dwell: float = 0.0
    when_idle: WhenIdle = WhenIdle.RELEASE
    activity: tuple[Metric, ...] = ()
    """Counts that are all zero when nothing happens."""

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Everything that the trigger reads."""
        release = self.release.metrics if self.release is not None else ()
        return (*self.when.metrics, *release, *self.activity)


@dataclass(frozen=True, slots=True)
class FlapLimit:
    """The n-th fall after a rise, within ``within``, holds its level for ``hold * 2 ** (n - 1)`` up to ``longest``."""

    within: float = 3600.0
    hold: float = 60.0
    longest: float = 1800.0


@dataclass(frozen=True, slots=True)
class Sample:
    """The share (0 to 1) of calls that still run at ``levels``; calls of one ``key`` argument go the same way."""

    share: float
    key: str | None = None
    levels: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """A fallback: this value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Registered:
    """A fallback: what the callable registered under this name returns for the same arguments."""

    name: str


@dataclass(frozen=True, slots=True)
class LastGood:
    """A fallback: the last result for the same arguments, where it is not older than ``max_age`` seconds."""

    max_age: float


Fallback = Value | Registered | LastGood


@dataclass(frozen=True, slots=True)
class FunctionOptions:
    """Where a function runs and what a call gives elsewhere."""

    runs_at: frozenset[str] | None = None
    """``None``: at every level."""
    fallback: Fallback | None = None
    sample: Sample | None = None


@dataclass(frozen=True, slots=True)
class DegradationOptions:
    """All of ``[degradation]``: levels best first, what moves them, and what depends on them."""

    levels: tuple[str, ...] = DEFAULT_LEVELS
    triggers: tuple[TriggerOptions, ...] = ()
    components: Mapping[str, tuple[TriggerOptions, ...]] = field(default_factory=dict)
    functions: Mapping[str, FunctionOptions] = field(default_factory=dict)
    probation: float = 30.0
    flap_limit: FlapLimit = FlapLimit()

    def metrics(self) -> frozenset[Metric]:
        """Return everything that the triggers read, for a `MetricSet` to measure."""
        return frozenset(each for trigger in self._all_triggers() for each in trigger.metrics)

    def _all_triggers(self) -> Iterator[TriggerOptions]:
        yield from self.triggers
        for triggers in self.components.values():
            yield from triggers


def compile_degradation(section: Mapping[str, Any]) -> DegradationOptions:
    """Compile a schema-valid ``[degradation]`` table.

    Raises:
        ValueError: a ``release`` compares, and it is not one metric that its ``when`` compares.
    """
    components = section.get("components", {})
    return DegradationOptions(
        levels=tuple(section.get("levels", DEFAULT_LEVELS)),
        triggers=_triggers(section),
        components={name: _triggers(table) for name, table in components.items()},
        functions={name: _function(table) for name, table in section.get("functions", {}).items()},
        probation=seconds(section.get("probation", "30s")),
        flap_limit=_flap_limit(section.get("flap_limit", {})),
    )


def _triggers(table: Mapping[str, Any]) -> tuple[TriggerOptions, ...]:
    return tuple(_trigger(trigger) for trigger in table.get("triggers", ()))


def _trigger(table: Mapping[str, Any]) -> TriggerOptions:
    when = compile_condition(table["when"], minimum_events=table.get("minimum_events", 0))
    release = table.get("release", {})
    when_idle = WhenIdle(table.get("when_idle", "release"))
    return TriggerOptions(
        name=table["name"],
        when=when,
        level=table.get("level"),
        steps=table.get("steps", 1),
        dwell=seconds(table.get("for", "0s")),
        release=_release(table["name"], when, release),
        release_dwell=seconds(release.get("for", "0s")),
        when_idle=when_idle,
        activity=_activity(when) if when_idle is WhenIdle.HOLD else (),
    )


def _release(trigger: str, when: Condition, table: Mapping[str, Any]) -> Condition | None:
    if "when" in table:
        return compile_condition(table["when"])
    if not has_comparison(table):
        return None
    compared = when.compared_metrics()
    if len(compared) != 1:
        raise ValueError(
            f'the release of trigger "{trigger}" compares, but its "when" reads {len(compared)} metrics: '
            "write release.when = { metric = ..., ... } to say which one"
        )
    return compile_comparison(compared[0], table)


def _activity(when: Condition) -> tuple[Metric, ...]:
    """The calls and errors of the widest window: with none of them the service is idle."""
    window = max((each.window for each in when.compared_metrics() if each.window is not None), default=60.0)
    return metric("calls", window), metric("errors", window)


def _flap_limit(table: Mapping[str, Any]) -> FlapLimit:
    return FlapLimit(
        within=seconds(table.get("within", "1h")),
        hold=seconds(table.get("hold", "1m")),
        longest=seconds(table.get("max", "30m")),
    )


def _function(table: Mapping[str, Any]) -> FunctionOptions:
    return FunctionOptions(
        runs_at=frozenset(table["runs_at"]) if "runs_at" in table else None,
        fallback=_fallback(table["fallback"]) if "fallback" in table else None,
        sample=_sample(table["sample"]) if "sample" in table else None,
    )


def _fallback(table: Mapping[str, Any]) -> Fallback:
    if "function" in table:
        return Registered(table["function"])
    if "last_good" in table:
        return LastGood(seconds(table["last_good"]))
    return Value(table["value"])


def _sample(spec: Any) -> Sample:
    if not isinstance(spec, Mapping):
        return Sample(float(spec))
    levels = frozenset(spec["at"]) if "at" in spec else None
    return Sample(float(spec["share"]), spec.get("key"), levels)
