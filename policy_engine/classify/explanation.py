"""Why an error is what it is: the rule that decided, those that came close, and who said what.

Knows the compiled rules; the verdict is the classifier's own. Where an entry stands in its file is asked of ``origin``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from policy_engine.classify.classifier import Classification, ErrorClassifier
from policy_engine.classify.rules import NOT_DEFINED, Rule
from policy_engine.classify.severity import SeverityAdjustment, moved
from policy_engine.match import MatcherIndex
from policy_engine.match.explanation import KeyFinding, explain_match, nearest_way, what_lacked
from policy_engine.model import Occurrence, Severity

_MOST_NEAR = 3
_NEAR = 0.4
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
        """The keys that did not hold; of several alternatives, those of the one that came nearest."""
        return tuple(what_lacked(self.keys))

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
class Pending:
    """A severity adjustment for errors like this one that depends on what else happens, which nobody knows here."""

    name: str
    origin: str
    severity: Severity
    """What it would make of this error."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        return {"adjustment": self.name, "origin": self.origin, "severity": self.severity.value}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that led to a classification. ``str()`` tells it in lines, as ``policy-engine explain`` prints it."""

    type: str
    message: str
    """Of the error, scrubbed."""
    classification: Classification
    """What the rule, or its category, says."""
    severity: Severity
    """The severity after all adjustments."""
    matched: RuleFinding | None
    tried: tuple[RuleFinding, ...]
    """Candidates before the matching rule that did not hold, in order."""
    skipped: int
    """Rules that could not match: neither the types nor the words they need are there."""
    after: int
    """Rules behind the one that decided, which had no say."""
    nearest: tuple[RuleFinding, ...]
    """Where nothing matched: the rules that lacked least, the nearest first; empty where none came near."""
    decisions: tuple[Decision, ...]
    """Who decided what; a severity that was adjusted has a line for each adjustment, the last of which counts."""
    pending: tuple[Pending, ...]

    @property
    def category(self) -> str:
        """The category; ``"UNKNOWN"`` where no rule matched."""
        return self.classification.category

    @property
    def retryable(self) -> bool:
        """Whether another try is worth it."""
        return self.classification.retryable

    @property
    def rule(self) -> str | None:
        """The name of the rule that decided; ``None`` where none matched."""
        return self.classification.rule

    def __str__(self) -> str:
        from policy_engine.classify.explanation_text import told  # it tells what is defined here

        return "\n".join(told(self))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        return {
            "type": self.type,
            "message": self.message,
            "category": self.category,
            "severity": self.severity.value,
            "retryable": self.retryable,
            "tags": list(self.classification.tags),
            "rule": self.rule,
            "matched": None if self.matched is None else self.matched.to_dict(),
            "tried": [finding.to_dict() for finding in self.tried],
            "skipped": self.skipped,
            "after": self.after,
            "nearest": [finding.to_dict() for finding in self.nearest],
            "decisions": [decision.to_dict() for decision in self.decisions],
            "pending": [pending.to_dict() for pending in self.pending],
        }


def explain_classification(
    occurrence: Occurrence,
    classifier: ErrorClassifier,
    origin: Origin,
    adjustments: Sequence[SeverityAdjustment],
    holds: Callable[[SeverityAdjustment], bool | None] = lambda adjustment: adjustment.condition is None or None,
) -> Explanation:
    """Explain what ``classifier`` and then ``adjustments`` make of ``occurrence``, which is filled in accordingly.

    ``holds`` says whether an adjustment's condition does; ``None`` where that is not known.
    """
    classification = classifier.classify(occurrence)
    (occurrence.category, occurrence.severity, occurrence.retryable, occurrence.tags, occurrence.rule) = classification
    rules = classifier.rules
    candidates = MatcherIndex([rule.matcher for rule in rules]).candidates(occurrence)
    position = _position(rules, classification.rule)
    end = len(rules) if position is None else position
    tried = tuple(_finding(rules, each, occurrence, origin) for each in candidates if each < end)
    matched = None if position is None else _finding(rules, position, occurrence, origin)
    nearest = _nearest(rules, occurrence, origin) if position is None else ()
    decisions = _decisions(classifier, classification, position, origin)
    adjusted, pending = _adjusted(occurrence, adjustments, holds, origin)
    return Explanation(
        type=occurrence.type,
        message=occurrence.message,
        classification=classification,
        severity=occurrence.severity,
        matched=matched,
        tried=tried,
        skipped=end - len(tried),
        after=len(rules) - end - (position is not None),
        nearest=nearest,
        decisions=(*decisions, *adjusted),
        pending=tuple(pending),
    )


def _position(rules: Sequence[Rule], name: str | None) -> int | None:
    return next((position for position, rule in enumerate(rules) if rule.name == name), None)


def _finding(rules: Sequence[Rule], position: int, occurrence: Occurrence, origin: Origin) -> RuleFinding:
    rule = rules[position]
    keys = explain_match(rule.matcher.table, occurrence)
    return RuleFinding(rule.name, origin(("rules", position)), rule.matcher(occurrence), keys)


def _nearest(rules: Sequence[Rule], occurrence: Occurrence, origin: Origin) -> tuple[RuleFinding, ...]:
    """The rules that lack one thing only and whose keys are most nearly there; a crowd of equals tells nothing."""
    scored = []
    for position in range(len(rules)):
        finding = _finding(rules, position, occurrence, origin)
        way = nearest_way(finding.keys)
        score = sum(key.closeness for key in way) / max(len(way), 1)
        if len(finding.lacking) == 1 and score >= _NEAR:
            scored.append((score, finding))
    scored.sort(key=lambda pair: -pair[0])
    crowd = scored[_MOST_NEAR][0] if len(scored) > _MOST_NEAR else 0.0
    return tuple(finding for score, finding in scored[:_MOST_NEAR] if score > crowd)


def _adjusted(
    occurrence: Occurrence,
    adjustments: Sequence[SeverityAdjustment],
    holds: Callable[[SeverityAdjustment], bool | None],
    origin: Origin,
) -> tuple[list[Decision], list[Pending]]:
    """Move the severity of ``occurrence`` as the adjustments do; return those that did, and those that may."""
    decisions, pending = [], []
    for index, adjustment in enumerate(adjustments):
        severity = moved(occurrence.severity, adjustment)
        if severity == occurrence.severity or not adjustment.matcher(occurrence):
            continue
        held = holds(adjustment)
        where = origin(("severity", "adjust", index, "name"))
        if held is None:
            pending.append(Pending(adjustment.name, where, severity))
        elif held:
            occurrence.severity = severity
            decisions.append(Decision("severity", severity.value, f'adjustment "{adjustment.name}"', where))
    return decisions, pending


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
