"""Quantiles of many durations in little memory: a merging t-digest (Dunning and Ertl, 2019), from the extra ``store``.

Sketches of different minutes, or processes, merge into that of all of them. Without the extra nothing is kept, and
there are no quantiles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def _digests() -> Any:
    try:
        from fastdigest import TDigest
    except ImportError:
        return None
    return TDigest


_TDigest = _digests()
_CENTROIDS = 100
"""Bounds a sketch to 2 kB; quantiles at the ends stay within a part in a thousand of their rank."""

SHOWN = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
"""The quantiles that people are shown."""


class Sketch:
    """The distribution of durations, in seconds. Not for several threads at once: its owner holds a lock."""

    __slots__ = ("_digest",)

    def __init__(self) -> None:
        self._digest = None if _TDigest is None else _TDigest(_CENTROIDS)

    def add(self, seconds: float) -> None:
        """Count one duration."""
        if self._digest is not None:
            self._digest.update(seconds)

    def add_all(self, seconds: Sequence[float]) -> None:
        """Count several durations."""
        if self._digest is not None:
            self._digest.batch_update(seconds)

    def absorb(self, other: Sketch) -> None:
        """Count all that ``other`` has counted."""
        if self._digest is not None and other._digest is not None:
            self._digest.merge_inplace(other._digest)

    def quantiles(self) -> Mapping[str, float] | None:
        """Return the quantiles that people are shown; ``None`` where nothing was counted."""
        if self._digest is None or self._digest.is_empty():
            return None
        return {name: self._digest.quantile(share) for name, share in SHOWN.items()}

    def to_bytes(self) -> bytes:
        """Return the sketch to be stored; empty where nothing was counted."""
        return b"" if self._digest is None or self._digest.is_empty() else self._digest.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Sketch:
        """Return a stored sketch; an empty one where it cannot be read.

        It is data of a file that others may write to: what is no sketch must not end the query.
        """
        sketch = cls()
        if _TDigest is not None and data:
            try:
                sketch._digest = _TDigest.from_bytes(data)
            except (ValueError, TypeError):
                return cls()
        return sketch
