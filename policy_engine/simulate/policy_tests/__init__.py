"""Policy tests: what must be so of a policy, written down in TOML and run in virtual time."""

from policy_engine.simulate.policy_tests.cases import Case, CaseFile
from policy_engine.simulate.policy_tests.coverage import Coverage
from policy_engine.simulate.policy_tests.reading import read_cases
from policy_engine.simulate.policy_tests.run import run_case
from policy_engine.simulate.policy_tests.suite import Outcome, SuiteResult, Verdict, run_suite

__all__ = ["Case", "CaseFile", "Coverage", "Outcome", "SuiteResult", "Verdict", "read_cases", "run_case", "run_suite"]
