"""The bot's own name for its error handling: everything here is the library's.

A program that grew its own ``error_handler`` module keeps its import lines, and gets the library behind them.
"""

from policy_engine import (
    CircuitBreaker,
    CircuitBreakerConfig,
    CircuitOpenError,
    ComprehensiveErrorHandler,
    DegradedError,
    ErrorClassifier,
    ErrorInfo,
    GracefulDegradation,
    PolicyEngineError,
    PolicyError,
    RecoveryManager,
    Severity,
    configure,
    critical_function,
    degradable,
    emergency_function,
    get_error_handler,
    handle_error,
)

__all__ = [
    "CircuitBreaker",
    "CircuitBreakerConfig",
    "CircuitOpenError",
    "ComprehensiveErrorHandler",
    "DegradedError",
    "ErrorClassifier",
    "ErrorInfo",
    "GracefulDegradation",
    "PolicyEngineError",
    "PolicyError",
    "RecoveryManager",
    "Severity",
    "configure",
    "critical_function",
    "degradable",
    "emergency_function",
    "get_error_handler",
    "handle_error",
]
