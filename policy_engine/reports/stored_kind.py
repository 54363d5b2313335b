"""Everything that a store tells of one kind of error: when it came, what it cost, its newest, an example in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policy_engine.instants import iso
from policy_engine.metrics.costs import Cost
from policy_engine.metrics.rollup import HOUR, Window
from policy_engine.model import ErrorInfo
from policy_engine.observe import Question
from policy_engine.reports.period import MOST_CHANGES
from policy_engine.store import Reader, StoredError, StoredRecovery

_NEWEST = 10


@dataclass(frozen=True, slots=True)
class StoredKindShown:
    """One kind of error. Times in seconds since 1970."""

    fingerprint: str
    first: float
    last: float
    errors: int
    """Since the first one."""
    window: Window
    in_window: Cost
    per_hour: Mapping[int, int]
    """Errors by the hour, those of the window."""
    newest: Sequence[StoredError]
    """Of the window, the newest first."""
    asked_for: StoredError | None
    """The error itself, where its id was asked for."""
    recoveries: Sequence[StoredRecovery]
    """That errors of this kind started, in the window."""
    example: ErrorInfo
    """The newest one that was kept whole."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        return {
            "fingerprint": self.fingerprint,
            "first": iso(self.first),
            "last": iso(self.last),
            "errors": self.errors,
            "since": iso(self.window.since),
            "until": iso(self.window.until),
            "errors_in_window": self.in_window.errors,
            "impact": self.in_window.to_dict(),
            "per_hour": {iso(start): count for start, count in self.per_hour.items()},
            "newest": [error.to_dict() for error in self.newest],
            "asked_for": None if self.asked_for is None else self.asked_for.to_dict(),
            "recoveries": [recovery.to_dict() for recovery in self.recoveries],
            "example": self.example.to_dict(),
        }


def stored_kind(reader: Reader, name: str, asked: Question) -> StoredKindShown | None:
    """Return what the store tells of the kind with this fingerprint, or of the kind of the error with this id.

    Raises:
        StoreError: the store cannot be read.
    """
    error = reader.error(name)
    fingerprint = name if error is None else error.fingerprint
    known = reader.kinds([fingerprint]).get(fingerprint)
    if known is None:
        return None
    window = reader.aligned(asked.window)
    where = {**asked.where, "fingerprint": fingerprint}
    hours = reader.over_time(window, "fingerprint", where, HOUR).get(fingerprint, {})
    return StoredKindShown(
        fingerprint=fingerprint,
        first=known.first,
        last=known.last,
        errors=known.errors,
        window=window,
        in_window=reader.costs(window, "fingerprint", where).get(fingerprint, Cost()),
        per_hour=dict(sorted(hours.items())),
        newest=reader.errors(window, where, _NEWEST),
        asked_for=error,
        recoveries=[each for each in reader.recoveries(window, MOST_CHANGES) if each.fingerprint == fingerprint],
        example=ErrorInfo.from_dict(known.example),
    )
