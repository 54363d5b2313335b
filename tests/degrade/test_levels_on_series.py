"""What a threshold with hysteresis does on values over time, as the benchmark of series measures it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks import series as bench

ROOT = Path(__file__).parents[2]


def test_on_a_wavering_value_the_level_falls_in_every_window_and_seldom_moves() -> None:
    wavering = bench.a_wavering_series()
    policy = bench.chosen_policy(wavering)
    ours, plain = bench.run(policy, wavering), bench.run(bench.without_hysteresis(policy), wavering)
    assert len(bench.separable(wavering)) >= 1
    assert all(map(ours.fired_in, bench.separable(wavering)))
    assert 5 * len(ours.changes) <= len(plain.changes)


def test_the_picture_in_the_docs_is_the_one_that_its_command_draws() -> None:
    assert (ROOT / "docs" / "pictures" / "hysteresis.svg").read_bytes() == bench.picture()


def test_on_real_series_it_fires_in_four_fifths_of_the_windows_with_a_fifth_of_the_changes() -> None:
    if not bench.DATA.is_dir() and not os.environ.get("POLICY_ENGINE_REQUIRE_DATA"):
        pytest.skip("the series are not beside the project")
    *rows, total, _, told = bench.table(bench.read_series())
    windows, fired, ours, plain = (int(cell.replace(",", "")) for cell in total.split("|")[2:6])
    assert len(rows) == 26
    assert fired >= 0.8 * windows
    assert 5 * ours <= plain
    page = (ROOT / "docs" / "levels-on-real-series.md").read_text("utf-8")
    assert all(row in page for row in [*rows, total, told])
