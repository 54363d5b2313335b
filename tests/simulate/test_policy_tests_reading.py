"""Which test files there are, which policy each is about, and what is wrong with them before anything runs."""

import json
import tempfile
import tomllib
from pathlib import Path

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as some
from simulate.policy_test_makers import a_step, messages, only, run_text

from policy_engine.policy.durations import PATTERN
from policy_engine.policy.shipped import schema_path
from policy_engine.simulate.policy_tests import read_cases, run_suite
from policy_engine.simulate.policy_tests.expectations import _CHECKS

A_TEST = a_step('error = { exception = "OSError" }\nexpect.category = "UNKNOWN"')
A_POLICY = "[breakers.api]\nfailure_threshold = 5\n"
SCHEMA = json.loads(schema_path().with_name("policy-test.schema.json").read_text("utf-8"))


def test_tests_are_found_in_folders_and_hidden_ones_are_not(tmp_path: Path) -> None:
    for name in ("b.test.toml", "a/c.test.toml", ".git/d.test.toml", ".e.test.toml", "f.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(A_TEST)
    found = [file.name for file in read_cases([tmp_path], ["policy.toml"]).files]
    assert found == [str(tmp_path / "b.test.toml"), str(tmp_path / "a" / "c.test.toml")]


def test_a_file_named_twice_runs_once(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(A_POLICY)
    (tmp_path / "a.test.toml").write_text(A_TEST)
    assert len(run_suite([tmp_path, tmp_path / "a.test.toml"]).verdicts) == 1


def test_the_policy_is_the_one_in_the_folder_or_above_it(tmp_path: Path) -> None:
    (tmp_path / "policies" / "tests").mkdir(parents=True)
    (tmp_path / "policies" / "p.toml").write_text(A_POLICY)
    (tmp_path / "policies" / "tests" / "a.test.toml").write_text(A_TEST)
    (file,) = read_cases([tmp_path]).files
    assert file.policy == (tmp_path / "policies",)
    (tmp_path / "policies" / "tests" / "p.toml").write_text(A_POLICY)
    (file,) = read_cases([tmp_path]).files
    assert file.policy == (tmp_path / "policies" / "tests",)


def test_a_file_may_name_its_policy_and_an_argument_wins(tmp_path: Path) -> None:
    (tmp_path / "a.test.toml").write_text('policy = ["base", "other.toml"]\n' + A_TEST)
    (file,) = read_cases([tmp_path]).files
    assert file.policy == (tmp_path / "base", tmp_path / "other.toml")
    (file,) = read_cases([tmp_path], [Path("given")]).files
    assert file.policy == (Path("given"),)


def test_a_project_folder_is_no_policy(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    (tmp_path / "tests" / "a.test.toml").write_text(A_TEST)
    result = run_suite([tmp_path])
    assert (only(result).code, result.failed) == ("PE503", True)


def test_a_test_named_twice_is_found_with_both_places(tmp_path: Path) -> None:
    finding = only(run_text(tmp_path, A_POLICY, A_TEST + A_TEST))
    assert (finding.code, finding.span.line, finding.places[0].span.line) == ("PE108", 7, 2)


def test_an_expectation_after_the_last_event_is_warned_of(tmp_path: Path) -> None:
    # prometheus#14500: a test passes because it looks past the end of its input.
    late = a_step('error = { exception = "OSError" }\n[[tests.steps]]\nat = "5m"\nexpect.breakers.api = "CLOSED"')
    result = run_text(tmp_path, A_POLICY, late)
    assert (only(result).code, only(result).span.line, result.failed) == ("PE504", 7, False)
    assert messages(run_text(tmp_path, A_POLICY, late.replace('at = "5m"', 'advance = "5m"'))) == []


def test_every_key_of_expect_is_checked_and_every_check_has_a_key() -> None:
    assert set(SCHEMA["$defs"]["expect"]["properties"]) == set(_CHECKS)


def test_every_key_has_a_description_and_an_example_for_editors() -> None:
    short = {"at_least", "at_most"}

    def described(node: object) -> None:
        if isinstance(node, dict):
            for name, key in node.get("properties", {}).items() if "properties" in node else ():
                if isinstance(key, dict) and name not in short:
                    assert key["description"], name
                    assert key["examples"], name
            for inner in node.values():
                described(inner)

    described(SCHEMA)


@pytest.mark.parametrize("shared", ["name", "severity"])
def test_what_policies_and_tests_share_is_the_same_in_both_schemas(shared: str) -> None:
    policy = json.loads(schema_path().read_text("utf-8"))
    assert SCHEMA["$defs"][shared] == policy["$defs"][shared]


def test_a_duration_is_what_can_be_read_as_one() -> None:
    assert SCHEMA["$defs"]["duration"]["pattern"] == PATTERN


SCALARS = ["1s", "fail", "OSError", "NETWORK", "full", "api", "OPEN", "", 0, 1, -1, 2.5, True, "99999d"]
KEYS = [
    *("name", "steps", "actions", "at", "repeat", "times", "every", "advance", "error", "exception", "message"),
    *("attributes", "context", "call", "breaker", "target", "fails_with", "attempts", "takes", "expect", "level"),
    *("counts", "alerts", "recovery", "rule", "delays", "allowed"),
]
VALUES = some.recursive(
    some.sampled_from(SCALARS),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@given(some.lists(VALUES, max_size=3))
def test_whatever_a_test_file_says_it_is_run_or_found_wrong(tests: list[object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        text = tomli_w.dumps({"tests": tests})
        assert tomllib.loads(text) == {"tests": tests}
        result = run_text(Path(folder), A_POLICY, text)
        assert result.verdicts or result.failed
        for finding in result.findings:
            assert finding.span is None or 1 <= finding.span.line <= text.count("\n") + 1


def test_a_test_that_expects_nothing_is_told(tmp_path: Path) -> None:
    finding = only(run_text(tmp_path, "[categories.NETWORK]\n", a_step('error = { exception = "OSError" }')))
    assert (finding.code, finding.severity) == ("PE512", "warning")
    assert finding.message == 'the test "a" expects nothing, so it cannot fail'
