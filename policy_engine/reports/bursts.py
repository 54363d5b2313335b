"""The stretches of time in which errors came thick: where they began and where they were over.

A burst is the stretch whose errors exceed those of twice the average rate by the most (the maximum-sum segment, found
in one pass: Bentley, Programming Pearls, 1984). A rise counts however it is spread, and lulls inside do not split it.
Where errors came thick for most of the time nothing exceeds that, and the average itself is the measure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf, sqrt

from policy_engine.reports.timeline import ErrorKey, Span, Timeline

_FACTORS = (2.0, 1.0)
_TIMES_THE_REST = 2.0
_MIN_ERRORS = 5
_MIN_SHARE = 0.05
_MIN_DEVIATIONS = 5.0
_STILL_GOING = 0.02


@dataclass(frozen=True, slots=True)
class Burst:
    """Errors that came thick; times in seconds."""

    start: int
    end: int
    errors: Counter[ErrorKey]
    ongoing: bool
    """Whether it lasts until the end of what was read."""

    @property
    def count(self) -> int:
        """All errors in it."""
        return self.errors.total()

    @property
    def by_category(self) -> list[tuple[str, int]]:
        """Its categories, the most frequent first."""
        return _added_up((key.category, count) for key, count in self.errors.items())

    @property
    def by_type(self) -> list[tuple[str, int]]:
        """Its types of exception, the most frequent first; nameless ones are left out."""
        return _added_up((key.type, count) for key, count in self.errors.items() if key.type)


_Bucket = tuple[int, Counter[ErrorKey]]


def bursts(timeline: Timeline, span: Span, *, category: str | None = None, most: int = 3) -> list[Burst]:
    """Return the biggest bursts, of all errors or of one category, the biggest first; none where errors came evenly."""
    buckets = list(_inside(timeline, span, category))
    width = timeline.errors.width
    total = errors_in(buckets)
    for factor in _FACTORS:
        stretches = sorted(_found(buckets, width, factor * total / span.seconds), key=errors_in, reverse=True)
        made = (_burst(stretch, width, span) for stretch in stretches)
        found = [burst for burst in made if _stands_out(burst, total, span.seconds)]
        if found:
            return found[:most]
    return []


def _stands_out(burst: Burst, total: int, seconds: int) -> bool:
    """Whether it is no trifle, clearly thicker than the rest, and hardly ever chance where errors come evenly."""
    length = burst.end - burst.start
    share = length / seconds
    expected = total * share
    return (
        burst.count >= max(_MIN_ERRORS, _MIN_SHARE * total)
        and burst.count * (seconds - length) > _TIMES_THE_REST * (total - burst.count) * length
        and burst.count - expected >= _MIN_DEVIATIONS * sqrt(expected * (1 - share))
    )


def _inside(timeline: Timeline, span: Span, category: str | None) -> Iterator[_Bucket]:
    for start, counts in timeline.errors:
        if not span.start <= start < span.end:
            continue
        if category is not None:
            counts = Counter({key: count for key, count in counts.items() if key.category == category})
        if counts:
            yield start, counts


def errors_in(buckets: Sequence[_Bucket]) -> int:
    """Errors in a stretch of buckets."""
    return sum(counts.total() for _, counts in buckets)


def _found(buckets: Sequence[_Bucket], width: int, allowed: float) -> Iterator[Sequence[_Bucket]]:
    """The densest stretch, and those in what remains on both its sides."""
    todo = [buckets]
    while todo:
        rest = todo.pop()
        bounds = _densest(rest, width, allowed)
        if bounds is not None:
            first, last = bounds
            yield rest[first : last + 1]
            todo += [rest[:first], rest[last + 1 :]]


def _densest(buckets: Sequence[_Bucket], width: int, allowed: float) -> tuple[int, int] | None:
    """The first and last position of the stretch with the highest excess; ``None`` where nothing exceeds."""
    best, best_bounds = 0.0, None
    excess, first, previous_end = -inf, 0, 0
    for position, (start, counts) in enumerate(buckets):
        excess -= allowed * (start - previous_end)
        if excess < 0:
            excess, first = 0.0, position
        excess += counts.total() - allowed * width
        previous_end = start + width
        if excess > best:
            best, best_bounds = excess, (first, position)
    return best_bounds


def _burst(buckets: Sequence[_Bucket], width: int, span: Span) -> Burst:
    errors: Counter[ErrorKey] = Counter()
    for _, counts in buckets:
        errors.update(counts)
    start, end = buckets[0][0], buckets[-1][0] + width
    return Burst(start, end, errors, ongoing=span.end - end <= _STILL_GOING * span.seconds)


def _added_up(pairs: Iterator[tuple[str, int]]) -> list[tuple[str, int]]:
    total: Counter[str] = Counter()
    for name, count in pairs:
        total[name] += count
    return total.most_common()
