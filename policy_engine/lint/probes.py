"""Half-open breakers whose calls come too seldom to close them.

A half-open breaker waits for good probes without an end, and a lost one gives its permit back: no setting of its own
can keep it from its ``success_threshold``. Rate limits before it can, where all calls that go through it have one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.diagnostics import Place, finding
from policy_engine.policy.schema.wording import quoted
from policy_engine.protect.breaker import compile_breakers
from policy_engine.protect.limiter import compile_limiter

_DAY = 86_400.0
"""Seconds: who waits longer for a breaker to close has long reset it by hand."""


def unreachable_thresholds(document: Document) -> Iterator[Diagnostic]:
    """Yield a finding for each breaker whose rate limits keep it half open for more than a day."""
    tables: Mapping[str, Any] = document.data.get("breakers", {})
    for name, options in compile_breakers(tables).items():
        limited = _limited_calls(document, name)
        if not limited or "used_by" in tables.get(name, {}):
            continue
        limits = [compile_limiter(table["rate_limit"]) for table in limited.values()]
        beyond_bursts = options.success_threshold - sum(limit.burst for limit in limits)
        needed = beyond_bursts / sum(limit.calls / limit.per for limit in limits)
        if needed > _DAY:
            yield _unreachable(document, name, options.success_threshold, next(iter(limited)), needed)


def _limited_calls(document: Document, breaker: str) -> dict[str, Mapping[str, Any]]:
    """The calls that go through ``breaker``, if all of them have a rate limit."""
    calls = {name: table for name, table in document.data.get("calls", {}).items() if table.get("breaker") == breaker}
    return calls if all("rate_limit" in table for table in calls.values()) else {}


def _unreachable(document: Document, breaker: str, threshold: int, call: str, needed: float) -> Diagnostic:
    where = document.locate(("calls", call, "rate_limit"))
    span = document.locate(("breakers", breaker, "success_threshold"))
    return finding(
        "PE634",
        f"half open, this breaker cannot close in less than {needed / _DAY:.3g} days: {threshold} good calls close it, "
        f"and the rate limit of {quoted(call)} lets too few pass",
        span=span or document.locate(("breakers", breaker), key=True) or where,
        file=document.files[0].name,
        help="lower the success_threshold, or let more calls pass",
        places=() if where is None else (Place(where, "the rate limit"),),
    )
