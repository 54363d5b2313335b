"""A release that compares, where the trigger's ``when`` reads several metrics and nobody can tell which is meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policy_engine.lint.parts import Part, at, nested
from policy_engine.metrics.conditions import SIGNS
from policy_engine.metrics.metric import Metric, metric
from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.diagnostics import finding

_TRIGGERS = (("degradation", "triggers", "*"), ("degradation", "components", "*", "triggers", "*"))
_NOT_OF_A_METRIC = frozenset({*SIGNS, "all", "any", "not", "expr"})


def ambiguous_releases(document: Document) -> Iterator[Diagnostic]:
    """Yield a finding for each release that says a limit and not of what."""
    for pattern in _TRIGGERS:
        for trigger in at(document.data, pattern):
            if _is_ambiguous(trigger.value):
                yield finding(
                    "PE122",
                    "this release compares, but the trigger does not read exactly one metric",
                    span=document.locate((*trigger.path, "release"), key=True),
                    file=document.files[0].name,
                    help="write release.when = { metric = ..., ... } to say which one",
                )


def _is_ambiguous(trigger: Any) -> bool:
    release = trigger.get("release") if isinstance(trigger, dict) else None
    if not isinstance(release, dict) or "when" in release or SIGNS.keys().isdisjoint(release):
        return False
    return len({_metric(part) for part in nested(Part((), trigger.get("when"))) if "metric" in part.value}) != 1


def _metric(part: Part) -> Metric:
    # The window is one filter more here: it tells metrics apart, and need not be read.
    filters = {key: value for key, value in part.value.items() if key not in _NOT_OF_A_METRIC}
    return metric("", None, filters)
