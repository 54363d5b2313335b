"""What a ``[calls.NAME]`` table may say: which strategies stand before a target's calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy_engine.policy.durations import seconds
from policy_engine.protect.bulkhead import BulkheadOptions, compile_bulkhead
from policy_engine.protect.fallback import FallbackOptions, compile_fallback
from policy_engine.protect.limiter import LimiterOptions, compile_limiter
from policy_engine.protect.retry import RetryOptions, compile_retry


@dataclass(frozen=True, slots=True)
class CallOptions:
    """The strategies of one target, outermost first; ``None`` where a table names none.

    ``timeout`` in seconds; ``on_thread`` lets plain functions run on threads that are left behind at its end.
    """

    fallback: FallbackOptions | None = None
    rate_limit: LimiterOptions | None = None
    bulkhead: BulkheadOptions | None = None
    breaker: str | None = None
    retry: RetryOptions | None = None
    timeout: float | None = None
    on_thread: bool = False


def compile_calls(section: Mapping[str, Any]) -> Mapping[str, CallOptions]:
    """Compile a schema-valid ``[calls]`` section."""
    return {name: _compile(table) for name, table in section.items()}


def _compile(table: Mapping[str, Any]) -> CallOptions:
    timeout = table.get("timeout")
    timeout = {"after": timeout} if isinstance(timeout, str) else timeout
    return CallOptions(
        fallback=compile_fallback(table["fallback"]) if "fallback" in table else None,
        rate_limit=compile_limiter(table["rate_limit"]) if "rate_limit" in table else None,
        bulkhead=compile_bulkhead(table["bulkhead"]) if "bulkhead" in table else None,
        breaker=table.get("breaker"),
        retry=compile_retry(table["retry"]) if "retry" in table else None,
        timeout=None if timeout is None else seconds(timeout["after"]),
        on_thread=timeout is not None and timeout.get("on_thread", False),
    )
