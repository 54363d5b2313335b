"""An explanation as people read it: what was decided and where, what matched, and why other rules did not."""

from __future__ import annotations

from collections.abc import Iterator

from policy_engine.classify.explanation import Explanation, RuleFinding
from policy_engine.match.explanation import KeyFinding
from policy_engine.model import Occurrence

_MAX_MESSAGE = 200


def explained(occurrence: Occurrence, explanation: Explanation) -> Iterator[str]:
    """Yield the explanation's lines."""
    message = " ".join(occurrence.message.split())
    message = message if len(message) <= _MAX_MESSAGE else f"{message[: _MAX_MESSAGE - 3]}..."
    yield f"{occurrence.type}: {message}" if message else occurrence.type
    width = max(len(decision.value) for decision in explanation.decisions)
    for decision in explanation.decisions:
        where = f" ({decision.origin})" if decision.origin else ""
        yield f"  {decision.what:<9}  {decision.value:<{width}}  {decision.decided_by}{where}"
    if explanation.classification.tags:
        yield f"  tags       {', '.join(explanation.classification.tags)}"
    if explanation.matched is not None:
        yield f'rule "{explanation.matched.name}" matched:'
        for key in explanation.matched.keys:
            yield from _held(key, "  ")
    yield from _others(explanation)


def _others(explanation: Explanation) -> Iterator[str]:
    if explanation.tried:
        yield "tried before it, and what they lack:" if explanation.matched else "tried, and what they lack:"
        for finding in explanation.tried:
            yield f'  "{finding.name}" ({finding.origin}): {_lack(finding)}'
    if explanation.skipped:
        need = "the types, words or attributes they need are not there"
        yield f"not tried: {explanation.skipped} rule{'s' if explanation.skipped > 1 else ''}, {need}"
    if explanation.nearest is not None:
        yield f'nearest: "{explanation.nearest.name}" ({explanation.nearest.origin}), which lacks'
        for key in explanation.nearest.lacking:
            yield f"  {_wish(key)}"
    elif explanation.matched is None and not explanation.tried:
        yield "no rule asks for anything that this error has"


def _held(key: KeyFinding, indent: str) -> Iterator[str]:
    if key.parts:
        for part in key.parts:
            if part.held and key.key != "not":
                for inner in part.parts:
                    yield from _held(inner, indent)
        return
    yield f"{indent}{key.key}: found {_quoted(key.found)}"


def _lack(finding: RuleFinding) -> str:
    return "; ".join(_wish(key) for key in finding.lacking)


def _wish(key: KeyFinding) -> str:
    if key.key == "any":
        return f"any of {len(key.parts)}: {_nearest_branch(key)}"
    if key.key == "not":
        return "what it excludes is there"
    return f"{key.key} wants {key.wanted}, found {_quoted(key.found)}"


def _nearest_branch(key: KeyFinding) -> str:
    """The branch that lacks the least, in words; the first of equals."""
    branches = [[inner for inner in part.parts if not inner.held] for part in key.parts]
    return " and ".join(_wish(inner) for inner in min(branches, key=len))


def _quoted(text: str) -> str:
    return text if text in ("nothing", "no cause") else f'"{text}"'
