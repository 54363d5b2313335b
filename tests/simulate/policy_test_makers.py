"""Small makers for the tests of policy tests."""

from __future__ import annotations

from pathlib import Path

from policy_engine.policy import Diagnostic
from policy_engine.simulate.policy_tests import SuiteResult, run_suite


def run_text(folder: Path, policy: str, tests: str, **options: object) -> SuiteResult:
    """Run tests, as text, of a policy, as text."""
    (folder / "policy.toml").write_text(policy, "utf-8")
    (folder / "a.test.toml").write_text(tests, "utf-8")
    return run_suite([folder / "a.test.toml"], **options)  # type: ignore[arg-type]


def a_step(text: str, **more: str) -> str:
    """A test of one step, with more of the test's own keys."""
    keys = "".join(f"{key} = {value}\n" for key, value in more.items())
    return f"[[tests]]\nname = 'a'\n{keys}[[tests.steps]]\n{text}\n"


def messages(result: SuiteResult) -> list[str]:
    """What was found, in words."""
    return [finding.message for finding in result.findings]


def only(result: SuiteResult) -> Diagnostic:
    """The one finding."""
    (finding,) = result.findings
    return finding
