"""Counts of everything the engine handled: exact totals, bounded in what they are broken down by.

Knows events and occurrences, no policy. One short lock; nothing foreign runs under it. Labels past their bound are
counted under ``other``; fingerprints past theirs push out the one seen longest ago, and how many went is counted.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from policy_engine.forks import ForkSafeLock
from policy_engine.instants import iso
from policy_engine.metrics import SlidingCount
from policy_engine.model import ErrorInfo, Severity

OTHER = "other"


@dataclass(slots=True)
class _Kind:
    """What is known of one fingerprint."""

    type: str
    category: str
    severity: Severity
    message: str
    count: int = 0
    last_seen: float = 0.0
    last_wall: float | None = None


class Statistics:
    """Counts errors by category, severity, module, rule and fingerprint, and their rate."""

    def __init__(self, *, labels: int = 1000, fingerprints: int = 10_000) -> None:
        self._max_labels = labels
        self._max_kinds = fingerprints
        self._lock = ForkSafeLock()
        self.reset()

    def reset(self) -> None:
        """Forget all counts."""
        with self._lock:
            self._total = 0
            self._refusals = 0
            self._by: dict[str, dict[str, int]] = {
                name: {} for name in ("category", "severity", "module", "rule", "type")
            }
            self._minute = SlidingCount(60.0)
            self._hour = SlidingCount(3600.0)
            self._kinds: OrderedDict[str, _Kind] = OrderedDict()
            self._forgotten = 0

    def error_handled(self, info: ErrorInfo, now: float) -> None:
        """Count one error, handled at ``now`` (monotonic seconds); one without a time has no part in a rate."""
        labels = (info.category, info.severity.value, info.module or OTHER, info.rule or "none", info.type)
        with self._lock:
            self._total += 1
            for counts, label in zip(self._by.values(), labels, strict=True):
                count = counts.get(label)
                if count is None and len(counts) >= self._max_labels:
                    counts[OTHER] = counts.get(OTHER, 0) + 1
                else:
                    counts[label] = (count or 0) + 1
            if info.time is not None:
                self._minute.add(now)
                self._hour.add(now)
            self._count_kind(info, now)

    def refusal_handled(self) -> None:
        """Count a refusal that somebody reported; the protection that refused has counted the call itself."""
        with self._lock:
            self._refusals += 1

    def snapshot(self, now: float, *, active_for: float) -> dict[str, Any]:
        """Return the counts as plain JSON-ready data; active is what was seen in the last ``active_for`` seconds."""
        with self._lock:
            return {
                "total_errors": self._total,
                "refusals_reported": self._refusals,
                "errors_per_minute": self._minute.total(now),
                "errors_per_hour": self._hour.total(now),
                **{f"by_{name}": dict(counts) for name, counts in self._by.items()},
                "active_errors": [
                    _shown(fingerprint, kind)
                    for fingerprint, kind in reversed(self._kinds.items())
                    if now - kind.last_seen <= active_for
                ],
                "fingerprints_forgotten": self._forgotten,
            }

    def _count_kind(self, info: ErrorInfo, now: float) -> None:
        kind = self._kinds.get(info.fingerprint)
        if kind is None:
            if len(self._kinds) >= self._max_kinds:
                self._kinds.popitem(last=False)
                self._forgotten += 1
            kind = self._kinds[info.fingerprint] = _Kind(info.type, info.category, info.severity, info.message)
        else:
            self._kinds.move_to_end(info.fingerprint)
        kind.count += 1
        kind.last_seen = now
        kind.last_wall = info.time


def _shown(fingerprint: str, kind: _Kind) -> dict[str, Any]:
    return {
        "fingerprint": fingerprint,
        "type": kind.type,
        "message": kind.message,
        "category": kind.category,
        "severity": kind.severity.value,
        "count": kind.count,
        "last_seen": iso(kind.last_wall),
    }
