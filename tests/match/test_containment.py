"""Containment against brute force: what it proves holds for all errors of a small world; what it denies does not."""

import importlib
import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.match import compile_matcher
from policy_engine.match.ancestry import BASES, ancestors
from policy_engine.match.containment import certainly_contains, contains, formula, is_empty
from policy_engine.model import Cause, Occurrence, Severity

WORDS = ["a", "b", "ab", "ba", "A"]
NAMES = ["OSError", "ConnectionError", "ConnectionResetError", "ValueError", "acme.Down", "acme.Up"]
KEYS = ["equals", "contains", "starts_with", "ends_with"]


def some(values: list[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(values) | st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


def text_tables(keys: list[str]) -> st.SearchStrategy[Any]:
    tables = st.dictionaries(st.sampled_from(keys), some(WORDS), min_size=1, max_size=2)
    return some(WORDS) | tables


messages = text_tables(KEYS)
value_tables = (
    some([1, 2, 5.5, True, "a", "ab"])
    | st.builds(lambda low, more: {"from": low, "to": low + more}, st.integers(0, 5), st.integers(0, 3))
    | st.builds(lambda key, low: {key: low}, st.sampled_from(["from", "to"]), st.integers(0, 5))
    | st.builds(lambda word: {"exists": word}, st.booleans())
    | st.dictionaries(st.sampled_from(KEYS[1:]), some(WORDS[:4]), min_size=1, max_size=2)
)
causes = st.fixed_dictionaries(
    {}, optional={"exception": some(NAMES[:3]), "message": some(["a", "b"]), "attributes": st.just({"errno": 1})}
).filter(bool)


def tables(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Match tables of up to two of these keys, combined by any, all and not."""
    flat = st.lists(st.sampled_from(sorted(keys)), min_size=1, max_size=2, unique=True).flatmap(
        lambda chosen: st.fixed_dictionaries({key: keys[key] for key in chosen})
    )
    return st.recursive(
        flat,
        lambda inner: st.one_of(
            st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
            st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=2)),
            st.builds(lambda part: {"not": part}, inner),
            st.builds(lambda table, part: {**table, "not": part}, flat, inner),
            st.builds(lambda table, parts: {**table, "any": parts}, flat, st.lists(inner, min_size=1, max_size=2)),
        ),
        max_leaves=5,
    )


def an_error(**facts: Any) -> Occurrence:
    mro = facts.pop("mro", ("Error",))
    return Occurrence(type=mro[0], mro=mro, **{"message": "", **facts})


def check(wider: Mapping[str, Any], narrower: Mapping[str, Any], world: Iterable[Occurrence]) -> None:
    takes_more, takes_less = compile_matcher(wider), compile_matcher(narrower)
    escaped = [error for error in world if takes_less(error) and not takes_more(error)]
    verdict = contains(wider, narrower)
    assert verdict is (not escaped), escaped[:1]
    assert certainly_contains(wider, narrower) is (verdict is True)


# Every text that the words can tell apart: pieces of them, and a letter that none has between the pieces.
PIECES = ["", "a", "b", "ab", "ba"]
TEXTS = sorted(
    {"".join(letters) for length in range(4) for letters in itertools.product("abx", repeat=length)}
    | {"x".join(pieces) for pieces in itertools.product(PIECES, PIECES, PIECES, PIECES)}
    | {start + end for start in PIECES for end in PIECES}
)


@given(tables(message=messages), tables(message=messages))
@settings(max_examples=100, deadline=None)
def test_messages(wider: dict[str, Any], narrower: dict[str, Any]) -> None:
    check(wider, narrower, [an_error(message=text) for text in TEXTS])


VALUES = [None, True, False, -1, *[number / 2 for number in range(20)], 100, *TEXTS]


@given(
    tables(attributes=st.fixed_dictionaries({"x": value_tables})),
    tables(attributes=st.fixed_dictionaries({"x": value_tables})),
)
@settings(max_examples=100, deadline=None)
def test_values(wider: dict[str, Any], narrower: dict[str, Any]) -> None:
    check(wider, narrower, [an_error(attributes={"x": value}) for value in VALUES])


def mros() -> list[tuple[str, ...]]:
    """Every class that has some of the names, and some names besides, as far as the tests can tell them apart."""
    found = set()
    for own in itertools.product([False, True], repeat=len(NAMES)):
        for others in (["Fresh"], ["xa"], ["xb"], ["xaxb"], ["bax"], ["abx"], ["xab", "xba"]):
            above = set().union(*(ancestors(name) for name, has in zip(NAMES, own, strict=True) if has))
            found.add(tuple(sorted({*above, *others})))
    return sorted(found)


MROS = mros()


@given(tables(exception=some(NAMES)), tables(exception=some(NAMES)))
@settings(max_examples=100, deadline=None)
def test_classes(wider: dict[str, Any], narrower: dict[str, Any]) -> None:
    check(wider, narrower, [an_error(mro=mro) for mro in MROS])


like = st.dictionaries(
    st.sampled_from(KEYS[1:]), st.sampled_from(["error", "reset", "os", "acme", "u"]), min_size=1, max_size=2
)


@given(tables(exception=some(NAMES), exception_name=like), tables(exception=some(NAMES), exception_name=like))
@settings(max_examples=100, deadline=None)
def test_names_are_never_said_to_be_contained_wrongly(wider: dict[str, Any], narrower: dict[str, Any]) -> None:
    if contains(wider, narrower):
        takes_more, takes_less = compile_matcher(wider), compile_matcher(narrower)
        names = ["errorx", "xerror", "resetxos", "acmexu", "uxerror", "osxerror", "error", "u"]
        for mro, name in itertools.product(MROS[::5], ["", *names]):
            error = an_error(mro=(*mro, name) if name else mro)
            assert takes_more(error) or not takes_less(error)


SMALL = [
    an_error(mro=mro, message=message, attributes=attributes, causes=causes, module=module)
    for mro in [("X",), ("ValueError",), ("ConnectionError", "OSError"), ("acme.Down", "OSError"), ("acme.Down",)]
    for message in ["", "a", "b", "axb", "ab", "xbx"]
    for attributes in [{}, {"errno": 1}, {"errno": 2}]
    for causes in [
        (),
        (Cause("OSError", ("OSError",), "a", {"errno": 1}, "cause"),),
        (Cause("OSError", ("OSError",), "b", {}, "cause"), Cause("X", ("X",), "a", {"errno": 1}, "context")),
    ]
    for module in ["", "a", "ab"]
]
whole = tables(
    exception=some(NAMES),
    message=messages,
    cause=causes,
    module=some(WORDS),
    attributes=st.fixed_dictionaries({"errno": some([1, 2])}),
)


@given(whole, whole)
@settings(max_examples=100, deadline=None)
def test_whole_tables_are_never_said_to_be_contained_wrongly(wider: dict[str, Any], narrower: dict[str, Any]) -> None:
    if contains(wider, narrower):
        takes_more, takes_less = compile_matcher(wider), compile_matcher(narrower)
        assert [error for error in SMALL if takes_less(error) and not takes_more(error)] == []


@given(st.lists(whole, min_size=2, max_size=5))
@settings(max_examples=100, deadline=None)
def test_a_rule_that_an_earlier_one_contains_never_decides(rules: list[dict[str, Any]]) -> None:
    matchers = list(map(compile_matcher, rules))
    for number, narrower in enumerate(rules):
        if any(certainly_contains(wider, narrower) for wider in rules[:number]):
            firsts = (next((at for at, holds in enumerate(matchers) if holds(error)), None) for error in SMALL)
            assert number not in firsts


CAUSES = [
    Cause(mro[0], mro, message, attributes, "cause")
    for mro in [
        ("X",),
        ("OSError",),
        ("ConnectionError", "OSError"),
        ("ConnectionResetError", "ConnectionError", "OSError"),
    ]
    for message in ["a", "b", "x"]
    for attributes in ({}, {"errno": 1})
]
CHAINS = [
    (),
    *[(each,) for each in CAUSES],
    *itertools.combinations(CAUSES, 2),
    *itertools.combinations(CAUSES[::3], 3),
]


@given(tables(cause=causes), tables(cause=causes))
@settings(max_examples=100, deadline=None)
def test_causes(wider: dict[str, Any], narrower: dict[str, Any]) -> None:
    check(wider, narrower, [an_error(causes=chain) for chain in CHAINS])


CLASSIFIED = [
    an_error(severity=severity, retryable=retryable, tags=tags, category=category, rule=rule)
    for severity in Severity
    for retryable in (True, False)
    for tags in ((), ("a",), ("b",), ("a", "b"), ("ab",), ("x",), ("xa", "bx"))
    for category in ("a", "ab", "x")
    for rule in (None, "a", "x")
]
levels = st.sampled_from([level.value for level in Severity])
classified = tables(
    severity=some([level.value for level in Severity]) | st.builds(lambda low: {"from": low}, levels),
    retryable=st.booleans(),
    tags=some(WORDS[:2]) | st.builds(lambda word: {"starts_with": word}, st.sampled_from(WORDS[:2])),
    category=some(["a", "ab"]),
    rule=some(["a"]) | st.builds(lambda there: {"exists": there}, st.booleans()),
)


@given(classified, classified)
@settings(max_examples=100, deadline=None)
def test_what_is_known_after_classification_is_never_said_to_be_contained_wrongly(
    wider: dict[str, Any], narrower: dict[str, Any]
) -> None:
    if contains(wider, narrower):
        takes_more, takes_less = compile_matcher(wider), compile_matcher(narrower)
        assert [error for error in CLASSIFIED if takes_less(error) and not takes_more(error)] == []


@pytest.mark.parametrize(
    ("wider", "narrower", "verdict"),
    [
        ({"exception": "OSError"}, {"exception": "ConnectionResetError"}, True),
        ({"exception": "ConnectionResetError"}, {"exception": "OSError"}, False),
        ({"exception": "OSError"}, {"exception": "json.decoder.JSONDecodeError"}, False),
        ({"exception": "ValueError"}, {"exception": "json.decoder.JSONDecodeError"}, True),
        ({"exception": "builtins.OSError"}, {"exception": ["TimeoutError", "socket.gaierror"]}, True),
        ({"exception": "sqlite3.Error"}, {"exception": "sqlite3.OperationalError", "message": {"contains": "x"}}, True),
        ({"exception": "acme.Base"}, {"exception": "acme.Derived"}, False),
        ({"message": {"contains": "a"}}, {"message": {"contains": "xAy"}}, True),
        ({"message": {"contains": ["lock", "busy"]}}, {"message": {"equals": "Database is locked"}}, True),
        ({"message": {"starts_with": "HTTP 5"}}, {"message": {"starts_with": ["HTTP 50", "http 51"]}}, True),
        ({"message": {"ends_with": "peer"}}, {"message": {"ends_with": "by peer"}}, True),
        ({"message": {"contains": "timed out"}}, {"message": {"regex": "timed out after [0-9]+"}}, True),
        ({"message": {"contains": "timed out"}}, {"message": {"regex": "timed (out|up)"}}, None),
        ({"message": {"regex": "a+"}}, {"message": {"contains": "a"}}, None),
        ({"message": {"regex": ["a+", "b"]}}, {"message": {"regex": "a+"}, "exception": "OSError"}, True),
        ({"attributes": {"code": {"from": 500, "to": 599}}}, {"attributes": {"code": [502, 503]}}, True),
        ({"attributes": {"code": {"exists": True}}}, {"attributes": {"code": {"from": 500}}}, True),
        ({"attributes": {"code": [True]}}, {"attributes": {"code": [1]}}, False),
        ({"not": {"message": {"contains": "ab"}}}, {"not": {"message": {"contains": "a"}}}, True),
        ({"any": [{"exception": "OSError"}, {"module": "m"}]}, {"exception": "TimeoutError"}, True),
        ({"any": [{"attributes": {"c": {"to": 5}}}, {"attributes": {"c": {"from": 5}}}]},
         {"attributes": {"c": {"from": 1, "to": 9}}}, True),
        ({"cause": {"exception": "OSError"}}, {"cause": {"exception": "TimeoutError", "message": "x"}}, True),
        ({"cause": {"exception": "TimeoutError", "message": "x"}}, {"cause": {"exception": "TimeoutError"}}, False),
        ({"expr": "x > 1"}, {"expr": "x > 1", "module": "m"}, True),
        ({"expr": "x > 1"}, {"expr": "x > 2"}, None),
        ({"exception_name": {"ends_with": "error"}}, {"exception": "OSError"}, True),
        ({"exception_name": {"regex": "^Time.*Error$"}}, {"exception": "TimeoutError"}, True),
        ({"exception_name": {"ends_with": "Timeout"}}, {"exception_name": {"ends_with": ".ReadTimeout"}}, True),
        ({"severity": {"from": "HIGH"}}, {"severity": ["HIGH", "CRITICAL"]}, True),
        ({"severity": {"from": "HIGH"}}, {"retryable": True}, False),
        ({"tags": "a"}, {"tags": ["a", "b"]}, False),
    ],
)  # fmt: skip
def test_verdicts(wider: dict[str, Any], narrower: dict[str, Any], verdict: bool | None) -> None:
    assert contains(wider, narrower) is verdict


def test_a_table_that_contradicts_itself_can_match_nothing() -> None:
    assert is_empty(formula({"message": {"equals": "a", "contains": "b"}}))
    assert is_empty(formula({"exception": "TimeoutError", "not": {"exception": "OSError"}}))
    assert is_empty(formula({"attributes": {"code": {"from": 5, "to": 4}}}))
    assert not is_empty(formula({"message": {"equals": "a", "regex": "b"}}))
    assert not is_empty(formula({"message": {"contains": "a"}}))


def test_a_search_with_too_many_alternatives_gives_up() -> None:
    # Each any excludes a little of the others; nobody should have to wait for the answer.
    hard = {"all": [{"any": [{"message": {"regex": f"{n}{m}"}} for m in range(4)]} for n in range(12)]}
    assert contains({"not": hard}, hard) is None


@pytest.mark.parametrize("name", sorted(BASES))
def test_the_standard_library_is_as_it_is_written_down(name: str) -> None:
    module, _, short = name.rpartition(".")
    kind = getattr(importlib.import_module(module), short)
    assert f"{kind.__module__}.{kind.__qualname__}" == name
    names = {f"{each.__module__}.{each.__qualname__}".removeprefix("builtins.") for each in kind.__mro__}
    assert ancestors(name) <= names
