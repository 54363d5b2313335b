"""Many test files run: each with its policy, which is loaded once; what came of each test, and of all.

An empty run is a finding, and so is a policy that does not load: nothing that did not run counts as passed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from policy_engine.clock import Clock, SystemClock
from policy_engine.compile import Policy, check_layers, load_policy_layers
from policy_engine.errors import PolicyError
from policy_engine.policy import Diagnostic, Document, Span
from policy_engine.policy.diagnostics import failed, finding, ordered
from policy_engine.simulate.policy_tests.cases import Case, CaseFile
from policy_engine.simulate.policy_tests.coverage import Coverage
from policy_engine.simulate.policy_tests.names import unknown_names
from policy_engine.simulate.policy_tests.reading import read_cases
from policy_engine.simulate.policy_tests.run import run_case

COULD_NOT_BE_READ = frozenset({"PE105", "PE107"})
"""Codes of findings about what was asked for and the file system, not about tests or a policy."""


class Outcome(StrEnum):
    """How a test went."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    """It did not run: its policy does not load, or its file is not right."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one test; ``seconds`` of real time. A test that is no more than its file has no place."""

    name: str
    file: str
    span: Span | None
    outcome: Outcome
    findings: tuple[Diagnostic, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """What came of all tests."""

    verdicts: tuple[Verdict, ...]
    diagnostics: tuple[Diagnostic, ...]
    """What is wrong with files and policies, not what a test found."""
    sources: Mapping[str, str]
    files: int
    coverages: Mapping[str, Coverage]
    """By the paths of each policy."""

    @property
    def could_not_run(self) -> bool:
        """Whether something that was asked for is not there or cannot be read."""
        return any(each.code in COULD_NOT_BE_READ for each in self.diagnostics)

    @property
    def failed(self) -> bool:
        """Whether anything but warnings was found."""
        return failed(self.findings)

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """All findings, those of tests last."""
        return (*self.diagnostics, *(each for verdict in self.verdicts for each in verdict.findings))

    @property
    def percent(self) -> float:
        """How much of all policies is covered, from 0 to 100."""
        parts = [part for coverage in self.coverages.values() for part in coverage.parts()]
        return 100.0 * sum(part.covered for part in parts) / len(parts) if parts else 100.0

    def count(self, outcome: Outcome) -> int:
        """How many tests went so."""
        return sum(verdict.outcome is outcome for verdict in self.verdicts)


def run_suite(
    paths: Sequence[Path | str],
    *,
    policy: Sequence[Path | str] = (),
    word: str = "",
    seed: int = 0,
    clock: Clock | None = None,
) -> SuiteResult:
    """Run the tests in files and folders whose name, or whose file's, holds ``word``; upper and lower case are equal.

    ``policy`` is the one that all are about, its layers from the lowest on; without it, each file has its own. The same
    ``seed`` gives the same run.
    """
    suite = _Suite(word.lower(), seed, SystemClock() if clock is None else clock)
    cases = read_cases(paths, policy)
    suite.diagnostics.extend(cases.diagnostics)
    suite.sources.update(cases.sources)
    broken = {each.file for each in cases.diagnostics if each.severity == "error"}
    for name in sorted(broken & set(cases.sources)):
        suite.verdicts.append(Verdict("the file is right", name, None, Outcome.ERROR))
    for file in cases.files:
        suite.run(file, runs=file.name not in broken)
    return suite.result(len(cases.sources))


class _Suite:
    """A run under way."""

    def __init__(self, word: str, seed: int, clock: Clock) -> None:
        self._word = word
        self._seed = seed
        self._clock = clock
        self._policies: dict[tuple[Path, ...], Policy | None] = {}
        self.verdicts: list[Verdict] = []
        self.diagnostics: list[Diagnostic] = []
        self.sources: dict[str, str] = {}
        self.coverages: dict[str, Coverage] = {}

    def run(self, file: CaseFile, *, runs: bool) -> None:
        """Run the chosen tests of one file; where it is not right, only find what else is wrong with it."""
        chosen = [case for case in file.cases if self._word in f"{file.name} {case.name}".lower()]
        policy = self._policy(file.policy) if chosen else None
        unknown = [] if policy is None else list(unknown_names(file, policy))
        self.diagnostics.extend(unknown)
        if not runs:
            return
        if policy is None or failed(unknown):
            self.verdicts.extend(_verdict(file, case, Outcome.ERROR) for case in chosen)
            return
        coverage = self.coverages[_label(file.policy)]
        for case in chosen:
            self.verdicts.append(self._run(file, case, policy, coverage))

    def result(self, files: int) -> SuiteResult:
        """Return what came of it; an empty run is a finding of its own."""
        if not self.verdicts and not failed(self.diagnostics):
            chosen = f' has "{self._word}" in its name' if self._word else " was found"
            self.diagnostics.append(finding("PE502", f"no test{chosen}"))
        return SuiteResult(
            tuple(self.verdicts), ordered(self.diagnostics), self.sources, files, dict(sorted(self.coverages.items()))
        )

    def _run(self, file: CaseFile, case: Case, policy: Policy, coverage: Coverage) -> Verdict:
        started = self._clock.monotonic()
        findings = run_case(case, file.document, policy, coverage, seed=self._seed)
        outcome = Outcome.FAILED if failed(findings) else Outcome.PASSED
        return _verdict(file, case, outcome, findings, self._clock.monotonic() - started)

    def _policy(self, paths: tuple[Path, ...]) -> Policy | None:
        if paths not in self._policies:
            try:
                policy = load_policy_layers(paths)
            except PolicyError:
                checked = check_layers([[path] for path in paths])
                self.diagnostics.extend(each for each in checked.diagnostics if each.severity == "error")
                self.sources.update(checked.sources)
                self._policies[paths] = None
            else:
                self._policies[paths] = policy
                self.sources.update(_texts(policy.document))
                self.coverages[_label(paths)] = Coverage(policy)
        return self._policies[paths]


def _label(paths: tuple[Path, ...]) -> str:
    return ", ".join(map(str, paths))


def _texts(document: Document) -> dict[str, str]:
    return {file.name: file.text for file in document.files}


def _verdict(
    file: CaseFile, case: Case, outcome: Outcome, findings: Sequence[Diagnostic] = (), seconds: float = 0.0
) -> Verdict:
    span = file.document.locate(("tests", case.index, "name")) if outcome is not Outcome.PASSED else None
    return Verdict(case.name, file.name, span, outcome, tuple(findings), seconds)
