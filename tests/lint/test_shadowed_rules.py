"""Rule sets at random: a rule that is said never to decide never does."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from match.test_containment import SMALL, whole

from policy_engine.lint.shadows import empty_tables, shadowed_rules
from policy_engine.match import MatcherIndex, compile_matcher
from policy_engine.policy import Document
from policy_engine.policy.files import SourceFile


def how_many_are_shadowed(matches: list[dict[str, Any]]) -> int:
    data = {"rules": [{"name": str(number), "match": match, "category": "A"} for number, match in enumerate(matches)]}
    document = Document(data, (SourceFile("policy.toml", "", {}),))
    return len(list(shadowed_rules(document, empty_tables(document))))


@given(st.lists(whole, min_size=2, max_size=6))
@settings(max_examples=150, deadline=None)
def test_a_rule_that_is_said_never_to_decide_never_does(matches: list[dict[str, Any]]) -> None:
    index = MatcherIndex([compile_matcher(match) for match in matches])
    deciding = {index.first(error) for error in SMALL}
    for number in range(1, len(matches)):
        if how_many_are_shadowed(matches[: number + 1]) > how_many_are_shadowed(matches[:number]):
            assert number not in deciding
