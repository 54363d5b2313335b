"""The circuit breaker: options, the machine that decides, the shell that code meets."""

from policy_engine.protect.breaker.breaker import CircuitBreaker
from policy_engine.protect.breaker.keyed import KeyedBreakers
from policy_engine.protect.breaker.options import (
    BreakerOptions,
    CircuitBreakerConfig,
    HalfOpen,
    OpenBackoff,
    SlowCall,
    Window,
    WindowKind,
    compile_breakers,
    options_of,
)
from policy_engine.protect.breaker.permit import Permit, Refusal
from policy_engine.protect.breaker.statistics import BreakerStatistics

__all__ = [
    "BreakerOptions",
    "BreakerStatistics",
    "CircuitBreaker",
    "CircuitBreakerConfig",
    "HalfOpen",
    "KeyedBreakers",
    "OpenBackoff",
    "Permit",
    "Refusal",
    "SlowCall",
    "Window",
    "WindowKind",
    "compile_breakers",
    "options_of",
]
