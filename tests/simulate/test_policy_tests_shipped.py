"""The shipped policy keeps its own tests, and each of its rules has one."""

from pathlib import Path

import pytest
from documents import ROOT

from policy_engine.policy.render import as_text
from policy_engine.simulate.policy_tests import SuiteResult, run_suite


@pytest.fixture(scope="module")
def result() -> SuiteResult:
    return run_suite([ROOT / "policies"])


def test_the_shipped_policy_passes_its_tests(result: SuiteResult) -> None:
    assert not result.findings, as_text(result.findings, result.sources)
    assert len(result.verdicts) > 50


def test_every_rule_breaker_trigger_and_route_of_it_is_covered(result: SuiteResult) -> None:
    (coverage,) = result.coverages.values()
    assert [part for part in coverage.parts() if not part.covered] == []


def test_every_file_of_it_that_decides_something_has_a_test_of_its_name() -> None:
    files = {path.stem for path in (ROOT / "policies").glob("*.toml")} - {"00-categories"}
    assert files == {Path(path.stem).stem for path in (ROOT / "policies" / "tests").glob("*.test.toml")}
