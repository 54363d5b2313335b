"""``when`` tables compiled: comparisons of metrics, and their combinations.

Knows no counters: callers bring ``read``, which returns a metric's value now, or ``None`` where there is no data.
No data makes a comparison false, never true; so does a value drawn from fewer events than ``minimum_events``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from policy_engine.metrics.metric import Metric, metric
from policy_engine.metrics.spans import Span, span_of
from policy_engine.policy.durations import seconds

Read = Callable[[Metric], float | None]
Holds = Callable[[Read], bool]

SIGNS: Mapping[str, str] = {"above": ">", "at_least": ">=", "below": "<", "at_most": "<="}
"""The comparisons of the policy language and what they mean."""

_OTHER_KEYS = frozenset({"metric", "window"})
_RISING = frozenset({"above", "at_least"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """One metric against its limits, all of which must be kept: ``((">", 30.0),)``."""

    metric: Metric
    limits: tuple[tuple[str, float], ...]
    population: Metric | None = None
    minimum_events: int = 0

    def __str__(self) -> str:
        return " and ".join(f"{self.metric.label} {sign} {limit:,.10g}" for sign, limit in self.limits)


@dataclass(frozen=True, slots=True)
class Combination:
    """Parts of which all (``"all"``), one (``"any"``) or not the only one (``"not"``) must hold."""

    kind: str
    parts: tuple[Node, ...]

    def __str__(self) -> str:
        if self.kind == "not":
            return f"not ({self.parts[0]})"
        return f" {'and' if self.kind == 'all' else 'or'} ".join(f"({part})" for part in self.parts)


Node = Comparison | Combination


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled ``when``: whether it holds, and the values that say why. Equal where the tables mean the same."""

    root: Node
    metrics: tuple[Metric, ...]
    """Everything that `holds` reads."""
    _holds: Holds = field(compare=False, repr=False)

    def holds(self, read: Read) -> bool:
        """Whether the condition is true now."""
        return self._holds(read)

    def values(self, read: Read) -> dict[str, float]:
        """Return what is known of each metric, by its name; by its label where two metrics share a name."""
        measured = {comparison.metric for comparison in _comparisons(self.root)}
        names = [each.name for each in measured]
        values: dict[str, float] = {}
        for each in sorted(measured):
            value = read(each)
            if value is not None:
                values[each.name if names.count(each.name) == 1 else each.label] = value
        return values

    def raised_by(self, counts: frozenset[str]) -> bool:
        """Whether nothing can make it true but a rise of metrics with these names: between events it stays false."""
        return _raised_by(self.root, counts)

    @property
    def span(self) -> Span | None:
        """The values of a metric for which it holds, where that is all it says."""
        root = self.root
        if not isinstance(root, Comparison) or root.population is not None:
            return None
        return span_of(root.metric, root.limits)

    def limits(self) -> tuple[tuple[Metric, str, float], ...]:
        """Return every comparison as it was written: the metric, the sign (``">"``), the number."""
        return tuple((each.metric, sign, limit) for each in _comparisons(self.root) for sign, limit in each.limits)

    def compared_metrics(self) -> tuple[Metric, ...]:
        """Return the metrics that stand in comparisons, each once, in order."""
        return tuple(dict.fromkeys(comparison.metric for comparison in _comparisons(self.root)))

    def __str__(self) -> str:
        return str(self.root)


def compile_condition(when: Mapping[str, Any], *, minimum_events: int = 0) -> Condition:
    """Compile a schema-valid ``when`` table; ``minimum_events`` counts for each of its comparisons.

    Raises:
        ValueError: it holds an ``expr``, which this version cannot evaluate.
    """
    return _condition(_parse(when, minimum_events))


def compile_comparison(compared: Metric, table: Mapping[str, Any]) -> Condition:
    """Compile the comparisons in ``table`` (its other keys are ignored) against a metric named elsewhere."""
    return _condition(Comparison(compared, _limits(table)))


def has_comparison(table: Mapping[str, Any]) -> bool:
    """Whether ``table`` holds any comparison."""
    return not SIGNS.keys().isdisjoint(table)


def _condition(root: Node) -> Condition:
    read: dict[Metric, None] = {}
    for comparison in _comparisons(root):
        read[comparison.metric] = None
        if comparison.population is not None:
            read[comparison.population] = None
    return Condition(root, tuple(read), _compile(root))


def _parse(when: Mapping[str, Any], minimum_events: int) -> Node:
    if "expr" in when:
        raise ValueError(f'when.expr is not available in this version: "{when["expr"]}"')
    parts: list[Node] = [_comparison(when, minimum_events)] if "metric" in when else []
    parts += [
        Combination(kind, tuple(_parse(table, minimum_events) for table in when[kind]))
        for kind in ("all", "any")
        if kind in when
    ]
    if "not" in when:
        parts.append(Combination("not", (_parse(when["not"], minimum_events),)))
    return parts[0] if len(parts) == 1 else Combination("all", tuple(parts))


def _comparison(when: Mapping[str, Any], minimum_events: int) -> Comparison:
    window = seconds(when["window"]) if "window" in when else None
    apart = _OTHER_KEYS | SIGNS.keys() | {"all", "any", "not"}
    measured = metric(when["metric"], window, {key: value for key, value in when.items() if key not in apart})
    population = measured.population() if minimum_events else None
    return Comparison(measured, _limits(when), population, minimum_events if population else 0)


def _limits(table: Mapping[str, Any]) -> tuple[tuple[str, float], ...]:
    return tuple((SIGNS[word], float(table[word])) for word in SIGNS if word in table)


def _comparisons(node: Node) -> Iterator[Comparison]:
    if isinstance(node, Comparison):
        yield node
    else:
        for part in node.parts:
            yield from _comparisons(part)


def _raised_by(node: Node, counts: frozenset[str]) -> bool:
    if isinstance(node, Comparison):
        rising = {SIGNS[word] for word in _RISING}
        return node.metric.name in counts and all(sign in rising for sign, _ in node.limits)
    return node.kind != "not" and all(_raised_by(part, counts) for part in node.parts)


def _compile(node: Node) -> Holds:
    if isinstance(node, Comparison):
        return _compile_comparison(node)
    tests = [_compile(part) for part in node.parts]
    if node.kind == "not":
        return lambda read: not tests[0](read)
    if node.kind == "any":
        return lambda read: any(test(read) for test in tests)
    return _every(tests)


def _compile_comparison(node: Comparison) -> Holds:
    tests = [_compile_limit(node.metric, sign, limit) for sign, limit in node.limits]
    holds = tests[0] if len(tests) == 1 else _every(tests)
    population, minimum = node.population, node.minimum_events
    if population is None:
        return holds
    return lambda read: (read(population) or 0) >= minimum and holds(read)


def _every(tests: list[Holds]) -> Holds:
    return lambda read: all(test(read) for test in tests)


def _compile_limit(compared: Metric, sign: str, limit: float) -> Holds:
    """One function a sign, not one for all: conditions are looked at on every error."""
    if sign == ">":
        return lambda read: (value := read(compared)) is not None and value > limit
    if sign == ">=":
        return lambda read: (value := read(compared)) is not None and value >= limit
    if sign == "<":
        return lambda read: (value := read(compared)) is not None and value < limit
    return lambda read: (value := read(compared)) is not None and value <= limit
