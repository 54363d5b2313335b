"""What stands between a call and its dependency: breaker, retry, timeout, fallback, and their composition."""

from policy_engine.protect.breaker import (
    BreakerOptions,
    BreakerStatistics,
    CircuitBreaker,
    CircuitBreakerConfig,
    HalfOpen,
    compile_breakers,
)

__all__ = [
    "BreakerOptions",
    "BreakerStatistics",
    "CircuitBreaker",
    "CircuitBreakerConfig",
    "HalfOpen",
    "compile_breakers",
]
