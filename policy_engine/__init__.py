"""The error handling of a Python service, kept as data.

Classification, severity, breakers, degradation and recovery are what a policy in TOML says; this is what code needs:
`handle_error` and the decorators, `configure`, and `Engine` for those who want their own.

Names are imported when they are first used: importing the package costs a service next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policy_engine.classify import ErrorClassifier
    from policy_engine.classify.explanation import Explanation
    from policy_engine.clock import SystemClock, VirtualClock
    from policy_engine.compile import Policy, load_policy, load_policy_layers
    from policy_engine.degrade import GracefulDegradation
    from policy_engine.engine import Engine
    from policy_engine.errors import (
        CallRefusedError,
        CircuitOpenError,
        DegradedError,
        PolicyEngineError,
        PolicyError,
        UnknownNameError,
    )
    from policy_engine.handler import (
        ComprehensiveErrorHandler,
        configure,
        critical_function,
        degradable,
        emergency_function,
        get_error_handler,
        handle_error,
    )
    from policy_engine.model import BreakerState, ErrorInfo, RecoveryStatus, Severity
    from policy_engine.protect import CircuitBreaker, CircuitBreakerConfig, time_left
    from policy_engine.recover import RecoveryManager

__version__ = "0.1.0"

_MODULES = {
    "handler": (
        "handle_error",
        "get_error_handler",
        "configure",
        "critical_function",
        "emergency_function",
        "degradable",
        "ComprehensiveErrorHandler",
    ),
    "protect": ("CircuitBreakerConfig", "CircuitBreaker", "time_left"),
    "model": ("BreakerState", "ErrorInfo", "Severity", "RecoveryStatus"),
    "classify": ("ErrorClassifier",),
    "classify.explanation": ("Explanation",),
    "degrade": ("GracefulDegradation",),
    "recover": ("RecoveryManager",),
    "engine": ("Engine",),
    "compile": ("Policy", "load_policy", "load_policy_layers"),
    "clock": ("VirtualClock", "SystemClock"),
    "errors": (
        "PolicyEngineError",
        "PolicyError",
        "CallRefusedError",
        "CircuitOpenError",
        "DegradedError",
        "UnknownNameError",
    ),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [  # noqa: RUF022  in the order in which a user meets them
    "handle_error",
    "get_error_handler",
    "configure",
    "critical_function",
    "emergency_function",
    "degradable",
    "ComprehensiveErrorHandler",
    "CircuitBreakerConfig",
    "CircuitBreaker",
    "time_left",
    "BreakerState",
    "ErrorInfo",
    "Severity",
    "RecoveryStatus",
    "ErrorClassifier",
    "Explanation",
    "GracefulDegradation",
    "RecoveryManager",
    "Engine",
    "Policy",
    "load_policy",
    "load_policy_layers",
    "VirtualClock",
    "SystemClock",
    "PolicyEngineError",
    "PolicyError",
    "CallRefusedError",
    "CircuitOpenError",
    "DegradedError",
    "UnknownNameError",
]


def __getattr__(name: str) -> object:
    module = _HOMES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
