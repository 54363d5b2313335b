"""Alternating rounds of several candidates in one process, so that a machine whose speed drifts treats all alike."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter


def alternate(candidates: Mapping[str, Callable[[], object]], *, rounds: int, calls: int) -> dict[str, float]:
    """Return each candidate's median seconds a call over ``rounds`` rounds of ``calls`` calls, warmed up once."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    gc.collect()
    gc.disable()
    try:
        for number in range(rounds + 1):
            for name, candidate in candidates.items():
                started = perf_counter()
                for _ in range(calls):
                    candidate()
                if number:
                    times[name].append((perf_counter() - started) / calls)
    finally:
        gc.enable()
    return {name: median(values) for name, values in times.items()}


def print_table(title: str, seconds: Mapping[str, float], *, baseline: str) -> None:
    """Print medians in microseconds, and each as a multiple of ``baseline``."""
    print(title)
    for name, value in seconds.items():
        print(f"  {name:<44} {value * 1e6:10.2f} us   {value / seconds[baseline]:7.3f} x")
