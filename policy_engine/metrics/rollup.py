"""Values by key and time in bounded memory: by the minute for two hours, then by the hour, then by the day.

Each value lies in one bucket alone, so any stretch of buckets adds up exactly. Knows nothing of what it adds up, and
holds no lock: its owner does.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Generic, NamedTuple, Protocol, Self, TypeVar


class Absorbs(Protocol):
    """A value that another one of its kind can be added to."""

    def absorb(self, other: Self, /) -> None:
        """Add what ``other`` holds."""


Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value", bound=Absorbs)

MINUTE, HOUR, DAY = 60, 3600, 86400
_KEPT = ((MINUTE, 120), (HOUR, 48), (DAY, 62))
"""How wide buckets are, in seconds, and how many of them are kept before they merge into wider ones, or go."""


class Window(NamedTuple):
    """A stretch of time, its end left out; seconds since 1970."""

    since: float
    until: float

    @property
    def before(self) -> Window:
        """The stretch of the same length that ends where this one begins."""
        return Window(2 * self.since - self.until, self.since)


_ALWAYS = Window(-inf, inf)


def widened(window: Window, width: int = MINUTE) -> Window:
    """Return the window with its edges moved out to whole stretches of ``width`` seconds."""
    return Window(window.since // width * width, -(-window.until // width) * width)


@dataclass(slots=True)
class _Tier(Generic[Key, Value]):
    width: int
    most: int
    buckets: dict[int, dict[Key, Value]]


class Rollup(Generic[Key, Value]):
    """Values by key and time; `at` gives the one to add to."""

    def __init__(self, new: Callable[[], Value], *, entries: int, rest: Callable[[Key], Key]) -> None:
        """Keep about ``entries`` values: past them buckets widen sooner, then a key becomes its ``rest``."""
        self._new = new
        self._most = entries
        self._rest = rest
        self._tiers: list[_Tier[Key, Value]] = [_Tier(width, most, {}) for width, most in _KEPT]
        self._entries = 0
        # The minute that was added to last: nearly always the next one too.
        self._begin, self._end = inf, -inf
        self._bucket: dict[Key, Value] = {}

    def at(self, time: float, key: Key) -> Value:
        """Return the value of ``key`` in the minute of ``time``."""
        if not self._begin <= time < self._end:
            self._turn_to(int(time // MINUTE) * MINUTE)
        value = self._bucket.get(key)
        return self._added(self._bucket, key) if value is None else value

    def aligned(self, window: Window) -> Window:
        """Return the window with its edges moved out to whole minutes, and to those of the buckets that they cut."""
        window = widened(window)
        edges = [(start, start + width) for start, width, _ in self._buckets(window)]
        if not edges:
            return window
        return Window(min(window.since, *(start for start, _ in edges)), max(window.until, *(end for _, end in edges)))

    def inside(self, window: Window) -> Iterator[tuple[int, Key, Value]]:
        """Yield what lies in a window: when its bucket begins, its key, its value."""
        for start, _, bucket in self._buckets(window):
            for key, value in bucket.items():
                yield start, key, value

    def __iter__(self) -> Iterator[tuple[int, Key, Value]]:
        """Everything, as `inside` yields it."""
        return self.inside(_ALWAYS)

    def __len__(self) -> int:
        return self._entries

    def _buckets(self, window: Window) -> Iterator[tuple[int, int, dict[Key, Value]]]:
        for tier in self._tiers:
            for start, bucket in tier.buckets.items():
                if start < window.until and start + tier.width > window.since:
                    yield start, tier.width, bucket

    def _turn_to(self, start: int) -> None:
        bucket = self._tiers[0].buckets.get(start)
        self._bucket = self._opened(start) if bucket is None else bucket
        self._begin, self._end = start, start + MINUTE

    def _added(self, bucket: dict[Key, Value], key: Key) -> Value:
        if self._entries >= self._most:
            key = self._rest(key)
            if key in bucket:
                return bucket[key]
        self._entries += 1
        return bucket.setdefault(key, self._new())

    def _opened(self, start: int) -> dict[Key, Value]:
        """Begin a minute, and merge what is old by then."""
        minutes = self._tiers[0]
        bucket: dict[Key, Value] = {}
        minutes.buckets[start] = bucket
        for tier, wider in zip(self._tiers, [*self._tiers[1:], None], strict=True):
            crowded = wider is not None
            while len(tier.buckets) > tier.most or (
                crowded and self._entries >= self._most and len(tier.buckets) > 1
            ):
                self._merge_oldest(tier, wider)
        # A minute long past may have been merged at once: what comes for it now is counted where it lies.
        return minutes.buckets.setdefault(start, bucket)

    def _merge_oldest(self, tier: _Tier[Key, Value], wider: _Tier[Key, Value] | None) -> None:
        oldest = min(tier.buckets)
        bucket = tier.buckets.pop(oldest)
        self._entries -= len(bucket)
        if wider is None:
            return
        into = wider.buckets.setdefault(oldest // wider.width * wider.width, {})
        before = len(into)
        for key, value in bucket.items():
            if key in into:
                into[key].absorb(value)
            else:
                into[key] = value
        self._entries += len(into) - before
