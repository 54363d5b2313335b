"""``policy-engine test``: what it prints, and how it ends. Golden outputs are renewed by ``make golden``."""

import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from policy_engine import VirtualClock
from policy_engine.cli import main

GOLDEN = Path(__file__).parents[1] / "golden" / "test"
CASES = {
    "failing": (["failing.test.toml"], 1),
    "passing": (["passing.test.toml", "--coverage"], 0),
    "broken": (["broken"], 1),
}
ENDINGS = {"text": "txt", "json": "json", "junit": "xml"}


def run(*arguments: str) -> int:
    return main(["test", *arguments])


@pytest.fixture(autouse=True)
def in_golden_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(GOLDEN)
    monkeypatch.setattr("policy_engine.cli.test.SystemClock", VirtualClock)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("form", ENDINGS)
def test_the_output_is_the_golden_one(case: str, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, expected = CASES[case]
    code = run("--format", form, *arguments)
    printed = capsys.readouterr()
    golden = GOLDEN / f"{case}.{ENDINGS[form]}"
    if os.environ.get("POLICY_ENGINE_WRITE_GOLDEN"):
        golden.write_text(printed.out, "utf-8")
    assert printed.out == golden.read_text("utf-8")
    assert (code, printed.err) == (expected, "")


@pytest.mark.parametrize("case", CASES)
def test_the_xml_has_all_that_the_strictest_form_of_junit_wants(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("--format", "junit", *CASES[case][0])
    root = ElementTree.fromstring(capsys.readouterr().out.encode())
    assert (root.tag, dict(root.attrib)) == ("testsuites", {})
    for number, suite in enumerate(root):
        assert suite.tag == "testsuite"
        wanted = {"id", "package", "name", "timestamp", "hostname", "tests", "failures", "errors", "time"}
        assert set(suite.attrib) == wanted
        assert suite.get("id") == str(number)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp", ""))
        tags = [child.tag for child in suite]
        cases = suite.findall("testcase")
        assert tags == ["properties", *["testcase"] * len(cases), "system-out", "system-err"]
        assert suite.get("tests") == str(len(cases))
        for each in cases:
            assert set(each.attrib) == {"name", "classname", "time"}
            assert [child.tag for child in each] in ([], ["failure"], ["error"])
            assert all(child.get("type") and child.get("message") for child in each)
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
        assert suite.get("errors") == str(len(suite.findall("testcase/error")))


def test_xml_shows_any_text_that_a_test_may_hold(capsys: pytest.CaptureFixture[str]) -> None:
    run("--format", "junit", "failing.test.toml")
    root = ElementTree.fromstring(capsys.readouterr().out.encode())
    case = root.find("testsuite/testcase")
    assert case is not None
    assert case.get("name") == 'the breaker opens & <tells> "somebody"'
    assert "später" in "".join(case.itertext())


@pytest.mark.parametrize("form", ENDINGS)
def test_an_empty_run_fails(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--format", form, str(tmp_path)) == 1
    assert "PE502" in capsys.readouterr().out
    assert run("--format", form, "passing.test.toml", "-k", "no such test") == 1
    assert "PE502" in capsys.readouterr().out


def test_a_word_that_chooses_no_test_is_told_without_a_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("passing.test.toml", "-k", "no such test") == 1
    assert capsys.readouterr().out.startswith('error PE502 no-tests: no test has "no such test" in its name\n')


def test_a_path_that_is_not_there_could_not_be_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("passing.test.toml", "nowhere.test.toml") == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "nowhere.test.toml: error PE105 missing-path: " in printed.err


def test_a_policy_that_is_not_there_could_not_be_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("passing.test.toml", "-p", "nowhere.toml") == 2
    assert "nowhere.toml: error PE105" in capsys.readouterr().err


def test_an_invalid_policy_is_told_once_and_its_tests_do_not_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.toml").write_text("[[rules]]\nname = 'a'\nmatch.exception = 'OSError'\ncategory = 'NETWROK'\n")
    assert run("--format", "json", "passing.test.toml", "failing.test.toml", "-p", str(tmp_path)) == 1
    told = json.loads(capsys.readouterr().out)
    assert [each["code"] for each in told["diagnostics"] if each["severity"] == "error"] == ["PE203"]
    assert (told["passed"], told["failed"], told["error"]) == (0, 0, 4)


def test_a_word_chooses_tests_by_their_names_and_their_files(capsys: pytest.CaptureFixture[str]) -> None:
    def names(*arguments: str) -> list[str]:
        run("--format", "json", "failing.test.toml", "passing.test.toml", *arguments)
        return [each["name"] for each in json.loads(capsys.readouterr().out)["tests"]]

    assert names("-k", "RETRIED") == ["a reset connection may be retried"]
    assert names("-k", "passing") == ["the breaker opens after three failures and closes after one good call"]
    assert len(names()) == 4


@pytest.mark.parametrize(("least", "code"), [("80", 0), ("80.5", 1)])
def test_coverage_below_what_is_asked_for_fails(least: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("passing.test.toml", "--fail-under", least) == code
    printed = capsys.readouterr().out
    assert "coverage of .: 80.0 %" in printed
    below = "PE508 coverage-too-low: 80.0 % of the policy is covered, which is less than 80.5 %"
    assert (below in printed) is bool(code)


def test_the_seed_decides_about_jitter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p.toml").write_text(
        "[categories.UNKNOWN]\nretryable = true\n"
        "[calls.api]\nretry = { attempts = 2, backoff = { initial = '10s', jitter = 'full' } }\n"
    )
    (tmp_path / "p.test.toml").write_text(
        "[[tests]]\nname = 'a'\n[[tests.steps]]\n"
        "call = { target = 'api', fails_with = { exception = 'OSError' } }\nexpect.delays = ['0s']\n"
    )

    def delay(seed: str) -> str:
        run(str(tmp_path), "--seed", seed)
        found = re.search(r"delays\.1 is (\S+), expected", capsys.readouterr().out)
        assert found is not None
        return found[1]

    assert delay("1") == delay("1") != delay("2")


@pytest.mark.parametrize("named", [True, False])
def test_several_policies_are_layers(named: bool, tmp_path: Path) -> None:
    rule = "[[rules]]\nname = 'a'\n"
    (tmp_path / "base.toml").write_text(rule + "match.exception = 'OSError'\ncategory = 'UNKNOWN'\n")
    (tmp_path / "over.toml").write_text(rule + "severity = 'HIGH'\n")
    head = "policy = ['base.toml', 'over.toml']\n" if named else ""
    steps = "[[tests.steps]]\nerror.exception = 'OSError'\nexpect = { severity = 'HIGH', rule = 'a' }\n"
    (tmp_path / "p.test.toml").write_text(f"{head}[[tests]]\nname = 'a'\n{steps}")
    layers = [] if named else ["-p", str(tmp_path / "base.toml"), "-p", str(tmp_path / "over.toml")]
    assert run(str(tmp_path), *layers) == 0


def test_help_has_an_example_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run("--help")
    printed = capsys.readouterr().out
    assert stopped.value.code == 0
    assert "policy-engine test policies/" in printed
    assert "exit codes" in printed


OVER_THE_SHIPPED = """
extends = ["@shipped"]
[[rules]]
name = "our-own"
match.exception = "shop.OutOfStock"
category = "UNKNOWN"
[[degradation.triggers]]
name = "many-errors"
for = "20s"
"""
OF_OUR_OWN_RULE = """
[[tests]]
name = "our own error is known"
steps = [{ error = { exception = "shop.OutOfStock" }, expect = { rule = "our-own" } }]
"""


def test_coverage_counts_what_a_policy_adds_to_the_shipped_one_and_changes_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "shop.toml").write_text(OVER_THE_SHIPPED)
    (tmp_path / "shop.test.toml").write_text(OF_OUR_OWN_RULE)
    assert run(str(tmp_path), "--fail-under", "50") == 0
    printed = capsys.readouterr().out
    assert re.search(r"rules +1 of 1\n  triggers +0 of 1\n    not covered: many-errors ", printed)
    assert re.search(r"\n  not counted: \d+ parts of the shipped policy, which it extends\n", printed)
