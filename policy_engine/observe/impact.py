"""Which errors a consequence is charged to: refused calls, time degraded, time to recover.

The rules, which hold for every policy: a refused call is charged to the error that last left a call of the same name;
time below the best level to the error that was handled last before the level fell; a recovery to the error that started
it. Knows events, no policy; bounded in calls, recoveries and components.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from policy_engine.forks import survives_fork
from policy_engine.metrics.costs import Cost, Series
from policy_engine.model import ErrorInfo, LevelChanged, RecoveryChanged, RecoveryStatus

_Value = TypeVar("_Value")


class Charge(NamedTuple):
    """A cost and whose it is."""

    series: Series
    cost: Cost


@dataclass(slots=True)
class _Fall:
    """A level below the best one: because of which errors, and since when it is not charged yet."""

    series: Series
    since: float


class _Started(NamedTuple):
    series: Series
    time: float


class Impact:
    """Follows one engine; every method that returns charges wants them added up by its caller."""

    def __init__(self, best_level: str, *, bound: int) -> None:
        self.best_level = best_level
        self._bound = bound
        self._lock = threading.Lock()
        self._last: Series | None = None
        self._last_of_call: OrderedDict[str, Series] = OrderedDict()
        self._recoveries: OrderedDict[str, _Started] = OrderedDict()
        self._ended_early: OrderedDict[str, RecoveryChanged] = OrderedDict()
        """Recoveries that ended before their error was through: they start while it is still being handled."""
        self._falls: dict[str, _Fall] = {}
        survives_fork(self)

    def after_fork(self) -> None:
        """Make the lock anew in a child."""
        self._lock = threading.Lock()

    def error_counted(self, series: Series) -> None:
        """Remember an error before its triggers are evaluated: a level that falls now falls because of it."""
        self._last = series

    def error_handled(self, info: ErrorInfo, series: Series, time: float) -> RecoveryChanged | None:
        """Remember an error for what may follow from it; returns how its recovery ended, if it has already."""
        self._last = series
        started = info.recovery_id if info.recovery_status is RecoveryStatus.WAITING else None
        if not info.call and started is None:
            return None
        with self._lock:
            if info.call:
                self._keep(self._last_of_call, info.call, series)
            if started is None:
                return None
            self._keep(self._recoveries, started, _Started(series, time))
            return self._ended_early.pop(started, None)

    def call_refused(self, call: str) -> Charge | None:
        """Charge a refused call."""
        series = self._last_of_call.get(call)
        return None if series is None else Charge(series, Cost(refused_calls=1))

    def level_changed(self, event: LevelChanged) -> Charge | None:
        """Charge the time at a level that ends now."""
        with self._lock:
            fall = self._falls.pop(event.component, None)
            if event.after != self.best_level:
                series = self._last if fall is None else fall.series
                if series is not None:
                    self._falls[event.component] = _Fall(series, event.time)
        return None if fall is None else _degraded(fall, event.time)

    def degraded_until(self, time: float) -> Iterator[Charge]:
        """Charge the time below the best level that has passed and is not charged yet."""
        with self._lock:
            falls = list(self._falls.values())
            charges = [_degraded(fall, time) for fall in falls]
            for fall in falls:
                fall.since = time
        yield from charges

    def recovery_ended(self, event: RecoveryChanged) -> tuple[Charge, float] | None:
        """Charge a recovery that ended, to the error that started it; with it, the seconds since that error."""
        with self._lock:
            started = self._recoveries.pop(event.recovery_id, None)
            if started is None:
                self._keep(self._ended_early, event.recovery_id, event)
                return None
        seconds = max(0.0, event.time - started.time)
        return Charge(started.series, Cost(recovery_seconds=seconds)), seconds

    def fingerprint_of(self, recovery_id: str) -> str:
        """The kind of error that started a recovery; empty where that is not known, or not any more."""
        started = self._recoveries.get(recovery_id)
        return "" if started is None else started.series.fingerprint

    def _keep(self, kept: OrderedDict[str, _Value], key: str, value: _Value) -> None:
        kept[key] = value
        kept.move_to_end(key)
        if len(kept) > self._bound:
            kept.popitem(last=False)


def _degraded(fall: _Fall, until: float) -> Charge:
    return Charge(fall.series, Cost(degraded_seconds=max(0.0, until - fall.since)))
