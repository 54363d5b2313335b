"""Counts over time in bounded memory: the longer the span, the wider the buckets.

Knows nothing of errors. Buckets begin at multiples of their width, empty ones are not kept, and each width is a
multiple of the one before it: so widening adds buckets up and loses nothing but fineness. What comes may come in any
order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_WIDTHS = (
    *(1, 5, 10, 30, _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 30 * _MINUTE),
    *(_HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 7 * _DAY),
)


class Buckets(Generic[Key]):
    """Counts of keys by time."""

    def __init__(self, most: int, *, width: int = _WIDTHS[0]) -> None:
        """Keep at most ``most`` buckets that hold something, 2 or more: times before 1970 never join later ones.

        ``width`` is that of what is counted, in seconds, where it was counted in buckets before.
        """
        self._most = most
        self._counts: dict[int, Counter[Key]] = {}
        self.width = width
        """Seconds."""

    def add(self, time: float, key: Key, count: int = 1) -> None:
        """Count ``key`` at ``time``."""
        bucket = self._counts.get(int(time // self.width))
        if bucket is None:
            bucket = self._new(time)
        bucket[key] += count

    def at_width(self, width: int) -> dict[int, Counter[Key]]:
        """Return the counts in buckets ``width`` wide, a multiple of the width kept, by when each begins, in order."""
        factor = width // self.width
        return {number * width: counts for number, counts in sorted(_merged(self._counts, factor).items())}

    def __iter__(self) -> Iterator[tuple[int, Counter[Key]]]:
        """Each bucket as (when it begins, its counts), in order of time."""
        return iter(self.at_width(self.width).items())

    def __len__(self) -> int:
        return len(self._counts)

    def _new(self, time: float) -> Counter[Key]:
        while len(self._counts) >= self._most and int(time // self.width) not in self._counts:
            self._widen()
        return self._counts.setdefault(int(time // self.width), Counter())

    def _widen(self) -> None:
        wider = next((width for width in _WIDTHS if width > self.width), 2 * self.width)
        self._counts = _merged(self._counts, wider // self.width)
        self.width = wider


def _merged(counts: dict[int, Counter[Key]], factor: int) -> dict[int, Counter[Key]]:
    merged: dict[int, Counter[Key]] = {}
    for number, bucket in counts.items():
        merged.setdefault(number // factor, Counter()).update(bucket)
    return merged
