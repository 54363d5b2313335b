"""Conditions that can never hold, or always do: limits beyond what a metric can be.

Decided by trying the compiled condition at every value where one of its limits may change its mind. Only parts that
read one metric are looked at: how two metrics move together is not known here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from policy_engine.lint.parts import Part, at, conditions, nested
from policy_engine.metrics.conditions import SIGNS, Condition, compile_comparison, compile_condition
from policy_engine.metrics.metric import Metric
from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.diagnostics import finding
from policy_engine.policy.document import Path

_COUNTS = frozenset({"errors", "calls", "slow_calls", "recovery_failures", "open_breakers"})


@dataclass(frozen=True, slots=True)
class Limited:
    """A condition that reads one metric, the limits in it, and where it stands."""

    condition: Condition
    metric: Metric
    limits: tuple[float, ...]
    place: Path
    at_key: bool = False

    def holds(self, value: float) -> bool:
        """Whether it holds when the metric has this value."""
        return self.condition.holds(lambda _: value)


def limited(part: Part, compared: Metric | None = None) -> Limited | None:
    """Read a ``when`` table, or a release that compares the metric ``compared``; ``None`` where it reads several."""
    tables = [each for each in nested(part) if not SIGNS.keys().isdisjoint(each.value)]
    if any("expr" in each.value for each in nested(part)) or not tables:
        return None
    condition = compile_condition(part.value) if compared is None else compile_comparison(compared, part.value)
    metrics = condition.compared_metrics()
    if len(metrics) != 1:
        return None
    limits = [(*each.path, word) for each in tables for word in SIGNS if word in each.value]
    values = tuple(float(each.value[word]) for each in tables for word in SIGNS if word in each.value)
    if len(tables) == 1 and tables[0].path == part.path:
        return Limited(condition, metrics[0], values, limits[-1])
    key = next(key for key in ("all", "any", "not") if key in part.value)
    return Limited(condition, metrics[0], values, (*part.path, key), at_key=True)


def values_of(document: Document, metric: Metric, limits: tuple[float, ...]) -> list[float]:
    """Return values that the metric can have, on both sides of each limit and at it."""
    lowest, highest, step = _domain(document, metric)
    around = {lowest, 0.0, 1.0, highest if math.isfinite(highest) else math.floor(max(0.0, *limits)) * 2 + 2}
    if step:
        around |= {math.floor(limit) + more for limit in limits for more in (-1, 0, 1, 2)}
    else:
        ends = sorted({*limits, *(value for value in around if math.isfinite(value))})
        around |= {*limits, *((low + high) / 2 for low, high in pairwise(ends)), ends[0] - 1}
    return sorted(value for value in around if lowest <= value <= highest and math.isfinite(value))


def _domain(document: Document, metric: Metric) -> tuple[float, float, bool]:
    """The lowest and highest value of a metric, and whether it only takes whole ones."""
    filters = metric.filter_table()
    if metric.name in ("error_ratio", "memory_share", "cpu_share") or (
        metric.name == "open_breakers" and filters.get("share") is True
    ):
        return 0.0, 1.0, False
    if metric.name == "open_breakers" and "breakers" in filters:
        return 0.0, _most_open(document.data.get("breakers", {}), filters["breakers"]), True
    if metric.name in _COUNTS:
        return 0.0, math.inf, True
    return (-math.inf if "." in metric.name else 0.0), math.inf, False


def _most_open(tables: Mapping[str, Any], names: Any) -> float:
    listed = names if isinstance(names, list) else [names]
    inherited = tables.get("default", {})
    keyed = any("key" in {**inherited, **tables.get(name, {})} for name in listed)
    return math.inf if keyed else float(len(set(listed)))


def pointless_conditions(document: Document) -> Iterator[Diagnostic]:
    """Yield a finding for each ``when`` that never holds or always does: for the innermost part that shows it."""
    told: list[Path] = []
    for part in reversed(list(conditions(document.data))):
        if any(path[: len(part.path)] == part.path for path in told):
            continue
        read = limited(part)
        found = None if read is None else _pointless(document, read)
        if found is not None:
            told.append(part.path)
            yield found
    for pattern in (("degradation", "triggers", "*"), ("degradation", "components", "*", "triggers", "*")):
        for trigger in at(document.data, pattern):
            yield from _of_release(document, trigger)


def _of_release(document: Document, trigger: Part) -> Iterator[Diagnostic]:
    when, release = trigger.value["when"], trigger.value.get("release", {})
    asks = limited(Part((*trigger.path, "when"), when))
    if asks is None or not release:
        return
    if "when" in release:
        lets_go = limited(Part((*trigger.path, "release", "when"), release["when"]))
    else:
        lets_go = limited(Part((*trigger.path, "release"), release), asks.metric)
        pointless = None if lets_go is None else _pointless(document, lets_go)
        if pointless is not None:
            yield pointless
            return
    if lets_go is not None and lets_go.metric is asks.metric:
        yield from _overlap(document, asks, lets_go)


def _overlap(document: Document, asks: Limited, lets_go: Limited) -> Iterator[Diagnostic]:
    values = values_of(document, asks.metric, (*asks.limits, *lets_go.limits))
    both = [value for value in values if asks.holds(value) and lets_go.holds(value)]
    # A release that always holds is another finding.
    if both and not all(lets_go.holds(value) for value in values):
        yield finding(
            "PE613",
            f"the release holds while the trigger still does: at {asks.metric.name} = {both[0]:g}, for example",
            span=document.locate(lets_go.place, key=lets_go.at_key),
            file=document.files[0].name,
            help="let it go on the other side of the trigger's own limit, or the level flaps",
        )


def _pointless(document: Document, read: Limited) -> Diagnostic | None:
    values = values_of(document, read.metric, read.limits)
    verdicts = {read.holds(value) for value in values}
    if len(verdicts) == 2:
        return None
    always = verdicts == {True}
    lowest, highest, _ = _domain(document, read.metric)
    span = f"from {lowest:g} to {highest:g}" if math.isfinite(highest) else f"{lowest:g} or more"
    return finding(
        "PE612" if always else "PE611",
        f"this condition {'always holds' if always else 'can never hold'}: {read.metric.name} is {span}",
        span=document.locate(read.place, key=read.at_key),
        file=document.files[0].name,
        help="change the limit, or remove the condition",
    )
