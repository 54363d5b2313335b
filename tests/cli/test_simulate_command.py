"""``policy-engine simulate``: a scenario told and drawn."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from policy_engine.cli import main

POLICY = """
[breakers.api]
failure_threshold = 3

[degradation]
levels = ["full", "degraded"]

[[degradation.triggers]]
name = "too-many-errors"
level = "degraded"
when = { metric = "error_rate", window = "1m", above = 30 }
for = "20s"
release = { below = 10, for = "2m" }
"""
SCENARIO = """
[[tests]]
name = "an outage"
[[tests.steps]]
repeat = { times = 120, every = "1s" }
call = { breaker = "api", fails_with = { exception = "ConnectionError", message = "gone" } }
expect = { level = "degraded" }
[[tests.steps]]
at = "2m"
repeat = { times = 60, every = "1s" }
error = { exception = "ConnectionError", message = "gone" }
[[tests.steps]]
advance = "10m"
expect = { level = "full" }
"""
TEXT = "{http://www.w3.org/2000/svg}text"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    (tmp_path / "policy.toml").write_text(POLICY, "utf-8")
    path = tmp_path / "outage.test.toml"
    path.write_text(SCENARIO.replace('expect = { level = "degraded" }\n', ""), "utf-8")
    return path


def test_each_change_of_the_level_is_told_with_its_cause_and_values(
    scenario: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", str(scenario)]) == 0
    told = capsys.readouterr().out
    assert "full -> degraded  (too-many-errors: error_rate 60s > 30, for 20 s; error_rate " in told
    assert "degraded -> full  (too-many-errors: error_rate 60s < 10, for 120 s; error_rate 0)" in told
    assert "api: CLOSED -> OPEN" in told
    assert 'the level is "full" at the end' in told


def test_the_picture_shows_both_thresholds_the_moves_and_the_open_breaker(scenario: Path, tmp_path: Path) -> None:
    picture = tmp_path / "outage.svg"
    assert main(["simulate", "-p", str(tmp_path / "policy.toml"), str(scenario), "--plot", str(picture)]) == 0
    texts = [text.text or "" for text in ElementTree.parse(picture).iter(TEXT)]
    assert "too-many-errors: error_rate 60s above 30 for 20 s; released below 10 for 2 min" in texts
    assert any(text.startswith("degraded at ") for text in texts)
    assert "full at 0" in texts
    assert {"breaker api", "OPEN", "level"} <= set(texts)
    assert "time since the beginning" in texts


def test_a_scenario_without_any_error_is_drawn_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "policy.toml").write_text(POLICY, "utf-8")
    path = tmp_path / "calm.test.toml"
    path.write_text('[[tests]]\nname = "calm"\n[[tests.steps]]\nadvance = "5m"\n', "utf-8")
    picture = tmp_path / "calm.svg"
    assert main(["simulate", str(path), "--plot", str(picture)]) == 0
    assert "calm: 0 errors in 5 min" in capsys.readouterr().out
    assert "0 errors from 0 s to 5 min." in picture.read_text("utf-8")


def test_of_several_tests_one_is_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "policy.toml").write_text(POLICY, "utf-8")
    path = tmp_path / "two.test.toml"
    one = '[[tests]]\nname = "{}"\n[[tests.steps]]\nadvance = "5m"\n'
    path.write_text(one.format("noon") + one.format("night"), "utf-8")
    assert main(["simulate", str(path)]) == 2
    assert "choose one with -k WORD\n  noon\n  night\n" in capsys.readouterr().err
    assert main(["simulate", str(path), "-k", "NIGHT"]) == 0


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("missing.test.toml", None, "there is no such file"),
        ("broken.test.toml", "[[tests]]\n", "name"),
        ("names.test.toml", SCENARIO.replace('"api"', '"apy"'), "apy"),
    ],
)
def test_a_scenario_that_is_not_right_is_no_success(
    name: str, text: str | None, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "policy.toml").write_text(POLICY, "utf-8")
    if text is not None:
        (tmp_path / name).write_text(text, "utf-8")
    assert main(["simulate", str(tmp_path / name)]) == 2
    assert told in capsys.readouterr().err


def test_an_expectation_that_did_not_hold_is_mentioned(scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario.write_text(SCENARIO.replace('level = "full"', 'level = "degraded"'), "utf-8")
    assert main(["simulate", str(scenario)]) == 0
    assert "did not hold: policy-engine test says which" in capsys.readouterr().out
