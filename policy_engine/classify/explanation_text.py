"""An explanation as people read it: what was decided and where, what matched, and why other rules did not."""

from __future__ import annotations

from collections.abc import Iterator

from policy_engine.classify.explanation import Explanation, RuleFinding
from policy_engine.match.explanation import KeyFinding, in_words, what_held

_MAX_MESSAGE = 200
_MOST_TRIED = 6
"""More of them answer no question; the data hold all."""


def told(explanation: Explanation) -> Iterator[str]:
    """Yield the explanation's lines."""
    message = " ".join(explanation.message.split())
    message = message if len(message) <= _MAX_MESSAGE else f"{message[: _MAX_MESSAGE - 3]}..."
    yield ": ".join(part for part in (explanation.type, message) if part)
    width = max(len(decision.value) for decision in explanation.decisions)
    for decision in explanation.decisions:
        where = f" ({decision.origin})" if decision.origin else ""
        yield f"  {decision.what:<9}  {decision.value:<{width}}  {decision.decided_by}{where}"
    if explanation.classification.tags:
        yield f"  tags       {', '.join(explanation.classification.tags)}"
    for each in explanation.pending:
        yield f'  severity   may become {each.severity}, by adjustment "{each.name}" ({each.origin})'
    yield from _matched(explanation)
    yield from _others(explanation)


def _matched(explanation: Explanation) -> Iterator[str]:
    if explanation.matched is None:
        return
    held = list(what_held(explanation.matched.keys))
    yield f'rule "{explanation.matched.name}" matched:'
    for key in held:
        yield f"  {key.key}: found {_quoted(key)}"
    if not held:
        yield "  it excludes what this error is not" if explanation.matched.keys else "  it matches every error"


def _others(explanation: Explanation) -> Iterator[str]:
    if explanation.tried:
        yield "tried before it, and what they lack:" if explanation.matched else "tried, and what they lack:"
        for finding in explanation.tried[:_MOST_TRIED]:
            yield f'  "{finding.name}" ({finding.origin}): {_lack(finding)}'
        if len(explanation.tried) > _MOST_TRIED:
            yield f"  and {len(explanation.tried) - _MOST_TRIED} more"
    if explanation.skipped:
        need = "the types, words or attributes they need are not there"
        yield f"not tried: {_rules(explanation.skipped)}, {need}"
    if explanation.after:
        yield f"behind it: {_rules(explanation.after)}, which had no say"
    if explanation.nearest:
        yield "nearest, and what they lack:" if len(explanation.nearest) > 1 else "nearest, and what it lacks:"
        for finding in explanation.nearest:
            yield f'  "{finding.name}" ({finding.origin}): {_lack(finding)}'
    elif explanation.matched is None:
        yield "no rule comes near"


def _lack(finding: RuleFinding) -> str:
    return "; ".join(in_words(key) for key in finding.lacking)


def _quoted(key: KeyFinding) -> str:
    return key.found if key.found_nothing else f'"{key.found}"'


def _rules(count: int) -> str:
    return f"{count} rule{'' if count == 1 else 's'}"
