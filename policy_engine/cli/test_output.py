"""What ``policy-engine test`` prints: text for people, JSON, and JUnit's XML for whatever shows test results.

The XML keeps to the strictest of the forms in use, that of Ant's report task: every attribute and element that one of
them wants is there, in its order. What XML cannot hold is replaced.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from policy_engine.policy.diagnostics import Diagnostic, Place
from policy_engine.policy.render import as_dict
from policy_engine.policy.render import as_text as findings_as_text
from policy_engine.simulate.policy_tests import Outcome, SuiteResult, Verdict
from policy_engine.simulate.policy_tests.coverage import KINDS, Coverage

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SHOWN = 20


def as_text(result: SuiteResult, below: Sequence[Diagnostic], *, covers: bool, colour: bool = False) -> str:
    """Return findings, each failed test under its name, then the coverage, then one line that sums it all up."""
    parts = []
    if result.diagnostics:
        parts.append(findings_as_text(result.diagnostics, result.sources, colour=colour))
    for verdict in result.verdicts:
        if verdict.findings:
            parts.append(f"{verdict.outcome.upper()}: {verdict.name}")
            parts.append(findings_as_text(verdict.findings, result.sources, colour=colour))
    if covers:
        parts.extend(_coverage(name, coverage) for name, coverage in result.coverages.items())
    if below:
        parts.append(findings_as_text(below, {}, colour=colour))
    return "\n\n".join([*parts, _summary(result, below)])


def _summary(result: SuiteResult, below: Sequence[Diagnostic]) -> str:
    counts = [f"{result.count(outcome)} {words}" for outcome, words in _WORDS.items() if result.count(outcome)]
    found = [*result.findings, *below]
    grave = {severity: sum(each.severity == severity for each in found) for severity in ("error", "warning")}
    findings = ", ".join(_counted(number, severity) for severity, number in grave.items() if number)
    return f"{_counted(result.files, 'file')}, {', '.join(counts) or 'no tests'}: {findings or 'no findings'}"


_WORDS = {Outcome.PASSED: "passed", Outcome.FAILED: "failed", Outcome.ERROR: "not run"}


def _coverage(name: str, coverage: Coverage) -> str:
    parts = coverage.parts()
    lines = [f"coverage of {name}: {coverage.percent():.1f} %"]
    for kind in KINDS:
        found = [part for part in parts if part.kind == kind]
        missing = [part for part in found if not part.covered]
        if found:
            lines.append(f"  {kind:<11} {len(found) - len(missing)} of {len(found)}")
        lines += [f"    not covered: {part.name} ({part.origin})" for part in missing[:_SHOWN]]
        if len(missing) > _SHOWN:
            lines.append(f"    and {len(missing) - _SHOWN} more")
    left_out = coverage.not_counted()
    if left_out:
        lines.append(f"  not counted: {_counted(left_out, 'part')} of the shipped policy, which it extends")
    return "\n".join(lines)


def as_json(result: SuiteResult, below: Sequence[Diagnostic], *, covers: bool) -> str:
    """Return everything as one JSON object."""
    data: dict[str, Any] = {
        **{outcome.value: result.count(outcome) for outcome in Outcome},
        "tests": [_verdict(verdict) for verdict in result.verdicts],
        "diagnostics": [as_dict(each) for each in (*result.diagnostics, *below)],
    }
    if covers:
        data["coverage"] = {name: coverage.to_dict() for name, coverage in result.coverages.items()}
    return json.dumps(data, ensure_ascii=False, indent=2)


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "name": verdict.name,
        "file": verdict.file,
        "outcome": verdict.outcome.value,
        "findings": [{**as_dict(each), "places": list(map(_place, each.places))} for each in verdict.findings],
    }


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.span.file, "line": place.span.line, "column": place.span.column, "message": place.message}


def as_junit(result: SuiteResult, below: Sequence[Diagnostic], began: datetime) -> str:
    """Return the results as JUnit's XML, a suite for each file; findings of no test are one suite more."""
    root = ElementTree.Element("testsuites")
    for number, (file, verdicts) in enumerate(_suites(result, below)):
        _suite(root, number, file, verdicts, result, began)
    ElementTree.indent(root)
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{ElementTree.tostring(root, encoding='unicode')}"


def _suites(result: SuiteResult, below: Sequence[Diagnostic]) -> Iterator[tuple[str, list[Verdict]]]:
    files: dict[str, list[Verdict]] = {}
    for verdict in result.verdicts:
        files.setdefault(verdict.file, []).append(verdict)
    yield from files.items()
    others = [each for each in (*result.diagnostics, *below) if each.severity == "error" and each.file not in files]
    if others:
        yield "policy", [Verdict("the policy is right", "policy", None, Outcome.ERROR, tuple(others))]


def _suite(
    root: ElementTree.Element, number: int, file: str, verdicts: list[Verdict], result: SuiteResult, began: datetime
) -> None:
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        {
            "id": str(number),
            "package": "policy-engine",
            "name": _clean(file),
            "timestamp": began.strftime("%Y-%m-%dT%H:%M:%S"),
            "hostname": "localhost",
            "tests": str(len(verdicts)),
            "failures": str(sum(verdict.outcome is Outcome.FAILED for verdict in verdicts)),
            "errors": str(sum(verdict.outcome is Outcome.ERROR for verdict in verdicts)),
            "time": _seconds(sum(verdict.seconds for verdict in verdicts)),
        },
    )
    ElementTree.SubElement(suite, "properties")
    for verdict in verdicts:
        _case(suite, verdict, result)
    ElementTree.SubElement(suite, "system-out")
    ElementTree.SubElement(suite, "system-err")


def _case(suite: ElementTree.Element, verdict: Verdict, result: SuiteResult) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        {"name": _clean(verdict.name), "classname": _clean(verdict.file), "time": _seconds(verdict.seconds)},
    )
    if verdict.outcome is Outcome.PASSED:
        return
    findings = verdict.findings or tuple(each for each in result.diagnostics if each.file == verdict.file)
    grave = [each for each in findings if each.severity == "error"]
    message = grave[0].message if grave else "its policy does not load"
    kind = f"{grave[0].code} {grave[0].name}" if grave else "invalid-policy"
    tag = "failure" if verdict.outcome is Outcome.FAILED else "error"
    told = ElementTree.SubElement(case, tag, {"message": _clean(message), "type": kind})
    told.text = _clean(findings_as_text(findings, result.sources))


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
