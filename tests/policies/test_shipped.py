"""What the shipped policies promise: they load clean, name things once, cost little, and are mostly right."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.accuracy import (
    DEV,
    OWN,
    POLICIES,
    classifier_of,
    judge,
    leave_libraries_out,
    load_rules,
    read_records,
    score,
)
from policy_engine.compile import load_policy
from policy_engine.model import Occurrence
from policy_engine.policy.shipped import policies_path
from policy_engine.simulate.formats.standard_types import mro_of

OTHERS = Path(__file__).with_name("other_libraries.jsonl")
"""Errors of 272 other libraries, most of them raised by these; labelled by people who had not seen the rules."""
GUIDE = Path(__file__).parents[2] / "docs" / "categories.md"


def records_of(path: Path) -> list[dict[str, object]]:
    if not path.exists():
        if os.environ.get("POLICY_ENGINE_REQUIRE_DATA") == "1":
            pytest.fail(f"the labelled errors in {path.name} are missing")
        pytest.skip(f"needs the labelled errors in {path.name}, which are not part of the project")
    return [dict(record) for record in read_records(path)]


def test_the_shipped_policies_load_without_a_finding() -> None:
    assert load_policy(policies_path()).warnings == ()


def test_every_rule_has_a_name_of_its_own_and_a_category_that_is_defined() -> None:
    categories, rules = load_rules()
    names = Counter(rule["name"] for rule in rules)
    assert [name for name, times in names.items() if times > 1] == []
    assert {rule["category"] for rule in rules} <= set(categories)


def test_a_rule_says_only_what_its_category_does_not() -> None:
    categories, rules = load_rules()
    repeated = [
        rule["name"]
        for rule in rules
        for key in ("severity", "retryable")
        if key in rule and rule[key] == categories[rule["category"]][key]
    ]
    assert repeated == []


def test_every_category_is_explained_to_whoever_meets_it() -> None:
    categories, _ = load_rules()
    guide = GUIDE.read_text(encoding="utf-8")
    assert [name for name in categories if f"\n## {name}\n" not in guide] == []
    assert all(len(table["description"]) > 80 for table in categories.values())


def test_no_rule_is_tried_on_every_error() -> None:
    classifier = classifier_of(*load_rules())
    assert [rule.name for rule in classifier.rules if any(way.anchors is None for way in rule.matcher.ways)] == []


def test_each_rule_decides_some_labelled_error() -> None:
    classifier = classifier_of(*load_rules())
    records = [*records_of(DEV), *records_of(OWN), *records_of(OTHERS)]
    used = {row.answer.rule for row in judge(classifier, records)}
    assert [rule.name for rule in classifier.rules if rule.name not in used] == []


@pytest.mark.parametrize(
    ("path", "category", "severity", "retryable"),
    [(DEV, 0.99, 0.98, 0.99), (OWN, 0.98, 0.96, 0.97), (OTHERS, 0.98, 0.88, 0.97)],
)
def test_labelled_errors_are_classified_as_their_labels_say(
    path: Path, category: float, severity: float, retryable: float
) -> None:
    shares = score(judge(classifier_of(*load_rules()), records_of(path)))
    assert shares.category >= category
    assert shares.severity >= severity
    assert shares.retryable >= retryable


def test_a_library_that_no_rule_names_is_still_understood() -> None:
    shares = score(leave_libraries_out(*load_rules(), records_of(DEV)))
    assert shares.category >= 0.95
    assert shares.severity >= 0.95
    assert shares.retryable >= 0.98


def test_the_policies_that_are_measured_are_those_that_are_shipped() -> None:
    assert policies_path().resolve() == POLICIES.resolve()


@pytest.mark.parametrize(
    ("name", "message", "category"),
    [
        ("KeyError", "401", "LOGIC"),
        ("ValueError", "1021", "VALIDATION"),
        ("ValueError", "503", "VALIDATION"),
        ("ConnectionError", "403", "NETWORK"),
        ("ConnectionError", "no", "NETWORK"),
        ("pymysql.err.OperationalError", '(1045, "Access denied for user")', "AUTHENTICATION"),
        ("some.HTTPError", "503 Server Error", "API"),
    ],
)
def test_a_bare_number_is_no_code_of_a_service(name: str, message: str, category: str) -> None:
    occurrence = Occurrence(name, (name, *mro_of(name)), message)
    assert load_policy().classifier.classify(occurrence).category == category
