"""Times, rates and untrusted texts as people read them."""

import pytest

from policy_engine.reports import words
from policy_engine.reports.axis import bar_width, count_ticks, time_ticks


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "under 1 s"), (59, "59 s"), (471, "7 min 51 s"), (3600, "1 h"), (3605, "1 h"), (277_300, "3 d 5 h")],
)
def test_a_duration_has_its_two_coarsest_parts(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("per_second", "text"),
    [(0.8, "48 a minute"), (0.05, "3 a minute"), (0.001, "3.6 an hour"), (0.00002, "1.7 a day"), (0, "0 a day")],
)
def test_a_rate_is_told_in_the_unit_that_has_one(per_second: float, text: str) -> None:
    assert words.rate(per_second) == text


def test_controls_and_changes_of_direction_are_made_visible() -> None:
    assert words.shown("a\x1b[31m\x00\u202eb\ufffe\ud800") == "a\u241b[31m\u2400\ufffdb\ufffd\ufffd"


def test_a_line_is_cut_at_its_length() -> None:
    assert words.line("one\n two" + "x" * 50, 10) == "one twoxx…"


def test_a_place_in_a_policy_keeps_file_and_folder() -> None:
    assert words.place("/srv/app/policies/10-network.toml:12") == "policies/10-network.toml:12"


@pytest.mark.parametrize(("seconds", "kept", "width"), [(3600, 5, 30), (60, 1, 1), (86_400 * 365, 86_400, 7 * 86_400)])
def test_bars_are_round_and_few(seconds: int, kept: int, width: int) -> None:
    assert bar_width(seconds, 150, kept) == width


def test_ticks_of_time_are_round_and_a_new_day_shows_its_date() -> None:
    assert [label for _, label in time_ticks(86_000, 90_100, 6)] == ["01-02", "00:15", "00:30", "00:45", "01:00"]


@pytest.mark.parametrize(("top", "last"), [(0, 1), (1, 1), (33, 40), (999, 1000), (1_234_567, 1_500_000)])
def test_ticks_of_counts_are_whole_and_reach_the_top(top: int, last: int) -> None:
    ticks = count_ticks(top)
    assert ticks[0] == 0
    assert ticks[-1] == last
    assert len(ticks) <= 6
