"""What a circuit breaker may be told: by code in a `CircuitBreakerConfig`, by a policy in a ``[breakers.NAME]`` table.

Knows no state. Values are checked when they are made, so a machine never meets a threshold of 0. Seconds are floats.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from policy_engine.policy.durations import seconds

DEFAULT = "default"
"""The table from which every other breaker inherits."""


def _whole(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} is {value!r}: it must be a whole number, 1 or more")


def _number(name: str, value: object, allowed: str, *, low: float, high: float = math.inf, above: bool = False) -> None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
    if not fits or (above and value == low):
        raise ValueError(f"{name} is {value!r}: it must be {allowed}")


def _common(options: CircuitBreakerConfig | BreakerOptions) -> None:
    _whole("failure_threshold", options.failure_threshold)
    _whole("success_threshold", options.success_threshold)
    _number("recovery_timeout", options.recovery_timeout, "a number of seconds, 0 or more", low=0.0, high=1e10)
    _number("timeout", options.timeout, "a number of seconds above 0 (math.inf for no limit)", low=0.0, above=True)


@dataclass(frozen=True, slots=True)
class CircuitBreakerConfig:
    """A breaker by consecutive failures, as code asks for it.

    It opens after ``failure_threshold`` failures in a row, refuses for ``recovery_timeout`` seconds, then lets probes
    through and closes after ``success_threshold`` good ones. A call longer than ``timeout`` seconds is a failure.

    Raises:
        ValueError: a value that no breaker can work with; the message says what is allowed.
    """

    failure_threshold: int = 5
    recovery_timeout: float = 60.0
    success_threshold: int = 3
    timeout: float = 30.0

    def __post_init__(self) -> None:
        _common(self)


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """How many probes may run at once, and for how many seconds each holds its permit at the most."""

    permits: int
    lease: float

    def __post_init__(self) -> None:
        _whole("half_open.permits", self.permits)
        _number("half_open.lease", self.lease, "a number of seconds above 0", low=0.0, above=True)


@dataclass(frozen=True, slots=True)
class BreakerOptions:
    """All that a policy may say of one breaker."""

    failure_threshold: int = 5
    recovery_timeout: float = 60.0
    success_threshold: int = 3
    timeout: float = 30.0
    half_open: HalfOpen | None = None
    counts: Mapping[str, Any] | None = field(default=None, hash=False)
    """The match table that says which errors count; ``None`` for all."""

    def __post_init__(self) -> None:
        _common(self)

    @property
    def probes(self) -> HalfOpen:
        """The half-open rule: by default as many probes as close the breaker, each for ``timeout``."""
        return self.half_open or HalfOpen(permits=self.success_threshold, lease=self.timeout)


def options_of(config: CircuitBreakerConfig | BreakerOptions | None) -> BreakerOptions:
    """Return what code passed as full options; ``None`` means the defaults."""
    if config is None:
        return BreakerOptions()
    if isinstance(config, BreakerOptions):
        return config
    return BreakerOptions(**{item.name: getattr(config, item.name) for item in fields(config)})


def compile_breakers(section: Mapping[str, Any]) -> Mapping[str, BreakerOptions]:
    """Compile a schema-valid ``[breakers]`` section.

    A key that a table does not give comes from ``[breakers.default]``; ``"default"`` itself is always in the result.
    """
    inherited = section.get(DEFAULT, {})
    compiled = {DEFAULT: _compile(inherited)}
    compiled.update((name, _compile({**inherited, **table})) for name, table in section.items() if name != DEFAULT)
    return compiled


def _compile(table: Mapping[str, Any]) -> BreakerOptions:
    return BreakerOptions(**{key: _READ.get(key, _as_is)(value) for key, value in table.items()})


def _as_is(value: Any) -> Any:
    return value


def _half_open(table: Mapping[str, Any]) -> HalfOpen:
    return HalfOpen(permits=table.get("permits", 1), lease=seconds(table.get("lease", "30s")))


_READ: dict[str, Callable[[Any], Any]] = {"recovery_timeout": seconds, "timeout": seconds, "half_open": _half_open}
