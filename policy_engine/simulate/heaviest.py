"""The most frequent kinds of error in a long input, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from policy_engine.model import ErrorInfo, Severity


@dataclass(slots=True)
class Kind:
    """Errors with one fingerprint: how many, and the newest of them."""

    count: int
    example: ErrorInfo
    mildest: Severity
    worst: Severity
    first: float | None
    last: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        example = self.example
        return {
            "fingerprint": example.fingerprint,
            "count": self.count,
            "type": example.type,
            "message": example.message,
            "category": example.category,
            "severity": example.severity.value,
            "severities": [self.mildest.value, self.worst.value],
            "rule": example.rule,
            "first": self.first,
            "last": self.last,
        }


class HeaviestKinds:
    """Counts errors by fingerprint.

    Exact up to twice ``capacity`` kinds; then the rarer half is dropped and counted as ``forgotten``. A kind that makes
    up more than 1/``capacity`` of all errors between two such moments is never dropped.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._kinds: dict[str, Kind] = {}
        self.forgotten = 0
        """Errors whose kind was dropped."""

    def add(self, info: ErrorInfo) -> None:
        """Count one error."""
        kind = self._kinds.get(info.fingerprint)
        if kind is not None:
            kind.count += 1
            if info.severity is not kind.example.severity:
                kind.mildest, kind.worst = min(kind.mildest, info.severity), max(kind.worst, info.severity)
            kind.example = info
            kind.last = kind.last if info.time is None else info.time
            return
        if len(self._kinds) >= 2 * self._capacity:
            self._drop_rarest()
        self._kinds[info.fingerprint] = Kind(1, info, info.severity, info.severity, info.time, info.time)

    @property
    def count(self) -> int:
        """How many kinds are known."""
        return len(self._kinds)

    def most_frequent(self, most: int) -> list[Kind]:
        """Return the kinds with the highest counts; of equal ones, the one met first."""
        return sorted(self._kinds.values(), key=attrgetter("count"), reverse=True)[:most]

    def _drop_rarest(self) -> None:
        ordered = sorted(self._kinds.items(), key=lambda item: item[1].count, reverse=True)
        self.forgotten += sum(kind.count for _, kind in ordered[self._capacity :])
        self._kinds = dict(ordered[: self._capacity])
