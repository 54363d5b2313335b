"""Why an error is what it is: the rule that decided, those that came close, and who said what.

Knows the compiled rules; the verdict is the classifier's own. Where an entry stands in its file is asked of ``origin``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from policy_engine.classify.classifier import Classification, ErrorClassifier
from policy_engine.classify.rules import NOT_DEFINED, Rule
from policy_engine.match import MatcherIndex
from policy_engine.match.explanation import KeyFinding, explain_match
from policy_engine.model import Occurrence

Origin = Callable[[tuple[str | int, ...]], str]
"""Where in which file an entry of the policy stands: ``"10-network.toml:12"``."""


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """One rule held against the error."""

    name: str
    origin: str
    matched: bool
    keys: tuple[KeyFinding, ...]

    @property
    def lacking(self) -> tuple[KeyFinding, ...]:
        """The keys that did not hold."""
        return tuple(key for key in self.keys if not key.held)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        return {
            "rule": self.name,
            "origin": self.origin,
            "matched": self.matched,
            "keys": [key.to_dict() for key in self.keys],
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """One property of the error, its value, and who decided it."""

    what: str
    value: str
    decided_by: str
    origin: str

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        return {"what": self.what, "value": self.value, "decided_by": self.decided_by, "origin": self.origin}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that led to a classification."""

    classification: Classification
    matched: RuleFinding | None
    tried: tuple[RuleFinding, ...]
    """Candidates before the matching rule that did not hold, in order."""
    skipped: int
    """Rules that could not match: neither the types nor the words they need are there."""
    after: int
    """Rules behind the one that decided, which had no say."""
    nearest: RuleFinding | None
    """Where nothing matched: the rule that lacked the least."""
    decisions: tuple[Decision, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        return {
            "category": self.classification.category,
            "severity": self.classification.severity.value,
            "retryable": self.classification.retryable,
            "tags": list(self.classification.tags),
            "rule": self.classification.rule,
            "matched": None if self.matched is None else self.matched.to_dict(),
            "tried": [finding.to_dict() for finding in self.tried],
            "skipped": self.skipped,
            "after": self.after,
            "nearest": None if self.nearest is None else self.nearest.to_dict(),
            "decisions": [decision.to_dict() for decision in self.decisions],
        }


def explain_classification(classifier: ErrorClassifier, occurrence: Occurrence, origin: Origin) -> Explanation:
    """Explain what ``classifier`` makes of ``occurrence``."""
    classification = classifier.classify(occurrence)
    rules = classifier.rules
    candidates = MatcherIndex([rule.matcher for rule in rules]).candidates(occurrence)
    position = _position(rules, classification.rule)
    end = len(rules) if position is None else position
    tried = tuple(_finding(rules, each, occurrence, origin) for each in candidates if each < end)
    return Explanation(
        classification=classification,
        matched=None if position is None else _finding(rules, position, occurrence, origin),
        tried=tried,
        skipped=end - len(tried),
        after=len(rules) - end - (position is not None),
        nearest=_nearest(rules, occurrence, origin) if position is None else None,
        decisions=tuple(_decisions(classifier, classification, position, origin)),
    )


def _position(rules: Sequence[Rule], name: str | None) -> int | None:
    return next((position for position, rule in enumerate(rules) if rule.name == name), None)


def _finding(rules: Sequence[Rule], position: int, occurrence: Occurrence, origin: Origin) -> RuleFinding:
    rule = rules[position]
    keys = explain_match(rule.matcher.table, occurrence)
    return RuleFinding(rule.name, origin(("rules", position)), rule.matcher(occurrence), keys)


def _nearest(rules: Sequence[Rule], occurrence: Occurrence, origin: Origin) -> RuleFinding | None:
    """The rule with something that holds and the fewest keys that do not; the first of equals."""
    best: tuple[int, int] | None = None
    found: RuleFinding | None = None
    for position in range(len(rules)):
        finding = _finding(rules, position, occurrence, origin)
        held = len(finding.keys) - len(finding.lacking)
        score = (len(finding.lacking), -held)
        if held and (best is None or score < best):
            best, found = score, finding
    return found


def _decisions(
    classifier: ErrorClassifier, classification: Classification, position: int | None, origin: Origin
) -> list[Decision]:
    if position is None:
        return [
            Decision("category", classification.category, "no rule matched", ""),
            *_from_category(classifier, classification, ("severity", "retryable"), origin),
        ]
    rule = classifier.rules[position]
    own = [name for name in ("category", "severity", "retryable") if getattr(rule, name) is not None]
    inherited = tuple(name for name in ("severity", "retryable") if name not in own)
    decided_by = f'rule "{rule.name}"'
    of_rule = [
        Decision(name, _text(getattr(classification, name)), decided_by, origin(("rules", position, name)))
        for name in own
    ]
    return of_rule + _from_category(classifier, classification, inherited, origin)


def _from_category(
    classifier: ErrorClassifier, classification: Classification, names: tuple[str, ...], origin: Origin
) -> list[Decision]:
    category = classification.category
    defined = classifier.categories.get(category, NOT_DEFINED) is not NOT_DEFINED
    return [
        Decision(
            name,
            _text(getattr(classification, name)),
            f"category {category}" if defined else "the default",
            origin(("categories", category, name)) if defined else "",
        )
        for name in names
    ]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
