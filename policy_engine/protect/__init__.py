"""What stands between a call and its dependency: breaker, retry, timeout, bulkhead, rate limit, fallback, composed."""

from policy_engine.protect.breaker import (
    BreakerOptions,
    BreakerStatistics,
    CircuitBreaker,
    CircuitBreakerConfig,
    HalfOpen,
    KeyedBreakers,
    OpenBackoff,
    Permit,
    Refusal,
    SlowCall,
    Window,
    WindowKind,
    compile_breakers,
    options_of,
)
from policy_engine.protect.bulkhead import BulkheadOptions
from policy_engine.protect.calls import (
    CallOptions,
    Outcome,
    OutcomeListener,
    Pipeline,
    ProtectedBlock,
    Protection,
    compile_calls,
)
from policy_engine.protect.fallback import FallbackFunction, FallbackOptions, FallbackValue, LastGood
from policy_engine.protect.limiter import LimiterOptions
from policy_engine.protect.retry import BudgetOptions, RetryOptions
from policy_engine.protect.timeout import time_left

__all__ = [
    "BreakerOptions",
    "BreakerStatistics",
    "BudgetOptions",
    "BulkheadOptions",
    "CallOptions",
    "CircuitBreaker",
    "CircuitBreakerConfig",
    "FallbackFunction",
    "FallbackOptions",
    "FallbackValue",
    "HalfOpen",
    "KeyedBreakers",
    "LastGood",
    "LimiterOptions",
    "OpenBackoff",
    "Outcome",
    "OutcomeListener",
    "Permit",
    "Pipeline",
    "ProtectedBlock",
    "Protection",
    "Refusal",
    "RetryOptions",
    "SlowCall",
    "Window",
    "WindowKind",
    "compile_breakers",
    "compile_calls",
    "options_of",
    "time_left",
]
