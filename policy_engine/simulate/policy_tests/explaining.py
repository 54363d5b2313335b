"""Why something is not as expected: the rule that decided, what the expected one lacks, how a breaker got there.

Turns a `Mismatch` into a finding at its key in the test file, which shows lines of the policy beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from policy_engine.classify.explanation import Explanation, RuleFinding
from policy_engine.compile import Policy
from policy_engine.match.explanation import KeyFinding, explain_match, in_words, what_held, what_lacked
from policy_engine.model import ErrorInfo, Occurrence
from policy_engine.policy import Diagnostic, Document, Span
from policy_engine.policy.diagnostics import Place, finding
from policy_engine.policy.document import Path
from policy_engine.policy.schema.wording import quoted
from policy_engine.simulate.policy_tests.expectations import Mismatch, Sight

_OF_THE_ERROR = frozenset({"category", "severity", "rule", "retryable", "tags"})


def told(mismatch: Mismatch, sight: Sight, policy: Policy, document: Document, path: Path) -> Diagnostic:
    """Return the finding for something that differs from what is expected at ``path`` of the test file."""
    here = (*path, *mismatch.path)
    places: tuple[Place, ...] = ()
    what = str(mismatch.path[0])
    advice = None
    if what in _OF_THE_ERROR and sight.info is not None:
        places = tuple(_about_error(what, _value(document, here), sight, policy))
        advice = _error_in_words(sight.info)
    elif what == "breakers":
        advice = _breaker_in_words(str(mismatch.path[1]), sight)
    elif what in ("level", "components"):
        advice = _level_in_words(sight)
    elif what == "recovery":
        advice = _recovery_in_words(sight)
    return finding(
        "PE501",
        f"{mismatch.subject} is {mismatch.actual}, expected {mismatch.expected}",
        span=_place_of(document, here),
        file=document.files[0].name,
        help=advice,
        places=places,
    )


def _place_of(document: Document, path: Path) -> Span | None:
    at_key = isinstance(path[-1], str)
    for cut in range(len(path), 0, -1):
        span = document.locate(path[:cut], key=at_key)
        if span is not None:
            return span
    return None


def _value(document: Document, path: Path) -> object:
    value: Any = document.data
    for step in path:
        value = value[step]
    return value


def _about_error(what: str, wanted: object, sight: Sight, policy: Policy) -> Iterator[Place]:
    assert sight.info is not None  # noqa: S101  who calls has looked
    occurrence = _occurrence_of(sight.info)
    explanation = sight.engine.explain(occurrence)
    yield from _deciding(what, sight.info, explanation, policy)
    if what == "rule" and isinstance(wanted, str):
        yield from _expected_rule(wanted, occurrence, explanation, policy)


def _deciding(what: str, info: ErrorInfo, explanation: Explanation, policy: Policy) -> Iterator[Place]:
    if explanation.matched is None:
        for near in explanation.nearest[:1]:
            yield from _place(policy, _rule_path(policy, near.name), _nearest_words(near))
        return
    path = _rule_path(policy, explanation.matched.name)
    yield from _place(policy, path, f"this rule decided: {_held_words(explanation.matched)}")
    rule = policy.document.data["rules"][path[1]]
    if what in ("severity", "retryable") and what not in rule:
        yield from _place(policy, ("categories", info.category, what), f"the category decided on {what}", at_key=True)
    if what == "severity":
        for index, adjustment in enumerate(policy.adjustments):
            if adjustment.name in info.adjusted_by:
                yield from _place(policy, ("severity", "adjust", index, "name"), "this adjustment moved it")


def _expected_rule(name: str, occurrence: Occurrence, explanation: Explanation, policy: Policy) -> Iterator[Place]:
    rule = next((each for each in policy.rules if each.name == name), None)
    if rule is None:
        return
    lacking = what_lacked(explain_match(rule.matcher.table, occurrence))
    if lacking:
        words = f"the expected rule did not match: {_lack_words(lacking)}"
    else:
        decided = explanation.matched.name if explanation.matched is not None else ""
        words = f"the expected rule matches too, but {quoted(decided)} comes before it"
    yield from _place(policy, _rule_path(policy, name), words)


def _place(policy: Policy, path: Path, words: str, *, at_key: bool = False) -> Iterator[Place]:
    span = policy.document.locate(path, key=at_key)
    if span is not None:
        yield Place(span, words)


def _rule_path(policy: Policy, name: str) -> tuple[str, int, str]:
    return "rules", next(index for index, rule in enumerate(policy.rules) if rule.name == name), "name"


def _nearest_words(found: RuleFinding) -> str:
    return f"no rule matched; the nearest lacks: {_lack_words(found.lacking)}"


def _held_words(found: RuleFinding) -> str:
    return "; ".join(f'{key.key} found "{key.found}"' for key in what_held(found.keys)) or "it matches everything"


def _lack_words(lacking: Sequence[KeyFinding]) -> str:
    return "; ".join(map(in_words, lacking))


def _error_in_words(info: ErrorInfo) -> str:
    message = f": {quoted(info.message)[1:-1]}" if info.message else ""
    return f"the error was {info.type or 'of no known type'}{message}"


def _breaker_in_words(name: str, sight: Sight) -> str:
    changes = [each for each in sight.seen.breaker_changes if each.breaker == name][-4:]
    numbers = sight.engine.statistics()["breakers"].get(name)
    if numbers is None:
        return f'nothing called breaker "{name}" in this test'
    counts = f"{numbers['counted_failures']} of {numbers['counted']} calls that count now failed"
    if not changes:
        return f"it never changed its state; {counts}"
    moves = "; ".join(f"{each.after} at {each.time:.6g}s ({each.reason})" for each in changes)
    return f"it became {moves}; {counts}"


def _level_in_words(sight: Sight) -> str:
    history = sight.engine.degradation.history[-4:]
    moves = "; ".join(f'{entry.after} at {entry.time:.6g}s by "{entry.cause}"' for entry in history)
    return f"the level became {moves}" if moves else "the level never moved"


def _recovery_in_words(sight: Sight) -> str | None:
    started = sight.seen.last_recovery
    recovery = None if started is None else sight.engine.recovery_manager.recovery(started)
    if recovery is None:
        return None
    steps = ", ".join(f"{step.action} {'succeeded' if step.succeeded else 'failed'}" for step in recovery.steps)
    return f"{quoted(recovery.strategy)} is {recovery.status}, attempt {recovery.attempt}: {steps or 'no step yet'}"


def _occurrence_of(info: ErrorInfo) -> Occurrence:
    return Occurrence(
        info.type,
        info.mro,
        info.message,
        info.time,
        info.attributes,
        info.causes,
        info.stack,
        info.module,
        info.function,
        info.context,
    )
