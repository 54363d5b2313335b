"""What a database must do to keep errors: SQLite does, and another one may follow.

Writing: one thread at a time. Reading answers the questions that `policy_engine.observe.answers` puts, and those of the
commands and reports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from policy_engine.errors import PolicyEngineError
from policy_engine.instants import iso
from policy_engine.metrics.costs import CallCounts, Cost
from policy_engine.metrics.rollup import DAY, HOUR, MINUTE, Window
from policy_engine.metrics.sketch import Sketch
from policy_engine.store.batch import Batch, Change

WIDTHS = (MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY)
"""How wide, in seconds, the buckets are that a store adds counts up in; each divides the next one."""


class StoreError(PolicyEngineError):
    """A store cannot be opened, read or written; the text says why and what to do."""


class Retention(NamedTuple):
    """What may stay."""

    keep: float
    """Seconds."""
    max_size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class StoredKind:
    """Errors of one fingerprint. Times in seconds since 1970."""

    fingerprint: str
    first: float
    last: float
    errors: int
    """Since the first one that the store has seen."""
    example: Mapping[str, Any]
    """The newest one, in the form of a recorded error."""


class StoredError(NamedTuple):
    """One error, without what its kind's example tells."""

    time: float
    id: str
    fingerprint: str
    category: str
    severity: str
    handling_seconds: float
    call_seconds: float | None
    retries: int
    recovery_id: str

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        return {**self._asdict(), "time": iso(self.time)}


class StoredRecovery(NamedTuple):
    """One recovery as it was last heard of."""

    time: float
    id: str
    strategy: str
    status: str
    attempt: int
    error_id: str
    fingerprint: str
    seconds: float
    """From its first word to its last."""
    steps: Sequence[Mapping[str, Any]]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        return {**self._asdict(), "time": iso(self.time), "steps": list(self.steps)}


class Reader(Protocol):
    """Answers questions; safe from several threads."""

    def aligned(self, window: Window) -> Window:
        """Return the window with its edges moved out to what can be told apart."""

    def costs(self, window: Window, by: str, where: Mapping[str, str]) -> dict[str, Cost]:
        """Return errors and costs by label."""

    def over_time(self, window: Window, by: str, where: Mapping[str, str], width: int) -> dict[str, dict[int, int]]:
        """Return errors by label and by when a stretch of ``width`` seconds begins."""

    def timeline(self, window: Window, where: Mapping[str, str], width: int) -> list[tuple[int, str, str, int]]:
        """Return rows of when a stretch of ``width`` seconds begins, category, type, and how many errors of these."""

    def matrix(self, window: Window, where: Mapping[str, str]) -> dict[tuple[str, str], int]:
        """Return errors by category and severity."""

    def first_seen(self, fingerprints: set[str]) -> dict[str, float]:
        """Return when each was first seen, of those that are known."""

    def calls(self, window: Window) -> dict[str, CallCounts]:
        """Return the counts of calls by name."""

    def recovery_times(self, window: Window) -> dict[str, Sketch]:
        """Return how long recoveries took, by strategy."""

    def kinds(self, fingerprints: Sequence[str]) -> dict[str, StoredKind]:
        """Return what is known of some fingerprints."""

    def errors(self, window: Window, where: Mapping[str, str], most: int) -> list[StoredError]:
        """Return the newest errors that are kept one by one, the newest first."""

    def error(self, error_id: str) -> StoredError | None:
        """Return the error with an id; ``None`` where it is not kept one by one."""

    def changes(self, window: Window, most: int) -> list[Change]:
        """Return changes in order of time, the newest ``most`` of them."""

    def recoveries(self, window: Window, most: int) -> list[StoredRecovery]:
        """Return recoveries in order of time, the newest ``most`` of them."""

    def span(self) -> Window | None:
        """Return the time between the first error and the last; ``None`` where there is none."""

    def close(self) -> None:
        """Let go of the database."""


class Backend(Reader, Protocol):
    """Keeps what it is given."""

    def write(self, batch: Batch, *, durable: bool) -> None:
        """Write all of a batch, or raise and have written nothing; ``durable``: through to the disk.

        Raises:
            StoreError: it cannot be written now.
        """

    def retire(self, retention: Retention, now: float) -> bool:
        """Remove some of what may not stay; true where there is more of it.

        Raises:
            StoreError: it cannot be written now.
        """
