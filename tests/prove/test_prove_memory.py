"""Ten million handled errors leave memory where it was after the first hundred thousand."""

from __future__ import annotations

import gc
import resource
from pathlib import Path

import pytest
from makers import an_engine

from policy_engine import Engine, SystemClock

POLICY = """
[categories.NETWORK]
retryable = true
[[rules]]
name = "peer-hung-up"
match.exception = "ConnectionResetError"
category = "NETWORK"
[[severity.adjust]]
name = "burst"
match = { category = "NETWORK" }
when = { metric = "errors", category = "NETWORK", window = "1m", at_least = 1000000000 }
raise_to = "CRITICAL"
"""


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def handle(engine: Engine, count: int) -> None:
    for number in range(count):
        # Messages, modules and contexts never repeat: nothing may be kept for each of them.
        engine.handle(ConnectionResetError(104, f"peer {number}"), module=f"m{number}", context={"n": number})


@pytest.mark.prove
def test_ten_million_handled_errors_leave_memory_flat() -> None:
    engine = an_engine(POLICY, clock=SystemClock())
    handle(engine, 200_000)
    gc.collect()
    before = resident_bytes()
    handle(engine, 9_800_000)
    gc.collect()
    grown = resident_bytes() - before
    print(f"10,000,000 errors: {before / 2**20:.1f} MiB, grown by {grown / 2**20:.2f} MiB")
    assert engine.statistics()["total_errors"] == 10_000_000
    assert grown < 4 * 2**20
