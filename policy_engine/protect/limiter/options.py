"""What a ``rate_limit`` table may say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy_engine.policy.durations import seconds


@dataclass(frozen=True, slots=True)
class LimiterOptions:
    """At most ``calls`` in ``per`` seconds on the long run, ``burst`` of them at once; each waits ``wait`` at most."""

    calls: int
    per: float
    burst: int = 1
    wait: float = 0.0

    def __post_init__(self) -> None:
        if self.calls < 1 or self.burst < 1:
            raise ValueError("rate_limit: calls and burst must be whole numbers, 1 or more")
        if not self.per > 0 or not self.wait >= 0:
            raise ValueError("rate_limit: per must be above 0, wait 0 or more")


def compile_limiter(table: Mapping[str, Any]) -> LimiterOptions:
    """Compile a schema-valid ``rate_limit`` table; by default all calls of a period may come at once."""
    return LimiterOptions(
        calls=table["calls"],
        per=seconds(table["per"]),
        burst=table.get("burst", table["calls"]),
        wait=seconds(table.get("wait", "0s")),
    )
