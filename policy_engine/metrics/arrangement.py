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


class Reading(NamedTuple):
    """A metric's value: ``counted`` times ``factor``, or ``counted`` over ``among`` where that is there."""

    counted: SlidingCount
    among: SlidingCount | None
    factor: float


class ErrorWatchers(NamedTuple):
    """Counters that surely count an error of some category, and those that do if it matches."""

    certain: tuple[SlidingCount, ...]
    tested: tuple[tuple[Matches, SlidingCount], ...]


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
    readings: Mapping[Metric, Reading]
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

    readings = {each: reading for each in metrics if (reading := _reading(each, counter)) is not None}
    errors_of, errors_of_others = _index_errors(counters)
    return Arrangement(counters, readings, errors_of, errors_of_others, _calls(counters), _recoveries(counters))


def _reading(wanted: Metric, counter: Callable[[str, float, str], SlidingCount]) -> Reading | None:
    name, window, filters = wanted
    if window is None:
        return None
    if name in ERROR_COUNTS:
        return Reading(counter("errors", window, filters), None, 60.0 / window if name == "error_rate" else 1.0)
    if name in CALL_COUNTS or name == "recovery_failures":
        return Reading(counter(name, window, filters), None, 1.0)
    if name != "error_ratio":
        return None
    table = wanted.filter_table()
    of_calls = metric("", None, {key: value for key, value in table.items() if key in CALL_FILTERS}).filters
    of_errors = metric("", None, {key: value for key, value in table.items() if key not in CALL_FILTERS}).filters
    # Of named calls, those that failed; otherwise the errors that were handled, wherever they came from.
    failed = counter("failures", window, filters) if table and of_calls == filters else None
    return Reading(failed or counter("errors", window, of_errors), counter("calls", window, of_calls), 1.0)


def _index_errors(counters: Counters) -> tuple[dict[str, ErrorWatchers], ErrorWatchers]:
    """Return the watchers of each category that a filter names, and those of all other categories."""
    watching = [_watcher(base.filter_table(), counter) for base, counter in counters.items() if base.name == "errors"]
    everywhere = _gather([each for each in watching if each[0] is None])
    categories = {category for wanted, _, _ in watching if wanted is not None for category in wanted}
    by_category = {
        category: _gather([each for each in watching if each[0] is None or category in each[0]])
        for category in categories
    }
    return by_category, everywhere


_Watching = tuple[frozenset[str] | None, Matches | None, SlidingCount]


def _watcher(table: Mapping[str, Any], counter: SlidingCount) -> _Watching:
    """The categories that a counter's filter allows (``None``: any), what else must match, and the counter."""
    wanted = table.get("category")
    if wanted is None or isinstance(wanted, Mapping):
        return None, compile_matcher(table) if table else None, counter
    rest = {key: value for key, value in table.items() if key != "category"}
    return _names(table, "category"), compile_matcher(rest) if rest else None, counter


def _gather(watching: list[_Watching]) -> ErrorWatchers:
    return ErrorWatchers(
        tuple(counter for _, matches, counter in watching if matches is None),
        tuple((matches, counter) for _, matches, counter in watching if matches is not None),
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
