"""The words that all rooms share: an error, its severity, a breaker's state, what happened, what an action may reach.

Decides nothing. Everything that passes between rooms is frozen, but for `Occurrence`:
one error on its way through the engine, which each mechanism completes before it is sealed as an `ErrorInfo`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, NoReturn, Protocol

from policy_engine.errors import DiagnosticLike
from policy_engine.instants import iso

UNKNOWN = "UNKNOWN"
"""The category of an error that no rule claims."""

_SEVERITY_RANK = {"LOW": 0, "MEDIUM": 1, "HIGH": 2, "CRITICAL": 3}


class Severity(StrEnum):
    """How bad an error is. Ordered: ``Severity.LOW < Severity.HIGH``; equal to its name as a string."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"

    @property
    def rank(self) -> int:
        """From 0 (LOW) to 3 (CRITICAL)."""
        return _SEVERITY_RANK[self.value]

    def __lt__(self, other: str) -> bool:
        return self.rank < _SEVERITY_RANK[other]

    def __le__(self, other: str) -> bool:
        return self.rank <= _SEVERITY_RANK[other]

    def __gt__(self, other: str) -> bool:
        return self.rank > _SEVERITY_RANK[other]

    def __ge__(self, other: str) -> bool:
        return self.rank >= _SEVERITY_RANK[other]


class BreakerState(StrEnum):
    """What a call to a circuit breaker would meet now."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"
    FORCED_OPEN = "FORCED_OPEN"
    """Refuses whatever calls do, by an operator's or a recovery's hand."""
    DISABLED = "DISABLED"
    """Lets every call pass and counts none towards opening."""
    METRICS_ONLY = "METRICS_ONLY"
    """Lets every call pass, counts, and never opens."""


class RecoveryStatus(StrEnum):
    """Where a recovery stands."""

    WAITING = "waiting"
    RUNNING = "running"
    VERIFYING = "verifying"
    """Its steps worked; what must pass before it counts as succeeded is being asked."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXHAUSTED = "exhausted"
    """All attempts failed."""
    SKIPPED = "skipped"
    """None was started for the error."""
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    """The process forked, and this is the child."""

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self not in (RecoveryStatus.WAITING, RecoveryStatus.RUNNING, RecoveryStatus.VERIFYING)


def short_name(qualified: str) -> str:
    """``"builtins.ValueError"`` as ``"ValueError"``, other names as they are: the form in which names are kept.

    ``__main__`` is left out too, as a traceback leaves it out.
    """
    return qualified.removeprefix("builtins.").removeprefix("__main__.")


class Frame(NamedTuple):
    """One entry of a stack. Source text is looked up when shown, never kept."""

    file: str
    line: int
    function: str


class Cause(NamedTuple):
    """An exception behind another one: along ``__cause__`` and ``__context__``, or a member of a group."""

    type: str
    mro: tuple[str, ...]
    message: str
    attributes: Mapping[str, object]
    relation: str
    """``"cause"``, ``"context"`` or ``"member"``."""


@dataclass(slots=True)
class Occurrence:
    """One error on its way through the engine, captured live or read from a record.

    The first group is what happened, scrubbed; the second is what the mechanisms decide, filled in as it passes them.
    """

    type: str
    mro: tuple[str, ...] = field()  # without field(), the method type.mro would pass for a default
    message: str
    time: float | None = None
    """Seconds since 1970; ``None`` in a record that does not say, which neither feeds nor reads windows."""
    attributes: Mapping[str, object] = field(default_factory=dict)
    causes: tuple[Cause, ...] = ()
    stack: tuple[Frame, ...] = ()
    module: str = ""
    function: str = ""
    context: Mapping[str, object] = field(default_factory=dict)
    id: str = ""
    type_module: str = ""
    """The module of ``type``, where that is known for sure."""
    refusal: bool = False
    """Whether this is a protection's refusal: classified when asked, never counted as an error."""
    call: str = ""
    """The protected call that it left, by the name of its ``[calls]`` table."""
    call_seconds: float | None = None
    retries: int = 0
    variables: tuple[Mapping[str, object], ...] = ()
    """The local variables of the last frames of ``stack``, where a policy asks for them."""

    category: str = UNKNOWN
    severity: Severity = Severity.MEDIUM
    retryable: bool = False
    tags: tuple[str, ...] = ()
    rule: str | None = None
    adjusted_by: tuple[str, ...] = ()
    fingerprint: str = ""
    folded: str = ""
    """The message in lower case, once a matcher asked for it."""
    scrubbed: bool = False
    """Whether its secrets were taken out."""
    faults: tuple[tuple[str, Exception], ...] = ()
    """What plugins' matchers raised over it, each with where that was."""


class FrozenDict(dict[str, object]):
    """A dict that nobody changes: what one subscriber is shown, the next one sees as it was."""

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("this is part of a handled error, which nobody changes: make a dict of it first")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[type[FrozenDict], tuple[dict[str, object]]]:
        return FrozenDict, (dict(self),)


_NOTHING = FrozenDict()


def frozen(value: object) -> object:
    """The value with its dicts frozen and its lists as tuples, all the way down."""
    if isinstance(value, dict):
        return FrozenDict({key: frozen(item) for key, item in value.items()}) if value else _NOTHING
    if isinstance(value, list | tuple):
        return tuple(frozen(item) for item in value)
    return value


def _frozen_mapping(mapping: Mapping[str, object]) -> FrozenDict:
    return FrozenDict({key: frozen(value) for key, value in mapping.items()})


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """One handled error, as everybody sees it: frozen, scrubbed, JSON-ready, without a traceback or a frame."""

    id: str
    time: float | None
    exception_type: str
    """The class's qualified name: ``"OperationalError"``."""
    exception_module: str
    """The module that defines the class: ``"sqlite3"``."""
    mro: tuple[str, ...] = field()  # without field(), the method type.mro would pass for a default
    message: str
    attributes: Mapping[str, object]
    causes: tuple[Cause, ...]
    stack: tuple[Frame, ...]
    """Outermost call first, as a traceback prints it."""
    module: str
    function: str
    context: Mapping[str, object]
    fingerprint: str
    """Equal for errors of one kind from one place, whatever numbers their messages carry."""
    category: str
    severity: Severity
    retryable: bool
    tags: tuple[str, ...]
    rule: str | None
    """The rule that decided; ``None`` where none matched."""
    level: str
    """The service's level once this error was counted."""
    recovery_status: RecoveryStatus | None
    """How the recovery that this error started stood when ``handle`` returned; ``None`` where none did."""
    recovery_id: str | None
    handling_seconds: float
    """What handling this error cost the caller."""
    adjusted_by: tuple[str, ...] = ()
    """The severity adjustments that moved its severity, in order; empty where rule or category alone decided."""
    call: str = ""
    """The protected call that it left, by the name of its ``[calls]`` table; empty where it left none."""
    call_seconds: float | None = None
    """How long that call took, retries and the waits before them included."""
    retries: int = 0
    """How often that call was tried again."""
    variables: tuple[Mapping[str, object], ...] = ()
    """The local variables of the last frames of ``stack``, scrubbed; empty unless the policy asks for them."""

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def type(self) -> str:
        """The class with its module, as rules name it: ``"sqlite3.OperationalError"``."""
        return short_name(f"{self.exception_module}.{self.exception_type}")

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data in the form of a recorded error: ``replay`` reads it back."""
        return {
            "id": self.id,
            "time": iso(self.time),
            "type": self.type,
            "exception_type": self.exception_type,
            "exception_module": self.exception_module,
            "mro": list(self.mro),
            "message": self.message,
            "attributes": dict(self.attributes),
            "cause": [
                {
                    "type": cause.type,
                    "mro": list(cause.mro),
                    "message": cause.message,
                    "attributes": dict(cause.attributes),
                    "relation": cause.relation,
                }
                for cause in self.causes
            ],
            "stack": [frame._asdict() for frame in self.stack],
            "module": self.module,
            "function": self.function,
            "context": _plain(self.context),
            "fingerprint": self.fingerprint,
            "category": self.category,
            "severity": self.severity.value,
            "retryable": self.retryable,
            "tags": list(self.tags),
            "rule": self.rule,
            "level": self.level,
            "recovery_status": None if self.recovery_status is None else self.recovery_status.value,
            "recovery_id": self.recovery_id,
            "handling_seconds": self.handling_seconds,
            "adjusted_by": list(self.adjusted_by),
            "call": self.call,
            "call_seconds": self.call_seconds,
            "retries": self.retries,
            "variables": [_plain(each) for each in self.variables],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ErrorInfo:
        """Return the error that `to_dict` made this data of.

        Raises:
            KeyError: a key is missing.
            ValueError: a value is none that `to_dict` writes.
        """
        status = data["recovery_status"]
        return cls(
            id=data["id"],
            time=None if data["time"] is None else datetime.fromisoformat(data["time"]).timestamp(),
            exception_type=data["exception_type"],
            exception_module=data["exception_module"],
            mro=tuple(data["mro"]),
            message=data["message"],
            attributes=_frozen_mapping(data["attributes"]),
            causes=tuple(Cause(**{**cause, "mro": tuple(cause["mro"])}) for cause in data["cause"]),
            stack=tuple(Frame(**frame) for frame in data["stack"]),
            module=data["module"],
            function=data["function"],
            context=_frozen_mapping(data["context"]),
            fingerprint=data["fingerprint"],
            category=data["category"],
            severity=Severity(data["severity"]),
            retryable=data["retryable"],
            tags=tuple(data["tags"]),
            rule=data["rule"],
            level=data["level"],
            recovery_status=None if status is None else RecoveryStatus(status),
            recovery_id=data["recovery_id"],
            handling_seconds=data["handling_seconds"],
            adjusted_by=tuple(data["adjusted_by"]),
            call=data["call"],
            call_seconds=data["call_seconds"],
            retries=data["retries"],
            variables=tuple(map(_frozen_mapping, data["variables"])),
        )

    def to_json(self) -> str:
        """`to_dict` as one line of JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"))


def _plain(value: object) -> Any:
    """The value with its frozen mappings and tuples as dicts and lists, for JSON."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


@dataclass(frozen=True, slots=True)
class ErrorHandled:
    """An error was handled."""

    info: ErrorInfo


@dataclass(frozen=True, slots=True)
class BreakerChanged:
    """A circuit breaker moved from one state to another: exactly one event a transition."""

    time: float
    breaker: str
    before: BreakerState
    after: BreakerState
    reason: str


@dataclass(frozen=True, slots=True)
class LevelChanged:
    """The service's level moved, or a component's. ``cause`` is a trigger's name, or ``"manual"``."""

    time: float
    before: str
    after: str
    cause: str
    reason: str
    values: Mapping[str, float]
    component: str = ""
    """The component whose own level moved; empty for the whole service."""


@dataclass(frozen=True, slots=True)
class RecoveryStep:
    """One step of a recovery: its action, whether it worked, how long it took (seconds)."""

    action: str
    succeeded: bool
    detail: str
    seconds: float


@dataclass(frozen=True, slots=True)
class RecoveryChanged:
    """A recovery started, moved on or ended."""

    time: float
    recovery_id: str
    strategy: str
    status: RecoveryStatus
    error_id: str
    attempt: int
    steps: tuple[RecoveryStep, ...]


@dataclass(frozen=True, slots=True)
class AlertSent:
    """A route sent an alert; ``suppressed`` counts those that its throttle held back since the last one."""

    time: float
    route: str
    channel: str
    text: str
    suppressed: int
    info: ErrorInfo | None


@dataclass(frozen=True, slots=True)
class ShadowDecision:
    """What an entry with ``enforce = false`` would have done; nothing was."""

    time: float
    kind: str
    """``"rule"``, ``"breaker"``, ``"trigger"``, ``"strategy"`` or ``"route"``."""
    name: str
    would: str
    """What, in words."""
    info: ErrorInfo | None = None
    """The error that it is about, where it is about one."""


@dataclass(frozen=True, slots=True)
class PolicyChanged:
    """A policy became active, or was refused and the last good one stays."""

    time: float
    active: bool
    diagnostics: tuple[DiagnosticLike, ...]


@dataclass(frozen=True, slots=True)
class SettingOverruled:
    """Code passed a setting for ``name`` that the policy's entry overrules: the operator has the last word."""

    time: float
    name: str
    passed: str
    used: str


@dataclass(frozen=True, slots=True)
class EngineFault:
    """Error handling itself met an error: ``where`` it was, and the exception as text."""

    time: float
    where: str
    error: str


Event = (
    ErrorHandled
    | BreakerChanged
    | LevelChanged
    | RecoveryChanged
    | AlertSent
    | ShadowDecision
    | PolicyChanged
    | SettingOverruled
    | EngineFault
)


class Ports(Protocol):
    """What a recovery action may reach of the engine."""

    def breaker_reset(self, name: str) -> None:
        """Close a breaker and forget its counts."""

    def breaker_force_open(self, name: str) -> None:
        """Open a breaker for its recovery timeout."""

    def set_level(self, level: str, reason: str) -> None:
        """Pin the service's level."""

    def alert(self, channel: str, text: str, info: ErrorInfo) -> None:
        """Send a text to an alert channel."""

    def registered(self, name: str) -> Callable[..., object]:
        """Return the callable that the program registered under a name; raises `UnknownNameError`."""

    def reload_policy(self) -> tuple[DiagnosticLike, ...]:
        """Load the policy's files again; returns why they were refused, and nothing where they are active now."""

