"""What the process itself uses: its memory and its share of the processors, as metrics of a moment.

The numbers come from psutil, an extra. Where it is not installed that is said once, as a fault of the metric, and the
metrics have no value; so has a processor share until it was asked for twice, because it is the use since the last time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Protocol

from policy_engine.metrics.metric import Metric
from policy_engine.metrics.metric_set import Gauge

_LEAST_BETWEEN = 0.5
"""Seconds: over a shorter time a share of the processors says nothing."""


class ProcessExtraMissingError(Exception):
    """psutil is not installed; the text says how to get it."""


class Process(Protocol):
    """What is asked of a process."""

    def resident(self) -> float:
        """Bytes of memory that it holds."""

    def memory(self) -> float:
        """Bytes of memory that there are."""

    def seconds_used(self) -> float:
        """Seconds of processor time that it has used so far."""

    def processors(self) -> int:
        """How many processors there are for it."""


class ProcessGauges:
    """The gauges of one process; ``find`` is called at the first reading, ``now`` returns monotonic seconds."""

    def __init__(self, now: Callable[[], float], find: Callable[[], Process] | None = None) -> None:
        self._now = now
        self._find = find or this_process
        self._process: Process | None = None
        self._missing = False
        self._share: float | None = None
        self._since: tuple[float, float] | None = None

    def gauges(self) -> Mapping[str, Gauge]:
        """Return them by the names of their metrics."""
        return {"memory_bytes": self._memory_bytes, "memory_share": self._memory_share, "cpu_share": self._cpu_share}

    def _memory_bytes(self, _: Metric) -> float | None:
        process = self._found()
        return None if process is None else process.resident()

    def _memory_share(self, _: Metric) -> float | None:
        process = self._found()
        return None if process is None else process.resident() / process.memory()

    def _cpu_share(self, _: Metric) -> float | None:
        process = self._found()
        if process is None:
            return None
        now, used = self._now(), process.seconds_used()
        if self._since is None:
            self._since = now, used
        elif now - self._since[0] >= _LEAST_BETWEEN:
            began, before = self._since
            self._share = (used - before) / (now - began) / process.processors()
            self._since = now, used
        return self._share

    def _found(self) -> Process | None:
        """The process; raises what keeps it from being found, once."""
        if self._process is None and not self._missing:
            self._missing = True
            self._process = self._find()
        return self._process


def this_process() -> Process:
    """Return the process that this runs in, through psutil.

    Raises:
        ProcessExtraMissingError: psutil is not installed.
    """
    try:
        import psutil  # an extra, for those whose policy asks for it
    except ImportError:
        raise ProcessExtraMissingError("it needs an extra: pip install 'policy-engine[process]'") from None
    return _Measured(psutil.Process(), psutil.virtual_memory().total)


class _Known(Protocol):
    """What psutil's Process has of what is asked here."""

    def memory_info(self) -> _Memory: ...

    def cpu_times(self) -> _Times: ...


class _Memory(Protocol):
    @property
    def rss(self) -> int: ...


class _Times(Protocol):
    @property
    def user(self) -> float: ...

    @property
    def system(self) -> float: ...


class _Measured:
    def __init__(self, process: _Known, memory: float) -> None:
        self._process = process
        self._memory = memory

    def resident(self) -> float:
        return float(self._process.memory_info().rss)

    def memory(self) -> float:
        return self._memory

    def seconds_used(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system

    def processors(self) -> int:
        # Those that this process may run on, where the system tells.
        affinity = getattr(os, "sched_getaffinity", None)
        return len(affinity(0)) if affinity is not None else os.cpu_count() or 1
