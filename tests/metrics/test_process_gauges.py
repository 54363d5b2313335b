"""Memory and processors as metrics, from a process that the test makes up."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from policy_engine.clock import VirtualClock
from policy_engine.metrics import MetricSet, ProcessExtraMissingError, ProcessGauges, metric
from policy_engine.metrics.process import Process, this_process


@dataclass
class FakeProcess:
    used: float = 0.0
    held: float = 256.0

    def resident(self) -> float:
        return self.held

    def memory(self) -> float:
        return 1024.0

    def seconds_used(self) -> float:
        return self.used

    def processors(self) -> int:
        return 2


class Bench:
    def __init__(self, find: Callable[[], Process]) -> None:
        self.clock = VirtualClock()
        self.faults: list[str] = []
        wanted = [metric(name) for name in ("memory_bytes", "memory_share", "cpu_share")]
        self.metrics = MetricSet(wanted, on_fault=lambda where, error: self.faults.append(f"{where}: {error}"))
        for name, gauge in ProcessGauges(self.clock.monotonic, find).gauges().items():
            self.metrics.supply(name, gauge)

    def read(self, name: str) -> float | None:
        return self.metrics.read(metric(name), self.clock.monotonic())


def test_memory_is_told_in_bytes_and_as_a_share() -> None:
    bench = Bench(FakeProcess)
    assert bench.read("memory_bytes") == 256.0
    assert bench.read("memory_share") == 0.25


def test_the_share_of_processors_is_that_since_the_last_look() -> None:
    process = FakeProcess()
    bench = Bench(lambda: process)
    assert bench.read("cpu_share") is None
    bench.clock.advance(10)
    process.used += 10
    assert bench.read("cpu_share") == 0.5
    bench.clock.advance(0.1)
    process.used += 0.1
    assert bench.read("cpu_share") == 0.5, "two looks at one moment give one value"
    bench.clock.advance(9.9)
    assert bench.read("cpu_share") == pytest.approx(0.005)


def test_a_missing_extra_is_told_once_and_the_metrics_have_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)
    bench = Bench(this_process)
    assert [bench.read(name) for name in ("memory_bytes", "memory_share", "cpu_share", "memory_share")] == [None] * 4
    assert bench.faults == [
        "the metric \"memory_bytes\": it needs an extra: pip install 'policy-engine[process]'",
    ]
    with pytest.raises(ProcessExtraMissingError):
        this_process()


def test_this_process_has_memory_and_has_used_a_processor() -> None:
    pytest.importorskip("psutil")
    process = this_process()
    assert 1_000_000 < process.resident() < process.memory()
    assert process.seconds_used() > 0
    assert process.processors() >= 1
