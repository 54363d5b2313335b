"""Finds the first rule that matches an error, and says what the error is.

Knows no time and no counts: severity here is what rule or category say; adjustments come after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from policy_engine.capture import CaptureLimits, capture
from policy_engine.classify.rules import Category, Rule
from policy_engine.match import MatcherIndex
from policy_engine.model import UNKNOWN, Occurrence, Severity


class Classification(NamedTuple):
    """What an error is. ``rule`` is the rule that decided, ``None`` where none matched."""

    category: str
    severity: Severity
    retryable: bool
    tags: tuple[str, ...]
    rule: str | None


class ErrorClassifier:
    """Classifies by the first matching rule; what nothing matches is ``UNKNOWN``."""

    def __init__(
        self,
        rules: Sequence[Rule],
        categories: Mapping[str, Category],
        limits: CaptureLimits = CaptureLimits(),  # noqa: B008  frozen
    ) -> None:
        self.rules = tuple(rules)
        self.categories = categories
        self._limits = limits
        self._index = MatcherIndex([rule.matcher for rule in rules])
        self._results = [_result(rule, categories) for rule in rules]
        unknown = categories.get(UNKNOWN, Category(UNKNOWN))
        self._unmatched = Classification(UNKNOWN, unknown.severity, unknown.retryable, (), None)

    def classify(self, error: BaseException | Occurrence) -> Classification:
        """Return what ``error`` is, an exception or a captured one. Counts nothing and changes nothing."""
        occurrence = error if isinstance(error, Occurrence) else capture(error, limits=self._limits)
        position = self._index.first(occurrence)
        return self._unmatched if position is None else self._results[position]


def _result(rule: Rule, categories: Mapping[str, Category]) -> Classification:
    category = categories.get(rule.category, Category(rule.category))
    return Classification(
        rule.category,
        category.severity if rule.severity is None else rule.severity,
        category.retryable if rule.retryable is None else rule.retryable,
        rule.tags,
        rule.name,
    )
