"""One engine's store: takes what happens off the failing thread, and has it written together, soon.

Rules: to hand something over costs a few microseconds and never waits for a disk, but for the severities whose
durability is ``sync``; what cannot be written waits in bounds and is written on return; nothing that came is uncounted.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import ref

from policy_engine.forks import rests_during_fork, survives_fork
from policy_engine.metrics.costs import Cost, Series
from policy_engine.model import ErrorInfo
from policy_engine.store.backend import Backend, Reader
from policy_engine.store.batch import Change, RecoveryRow, WaitingBounds
from policy_engine.store.intake import Intake
from policy_engine.store.options import StoreOptions
from policy_engine.store.writer import OpenBackend, Writer

if TYPE_CHECKING:
    from policy_engine.clock import Clock

_left_to_the_parent: list[Backend] = []
"""Databases in use at a fork: the child must neither use nor close them (sqlite.org, "How To Corrupt", 2.6)."""


class Store:
    """Keeps what one engine handled."""

    def __init__(
        self,
        options: StoreOptions,
        *,
        bounds: WaitingBounds,
        clock: Clock,
        fault: Callable[[str, BaseException], None],
        open_backend: OpenBackend,
    ) -> None:
        self._options = options
        self._bounds = bounds
        self._clock = clock
        self._fault = fault
        self._open_backend = open_backend
        self._begin()
        survives_fork(self)
        rests_during_fork(self)
        atexit.register(_close_at_exit, ref(self))

    def _begin(self) -> None:
        self._intake = Intake(self._bounds)
        self._writer = Writer(
            self._options, self._intake, clock=self._clock, fault=self._fault, open_backend=self._open_backend
        )

    def before_fork(self) -> None:
        """Let go of the database, and write nothing until the fork is done."""
        self._writer.before_fork()

    def after_fork_in_parent(self) -> None:
        """Go on."""
        self._writer.after_fork_in_parent()

    def after_fork(self) -> None:
        """Begin with nothing: what waits is the parent's to write, and so is its database."""
        if self._writer.backend is not None:
            _left_to_the_parent.append(self._writer.backend)
        self._begin()

    @property
    def options(self) -> StoreOptions:
        """What ``[store]`` says."""
        return self._options

    @options.setter
    def options(self, options: StoreOptions) -> None:
        self._options = self._writer.options = options

    def is_at(self, options: StoreOptions) -> bool:
        """Whether these options are of the same place, so that this store can go on with them."""
        return (options.kind, options.path) == (self._options.kind, self._options.path)

    # What is handed over

    def error_handled(self, info: ErrorInfo, series: Series, time: float) -> None:
        """Keep an error; returns at once, or where its severity's durability is ``sync`` once it is on the disk."""
        if info.severity in self._options.sync:
            self._writer.until(self._intake.durable_error_handled(info, series, time))
        else:
            self._intake.error_handled(info, series, time)
            self._writer.soon()

    def charge(self, series: Series, time: float, cost: Cost) -> None:
        """Add what errors handled before have cost since."""
        self._intake.charge(series, time, cost)
        self._writer.soon()

    def call_finished(self, call: str, time: float, seconds: float, *, failed: bool, slow: bool) -> None:
        """Count a call that was made."""
        self._intake.call_finished(call, time, seconds, failed=failed, slow=slow)
        self._writer.soon()

    def call_refused(self, call: str, time: float) -> None:
        """Count a call that a protection refused."""
        self._intake.call_refused(call, time)
        self._writer.soon()

    def recovered(self, strategy: str, time: float, seconds: float) -> None:
        """Count a recovery that succeeded, ``seconds`` after its error."""
        self._intake.recovered(strategy, time, seconds)
        self._writer.soon()

    def recovery_changed(self, row: RecoveryRow) -> None:
        """Keep how a recovery stands."""
        self._intake.recovery_changed(row)
        self._writer.soon()

    def changed(self, change: Change) -> None:
        """Keep a change."""
        self._intake.changed(change)
        self._writer.soon()

    # What is asked

    def flush(self) -> bool:
        """Write what waits; false where that failed, or another write takes too long."""
        return self._writer.flush()

    def reader(self) -> Reader:
        """Return what answers questions, once all that waits is written.

        Raises:
            StoreError: the database cannot be opened, or not be written.
        """
        return self._writer.reader()

    def close(self) -> None:
        """Write what waits, and let go of the database."""
        self._writer.close()

    def statistics(self) -> dict[str, Any]:
        """Return what became of what was handed over, as plain JSON-ready data."""
        return {
            "kind": self._options.kind.value,
            "path": self._options.path or None,
            "taken": self._intake.number,
            **self._writer.statistics(),
        }


def _close_at_exit(store: ref[Store]) -> None:
    # Closed, not only written: so the file stands alone, without its log beside it.
    alive = store()
    if alive is not None:
        alive.close()
