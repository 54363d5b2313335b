"""Durations of the policy language."""

import re

import pytest

from policy_engine.policy.durations import PATTERN, seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [("250ms", 0.25), ("30s", 30.0), ("1.5s", 1.5), ("5m", 300.0), ("1h", 3600.0), ("7d", 604_800.0), ("0s", 0.0)],
)
def test_a_duration_is_a_number_and_a_unit(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize(
    "text", ["", "30", "s", "-1s", "+1s", "1 s", " 1s", "1s ", "1S", "1e3s", "1.s", ".5s", "1w", "1s\n"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        seconds(text)


def test_no_duration_is_longer_than_a_timer_can_wait() -> None:
    longest = ["999999999s", "999999999.999999999s", "99999999m", "999999h", "99999d", "999999999ms"]
    assert max(map(seconds, longest)) < 9.2e9
    assert not any(re.search(PATTERN, text) for text in ("9999999999s", "999999999m", "1000000h", "100000d"))
