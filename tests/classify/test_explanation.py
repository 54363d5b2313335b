"""An explanation in a program: what it says of an error, and which rules it calls near."""

from __future__ import annotations

import pytest
from makers import an_engine, an_error, raised

from policy_engine.model import Severity

POLICY = """\
[categories.NETWORK]
severity = "LOW"
retryable = true
[[rules]]
name = "hung-up"
match = { exception = "ConnectionError", message.contains = ["reset by the server"] }
category = "NETWORK"
[[rules]]
name = "other-database"
match = { exception = "sqlite3.OperationalError", message.contains = ["database is locked"] }
category = "NETWORK"
[[rules]]
name = "any-error"
match = { exception = "Exception", message.contains = ["frobnicated"] }
category = "NETWORK"
[[severity.adjust]]
name = "burst"
match.category = "NETWORK"
when = { metric = "errors", window = "1m", at_least = 2 }
raise_to = "CRITICAL"
"""


def near(*error: str) -> dict[str, list[str]]:
    explanation = an_engine(POLICY).explain(an_error(*error))
    return {finding.name: [key.key for key in finding.lacking] for finding in explanation.nearest}


def test_an_explanation_says_what_the_error_is_and_reads_as_text() -> None:
    explanation = an_engine(POLICY).explain(ConnectionResetError("reset by the server"))
    assert (explanation.category, explanation.severity, explanation.retryable, explanation.rule) == (
        "NETWORK",
        Severity.LOW,
        True,
        "hung-up",
    )
    lines = str(explanation).splitlines()
    assert lines[0] == "ConnectionResetError: reset by the server"
    assert '  message.contains: found "reset by the server"' in lines


def test_a_rule_whose_type_holds_is_near_and_lacks_its_words() -> None:
    assert near("ConnectionResetError", "gone", "ConnectionError") == {"hung-up": ["message.contains"]}


def test_a_rule_whose_words_hold_is_near_and_lacks_its_type() -> None:
    assert near("acme.Odd", "the database is locked") == {"other-database": ["exception"]}


def test_no_rule_is_near_to_an_error_that_has_nothing_of_it() -> None:
    assert near("acme.Odd", "what is this") == {}


def test_a_crowd_of_equally_near_rules_is_not_shown() -> None:
    rule = (
        '[[rules]]\nname = "r{0}"\nmatch = {{ exception = "OSError", attributes.errno = {0} }}\ncategory = "UNKNOWN"\n'
    )
    engine = an_engine("".join(map(rule.format, range(5))))
    assert engine.explain(OSError("odd")).nearest == ()


def test_the_adjustment_that_moved_a_handled_error_is_named_and_one_that_would_not_hold_is_not() -> None:
    engine = an_engine(POLICY)
    first, second = (raised(ConnectionResetError("reset by the server")) for _ in range(2))
    assert engine.handle(first).adjusted_by == ()
    assert engine.handle(second).adjusted_by == ("burst",)
    assert engine.explain(first).severity == Severity.LOW
    explanation = engine.explain(second)
    assert explanation.severity == Severity.CRITICAL
    assert explanation.decisions[-1].decided_by == 'adjustment "burst"'
    assert explanation.decisions[-1].origin.endswith("policy.toml:17")


@pytest.mark.parametrize("negated", ["false", "true"])
def test_what_a_rule_excludes_is_told_where_it_is_there(negated: str) -> None:
    engine = an_engine(
        '[[rules]]\nname = "r"\nmatch = { exception = "OSError", not = { message.contains = "odd thing" } }\n'
        'category = "UNKNOWN"\n'
    )
    message = "an odd thing" if negated == "true" else "ordinary"
    explanation = engine.explain(OSError(message))
    assert (explanation.rule is None) == (negated == "true")
    assert ("what it excludes is there" in str(explanation)) == (negated == "true")


def test_a_rule_for_an_empty_message_is_near_to_no_other_type() -> None:
    engine = an_engine(
        '[[rules]]\nname = "r"\nmatch = { exception = "EOFError", message = "" }\ncategory = "UNKNOWN"\n'
    )
    assert engine.explain(an_error("acme.Odd", "")).nearest == ()
