"""What stands between a call and its dependency: breaker, retry, timeout, fallback, and their composition."""

from policy_engine.protect.breaker import (
    BreakerOptions,
    BreakerStatistics,
    CircuitBreaker,
    CircuitBreakerConfig,
    HalfOpen,
    KeyedBreakers,
    OpenBackoff,
    SlowCall,
    Window,
    WindowKind,
    compile_breakers,
    options_of,
)
from policy_engine.protect.calls import (
    CallOptions,
    OutcomeListener,
    Pipeline,
    ProtectedBlock,
    Protection,
    compile_calls,
)
from policy_engine.protect.fallback import FallbackFunction, FallbackOptions, FallbackValue, LastGood
from policy_engine.protect.retry import RetryOptions
from policy_engine.protect.timeout import time_left

__all__ = [
    "BreakerOptions",
    "BreakerStatistics",
    "CallOptions",
    "CircuitBreaker",
    "CircuitBreakerConfig",
    "FallbackFunction",
    "FallbackOptions",
    "FallbackValue",
    "HalfOpen",
    "KeyedBreakers",
    "LastGood",
    "OpenBackoff",
    "OutcomeListener",
    "Pipeline",
    "ProtectedBlock",
    "Protection",
    "RetryOptions",
    "SlowCall",
    "Window",
    "WindowKind",
    "compile_breakers",
    "compile_calls",
    "options_of",
    "time_left",
]
