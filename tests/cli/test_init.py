"""``policy-engine init``: what it writes is valid, passes its tests, and passes the checks that it writes for CI."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from policy_engine import Engine, VirtualClock
from policy_engine.cli import main
from policy_engine.starting import PROFILES


@pytest.fixture(params=PROFILES)
def start(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "service"
    assert main(["init", "--profile", request.param, str(folder)]) == 0
    monkeypatch.chdir(folder)
    return folder


def git(*arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


def commands(text: str) -> list[list[str]]:
    """The commands in a CI file, without what a shell does with their output."""
    found = re.findall(r"^ *(?:- )?(?:run: |entry: )?(policy-engine .*)$", text, re.MULTILINE)
    plain = [each.partition(" >")[0].strip('"') for each in found]
    return [shlex.split(re.sub(r"\$(?:BASE|base)\b", "HEAD", each))[1:] for each in plain]


def test_what_is_written_is_valid_tested_and_without_a_warning(start: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--strict", "policies"]) == 0
    assert main(["test", "policies"]) == 0
    assert "0 passed" not in capsys.readouterr().out


def test_every_check_for_ci_passes_as_it_stands(start: Path) -> None:
    git("init", "--quiet", "-b", "main")
    git("add", ".")
    git("commit", "--quiet", "-m", "start")
    for name in (".github/workflows/policy.yml", ".gitlab-ci.yml", ".pre-commit-config.yaml"):
        listed = commands((start / name).read_text("utf-8"))
        assert {"validate", "test"} <= {each[0] for each in listed}, name
        assert ("diff" in {each[0] for each in listed}) is (name != ".pre-commit-config.yaml")
        for each in listed:
            assert (each, main(each)) == (each, 0)


def test_a_change_shows_in_the_diff_that_ci_runs(start: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git("init", "--quiet", "-b", "main")
    git("add", ".")
    git("commit", "--quiet", "-m", "start")
    file = start / "policies" / "service.toml"
    file.write_text(re.sub(r"severity = \"LOW\"", 'severity = "CRITICAL"', file.read_text("utf-8")), "utf-8")
    capsys.readouterr()
    assert main(["diff", "HEAD:policies", "policies", "--on", "recorded/errors.jsonl", "--exit-code"]) == 1
    assert "severity LOW -> CRITICAL" in capsys.readouterr().out


def test_an_engine_runs_it_over_the_shipped_policy(start: Path) -> None:
    engine = Engine.from_path("policies", clock=VirtualClock())
    assert engine.handle(ConnectionResetError("Connection reset by peer")).category == "NETWORK"
    assert engine.policy.calls


def test_the_comments_in_it_are_about_what_stands_there(start: Path) -> None:
    text = (start / "policies" / "service.toml").read_text("utf-8")
    assert text.startswith("#:schema ../schema/policy.schema.json\n")
    assert (start / "schema" / "policy.schema.json").is_file()
    assert (start / "schema" / "policy-test.schema.json").is_file()
    assert sum(line.startswith("#") for line in text.splitlines()) > 10


def test_nothing_that_is_there_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "README.md").write_text("mine", "utf-8")
    assert main(["init", str(tmp_path)]) == 2
    assert "README.md is there already: nothing was written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


def test_the_hooks_for_users_of_pre_commit_run_commands_that_exist(
    start: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = (Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text("utf-8")
    entries = re.findall(r"^  entry: policy-engine (.*)$", hooks, re.MULTILINE)
    arguments = re.findall(r"^  args: \[(.*)\]$", hooks, re.MULTILINE)
    assert len(entries) == len(arguments) == len(re.findall(r"^- id: ", hooks, re.MULTILINE)) == 2
    for entry, more in zip(entries, arguments, strict=True):
        assert main([*shlex.split(entry), more]) == 0


def test_recorded_errors_are_json(start: Path) -> None:
    lines = (start / "recorded" / "errors.jsonl").read_text("utf-8").splitlines()
    assert all(json.loads(line)["time"] for line in lines)
