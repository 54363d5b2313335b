"""A plugin's own lint: its findings stand among ours, each at its place, in every form in which they are shown."""

import json
from pathlib import Path

import pytest
from plugins.plugin_makers import a_plugin, a_policy_file, findings

from policy_engine import PolicyError, load_policy
from policy_engine.cli import main

CHANNEL = '[alerts.channels.ops]\nkind = "log"\nused_by = "code"\n'


def a_lint(folder: Path, *found: str, body: str = "") -> None:
    listed = ", ".join(found)
    a_plugin(folder, f"@hookimpl\ndef policy_engine_lint(document):\n    {body or 'pass'}\n    return [{listed}]\n")


def test_a_finding_stands_at_the_line_and_column_of_its_path(tmp_path: Path) -> None:
    a_lint(
        tmp_path,
        "LintFinding('ACME1', 'plain-log', 'a log is not enough', ['alerts', 'channels', 'ops', 'kind'])",
        "LintFinding('ACME2', 'odd-name', 'no', ['alerts', 'channels', 'ops'], at_key=True, help='rename it')",
        "LintFinding('ACME3', 'lacks-key', 'no', ['alerts', 'channels', 'ops', 'kind', 'none', 3])",
        "LintFinding('ACME4', 'whole', 'no')",
    )

    found = findings(a_policy_file(tmp_path, CHANNEL))

    places = {each.code: (each.span.line, each.span.column) if each.span else None for each in found}
    assert places == {"ACME1": (3, 8), "ACME2": (2, 18), "ACME3": (3, 8), "ACME4": None}
    assert {each.file for each in found} == {str(tmp_path / "policy.toml")}
    assert str(found[1]).endswith("warning ACME2 odd-name: no (rename it)")


def test_an_error_of_a_plugin_refuses_the_policy_and_a_warning_does_not(tmp_path: Path) -> None:
    a_lint(tmp_path, "LintFinding('ACME1', 'too-bad', 'no', ['plugins'], 'warning')")
    path = a_policy_file(tmp_path, CHANNEL)
    assert [each.code for each in load_policy(path).warnings] == ["ACME1"]

    a_lint(tmp_path, "LintFinding('ACME1', 'too-bad', 'no', ['plugins'], 'error')")
    with pytest.raises(PolicyError, match="too-bad"):
        load_policy(path)


def test_a_lint_changes_nothing_of_the_policy(tmp_path: Path) -> None:
    a_lint(tmp_path, body="document['alerts']['channels'].clear()")

    policy = load_policy(a_policy_file(tmp_path, CHANNEL))

    assert list(policy.alerts.channels) == ["ops"]


@pytest.mark.parametrize("form", ["json", "github", "sarif", "junit"])
def test_machines_are_shown_it_too(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a_lint(tmp_path, "LintFinding('ACME1', 'plain-log', 'a log is not enough', ['alerts', 'channels', 'ops', 'kind'])")
    path = a_policy_file(tmp_path, CHANNEL)

    assert main(["validate", "--format", form, str(path)]) == 0

    out = capsys.readouterr().out
    assert "ACME1" in out
    assert "a log is not enough" in out
    if form == "sarif":
        (rule,) = json.loads(out)["runs"][0]["tool"]["driver"]["rules"]
        assert (rule["id"], rule["name"], rule["help"]) == ("ACME1", "PlainLog", {"text": "It is a plugin's."})


@pytest.mark.parametrize(
    ("found", "code", "told"),
    [
        ("1 / 0", "PE402", "raised in policy_engine_lint: ZeroDivisionError"),
        ("'bad'", "PE406", "policy_engine_lint gave a str, not a LintFinding"),
        ("LintFinding('PE101', 'a', 'b')", "PE406", '"PE101" is no code for a finding'),
        ("LintFinding('acme', 'a', 'b')", "PE406", '"acme" is no code for a finding'),
        ("LintFinding('ACME1', 'A b', 'b')", "PE406", '"A b" is no name for a kind of finding'),
        ("LintFinding('ACME1', 'a', 'b', None)", "PE406", "the path of a finding is a list of keys and numbers"),
        ("LintFinding('ACME1', 'a', 'b', (), 'grave')", "PE406", 'a finding is an "error" or a "warning"'),
    ],
)
def test_a_lint_that_does_not_work_is_a_finding_where_the_policy_names_it(
    found: str, code: str, told: str, tmp_path: Path
) -> None:
    a_lint(tmp_path, found)

    (problem,) = findings(a_policy_file(tmp_path, CHANNEL))

    assert problem.code == code
    assert told in problem.message
    assert problem.span is not None
    assert (problem.span.line, problem.span.column) == (1, 12)


def test_a_lint_with_another_argument_is_refused(tmp_path: Path) -> None:
    a_plugin(tmp_path, "@hookimpl\ndef policy_engine_lint(policy):\n    return []\n")

    (problem,) = findings(a_policy_file(tmp_path, ""))

    assert (problem.code, problem.help) == ("PE404", "it takes document")
