"""pytest collects policy tests (``*.test.toml``) beside a service's own, and has fixtures of `policy_engine.testing`.

Loaded by pytest wherever this package is installed, so it imports the engine only where a test needs it. A file that is
not right is an error of its own: nothing that did not run counts as passed. ``--error-policy`` names the policy that
all are about; without it, each file has its own.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from policy_engine.compile import Policy
    from policy_engine.engine import Engine
    from policy_engine.handler import ComprehensiveErrorHandler
    from policy_engine.policy import Diagnostic
    from policy_engine.simulate.policy_tests import Case, CaseFile
    from policy_engine.testing import CapturedEvents

_SUFFIX = ".test.toml"
_policies = pytest.StashKey[dict[tuple[Path, ...], "Policy"]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--error-policy``."""
    group = parser.getgroup("policy-engine")
    group.addoption(
        "--error-policy", action="append", default=[], metavar="PATH", help="the policy that all *.test.toml are about"
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a policy test."""
    if file_path.name.endswith(_SUFFIX):
        return _PolicyTestFile.from_parent(parent, path=file_path)
    return None


class _PolicyTestFile(pytest.File):
    """One ``*.test.toml``."""

    def collect(self) -> Iterable[pytest.Item]:
        from policy_engine.simulate.policy_tests import read_cases

        read = read_cases([self.path], self.config.getoption("--error-policy"))
        findings = [each for each in read.diagnostics if each.severity == "error"]
        if findings or not read.files:
            raise self.CollectError(_told(findings, read.sources))
        _warn(read.diagnostics)
        (file,) = read.files
        for case in file.cases:
            yield _PolicyTest.from_parent(self, name=case.name, file=file, case=case, sources=dict(read.sources))


class _PolicyTest(pytest.Item):
    """One test of such a file."""

    def __init__(self, *, file: CaseFile, case: Case, sources: dict[str, str], **arguments: Any) -> None:
        super().__init__(**arguments)
        self._file = file
        self._case = case
        self._sources = sources

    def runtest(self) -> None:
        from policy_engine.errors import PolicyError
        from policy_engine.policy.diagnostics import failed
        from policy_engine.simulate.policy_tests import Coverage, run_case
        from policy_engine.simulate.policy_tests.names import unknown_names

        try:
            policy = self._policy()
        except PolicyError as error:
            raise _FailedError(f"the policy does not load:\n{error}") from None
        self._sources.update((file.name, file.text) for file in policy.document.files)
        findings = list(unknown_names(self._file, policy))
        if not failed(findings):
            findings = run_case(self._case, self._file.document, policy, Coverage(policy))
        if failed(findings):
            raise _FailedError(_told(findings, self._sources))
        _warn(findings)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, _FailedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        span = self._file.document.locate(("tests", self._case.index, "name"))
        return self.path, None if span is None else span.line - 1, self.name

    def _policy(self) -> Policy:
        """Return the policy, which is loaded once a session."""
        from policy_engine.compile import load_policy_layers

        loaded = self.config.stash.setdefault(_policies, {})
        if self._file.policy not in loaded:
            loaded[self._file.policy] = load_policy_layers(self._file.policy)
        return loaded[self._file.policy]


class PolicyTestWarning(UserWarning):
    """Something in a policy test is without effect, or proves nothing."""


def _warn(findings: Iterable[Diagnostic]) -> None:
    """Let pytest tell of findings, each at its own line of the test file."""
    for each in findings:
        line = 1 if each.span is None else each.span.line
        text = f"{each.code} {each.name}: {each.message}"
        warnings.warn_explicit(f"{text} ({each.help})" if each.help else text, PolicyTestWarning, each.file, line)


class _FailedError(Exception):
    """A policy test failed; its text says all."""


def _told(findings: Iterable[Diagnostic], sources: dict[str, str] | Any) -> str:
    from policy_engine.policy.render import as_text

    return as_text(findings, sources)


@pytest.fixture
def policy_paths() -> None:
    """Return where the policy of `virtual_engine` lies, a path or several; override it, or it is the shipped one."""
    return


@pytest.fixture
def virtual_engine(policy_paths: Any) -> Engine:
    """Return an engine in virtual time: ``virtual_engine.clock.advance(60)``."""
    from policy_engine.testing import make_engine

    return make_engine(policy_paths)


@pytest.fixture
def engine_events(virtual_engine: Engine) -> CapturedEvents:
    """Return everything that `virtual_engine` publishes."""
    from policy_engine.testing import CapturedEvents

    return CapturedEvents(virtual_engine)


@pytest.fixture
def error_handler(virtual_engine: Engine) -> Iterator[ComprehensiveErrorHandler]:
    """Give the test a module-level error handler of its own, around `virtual_engine`."""
    from policy_engine.testing import fresh_handler

    with fresh_handler(virtual_engine) as handler:
        yield handler
