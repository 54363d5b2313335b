"""What waits to be written: errors one by one up to a bound, and the exact counts of all of them beside.

A storm past the bound costs counts alone, a few for each kind of error and minute, so its size does not matter. Knows
no database and holds no lock: one thread at a time has a batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from policy_engine.instants import iso
from policy_engine.metrics.costs import CallCounts, Cost, Series, other
from policy_engine.metrics.rollup import Rollup
from policy_engine.metrics.sketch import Sketch
from policy_engine.model import ErrorInfo, RecoveryChanged

_WIDE = 10
"""Minutes that each kind of error may have counts in, before they are counted by the hour."""


@dataclass(slots=True)
class Kind:
    """Errors of one fingerprint since the last write, and one that stands for them: the newest."""

    first: float
    last: float
    errors: int
    example: ErrorInfo

    def absorb(self, other: Kind) -> None:
        """Add those of another one."""
        self.first = min(self.first, other.first)
        self.errors += other.errors
        if other.last >= self.last:
            self.last, self.example = other.last, other.example


Row = tuple[str, int, float, float | None, int, str | None]
"""One error: its id, the number of its series, ``handling_seconds``, ``call_seconds``, ``retries``, ``recovery_id``.

A plain tuple of plain values, which the garbage collector lets go of at once: ten thousand errors that wait as objects
would have it look at all of them again and again, in the midst of the callers' work.
"""


class Change(NamedTuple):
    """A level, a breaker, a policy that changed, or an alert that went out."""

    time: float
    what: str
    """``"level"``, ``"breaker"``, ``"policy"`` or ``"alert"``."""
    name: str
    """Of the component, the breaker or the alert's route."""
    before: str
    after: str
    reason: str
    fingerprint: str = ""
    """Of the error that it was about, where there was one."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        return {**self._asdict(), "time": iso(self.time)}


class RecoveryRow(NamedTuple):
    """How a recovery stands."""

    event: RecoveryChanged
    began: float
    """When it was first heard of."""
    fingerprint: str
    """Of the error that started it; empty where that is not known."""


@dataclass(frozen=True, slots=True)
class WaitingBounds:
    """How much may wait."""

    errors: int
    """One by one."""
    alike: int
    """One by one of each kind, in each minute; a storm costs no more."""
    kinds: int
    """With an error that stands for them."""
    changes: int
    """And as many recoveries."""


class Batch:
    """What waits. ``number`` counts the errors that came, whether they are kept one by one or not."""

    def __init__(self, bounds: WaitingBounds) -> None:
        self.bounds = bounds
        self.number = 0
        self.errors: list[Row] = []
        self.series: dict[Series, int] = {}
        """The series of the errors, numbered as they came."""
        self.counted_alone = 0
        """Errors that are not kept one by one."""
        self.costs: Rollup[Series, Cost] = Rollup(Cost, entries=_WIDE * bounds.kinds, rest=Series.rest)
        self.kinds: dict[str, Kind] = {}
        self.calls: Rollup[str, CallCounts] = Rollup(CallCounts, entries=_WIDE * bounds.changes, rest=other)
        self.recovered: Rollup[str, Sketch] = Rollup(Sketch, entries=_WIDE * bounds.changes, rest=other)
        """How long recoveries took, by strategy."""
        self.changes: list[Change] = []
        self.recoveries: dict[str, RecoveryRow] = {}
        self.dropped = 0
        """Examples of kinds, changes and recoveries for which there was no room."""

    def __bool__(self) -> bool:
        return bool(self.number or self.changes or self.recoveries or self.costs or self.calls or self.recovered)

    def add_error(self, info: ErrorInfo, series: Series, time: float, *, keep: bool = True) -> None:
        """Count an error, and keep it where it is to be kept and there is room."""
        self.number += 1
        if keep and len(self.errors) < self.bounds.errors:
            number = self.series.setdefault(series, len(self.series))
            self.errors.append(
                (info.id, number, info.handling_seconds, info.call_seconds, info.retries, info.recovery_id)
            )
        else:
            self.counted_alone += 1
        self.costs.at(time, series).count(info)
        kind = self.kinds.get(info.fingerprint)
        if kind is None:
            self._add_kind(info.fingerprint, Kind(time, time, 1, info))
        else:
            kind.absorb(Kind(time, time, 1, info))

    def add_change(self, change: Change) -> None:
        """Keep a change where there is room."""
        if len(self.changes) < self.bounds.changes:
            self.changes.append(change)
        else:
            self.dropped += 1

    def add_recovery(self, row: RecoveryRow) -> None:
        """Keep how a recovery stands: the newest word on each."""
        known = self.recoveries.get(row.event.recovery_id)
        if known is not None:
            row = RecoveryRow(row.event, known.began, row.fingerprint or known.fingerprint)
        elif len(self.recoveries) >= self.bounds.changes:
            self.dropped += 1
            return
        self.recoveries[row.event.recovery_id] = row

    def absorb(self, later: Batch) -> None:
        """Add what came later."""
        self.number += later.number
        room = max(0, self.bounds.errors - len(self.errors))
        numbers = [self.series.setdefault(series, len(self.series)) for series in later.series]
        self.errors += [
            (id_, numbers[number], handling, call, retries, recovery)
            for id_, number, handling, call, retries, recovery in later.errors[:room]
        ]
        self.counted_alone += later.counted_alone + max(0, len(later.errors) - room)
        for start, series, cost in later.costs:
            self.costs.at(start, series).absorb(cost)
        for start, call, counts in later.calls:
            self.calls.at(start, call).absorb(counts)
        for start, strategy, sketch in later.recovered:
            self.recovered.at(start, strategy).absorb(sketch)
        for fingerprint, kind in later.kinds.items():
            self._add_kind(fingerprint, kind)
        for change in later.changes:
            self.add_change(change)
        for row in later.recoveries.values():
            self.add_recovery(row)
        self.dropped += later.dropped

    def _add_kind(self, fingerprint: str, kind: Kind) -> None:
        if fingerprint in self.kinds:
            self.kinds[fingerprint].absorb(kind)
        elif len(self.kinds) < self.bounds.kinds:
            self.kinds[fingerprint] = kind
        else:
            self.dropped += 1
