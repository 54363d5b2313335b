"""Test files: which ones there are, what they say, and which policy each is about.

A file is held against its own schema with the machinery that policies are held against theirs. What it then still says
that can never be right, such as steps that run backwards, is found here too; names are held against the policy later.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.diagnostics import Place, finding, ordered
from policy_engine.policy.files import SourceFile, read_file
from policy_engine.policy.schema.wording import listed, quoted
from policy_engine.policy.shipped import schema_path
from policy_engine.simulate.policy_tests.cases import Case, CaseFile, CaseStep, cases_of
from policy_engine.simulate.policy_tests.timeline import last_event

SUFFIX = ".test.toml"
_TEST_FOLDERS = ("test", "tests")
"""Folders whose tests may be about what lies around them; the folder above any other may hold anything."""
_OF_CALLS = ("allowed", "refused", "failed", "succeeded", "retries", "delays")


@dataclass(frozen=True, slots=True)
class CaseFiles:
    """The test files that could be read, and every finding about the others; texts by name."""

    files: tuple[CaseFile, ...]
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str]


def read_cases(paths: Sequence[Path | str], policy: Sequence[Path | str] = ()) -> CaseFiles:
    """Read the tests in files and folders; ``policy`` is what all are about, else each file has its own."""
    files: list[CaseFile] = []
    findings: list[Diagnostic] = []
    sources: dict[str, str] = {}
    for path in dict.fromkeys(map(Path, paths)):
        found = list(_test_files(path))
        if not found:
            findings.append(_nothing_at(path))
        for each in found:
            if str(each) in sources:
                continue
            read = _read(each, tuple(map(Path, policy)), sources)
            findings.extend(read.diagnostics)
            if read.file is not None:
                files.append(read.file)
    return CaseFiles(tuple(files), ordered(findings), sources)


@dataclass(frozen=True, slots=True)
class _Read:
    file: CaseFile | None
    diagnostics: Sequence[Diagnostic]


def _test_files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        if path.exists():
            yield path
        return
    for place, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(names) if name.endswith(SUFFIX) and not name.startswith("."))


def _nothing_at(path: Path) -> Diagnostic:
    if path.is_dir():
        return finding("PE502", "the folder holds no test: no *.test.toml", file=str(path))
    return finding("PE105", "there is no such file or folder", file=str(path))


def _read(path: Path, policy: tuple[Path, ...], sources: dict[str, str]) -> _Read:
    source = read_file(path, sources)
    if isinstance(source, Diagnostic):
        return _Read(None, [source])
    document = Document(source.data, (source,))
    mistakes = _held_against_schema(document)
    if mistakes:
        return _Read(None, mistakes)
    cases = cases_of(document.data)
    found = [*_named_twice(document, cases), *(each for case in cases for each in _pointless(document, case))]
    if policy:
        return _Read(CaseFile(document, policy, cases), found)
    own = _own_policy(path, source)
    if own:
        return _Read(CaseFile(document, own, cases), found)
    return _Read(None, [*found, _without_policy(path)])


def _held_against_schema(document: Document) -> list[Diagnostic]:
    from policy_engine.policy.schema import check_part  # with it comes jsonschema, which takes 60 ms

    return check_part(document, (), document.data, _schema())


@cache
def _schema() -> Mapping[str, Any]:
    schema: dict[str, Any] = json.loads(schema_path().with_name("policy-test.schema.json").read_text("utf-8"))
    return schema


def _own_policy(path: Path, source: SourceFile) -> tuple[Path, ...]:
    """The policy that the file names, else the folder around it that holds one."""
    named = source.data.get("policy")
    if named is not None:
        return tuple(_plain(path.parent / each) for each in ([named] if isinstance(named, str) else named))
    folder = path.parent
    around = [folder]
    if folder.resolve().name in _TEST_FOLDERS:
        around.append(_plain(folder / ".."))
    return next(((each,) for each in around if _holds_policy(each)), ())


def _plain(path: Path) -> Path:
    return Path(os.path.normpath(path))


def _holds_policy(folder: Path) -> bool:
    """Whether a folder looks like a policy's: it has TOML files, and none that belongs to a Python project."""
    names = {path.name for path in folder.glob("*.toml") if not path.name.endswith(SUFFIX)}
    return bool(names) and "pyproject.toml" not in names


def _without_policy(path: Path) -> Diagnostic:
    return finding(
        "PE503",
        "nothing says which policy this tests, and none lies around it",
        file=str(path),
        help='write policy = "path/to/policy" at its head, or name one with -p',
    )


def _named_twice(document: Document, cases: Sequence[Case]) -> Iterator[Diagnostic]:
    first: dict[str, int] = {}
    for case in cases:
        before = first.setdefault(case.name, case.index)
        if before != case.index:
            place = document.locate(("tests", before, "name"))
            yield finding(
                "PE108",
                f"the test {quoted(case.name)} is defined twice",
                span=document.locate(("tests", case.index, "name")),
                help="keep one of the two, or rename it",
                places=(Place(place, "first defined here"),) if place is not None else (),
            )


def _pointless(document: Document, case: Case) -> Iterator[Diagnostic]:
    """Yield what a case says that cannot be meant: steps that run backwards, expectations of nothing, or none."""
    if not any(step.expect for step in case.steps):
        yield finding(
            "PE512",
            f"the test {quoted(case.name)} expects nothing, so it cannot fail",
            span=document.locate(("tests", case.index, "name")),
            help="say in a step what must be so: expect = { ... }",
        )
    latest = 0.0
    end = last_event(case)
    for step in case.steps:
        path = ("tests", case.index, "steps", step.index)
        if step.start < latest:
            span = document.locate((*path, "at"))
            message = f"this step begins at {step.start:.6g}s, before the one above it, which begins at {latest:.6g}s"
            yield finding("PE510", message, span=span, help="put the steps in the order of their times")
        latest = max(latest, step.start)
        yield from _expects_nothing(document, path, step)
        if step.expect and step.event is None and step.end > end:
            message = f"nothing happens after {end:.6g}s in this test, and this looks at {step.end:.6g}s"
            advice = "if time is meant to pass, say so with advance in this step"
            yield finding("PE504", message, span=document.locate((*path, "expect"), key=True), help=advice)


def _expects_nothing(document: Document, path: tuple[str | int, ...], step: CaseStep) -> Iterator[Diagnostic]:
    about_calls = [key for key in _OF_CALLS if key in step.expect]
    if about_calls and "call" not in _at(document, path):
        yield finding(
            "PE506",
            f"this step makes no call, so there is no {listed(about_calls)} to expect",
            span=document.locate((*path, "expect", about_calls[0]), key=True),
            help="put it into the step with the call, or expect it of counts",
        )


def _at(document: Document, path: tuple[str | int, ...]) -> Any:
    value: Any = document.data
    for step in path:
        value = value[step]
    return value
