"""Whatever goes in: JSON comes out, in bounds, and scrubbing it again changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy_engine.privacy import compile_privacy

SCRUBBER = compile_privacy({}, {"message_length": 300, "text_length": 80, "context_items": 6, "context_depth": 3})

PIECES = st.sampled_from([
    "password", "token", "api_key", "session", "authorization", "cookie", "user", "key", "secret", "=", ": ", ":",
    " ", "=>", '"', "'", "\\", '\\"', ",", ", ", ";", "&", "?", "/", "//", "://", "@", "(", ")", "[", "]", "{", "}",
    "<", ">", "</", "\n", "\r\n", "\t", "\x1b", "\x00", "\u202e", "\ud83d", "\u0130", "%3D", "%26", "-", "--", ".",
    "...", "hunter2", "Bearer ", "Basic ", "dXNlcjpwYXNz", "postgres", "https", "host", "db:5432", "bob@example.com",
    "4111 1111 1111 1111", "4111111111111111", "DE89 3704 0044 0532 0130 00", "+49 170 1234567",
    "eyJhbGciOiJIUzI1NiJ9.e30.abc", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "VALUES (",
    "INSERT INTO t (a, password) ", "parameters: (", "input_value=", "[type=x, ", "On instance['password']:\n    ",
    "identified by '", "invalid port: '", "host name \"", "[scrubbed]", " ... 37 more characters",
    "pseudonym:0123:0123456789abcdef", "must", "is", "expired", "abc123def456ghi",
    "9f86d081884c7d659a2feaa0c55ad015", "None", "true", "login bob ", "word " * 20, "x" * 90, "ñ", "日本",
])  # fmt: skip
PIECE_LISTS = st.lists(PIECES, max_size=8)
NAMES = st.sampled_from(["password=", "api_key: ", '"token": "'])
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=40).map("".join))
LEAVES = st.one_of(
    TEXTS, st.none(), st.booleans(), st.integers(), st.floats(), st.binary(max_size=50), st.dates(), st.datetimes(),
    st.timedeltas(), st.decimals(), st.uuids(), st.complex_numbers(), st.just(object()), st.just(len),
)  # fmt: skip
KEYS = st.one_of(TEXTS, st.integers(), st.none(), st.binary(max_size=20), st.tuples(st.integers()))


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(inner, max_size=9),
        st.lists(inner, max_size=9).map(tuple),
        st.tuples(KEYS, inner),
        st.dictionaries(KEYS, inner, max_size=9),
        st.fixed_dictionaries({"name": KEYS, "value": inner}),
        st.sets(KEYS, max_size=9),
    )


VALUES = st.recursive(LEAVES, nested, max_leaves=30)


def size(value: object) -> int:
    """How many entries a JSON value shows."""
    if isinstance(value, dict):
        return len(value) + sum(map(size, value.values()))
    return len(value) + sum(map(size, value)) if isinstance(value, list) else 0


def depth(value: object) -> int:
    """How many collections that hold something lie in one another."""
    if isinstance(value, dict) and value:
        return 1 + max(map(depth, value.values()))
    return 1 + max(map(depth, value)) if isinstance(value, list) and value else 0


def longest(value: object) -> int:
    """The length of the longest text."""
    if isinstance(value, dict):
        return max(map(longest, value.values()), default=0)
    if isinstance(value, list):
        return max(map(longest, value), default=0)
    return len(value) if isinstance(value, str) else 0


QUICK = settings(max_examples=200, deadline=None, derandomize=True)
"""The same examples each time: what random ones find belongs to a search, not to somebody else's change."""

SEARCH = settings(max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check_text(text: str) -> None:
    shown = SCRUBBER.text(text)
    assert len(shown) <= 300
    assert "\x1b" not in shown
    assert "\x00" not in shown
    shown.encode()
    assert SCRUBBER.text(shown) == shown


def check_value(value: object) -> None:
    shown = SCRUBBER.value(value)
    assert json.loads(json.dumps(shown, allow_nan=False)) == shown
    json.dumps(shown, ensure_ascii=False).encode()
    assert size(shown) <= 16 * 6
    assert depth(shown) <= 4
    assert longest(shown) <= 80
    assert SCRUBBER.value(shown) == shown


def check_named_secret(before: list[str], after: list[str], name: str) -> None:
    secret = "Zq7vR2mWx9"
    lead = "".join(before).translate(dict.fromkeys(map(ord, "\"'`")))  # an open quote may end where the name begins
    assert secret not in SCRUBBER.text(lead + " " + name + secret + " " + "".join(after))


@given(TEXTS)
@QUICK
def test_any_text_is_cut_printable_and_the_same_when_scrubbed_again(text: str) -> None:
    check_text(text)


@given(VALUES)
@QUICK
def test_any_value_becomes_json_in_bounds_and_is_the_same_when_scrubbed_again(value: object) -> None:
    check_value(value)


@given(PIECE_LISTS, PIECE_LISTS, NAMES)
@QUICK
def test_a_named_secret_is_masked_whatever_stands_around_it(before: list[str], after: list[str], name: str) -> None:
    check_named_secret(before, after, name)


@given(st.dictionaries(KEYS, VALUES, max_size=8))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_the_fast_way_of_a_context_and_the_walk_show_the_same(context: dict[object, object]) -> None:
    shown = SCRUBBER.mapping(context)
    assert shown == SCRUBBER.value(context)
    assert SCRUBBER.mapping(shown) == shown


@pytest.mark.prove
@given(TEXTS)
@SEARCH
def test_texts_at_length(text: str) -> None:
    check_text(text)


@pytest.mark.prove
@given(VALUES)
@SEARCH
def test_values_at_length(value: object) -> None:
    check_value(value)


@pytest.mark.prove
@given(PIECE_LISTS, PIECE_LISTS, NAMES)
@SEARCH
def test_named_secrets_at_length(before: list[str], after: list[str], name: str) -> None:
    check_named_secret(before, after, name)
