"""Who writes what waits: whoever needs it written first writes for all (group commit), on a worker or on its thread.

What cannot be written is kept, and tried again after 0.5 s, 1 s and so on up to 30 s, together with what came
meanwhile. Faults are told once no lock is held. Knows no database: a `Backend` writes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any
from weakref import ref

from policy_engine.backoff import Backoff
from policy_engine.store.backend import Backend, Reader, Retention, StoreError
from policy_engine.store.batch import Batch
from policy_engine.store.intake import Intake
from policy_engine.store.options import StoreKind, StoreOptions

if TYPE_CHECKING:
    from policy_engine.clock import Clock

RETIRE_EVERY = 600.0
"""Seconds between two looks at what may not stay, whether something is written or not."""
PATIENCE = 2.0
"""Seconds that who asks, or ends the program, waits for a write under way."""

_WHERE = "the store of errors"
_TRY_AGAIN = Backoff(initial=0.5, maximum=30.0)
_NO_RANDOM = Random(0)  # noqa: S311  these delays have no jitter

OpenBackend = Callable[[StoreOptions], Backend]


class Writer:
    """Writes what an intake holds, into one database."""

    def __init__(
        self,
        options: StoreOptions,
        intake: Intake,
        *,
        clock: Clock,
        fault: Callable[[str, BaseException], None],
        open_backend: OpenBackend,
    ) -> None:
        self.options = options
        self._intake = intake
        self._clock = clock
        self._fault = fault
        self._open_backend = open_backend
        self._lock = threading.Lock()
        """Of who writes or opens."""
        self._forking = 0
        """The thread that holds it while it forks."""
        self._scheduling = threading.Lock()
        self._is_scheduled = False
        self.backend: Backend | None = None
        self._unwritten: Batch | None = None
        self._not_before = 0.0
        self._failed_in_a_row = 0
        self._retires = False
        self._counts = {"written": 0, "counted_alone": 0, "dropped": 0, "failed_writes": 0, "late": 0}
        self.failure = ""

    def soon(self) -> None:
        """Have a worker write what waits, within the time that the options allow."""
        if not self._is_scheduled:
            self._schedule(self.options.commit_within)

    def until(self, number: int) -> None:
        """Return once the error ``number`` is written, or has to wait as others do: for long, or for a way out."""
        if self._clock.monotonic() < self._not_before:
            self._is_late(None)
        elif not self._lock.acquire(timeout=self.options.sync_timeout):
            self._is_late(StoreError(f"an error was not on the disk within {self.options.sync_timeout:g} s"))
        else:
            try:
                failure = None if self._counts["written"] >= number else self._write()
            finally:
                self._lock.release()
            if failure is not None:
                self._is_late(failure)

    def flush(self, timeout: float = PATIENCE) -> bool:
        """Write what waits; false where that failed, or another write took longer than ``timeout`` seconds."""
        if not self._lock.acquire(timeout=timeout):
            return False
        try:
            failure = self._write()
        finally:
            self._lock.release()
        self._tell(failure)
        return failure is None

    def reader(self) -> Reader:
        """Return what answers questions, once all that waits is written.

        Raises:
            StoreError: the database cannot be opened, or not be written.
        """
        if not self.flush():
            raise StoreError(self.failure or "the store is busy with a write: ask again")
        with self._lock:
            return self._opened()

    def close(self) -> None:
        """Write what waits, and let go of the database; one that is at work for too long is left at it."""
        self.flush()
        if not self._lock.acquire(timeout=PATIENCE):
            return
        try:
            if self.backend is not None:
                self.backend.close()
                self.backend = None
        finally:
            self._lock.release()

    def before_fork(self) -> None:
        """Write nothing until `after_fork_in_parent`, and have no file open that a child would get a copy of.

        SQLite's locks are the process's: a child that opens a file which is open already believes to have them.
        """
        if not self._lock.acquire(timeout=PATIENCE):
            return
        self._forking = threading.get_ident()
        if self.backend is not None and self.options.kind is StoreKind.SQLITE:
            self.backend.close()
            self.backend = None

    def after_fork_in_parent(self) -> None:
        """Go on."""
        if self._forking == threading.get_ident():
            self._forking = 0
            self._lock.release()

    def statistics(self) -> dict[str, Any]:
        """Return what became of what was handed over, as plain JSON-ready data."""
        waiting = self._intake.number - self._counts["written"]
        return {**self._counts, "waiting": waiting, "failure": self.failure or None}

    def _schedule(self, delay: float) -> None:
        with self._scheduling:
            if self._is_scheduled:
                return
            self._is_scheduled = True
        self._clock.call_at(max(self._clock.monotonic() + delay, self._not_before), self._call_worker)

    def _call_worker(self) -> None:
        if not self._clock.submit(self._write_for_all):
            self._is_scheduled = False
            self._schedule(self.options.commit_within)

    def _write_for_all(self) -> None:
        failure = None
        with self._lock:
            # Not before: while one worker writes, at most one other may wait for its turn.
            self._is_scheduled = False
            if self._clock.monotonic() >= self._not_before:
                failure = self._write()
            waits = self._unwritten is not None
        if waits:
            self._schedule(0.0)
        elif not self._retires:
            self._retires = True
            self._retire_in(self.options.commit_within)
        self._tell(failure)

    def _write(self) -> StoreError | None:
        """Write everything that has come so far; returns why that failed. The caller holds the lock."""
        batch, number, durable = self._intake.take()
        if self._unwritten is not None:
            self._unwritten.absorb(batch)
            # One that was to be on the disk may be among them.
            batch, durable, self._unwritten = self._unwritten, True, None
        if not batch:
            return None
        try:
            self._opened().write(batch, durable=durable)
        except Exception as error:  # noqa: BLE001  whatever a database raises, what came is not lost
            failure = error if isinstance(error, StoreError) else StoreError(f"{type(error).__name__}: {error}")
            self._keep(batch, failure)
            return failure
        self._counts["written"] = number
        self._counts["counted_alone"] += batch.counted_alone
        self._counts["dropped"] += batch.dropped
        self._failed_in_a_row, self._not_before, self.failure = 0, 0.0, ""
        return None

    def _keep(self, batch: Batch, failure: StoreError) -> None:
        """Let what could not be written wait for the next try."""
        self._unwritten = batch
        self._counts["failed_writes"] += 1
        self._failed_in_a_row += 1
        self.failure = str(failure)
        self._not_before = self._clock.monotonic() + _TRY_AGAIN.delay(self._failed_in_a_row, _NO_RANDOM)

    def _opened(self) -> Backend:
        if self.backend is None:
            self.backend = self._open_backend(self.options)
        return self.backend

    def _retire_in(self, delay: float) -> None:
        """Look at what may not stay after ``delay`` seconds, and again and again while there is a store."""
        alive, clock = ref(self), self._clock

        def retire_if_alive() -> None:
            writer = alive()
            if writer is not None and not clock.submit(writer.retire):
                clock.call_at(clock.monotonic() + RETIRE_EVERY, retire_if_alive)

        clock.call_at(clock.monotonic() + delay, retire_if_alive)

    def retire(self) -> None:
        """Let go of a little of what may not stay, and see to it that the next look follows."""
        failure = None
        more = False
        with self._lock:
            if self.backend is not None:
                try:
                    more = self.backend.retire(Retention(self.options.keep, self.options.max_size), self._clock.time())
                except StoreError as error:
                    failure = error
        self._retire_in(self.options.commit_within if more else RETIRE_EVERY)
        self._tell(failure)

    def _is_late(self, failure: StoreError | None) -> None:
        """An error that was to be on the disk is not; it will be written with the next try."""
        self._counts["late"] += 1
        self.soon()
        self._tell(failure)

    def _tell(self, failure: StoreError | None) -> None:
        if failure is not None:
            self._fault(_WHERE, failure)
