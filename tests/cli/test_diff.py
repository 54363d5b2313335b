"""``policy-engine diff``: what it prints, and how it ends. Golden outputs are renewed by ``make golden``."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from policy_engine.cli import main

GOLDEN = Path(__file__).parents[1] / "golden" / "diff"
RULE = "[[rules]]\nname = 'a'\nmatch.exception = 'OSError'\ncategory = 'UNKNOWN'\n"
GRAVE = RULE + "severity = 'HIGH'\n"
CASES = {
    "meaning": ["old.toml", "new.toml"],
    "behaviour": ["old.toml", "new.toml", "--on", "errors.jsonl"],
    "few": ["old.toml", "new.toml", "--on", "errors.jsonl", "--top", "1"],
    "same": ["old.toml", "same.toml", "--on", "errors.jsonl"],
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("form", "ending"), [("text", "txt"), ("json", "json"), ("markdown", "md")])
def test_the_output_is_the_golden_one(
    case: str, form: str, ending: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(GOLDEN)
    code = main(["diff", *CASES[case], "--format", form])
    printed = capsys.readouterr()
    golden = GOLDEN / f"{case}.{ending}"
    if os.environ.get("POLICY_ENGINE_WRITE_GOLDEN"):
        golden.write_text(printed.out, "utf-8")
    assert printed.out == golden.read_text("utf-8")
    assert (code, printed.err) == (0, "")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.toml").write_text(RULE, "utf-8")
    (tmp_path / "b.toml").write_text(GRAVE, "utf-8")
    (tmp_path / "os.jsonl").write_text('{"type": "OSError"}\n', "utf-8")
    (tmp_path / "value.jsonl").write_text('{"type": "ValueError"}\n', "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["a.toml", "b.toml"], 0),
        (["a.toml", "b.toml", "--exit-code"], 1),
        (["a.toml", "a.toml", "--exit-code"], 0),
        (["a.toml", "b.toml", "--exit-code", "--on", "os.jsonl"], 1),
        (["a.toml", "b.toml", "--exit-code", "--on", "value.jsonl"], 0),
        (["a.toml", "b.toml", "--on", "os.jsonl"], 0),
    ],
)
def test_the_exit_code_tells_of_a_difference_when_asked(arguments: list[str], code: int, folder: Path) -> None:
    assert main(["diff", *arguments]) == code


def test_an_invalid_policy_is_a_finding_and_one_that_is_not_there_could_not_be_compared(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bad.toml").write_text(RULE + "severety = 'LOW'\n", "utf-8")
    assert main(["diff", "a.toml", "bad.toml"]) == 1
    assert "bad.toml:5:1: error PE111" in capsys.readouterr().err
    assert main(["diff", "a.toml", "none.toml"]) == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--on", "none.log"], "none.log: no such file"),
        (["--on", "empty.log"], "empty.log: it is empty"),
        (["--on", "os.jsonl", "--breaker", "api"], "--breaker api: neither policy has it"),
    ],
)
def test_an_input_that_proves_nothing_is_no_success(
    arguments: list[str], says: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "empty.log").write_text("", "utf-8")
    assert main(["diff", "a.toml", "b.toml", *arguments]) == 2
    printed = capsys.readouterr()
    assert (says in printed.err, printed.out) == (True, "")


def test_a_log_of_one_dependency_s_failures_opens_its_breaker(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [json.dumps({"type": "OSError", "time": f"2026-03-03T10:00:{second:02d}Z"}) for second in range(10)]
    (folder / "calls.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "three.toml").write_text("[breakers.api]\nfailure_threshold = 3\n", "utf-8")
    (folder / "thirty.toml").write_text("[breakers.api]\nfailure_threshold = 30\n", "utf-8")
    arguments = ["three.toml", "thirty.toml", "--on", "calls.jsonl", "--breaker", "api", "--exit-code"]
    assert main(["diff", *arguments]) == 1
    printed = capsys.readouterr().out
    assert "only before  2026-03-03 10:00:02  api CLOSED -> OPEN  (3 failures in a row)" in printed


def test_what_errors_say_cannot_be_markup_in_a_comment(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    message = "a | b `c` ``d`` <img src=x> \n| evil | row |"
    (folder / "odd.jsonl").write_text(json.dumps({"type": "OSError", "message": message}) + "\n", "utf-8")
    assert main(["diff", "a.toml", "b.toml", "--on", "odd.jsonl", "--format", "markdown"]) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if "img" in line]
    assert row == (
        "| 1 | `severity MEDIUM -> HIGH` | ``` OSError: a \\| b `c` ``d`` <img src=x> \\| evil \\| row \\| ``` |"
    )


# Revisions


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(folder: Path) -> Path:
    git(folder, "init", "--quiet", "-b", "main")
    (folder / "base").mkdir()
    (folder / "base" / "a.toml").write_text(RULE, "utf-8")
    (folder / "prod").mkdir()
    (folder / "prod" / "p.toml").write_text("extends = ['../base']\n[bounds]\nqueue = 1\n", "utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "one")
    (folder / "base" / "a.toml").write_text(GRAVE, "utf-8")
    git(folder, "commit", "--quiet", "-am", "two")
    return folder


def test_a_revision_is_compared_with_what_it_extends(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "HEAD~1:prod", "HEAD:prod", "--exit-code", "--on", "os.jsonl"]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith(
        '1 change in meaning:\n~ rule a changed  (HEAD:base/a.toml:1)\n    severity: not set -> "HIGH"\n'
    )
    assert main(["diff", "HEAD:base/a.toml", "base/a.toml", "--exit-code"]) == 0


def test_a_path_that_begins_with_a_dot_is_seen_from_where_we_are(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "prod")
    assert main(["diff", "HEAD:./p.toml", "p.toml", "--exit-code"]) == 0
    assert main(["diff", "HEAD:../base", "../base", "--exit-code"]) == 0
    assert main(["diff", "HEAD:../../base", "../base"]) == 2


@pytest.mark.parametrize(
    "argument", ["nowhere:prod", "HEAD:nothing", "--output=stolen:prod", "HEAD^{/x}:prod", "HEAD;touch stolen:prod"]
)
def test_what_git_does_not_know_could_not_be_compared(
    argument: str, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", "--", argument, "prod"]) == 2
    assert argument.partition(":")[0] in capsys.readouterr().err
    assert not list(repository.glob("**/*stolen*"))


def test_a_finding_in_a_revision_names_the_revision(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "base" / "a.toml").write_text(RULE + "severety = 'LOW'\n", "utf-8")
    git(repository, "commit", "--quiet", "-am", "three")
    assert main(["diff", "HEAD~1:base", "HEAD:base"]) == 1
    assert capsys.readouterr().err.startswith("HEAD:base/a.toml:5:1: error PE111")


def test_errors_without_a_time_are_told_because_they_move_no_level(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [{"type": "OSError", "time": "2026-03-03T10:00:00Z"}, {"type": "OSError"}]
    (folder / "some.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    assert main(["diff", "a.toml", "b.toml", "--on", "some.jsonl"]) == 0
    assert "1 of 2 errors have no time: they move no level and fill no window" in capsys.readouterr().err
