"""What a circuit breaker may be told: by code in a `CircuitBreakerConfig`, by a policy in a ``[breakers.NAME]`` table.

Knows no state. Values are checked when they are made, so a machine never meets a threshold of 0. Seconds are floats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from policy_engine.model import BreakerState
from policy_engine.policy.durations import seconds
from policy_engine.protect.breaker.limits import positive, rate, seconds_at_least_zero, share, whole
from policy_engine.protect.breaker.results import FailedResult, compile_failed_result

DEFAULT = "default"
"""The table from which every other breaker inherits."""


def _common(options: CircuitBreakerConfig | BreakerOptions) -> None:
    whole("failure_threshold", options.failure_threshold)
    whole("success_threshold", options.success_threshold)
    seconds_at_least_zero("recovery_timeout", options.recovery_timeout)
    positive("timeout", options.timeout)


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


class WindowKind(StrEnum):
    """What a window holds: the last so many calls, or the calls of the last so many seconds."""

    COUNT = "count"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Window:
    """The calls that rates are taken over: ``size`` in calls or in seconds."""

    kind: WindowKind
    size: float

    def __post_init__(self) -> None:
        if self.kind is WindowKind.COUNT:
            whole("window.size", self.size)
        else:
            positive("window.size", self.size)


@dataclass(frozen=True, slots=True)
class SlowCall:
    """A call is slow after ``longer_than`` seconds; ``rate`` of slow calls in the window opens, 0.5 being half."""

    longer_than: float
    rate: float = 0.5

    def __post_init__(self) -> None:
        positive("slow_call.longer_than", self.longer_than)
        rate("slow_call.rate", self.rate)


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """How many probes may run at once, and for how many seconds each holds its permit at the most."""

    permits: int = 1
    lease: float = 30.0

    def __post_init__(self) -> None:
        whole("half_open.permits", self.permits)
        positive("half_open.lease", self.lease)


@dataclass(frozen=True, slots=True)
class OpenBackoff:
    """Each opening without a closing between lasts ``factor`` times longer, up to ``maximum`` seconds.

    ``jitter`` takes up to that share off at random, so that many services do not probe at once.
    """

    factor: float = 2.0
    maximum: float = 600.0
    jitter: float = 0.0

    def __post_init__(self) -> None:
        positive("open_backoff.factor", self.factor, at_least=1.0)
        positive("open_backoff.max", self.maximum)
        share("open_backoff.jitter", self.jitter)


@dataclass(frozen=True, slots=True)
class BreakerOptions:
    """All that a policy may say of one breaker. Without a ``window`` it goes by ``failure_threshold``."""

    failure_threshold: int = 5
    recovery_timeout: float = 60.0
    success_threshold: int = 3
    timeout: float = 30.0
    window: Window | None = None
    failure_rate: float = 0.5
    minimum_calls: int = 10
    slow_call: SlowCall | None = None
    half_open: HalfOpen = HalfOpen()
    open_backoff: OpenBackoff | None = None
    mode: BreakerState = BreakerState.CLOSED
    """What it does while nothing else is ordered: CLOSED is the ordinary way."""
    counts: Mapping[str, Any] | None = field(default=None, hash=False)
    """The match table that says which errors count; ``None`` for all."""
    failed_result: FailedResult | None = field(default=None, hash=False)
    """Which results of calls count as failures; ``None`` for none."""
    key: str | None = None
    """The context key each of whose values has a breaker of its own."""
    enforce: bool = True
    """Whether it may refuse; one that may not lets all calls pass, and tells when it would have opened."""

    def __post_init__(self) -> None:
        _common(self)
        rate("failure_rate", self.failure_rate)
        whole("minimum_calls", self.minimum_calls)

    @property
    def patience(self) -> float:
        """Seconds after which a call is slow, or has failed."""
        return self.timeout if self.slow_call is None else min(self.timeout, self.slow_call.longer_than)


def counts_alike(before: BreakerOptions, after: BreakerOptions) -> bool:
    """Whether both count the same calls in the same way, so that what was counted under one holds under the other.

    Limits may differ: the threshold, the rates, the minimum, and all that concerns opening and closing.
    """
    kept = ("window", "timeout", "counts", "failed_result")
    slow = [None if each.slow_call is None else each.slow_call.longer_than for each in (before, after)]
    return slow[0] == slow[1] and all(getattr(before, name) == getattr(after, name) for name in kept)


def enforced(options: BreakerOptions) -> BreakerOptions:
    """Return the options of the same breaker, were it enforced."""
    return replace(options, enforce=True, mode=BreakerState.CLOSED)


def options_of(config: CircuitBreakerConfig | BreakerOptions | None) -> BreakerOptions:
    """Return what code passed as full options; ``None`` means the defaults."""
    if config is None:
        return BreakerOptions()
    if isinstance(config, BreakerOptions):
        return config
    return BreakerOptions(**{item.name: getattr(config, item.name) for item in fields(config)})


def compile_breakers(section: Mapping[str, Any]) -> Mapping[str, BreakerOptions]:
    """Compile a schema-valid ``[breakers]`` section.

    A key that a table does not give comes from ``[breakers.default]``, whole; ``"default"`` is always in the result.
    """
    inherited = section.get(DEFAULT, {})
    compiled = {DEFAULT: _compile(inherited)}
    compiled.update((name, _compile({**inherited, **table})) for name, table in section.items() if name != DEFAULT)
    return compiled


def _compile(table: Mapping[str, Any]) -> BreakerOptions:
    options = {item.name for item in fields(BreakerOptions)}
    if not table.get("enforce", True):
        table = {**table, "mode": BreakerState.METRICS_ONLY.value}
    return BreakerOptions(**{key: _READ.get(key, _as_is)(value) for key, value in table.items() if key in options})


def _as_is(value: Any) -> Any:
    return value


def _window(table: Mapping[str, Any]) -> Window:
    kind = WindowKind(table["kind"])
    return Window(kind, table["size"] if kind is WindowKind.COUNT else seconds(table["size"]))


def _slow_call(table: Mapping[str, Any]) -> SlowCall:
    return SlowCall(seconds(table["longer_than"]), table.get("rate", 0.5))


def _half_open(table: Mapping[str, Any]) -> HalfOpen:
    return HalfOpen(table.get("permits", 1), seconds(table.get("lease", "30s")))


def _open_backoff(table: Mapping[str, Any]) -> OpenBackoff:
    return OpenBackoff(table.get("factor", 2.0), seconds(table.get("max", "10m")), table.get("jitter", 0.0))


def _mode(name: str) -> BreakerState:
    return BreakerState.CLOSED if name == "normal" else BreakerState(name.upper())


_READ: dict[str, Callable[[Any], Any]] = {
    "recovery_timeout": seconds,
    "timeout": seconds,
    "window": _window,
    "slow_call": _slow_call,
    "half_open": _half_open,
    "open_backoff": _open_backoff,
    "mode": _mode,
    "failed_result": compile_failed_result,
}
