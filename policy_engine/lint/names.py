"""The names that a policy defines, and every place that uses one.

Knows where the language has them. What a plugin's action takes is in that action's schema, where ``x-names-a`` marks a
parameter that names something.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from policy_engine.lint.parts import Part, at, conditions, match_tables, steps, strings, texts_of
from policy_engine.model import UNKNOWN
from policy_engine.policy.document import Path

DEFAULT_LEVELS = ("full", "degraded", "minimal", "emergency")


class Named(Enum):
    """What a name can be of; the value is the word for it."""

    ACTION = "action"
    BREAKER = "breaker"
    CALL = "call"
    CATEGORY = "category"
    CHANNEL = "channel"
    LEVEL = "level"
    RULE = "rule"
    STRATEGY = "strategy"


@dataclass(frozen=True, slots=True)
class Use:
    """A place that names something."""

    kind: Named
    name: str
    path: Path


_USES: tuple[tuple[Named, Path], ...] = (
    (Named.CATEGORY, ("rules", "*", "category")),
    (Named.BREAKER, ("calls", "*", "breaker")),
    (Named.CHANNEL, ("alerts", "routes", "*", "channel")),
    (Named.LEVEL, ("degradation", "triggers", "*", "level")),
    (Named.LEVEL, ("degradation", "components", "*", "triggers", "*", "level")),
    (Named.LEVEL, ("degradation", "functions", "*", "runs_at")),
    (Named.LEVEL, ("degradation", "functions", "*", "sample", "at")),
)
_IN_MATCHES = {"category": Named.CATEGORY, "rule": Named.RULE}
_IN_CONDITIONS = {
    **_IN_MATCHES,
    "breaker": Named.BREAKER,
    "breakers": Named.BREAKER,
    "call": Named.CALL,
    "strategy": Named.STRATEGY,
}


def defined(data: Mapping[str, Any]) -> dict[Named, set[str]]:
    """Return all names that the policy defines; those that are always there too."""
    return {
        Named.BREAKER: {"default", *_keys(data, ("breakers", "*"))},
        Named.CALL: _keys(data, ("calls", "*")),
        Named.CATEGORY: {UNKNOWN, *_keys(data, ("categories", "*"))},
        Named.CHANNEL: _keys(data, ("alerts", "channels", "*")),
        Named.LEVEL: {part.value for part in strings(data, ("degradation", "levels"))} or set(DEFAULT_LEVELS),
        Named.RULE: {part.value for part in strings(data, ("rules", "*", "name"))},
        Named.STRATEGY: {part.value for part in strings(data, ("recovery", "strategies", "*", "name"))},
    }


def uses(data: Mapping[str, Any], named_by_actions: Mapping[str, Mapping[str, Named]]) -> Iterator[Use]:
    """Yield every use of a name; ``named_by_actions`` has, by action, what its parameters name."""
    for kind, pattern in _USES:
        for part in strings(data, pattern):
            yield Use(kind, part.value, part.path)
    for table in match_tables(data):
        yield from _in_table(table, _IN_MATCHES)
    for table in conditions(data):
        yield from _in_table(table, _IN_CONDITIONS)
    for step in steps(data):
        yield from _in_table(step, {"action": Named.ACTION, **named_by_actions.get(str(step.value.get("action")), {})})


def _in_table(table: Part, kinds: Mapping[str, Named]) -> Iterator[Use]:
    for key, kind in kinds.items():
        if key in table.value:
            for part in texts_of(Part((*table.path, key), table.value[key])):
                yield Use(kind, part.value, part.path)


def _keys(data: Mapping[str, Any], pattern: Path) -> set[str]:
    return {str(part.path[-1]) for part in at(data, pattern)}
