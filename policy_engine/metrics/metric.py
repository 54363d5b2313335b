"""What a policy measures: a metric's name, its window and its filters, in a form in which equal metrics are equal.

Knows no values. The filters are kept as JSON with sorted keys; a list of one is its item and the order of a list does
not count, so that two ways to write the same thing share one counter. Equal metrics are even one object: conditions
look them up on every error, and an object's own hash is the fastest there is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from policy_engine.forks import ForkSafeLock

ERROR_COUNTS = frozenset({"errors", "error_rate"})
"""Metrics of errors alone: between two errors they only fall."""
EVENT_COUNTS = ERROR_COUNTS | {"open_breakers", "recovery_failures"}
"""Metrics that rise only when the engine says that something happened."""
CALL_COUNTS = frozenset({"calls", "slow_calls"})
CALL_FILTERS = ("call", "breaker")
"""Filters that name calls; all others of an ``error_ratio`` say which errors it counts."""


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Metric:
    """One thing to measure. Make it with `metric`, which brings the filters into their normal form."""

    name: str
    window: float | None = None
    """Seconds; ``None`` for what has a value at any moment, such as open breakers."""
    filters: str = "{}"

    def __new__(cls, name: str, window: float | None = None, filters: str = "{}") -> Metric:  # noqa: D102  it is the class's
        key = name, window, filters
        with _known_lock:
            known = _known.get(key)
            if known is None:
                known = _known[key] = object.__new__(cls)
            return known

    def __reduce__(self) -> tuple[type[Metric], tuple[str, float | None, str]]:
        return Metric, (self.name, self.window, self.filters)

    def __lt__(self, other: Metric) -> bool:
        return self.label < other.label

    def filter_table(self) -> dict[str, Any]:
        """Return the filters as the match table that they were."""
        table: dict[str, Any] = json.loads(self.filters)
        return table

    @property
    def label(self) -> str:
        """The metric in words: ``error_rate 60s category=NETWORK``."""
        words = [self.name]
        if self.window is not None:
            words.append(f"{self.window:g}s")
        words += [f"{key}={_in_words(value)}" for key, value in self.filter_table().items()]
        return " ".join(words)

    def population(self) -> Metric | None:
        """Return the count of events that this metric is drawn from, which ``minimum_events`` is held against."""
        if self.name == "error_ratio":
            return Metric("calls", self.window, _text(self._call_filters()))
        if self.name in CALL_COUNTS:
            return Metric("calls", self.window, _text(self._call_filters()))
        if self.name in ERROR_COUNTS:
            return Metric("errors", self.window, self.filters)
        return None

    def activity(self) -> Metric | None:
        """Return the count of all calls in this metric's window: none means that the service is idle."""
        return None if self.window is None else Metric("calls", self.window, _text(self._call_filters()))

    def _call_filters(self) -> dict[str, Any]:
        return {key: value for key, value in self.filter_table().items() if key in CALL_FILTERS}


_known: WeakValueDictionary[tuple[str, float | None, str], Metric] = WeakValueDictionary()
_known_lock = ForkSafeLock()


def metric(name: str, window: float | None = None, filters: Mapping[str, Any] | None = None) -> Metric:
    """Return the metric with its filters in normal form."""
    return Metric(name, window, _text(filters or {}))


def _text(filters: Mapping[str, Any]) -> str:
    return json.dumps(_normal(filters), sort_keys=True, default=str)


def _normal(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _normal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        distinct = {json.dumps(_normal(item), sort_keys=True, default=str): item for item in value}
        items = [_normal(distinct[text]) for text in sorted(distinct)]
        return items[0] if len(items) == 1 and not isinstance(items[0], dict) else items
    return value


def _in_words(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
