"""What a match table says, held against errors."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers import a_cause, an_error

from policy_engine.match import MatcherIndex, compile_matcher
from policy_engine.match.regex import required_literals, searcher
from policy_engine.model import Severity

LOCKED = an_error(
    "sqlite3.OperationalError", "Database is LOCKED", "sqlite3.DatabaseError", attributes={"errno": 5, "code": "busy"}
)
RESET = a_cause("ConnectionResetError", "reset", "OSError", errno=104)
HUNG_UP = an_error("app.ClientError", "call failed", causes=(RESET,))


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({}, True),
        ({"exception": "sqlite3.OperationalError"}, True),
        ({"exception": "sqlite3.DatabaseError"}, True),
        ({"exception": "sqlite3.IntegrityError"}, False),
        ({"exception": ["KeyError", "builtins.Exception"]}, True),
        ({"exception": "OperationalError"}, False),
        ({"exception_name": "sqlite3.databaseerror"}, True),
        ({"exception_name": {"starts_with": "sqlite3."}}, True),
        ({"exception_name": {"ends_with": ["Timeout", "databaseERROR"]}}, True),
        ({"exception_name": {"contains": "postgres"}}, False),
        ({"exception_name": {"regex": r"\.(?-i:[a-z]*Error)$"}}, False),
        ({"exception_name": {"regex": "operational"}, "message": {"contains": "locked"}}, True),
        ({"message": "database is locked"}, True),
        ({"message": "database"}, False),
        ({"message": {"contains": "is locked"}}, True),
        ({"message": {"contains": ["nothing", "LOCKED"]}}, True),
        ({"message": {"starts_with": "data", "ends_with": "locked"}}, True),
        ({"message": {"starts_with": "data", "ends_with": "open"}}, False),
        ({"message": {"regex": "is (locked|busy)$"}}, True),
        ({"message": {"regex": "is (?-i:locked)$"}}, False),
        ({"attributes": {"errno": 5}}, True),
        ({"attributes": {"errno": [4, 5]}}, True),
        ({"attributes": {"errno": {"from": 5, "to": 9}}}, True),
        ({"attributes": {"errno": {"from": 6}}}, False),
        ({"attributes": {"errno": True}}, False),
        ({"attributes": {"absent": 5}}, False),
        ({"attributes": {"absent": {"exists": False}}}, True),
        ({"attributes": {"code": {"starts_with": "bu"}, "errno": 5}}, True),
        ({"exception": "sqlite3.Error", "message": {"contains": "locked"}}, False),
        ({"any": [{"exception": "KeyError"}, {"message": {"contains": "locked"}}]}, True),
        ({"all": [{"exception": "sqlite3.DatabaseError"}, {"not": {"attributes": {"errno": 5}}}]}, False),
    ],
)
def test_a_match_table_holds_when_all_its_keys_hold(table: dict[str, Any], expected: bool) -> None:
    assert compile_matcher(table)(LOCKED) is expected


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({"exception": "ConnectionResetError"}, True),
        ({"exception": "OSError", "attributes": {"errno": 104}}, True),
        ({"exception": "OSError", "message": {"contains": "refused"}}, False),
        ({"exception_name": {"ends_with": "ResetError"}, "attributes": {"errno": 104}}, True),
        ({"exception_name": {"contains": "timeout"}}, False),
        ({"message": {"equals": "RESET"}}, True),
    ],
)
def test_one_cause_must_satisfy_all_of_a_cause_table(table: dict[str, Any], expected: bool) -> None:
    assert compile_matcher({"cause": table})(HUNG_UP) is expected
    assert not compile_matcher({"cause": table})(LOCKED)


def test_after_classification_severities_are_ordered_and_any_tag_will_do() -> None:
    error = an_error(severity=Severity.HIGH, category="DATABASE", tags=("contention", "sqlite"), retryable=True)
    assert compile_matcher({"severity": {"from": "MEDIUM"}, "category": ["DATABASE", "API"]})(error)
    assert compile_matcher({"tags": "sqlite", "retryable": True})(error)
    assert not compile_matcher({"severity": {"to": "MEDIUM"}})(error)
    assert not compile_matcher({"retryable": False})(error)


def test_values_of_context_module_and_function_are_matched() -> None:
    error = an_error(module="app.db", function="load", context={"tenant": "acme", "size": 3})
    assert compile_matcher({"module": {"starts_with": "app."}, "function": "load", "context": {"size": 3}})(error)
    assert not compile_matcher({"context": {"tenant": {"regex": "^b"}}})(error)


WORDS = st.sampled_from(["time", "out", "refused", "locked", "a", " "])
TYPES = st.sampled_from(["A", "B", "app.timed.C", "app.D"])
SIMPLE = st.one_of(
    st.builds(lambda name: {"exception": name}, TYPES),
    st.builds(lambda words: {"message": {"contains": words}}, st.lists(WORDS, min_size=1, max_size=2)),
    st.builds(lambda word, other: {"message": {"regex": f"{word}.?({other}|out)"}}, WORDS, WORDS),
    st.builds(lambda name: {"exception_name": {"ends_with": name}}, TYPES),
    st.builds(lambda name: {"exception_name": {"regex": f"app.*({name}|tim)e*"}}, TYPES),
    st.builds(lambda name: {"cause": {"exception": name}}, TYPES),
    st.builds(lambda name: {"cause": {"exception_name": {"contains": name}}}, TYPES),
    st.builds(lambda word: {"cause": {"message": {"contains": word}}}, WORDS),
    st.builds(lambda number: {"attributes": {"errno": number}}, st.integers(0, 2)),
    st.builds(lambda there: {"attributes": {"code": {"exists": there}}}, st.booleans()),
)
TABLES = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds(lambda tables: {"any": tables}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda tables: {"all": tables}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda table: {"not": table}, inner),
        st.builds(lambda first, second: first | second, inner, inner),
    ),
    max_leaves=5,
)
ERRORS = st.builds(
    lambda name, base, words, cause, attributes: an_error(
        name, "".join(words), base, causes=(a_cause(cause, "timed out"),) if cause else (), attributes=attributes
    ),
    TYPES,
    TYPES,
    st.lists(WORDS, max_size=4),
    st.none() | TYPES,
    st.dictionaries(st.sampled_from(["errno", "code"]), st.integers(0, 2)),
)


@given(st.lists(TABLES, min_size=1, max_size=8), ERRORS)
def test_the_index_finds_the_same_first_match_as_trying_every_matcher(tables: list[Any], error: Any) -> None:
    matchers = [compile_matcher(table) for table in tables]
    one_by_one = next((position for position, matcher in enumerate(matchers) if matcher(error)), None)
    assert MatcherIndex(matchers).first(error) == one_by_one


ATOMS = st.sampled_from(
    ["abc", "xyz", "q", r"\d", ".", "[a-c]", r"\.", "(abc|xyz)", "(?:qqq)", "(?-i:xyz|bcx)", r"\bxyz", "[]a]", "^", "é"]
)
QUANTIFIERS = st.sampled_from(["", "", "", "+", "*", "?", "{2}", "{0,1}", "+?"])
CONCATENATIONS = st.lists(st.tuples(ATOMS, QUANTIFIERS), min_size=1, max_size=4).map(
    lambda pairs: "".join(atom + (quantifier if atom != "^" else "") for atom, quantifier in pairs)
)
PATTERNS = st.lists(CONCATENATIONS, min_size=1, max_size=2).map("|".join)


@given(PATTERNS, st.text(alphabet="abcxyzq1.]É ", max_size=12))
def test_a_text_that_a_pattern_finds_holds_one_of_its_required_literals(pattern: str, text: str) -> None:
    literals = required_literals(pattern)
    if literals is not None and searcher([pattern], ignore_case=True)(text):
        assert any(literal in text.lower() for literal in literals)
