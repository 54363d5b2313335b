"""What happened when: errors by category, levels, circuit breakers, recoveries and alerts, in bounded memory.

Fed with every handled error and every event of an engine; knows no drawing. Errors without a time are counted beside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from policy_engine.model import (
    AlertSent,
    BreakerChanged,
    ErrorInfo,
    Event,
    LevelChanged,
    RecoveryChanged,
    RecoveryStatus,
)
from policy_engine.reports.bands import Lanes
from policy_engine.reports.buckets import Buckets
from policy_engine.reports.curves import Curves

_MIN_FOR_STRAYS = 10
_STRAY_SHARE = 0.01
_WORTH_ZOOMING = 20


class ErrorKey(NamedTuple):
    """What errors are counted by. ``type`` is empty for errors without one, and of types past the bound."""

    category: str
    type: str


@dataclass(frozen=True, slots=True)
class Span:
    """The stretch of time worth looking at: all of it, but for a few errors that lie far away from all others."""

    start: int
    end: int
    before: int = 0
    """Errors that lie earlier."""
    after: int = 0
    """Errors that lie later."""
    dated: bool = True
    """Whether its times are those of a calendar, and not of a scenario that begins at 0."""

    @property
    def days(self) -> int:
        """How many days of the calendar (UTC) it touches."""
        return (self.end - 1) // 86400 - self.start // 86400 + 1

    @property
    def seconds(self) -> int:
        """How long it is."""
        return self.end - self.start


class Timeline:
    """Collects what `handled` and `event` bring, in any order of time."""

    def __init__(
        self,
        *,
        buckets: int = 1000,
        changes: int = 1000,
        types: int = 256,
        width: int = 1,
        curves: Curves | None = None,
    ) -> None:
        """``width`` is how many seconds of errors come counted together, where they do."""
        self._types = types
        self._changes = changes
        self._whole: Span | None = None
        self.curves = curves
        """What the triggers compared, where somebody measures it."""
        self.moves: list[LevelChanged] = []
        """Changes of levels, the first of them."""
        self._keys: dict[tuple[str, str], ErrorKey] = {}
        self.errors: Buckets[ErrorKey] = Buckets(buckets, width=width)
        self.alerts: Buckets[str] = Buckets(buckets)
        """By route."""
        self.recoveries: Buckets[str] = Buckets(buckets)
        """Those that started, by strategy."""
        self.levels = Lanes(changes)
        """By component; the service as a whole is the empty name."""
        self.breakers = Lanes(changes)
        self.by_category: Counter[str] = Counter()
        """All errors, whether they had a time or not."""
        self.retryable: Counter[str] = Counter()
        """Those worth another try, by category."""
        self.outcomes: Counter[tuple[str, RecoveryStatus]] = Counter()
        """How recoveries ended, by strategy."""
        self.first_alerts: dict[str, AlertSent] = {}
        """By route."""
        self.untimed = 0

    def handled(self, info: ErrorInfo) -> None:
        """Count an error."""
        self.by_category[info.category] += 1
        self.retryable[info.category] += info.retryable
        if info.time is None:
            self.untimed += 1
        else:
            self.errors.add(info.time, self._key(info.category, info.type))

    def counted(self, start: float, category: str, type_: str, errors: int) -> None:
        """Take note of errors that were counted before, in the stretch that begins at ``start``."""
        self.by_category[category] += errors
        self.errors.add(start, self._key(category, type_), errors)

    def event(self, event: Event) -> None:
        """Take note of what an engine did."""
        if isinstance(event, LevelChanged):
            self.levels.change(event.component, event.time, event.before, event.after)
            if len(self.moves) < self._changes:
                self.moves.append(event)
        elif isinstance(event, BreakerChanged):
            self.breakers.change(event.breaker, event.time, event.before.value, event.after.value)
        elif isinstance(event, AlertSent):
            self.alerts.add(event.time, event.route)
            self.first_alerts.setdefault(event.route, event)
        elif isinstance(event, RecoveryChanged):
            self._recovery(event)

    def covers(self, start: int, end: int) -> None:
        """Look at this stretch, whatever happened in it: it is a scenario's, whose times are no dates."""
        self._whole = Span(start, max(end, start + 1), dated=False)

    def span(self) -> Span | None:
        """Return what to look at; ``None`` where no error had a time."""
        if self._whole is not None:
            return self._whole
        counts = {start: counts.total() for start, counts in self.errors}
        if not counts:
            return None
        width = self.errors.width
        whole = Span(min(counts), max(counts) + width)
        dense = _densest(counts, width)
        return dense if _WORTH_ZOOMING * dense.seconds < whole.seconds else whole

    def _key(self, category: str, type_: str) -> ErrorKey:
        pair = category, type_
        key = self._keys.get(pair)
        if key is not None:
            return key
        if len(self._keys) >= self._types:
            return ErrorKey(category, "")
        return self._keys.setdefault(pair, ErrorKey(*pair))

    def _recovery(self, event: RecoveryChanged) -> None:
        if event.status.finished:
            self.outcomes[event.strategy, event.status] += 1
        elif event.status is RecoveryStatus.RUNNING and event.attempt == 1:
            self.recoveries.add(event.time, event.strategy)


def _densest(counts: Mapping[int, int], width: int) -> Span:
    """The shortest stretch that holds all errors but the few strays allowed."""
    starts, total = list(counts), sum(counts.values())
    strays = max(1, int(total * _STRAY_SHARE)) if total >= _MIN_FOR_STRAYS else 0
    best = Span(starts[0], starts[-1] + width)
    left, inside = 0, 0
    for start in starts:
        inside += counts[start]
        while inside - counts[starts[left]] >= total - strays:
            inside -= counts[starts[left]]
            left += 1
        if inside >= total - strays and start + width - starts[left] < best.seconds:
            best = Span(starts[left], start + width)
    return _extended(best, counts, width)


def _extended(span: Span, counts: Mapping[int, int], width: int) -> Span:
    """The stretch with what lies no further away than it is long: that is no stray."""
    start, end = span.start, span.end
    for earlier in sorted((each for each in counts if each < start), reverse=True):
        if start - earlier > end - start:
            break
        start = earlier
    for later in sorted(each for each in counts if each >= end):
        if later - end > end - start:
            break
        end = later + width
    before = sum(count for each, count in counts.items() if each < start)
    after = sum(count for each, count in counts.items() if each >= end)
    return Span(start, end, before, after)
