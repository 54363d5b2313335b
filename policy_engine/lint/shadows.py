"""Rules that can never decide: an earlier one takes all they would take, or nothing at all satisfies them.

Proved, never guessed: what regular expressions leave open is not spoken of. Knows which rules are worth comparing, so
that thousands are compared in the time that their loading takes. RE2 must take all patterns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from policy_engine.lint.examples import example
from policy_engine.lint.parts import Part, match_roots
from policy_engine.lint.rivals import Rivals
from policy_engine.match import compile_matcher
from policy_engine.match.containment import formula, is_empty, takes_all_of
from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.diagnostics import Place, finding
from policy_engine.policy.schema.wording import quoted

_OUTCOME = ("category", "severity", "retryable")
_COMBINED = frozenset({"any", "all", "not", "cause"})
_NAMED = frozenset({"attributes", "context"})


def empty_tables(document: Document) -> list[Part]:
    """Return the match tables that contradict themselves."""
    return [part for part in match_roots(document.data) if not _is_plain(part.value) and is_empty(formula(part.value))]


def never_matching(document: Document, empty: Sequence[Part]) -> Iterator[Diagnostic]:
    """Yield a finding for each of the ``empty`` tables."""
    for part in empty:
        yield finding(
            "PE603",
            "nothing can match this: its keys contradict each other",
            span=document.locate(part.path, key=True),
            file=document.files[0].name,
            help='all keys of a table must hold at once; alternatives go into "any"',
        )


def shadowed_rules(document: Document, empty: Sequence[Part]) -> Iterator[Diagnostic]:
    """Yield a finding for each rule whose errors an earlier one takes, with the first that does.

    Of a rule whose table is ``empty`` another finding speaks.
    """
    rules: list[Mapping[str, Any]] = document.data.get("rules", [])
    # One that is only watched takes nothing from those behind it.
    rivals = Rivals({number: rule["match"] for number, rule in enumerate(rules) if rule.get("enforce", True)})
    asked = lru_cache(maxsize=None)(lambda number: formula(rules[number]["match"]))
    holds = lru_cache(maxsize=None)(lambda number: compile_matcher(rules[number]["match"]).holds)
    told = {part.path for part in empty}
    for number, rule in enumerate(rules):
        before = rivals.before(number, rule["match"]) if ("rules", number, "match") not in told else []
        if not before:
            continue
        escaping = example(rule["match"])
        if holds(number)(escaping):
            before = [each for each in before if holds(each)(escaping)]
        first = next((each for each in before if takes_all_of(asked(each), asked(number))), None)
        if first is not None:
            yield _shadowed(document, rules, number, first, same=takes_all_of(asked(number), asked(first)))


def _shadowed(document: Document, rules: list[Mapping[str, Any]], number: int, first: int, *, same: bool) -> Diagnostic:
    rule, other = rules[number], rules[first]
    span = document.locate(("rules", first, "name"))
    where = Place(span, "the earlier rule") if span is not None else None
    alike = same and all(rule.get(key) == other.get(key) for key in _OUTCOME)
    alike = alike and set(rule.get("tags", ())) == set(other.get("tags", ()))
    if alike:
        code, message = "PE602", f"this rule differs in nothing but its name from {quoted(other['name'])}"
        advice = "remove one of the two"
    else:
        takes = "exactly the same errors" if same else "all errors that this one would take"
        code, message = "PE601", f"this rule never decides: {quoted(other['name'])}, before it, takes {takes}"
        advice = "move it before that rule, or remove it"
    return finding(
        code,
        message,
        span=document.locate(("rules", number, "name")),
        file=document.files[0].name,
        help=advice,
        places=(where,) if where is not None else (),
    )


def _is_plain(table: Mapping[str, Any]) -> bool:
    """Whether a table asks for one thing alone, or for one of each of several places: that can always be."""
    if table.keys() == {"any"}:
        return any(map(_is_plain, table["any"]))
    if not _COMBINED.isdisjoint(table) or table.keys() >= {"exception", "exception_name"}:
        return False
    return all(_asks_once(key, value) for key, value in table.items())


def _asks_once(key: str, value: Any) -> bool:
    if not isinstance(value, Mapping):
        return True
    if key in _NAMED:
        return all(_asks_once("", each) for each in value.values())
    return len(value) == 1 or _is_range(value)


def _is_range(value: Mapping[str, Any]) -> bool:
    if value.keys() != {"from", "to"} or isinstance(value["from"], str):
        return False
    return bool(value["from"] <= value["to"])
