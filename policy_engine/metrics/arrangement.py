"""Which counters a set of metrics needs, what feeds each, and how each metric reads them.

Made once a policy and frozen. Metrics that count the same events over the same window share a counter: a rate is a
count times a factor, a ratio one count over another. Counters of an earlier arrangement are taken over where they fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from policy_engine.match import compile_matcher
from policy_engine.metrics.metric import CALL_COUNTS, CALL_FILTERS, ERROR_COUNTS, Metric, metric
from policy_engine.metrics.windows import SlidingCount
from policy_engine.model import Occurrence
from policy_engine.policy.durations import seconds

Counters = Mapping[Metric, SlidingCount]
Matches = Callable[[Occurrence], bool]


Scaled = tuple[SlidingCount, float]
"""What is counted, and what it is multiplied by: plain, because it unpacks fastest."""
Ratio = tuple[SlidingCount, SlidingCount]
"""What is counted, and what it is divided by."""


class ErrorWatchers(NamedTuple):
    """Counters that surely count an error of some category, and those that do if it matches; who reads them."""

    certain: tuple[SlidingCount, ...]
    readers: tuple[Metric, ...]
    tested: tuple[tuple[Matches, SlidingCount, tuple[Metric, ...]], ...]


class CallWatcher(NamedTuple):
    """A counter of calls: those by these names (any, where there are none), with this outcome."""

    outcome: str
    calls: frozenset[str]
    breakers: frozenset[str]
    longer_than: float | None
    counter: SlidingCount


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The counters of a set of metrics, indexed by what feeds them and by who reads them."""

    counters: Counters
    counts: Mapping[Metric, Scaled]
    ratios: Mapping[Metric, Ratio]
    errors_of: Mapping[str, ErrorWatchers]
    errors_of_others: ErrorWatchers
    calls: tuple[CallWatcher, ...]
    recoveries: tuple[tuple[frozenset[str], SlidingCount], ...]


def arrange(metrics: Iterable[Metric], known: Counters) -> Arrangement:
    """Arrange counters for ``metrics``, taking those that ``known`` has already."""
    counters: dict[Metric, SlidingCount] = {}

    def counter(name: str, window: float, filters: str) -> SlidingCount:
        base = Metric(name, window, filters)
        if base not in counters:
            counters[base] = known.get(base) or SlidingCount(window)
        return counters[base]

    counts = {each: scaled for each in metrics if (scaled := _scaled(each, counter)) is not None}
    ratios = {each: ratio for each in metrics if (ratio := _ratio(each, counter)) is not None}
    errors_of, errors_of_others = _index_errors(counters, {**counts, **ratios})
    return Arrangement(counters, counts, ratios, errors_of, errors_of_others, _calls(counters), _recoveries(counters))


def _scaled(wanted: Metric, counter: Callable[[str, float, str], SlidingCount]) -> Scaled | None:
    name, window, filters = wanted.name, wanted.window, wanted.filters
    if window is None:
        return None
    if name in ERROR_COUNTS:
        return counter("errors", window, filters), 60.0 / window if name == "error_rate" else 1.0
    if name in CALL_COUNTS or name == "recovery_failures":
        return counter(name, window, filters), 1.0
    return None


def _ratio(wanted: Metric, counter: Callable[[str, float, str], SlidingCount]) -> Ratio | None:
    window, filters = wanted.window, wanted.filters
    if window is None or wanted.name != "error_ratio":
        return None
    table = wanted.filter_table()
    of_calls = metric("", None, {key: value for key, value in table.items() if key in CALL_FILTERS}).filters
    of_errors = metric("", None, {key: value for key, value in table.items() if key not in CALL_FILTERS}).filters
    # Of named calls, those that failed; otherwise the errors that were handled, wherever they came from.
    failed = counter("failures", window, filters) if table and of_calls == filters else None
    return failed or counter("errors", window, of_errors), counter("calls", window, of_calls)


class _Watcher(NamedTuple):
    """The categories that a counter's filter allows (``None``: any), what else must match, and who reads it."""

    categories: frozenset[str] | None
    matches: Matches | None
    counter: SlidingCount
    readers: tuple[Metric, ...]


def _index_errors(
    counters: Counters, readings: Mapping[Metric, Scaled | Ratio]
) -> tuple[dict[str, ErrorWatchers], ErrorWatchers]:
    """Return the watchers of each category that a filter names, and those of all other categories."""
    watching = []
    for base, counter in counters.items():
        if base.name == "errors":
            readers = tuple(each for each, reading in readings.items() if reading[0] is counter)
            watching.append(_watcher(base.filter_table(), counter, readers))
    everywhere = _gather([each for each in watching if each.categories is None])
    named = {category for each in watching if each.categories is not None for category in each.categories}
    by_category = {
        category: _gather([each for each in watching if each.categories is None or category in each.categories])
        for category in named
    }
    return by_category, everywhere


def _watcher(table: Mapping[str, Any], counter: SlidingCount, readers: tuple[Metric, ...]) -> _Watcher:
    wanted = table.get("category")
    if wanted is None or isinstance(wanted, Mapping):
        return _Watcher(None, compile_matcher(table) if table else None, counter, readers)
    rest = {key: value for key, value in table.items() if key != "category"}
    return _Watcher(_names(table, "category"), compile_matcher(rest) if rest else None, counter, readers)


def _gather(watching: list[_Watcher]) -> ErrorWatchers:
    certain = [each for each in watching if each.matches is None]
    return ErrorWatchers(
        tuple(each.counter for each in certain),
        tuple(reader for each in certain for reader in each.readers),
        tuple((each.matches, each.counter, each.readers) for each in watching if each.matches is not None),
    )


def _calls(counters: Counters) -> tuple[CallWatcher, ...]:
    return tuple(
        CallWatcher(
            base.name,
            _names(table := base.filter_table(), "call"),
            _names(table, "breaker"),
            seconds(table["longer_than"]) if base.name == "slow_calls" and "longer_than" in table else None,
            counter,
        )
        for base, counter in counters.items()
        if base.name in CALL_COUNTS or base.name == "failures"
    )


def _recoveries(counters: Counters) -> tuple[tuple[frozenset[str], SlidingCount], ...]:
    return tuple(
        (_names(base.filter_table(), "strategy"), counter)
        for base, counter in counters.items()
        if base.name == "recovery_failures"
    )


def _names(table: Mapping[str, Any], key: str) -> frozenset[str]:
    """The names that a filter lists; empty where it does not filter."""
    value = table.get(key, ())
    return frozenset((value,) if isinstance(value, str) else value)
