"""Rules and categories as they come from a policy: what matches, and what an error then is.

Knows nothing of how a matching rule is found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policy_engine.match import Matcher, compile_matcher
from policy_engine.model import UNKNOWN, Severity


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of error, and what holds for its errors where their rule says nothing."""

    name: str
    severity: Severity = Severity.MEDIUM
    retryable: bool = False
    description: str = ""


NOT_DEFINED = Category(UNKNOWN)
"""``UNKNOWN`` where no policy says anything about it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; ``severity`` and ``retryable`` are ``None`` where the category decides."""

    name: str
    matcher: Matcher
    category: str
    severity: Severity | None = None
    retryable: bool | None = None
    tags: tuple[str, ...] = ()
    description: str = ""


def compile_categories(section: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Category]:
    """Compile ``[categories]``; ``UNKNOWN`` is always there."""
    categories = {UNKNOWN: NOT_DEFINED}
    for name, table in section.items():
        categories[name] = Category(
            name,
            Severity(table.get("severity", Severity.MEDIUM)),
            table.get("retryable", False),
            table.get("description", ""),
        )
    return categories


def compile_rules(section: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Compile ``[[rules]]``, in file order."""
    return tuple(
        Rule(
            table["name"],
            compile_matcher(table.get("match", {})),
            table["category"],
            Severity(table["severity"]) if "severity" in table else None,
            table.get("retryable"),
            tuple(table.get("tags", ())),
            table.get("description", ""),
        )
        for table in section
    )
