"""Names in a test that the policy does not define: the words for them are those of a policy's own unknown names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from policy_engine.compile import Policy
from policy_engine.lint.names import Named, defined
from policy_engine.lint.parts import at, strings
from policy_engine.policy import Diagnostic
from policy_engine.policy.diagnostics import finding
from policy_engine.policy.document import Path
from policy_engine.policy.schema.wording import quoted, suggestion
from policy_engine.simulate.policy_tests.cases import CaseFile

_CODES = {
    Named.ACTION: "PE205",
    Named.BREAKER: "PE201",
    Named.CALL: "PE208",
    Named.CATEGORY: "PE203",
    Named.CHANNEL: "PE204",
    Named.LEVEL: "PE202",
    Named.RULE: "PE206",
    Named.STRATEGY: "PE207",
}
_STEP: Path = ("tests", "*", "steps", "*")
_EXPECT: Path = (*_STEP, "expect")
_VALUES: tuple[tuple[Named, Path], ...] = (
    (Named.BREAKER, (*_STEP, "call", "breaker")),
    (Named.CALL, (*_STEP, "call", "target")),
    (Named.CATEGORY, (*_EXPECT, "category")),
    (Named.RULE, (*_EXPECT, "rule")),
    (Named.LEVEL, (*_EXPECT, "level")),
    (Named.LEVEL, (*_EXPECT, "components", "*")),
    (Named.STRATEGY, (*_EXPECT, "recovery", "strategy")),
    (Named.ACTION, (*_EXPECT, "recovery", "steps", "*")),
    (Named.ACTION, (*_EXPECT, "recovery", "steps", "*", "action")),
    (Named.CHANNEL, (*_EXPECT, "alerts", "*", "channel")),
)
_KEYS: tuple[tuple[Named, Path], ...] = (
    (Named.ACTION, ("tests", "*", "actions", "*")),
    (Named.BREAKER, (*_EXPECT, "breakers", "*")),
    (Named.CATEGORY, (*_EXPECT, "counts", "categories", "*")),
)


def unknown_names(file: CaseFile, policy: Policy) -> Iterator[Diagnostic]:
    """Yield a finding for each name that the policy does not define, and for scripts that change nothing."""
    data = policy.document.data
    known: Mapping[Named, Collection[str]] = {**defined(data), Named.ACTION: set(policy.plugins.actions)}
    for kind, pattern in _VALUES:
        for part in strings(file.document.data, pattern):
            yield from _looked_up(file, _CODES[kind], kind.value, part.value, known[kind], part.path)
    for kind, pattern in _KEYS:
        for part in at(file.document.data, pattern):
            yield from _looked_up(file, _CODES[kind], kind.value, str(part.path[-1]), known[kind], part.path, key=True)
    yield from _others(file, data)
    yield from _idle_scripts(file, policy)


def _others(file: CaseFile, data: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """Yield what policies define, but never name themselves: routes and components."""
    routes = [part.value for part in strings(data, ("alerts", "routes", "*", "name"))]
    for part in strings(file.document.data, (*_EXPECT, "alerts", "*", "route")):
        yield from _looked_up(file, "PE505", "route", part.value, routes, part.path)
    components = [str(part.path[-1]) for part in at(data, ("degradation", "components", "*"))]
    for part in at(file.document.data, (*_EXPECT, "components", "*")):
        yield from _looked_up(file, "PE511", "component", str(part.path[-1]), components, part.path, key=True)


def _looked_up(
    file: CaseFile, code: str, kind: str, name: str, known: Collection[str], path: Path, *, key: bool = False
) -> Iterator[Diagnostic]:
    # One of the breakers of a key is called name[value].
    plain = name.partition("[")[0] if code == _CODES[Named.BREAKER] else name
    if plain not in known:
        yield finding(
            code,
            f"the policy defines no {kind} {quoted(name)}",
            span=file.document.locate(path, key=key),
            file=file.name,
            help=suggestion(name, sorted(known), otherwise="defined are"),
        )


def _idle_scripts(file: CaseFile, policy: Policy) -> Iterator[Diagnostic]:
    for part in at(file.document.data, ("tests", "*", "actions", "*")):
        action = policy.plugins.actions.get(str(part.path[-1]))
        if action is not None and action.harmless:
            yield finding(
                "PE509",
                f'"{action.name}" really runs in a test, so its outcome is its own',
                span=file.document.locate(part.path, key=True),
                help="it touches the engine alone: expect what it does",
            )
