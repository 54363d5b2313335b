"""The way in: what an engine hands over waits here, in bounds, until a writer takes all of it.

Its lock is held for the moment in which something is added or everything is taken, never while a database is at work.
An error that need not be on the disk takes no lock: one is preempted while it holds it, and all others have to wait.
Such errors stand in line, and every few dozen of them one thread counts them all.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import NamedTuple

from policy_engine.metrics.call_line import ENOUGH, CallLine
from policy_engine.metrics.costs import Cost, Series
from policy_engine.metrics.rollup import MINUTE
from policy_engine.model import ErrorInfo
from policy_engine.store.batch import Batch, Change, RecoveryRow, WaitingBounds

_LINE = 50
"""Errors in line before whoever comes next counts them."""
_LONGEST_LINE = 2000
"""Errors in line before who comes next waits for who is counting."""


class Taken(NamedTuple):
    """Everything that waited. ``number`` is that of the last error in it; ``durable``: one of them is to be on disk."""

    batch: Batch
    number: int
    durable: bool


class Intake:
    """What waits to be written."""

    def __init__(self, bounds: WaitingBounds) -> None:
        self._bounds = bounds
        self._lock = threading.Lock()
        self._line: deque[tuple[ErrorInfo, Series, float]] = deque()
        self._batch = Batch(bounds)
        self._calls = CallLine()
        self._durable = False
        self._counted = 0
        self._minute = 0
        self._alike: dict[str, int] = {}
        """How many errors of each kind came in the minute."""

    @property
    def number(self) -> int:
        """How many errors have come."""
        return self._counted + len(self._line)

    def error_handled(self, info: ErrorInfo, series: Series, time: float) -> None:
        """Add an error."""
        line = self._line
        line.append((info, series, time))
        if len(line) >= _LINE and self._lock.acquire(blocking=len(line) >= _LONGEST_LINE):
            try:
                self._count_the_line()
            finally:
                self._lock.release()

    def durable_error_handled(self, info: ErrorInfo, series: Series, time: float) -> int:
        """Add an error that is to be on the disk, and is kept however many there are like it; returns its number."""
        with self._lock:
            self._count_the_line()
            self._add(info, series, time, durable=True)
            self._durable = True
            return self._counted

    def charge(self, series: Series, time: float, cost: Cost) -> None:
        """Add what errors handled before have cost since."""
        with self._lock:
            self._batch.costs.at(time, series).absorb(cost)

    def call_finished(self, call: str, time: float, seconds: float, *, failed: bool, slow: bool) -> None:
        """Count a call that was made."""
        line = self._calls
        line.append((call, time, seconds, failed, slow))
        if len(line) >= ENOUGH and self._lock.acquire(blocking=False):
            try:
                line.count_into(self._batch.calls)
            finally:
                self._lock.release()

    def call_refused(self, call: str, time: float) -> None:
        """Count a call that a protection refused."""
        with self._lock:
            self._batch.calls.at(time, call).refused += 1

    def recovered(self, strategy: str, time: float, seconds: float) -> None:
        """Count a recovery that succeeded, ``seconds`` after its error."""
        with self._lock:
            self._batch.recovered.at(time, strategy).add(seconds)

    def recovery_changed(self, row: RecoveryRow) -> None:
        """Add how a recovery stands."""
        with self._lock:
            self._batch.add_recovery(row)

    def changed(self, change: Change) -> None:
        """Add a change."""
        with self._lock:
            self._batch.add_change(change)

    def _count_the_line(self) -> None:
        """Count what stands in line now; the caller holds the lock."""
        line = self._line
        for _ in range(len(line)):
            self._add(*line.popleft(), durable=False)

    def _add(self, info: ErrorInfo, series: Series, time: float, *, durable: bool) -> None:
        keep = self._is_among_the_first(info.fingerprint, time) or durable
        self._batch.add_error(info, series, time, keep=keep)
        self._counted += 1

    def _is_among_the_first(self, fingerprint: str, time: float) -> bool:
        """Whether few errors of a kind have come in the minute of ``time``."""
        minute = int(time // MINUTE)
        if minute != self._minute:
            self._minute, self._alike = minute, {}
        alike = self._alike.get(fingerprint, 0)
        if alike or len(self._alike) < self._bounds.kinds:
            self._alike[fingerprint] = alike + 1
        return alike < self._bounds.alike

    def take(self) -> Taken:
        """Return everything that waits; from now on, nothing does."""
        with self._lock:
            self._count_the_line()
            self._calls.count_into(self._batch.calls)
            taken = Taken(self._batch, self._counted, self._durable)
            self._batch, self._durable = Batch(self._bounds), False
        return taken
