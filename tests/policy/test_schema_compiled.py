"""What is told of a policy is what jsonschema alone would tell, though it looks only where something is wrong."""

import json
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.policy.schema.compiled import Compiled
from policy_engine.policy.schema.validator import failures, inlined, policy_failures
from policy_engine.policy.shipped import schema_path

SCHEMA = inlined(json.loads(schema_path().read_text("utf-8")))
EVERYTHING = tomllib.loads((Path(__file__).parents[1] / "golden" / "validate" / "everything.toml").read_text("utf-8"))

KEYS = st.sampled_from(["kind", "metric", "window", "any", "not", "name", "match", "for", "release", "from", "x"])

values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 70) | st.floats() | st.dates()
    | st.sampled_from(["", "x", "UNKNOWN", "1m", "0s", "time", "count", "errors", "HIGH", "a.b", "${X}", "é" * 130]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def places_in(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container with each of its keys or indices."""
    for step in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, step
        yield from places_in(value[step])


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    data = deepcopy(EVERYTHING)
    for _ in range(draw(st.integers(1, 3))):
        container, step = draw(st.sampled_from(list(places_in(data))))
        change = draw(st.sampled_from(["another", "gone", "twice", "one more"]))
        if change == "gone" and isinstance(container, dict):
            del container[step]
        elif change == "twice" and isinstance(container, list):
            container.append(container[step])
        elif change == "one more" and isinstance(container, dict):
            container[draw(KEYS)] = draw(values)
        else:
            container[step] = draw(values)
    return data


@given(mutated())
@settings(max_examples=150, deadline=None)
def test_the_same_is_found_as_when_jsonschema_looks_everywhere(data: dict[str, Any]) -> None:
    found = {(failure.path, failure.keyword) for failure in policy_failures(data)}
    assert found == {(failure.path, failure.keyword) for failure in failures(data, SCHEMA)}
    assert Compiled(SCHEMA).test(SCHEMA)(data) is not bool(found)


def test_a_keyword_that_is_not_known_is_refused_and_not_passed_over() -> None:
    with pytest.raises(KeyError, match="multipleOf"):
        Compiled({}).test({"type": "integer", "multipleOf": 5})


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        ({"enum": [1]}, 1, True),
        ({"const": "a"}, "a", "b"),
        ({"uniqueItems": True}, [1, True, {}], [{}, {}]),
        ({"type": ["integer", "array"]}, [], "x"),
        ({"type": "number"}, 1.5, float("nan")),
        ({"additionalProperties": {"type": "string"}}, {"a": "b"}, {"a": 1}),
        ({"properties": {"a": True}, "additionalProperties": False}, {"a": 1}, {"b": 1}),
        ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"c": 1}, {"a": 1}),
        ({"if": {"required": ["a"]}, "else": {"required": ["b"]}}, {"a": 1}, {"c": 1}),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": 1}, {"a": 1, "b": 1}),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": 1, "b": 1}, {}),
        ({"not": {"pattern": "^[0.]+s$"}}, "1s", "0s"),
    ],
)
def test_each_keyword_means_what_the_specification_says(schema: dict[str, Any], right: object, wrong: object) -> None:
    test = Compiled({}).test(schema)
    assert test(right)
    assert not test(wrong)
