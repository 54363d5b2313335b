"""Rules about ranges of numbers: each that an earlier one takes whole is found, among thousands about one class too."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.lint.ranges import Ranges
from policy_engine.lint.shadows import shadowed_rules
from policy_engine.match.containment import formula, takes_all_of
from policy_engine.policy import Document
from policy_engine.policy.files import SourceFile

numbers = st.integers(-3, 3) | st.sampled_from([0.5, 2.5])
ends = st.tuples(numbers, numbers).map(sorted)
values = (
    ends.map(lambda pair: {"from": pair[0], "to": pair[1]})
    | numbers.map(lambda number: {"from": number})
    | numbers.map(lambda number: {"to": number})
    | numbers
    | st.lists(numbers, min_size=1, max_size=2, unique=True)
)
asking = values.map(lambda value: {"attributes": {"code": value}})
tables = asking | asking.map(lambda table: {"exception": "OSError", **table})
AN_ERROR = {"exception": "OSError"}
either = st.lists(asking, min_size=1, max_size=3).map(lambda inner: {"exception": "OSError", "any": inner})


def shadowed(matches: list[dict[str, Any]]) -> int:
    data = {"rules": [{"name": str(number), "match": match, "category": "A"} for number, match in enumerate(matches)]}
    return len(list(shadowed_rules(Document(data, (SourceFile("policy.toml", "", {}),)), [])))


def code(value: Any) -> dict[str, Any]:
    return {"exception": "OSError", "attributes": {"code": value}}


@pytest.mark.parametrize(
    ("wider", "narrower"),
    [
        (code({"from": 500, "to": 599}), code({"from": 502, "to": 504})),
        (code({"from": 500, "to": 599}), code(599)),
        (code({"from": 500, "to": 599}), code([500, 503])),
        (code({"from": 500}), code({"from": 500})),
        (code({"to": 599}), code({"to": 0})),
        ({"context": {"n": {"from": 1}}}, {"exception": "OSError", "context": {"n": 2}}),
        ({**AN_ERROR, "any": [code({"from": 1}), {"message": "x"}]}, code(7)),
        ({**AN_ERROR, "any": [code({"from": 1}), {"message": "x"}]}, {**AN_ERROR, "message": "x"}),
    ],
)
def test_a_range_that_an_earlier_rule_takes_whole_is_found(wider: dict[str, Any], narrower: dict[str, Any]) -> None:
    assert shadowed([wider, narrower]) == 1


def test_a_range_that_an_earlier_rule_takes_in_part_is_not_spoken_of() -> None:
    assert shadowed([code({"from": 500, "to": 503}), code({"from": 502, "to": 504}), code([503, 505])]) == 0


@given(st.lists(tables, min_size=2, max_size=6))
def test_looking_by_range_misses_nothing_that_is_to_be_found(matches: list[dict[str, Any]]) -> None:
    # Whether 2.0 stands in a list or as a range makes no difference to a proof, and does to a look-up by equal values.
    matches = [*(match for match in matches[:-1] if isinstance(match["attributes"]["code"], dict)), matches[-1]]
    asked = [formula(match) for match in matches]
    contained = [any(takes_all_of(earlier, later) for earlier in asked[:place]) for place, later in enumerate(asked)]
    assert shadowed(matches) == sum(contained)


@given(st.lists(either, min_size=2, max_size=5))
def test_alternatives_within_a_class_are_never_said_to_be_taken_wrongly(matches: list[dict[str, Any]]) -> None:
    asked = [formula(match) for match in matches]
    contained = [any(takes_all_of(earlier, later) for earlier in asked[:place]) for place, later in enumerate(asked)]
    assert shadowed(matches) <= sum(contained)


@given(st.lists(ends, max_size=8), numbers)
def test_a_number_finds_the_ranges_around_it(pairs: list[list[float]], number: float) -> None:
    ranges = {("code", low, high) for low, high in pairs}
    found = set(Ranges(ranges).around("code", number))
    assert found == {each for each in ranges if each[1] <= number <= each[2]}
    assert not list(Ranges(ranges).around("elsewhere", number))
