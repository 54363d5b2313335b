"""What a ``bulkhead`` table may say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy_engine.policy.durations import seconds


@dataclass(frozen=True, slots=True)
class BulkheadOptions:
    """At most ``concurrent`` calls run, ``queued`` more wait, each for ``wait`` seconds at the most."""

    concurrent: int
    queued: int = 0
    wait: float = math.inf

    def __post_init__(self) -> None:
        if self.concurrent < 1 or self.queued < 0:
            raise ValueError("bulkhead: concurrent must be 1 or more, queued 0 or more")
        if not self.wait > 0:
            raise ValueError("bulkhead: wait must be above 0")


def compile_bulkhead(table: Mapping[str, Any]) -> BulkheadOptions:
    """Compile a schema-valid ``bulkhead`` table."""
    return BulkheadOptions(
        concurrent=table["concurrent"],
        queued=table.get("queued", 0),
        wait=seconds(table["wait"]) if "wait" in table else math.inf,
    )
