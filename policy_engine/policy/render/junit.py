"""Findings as JUnit's XML, for whatever shows test results: a suite for each file, a case for each finding in it.

The XML keeps to what Ant's report task and Jenkins both take: every attribute and element that one of them wants is
there, in Ant's order, and none that one of them refuses. What XML cannot hold is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from xml.etree import ElementTree

from policy_engine.policy.diagnostics import Diagnostic, failed
from policy_engine.policy.render.text import as_text

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(
    diagnostics: Iterable[Diagnostic], sources: Mapping[str, str], began: datetime, *, strict: bool = False
) -> str:
    """Return findings in and about the files ``sources``; with ``strict`` a warning fails too, else it is printed."""
    files: dict[str, list[Diagnostic]] = {name: [] for name in sources}
    for diagnostic in diagnostics:
        files.setdefault(diagnostic.file or "policy", []).append(diagnostic)
    root = ElementTree.Element("testsuites")
    for number, (file, found) in enumerate(sorted(files.items())):
        grave = [each for each in found if failed([each], strict=strict)]
        suite = _suite(root, number, file, grave, began)
        for diagnostic in grave:
            _failure(suite, file, diagnostic, sources)
        if not grave:
            ElementTree.SubElement(suite, "testcase", _case("it is right", file))
        bearable = [each for each in found if each not in grave]
        ElementTree.SubElement(suite, "system-out").text = _clean(as_text(bearable, sources)) or None
        ElementTree.SubElement(suite, "system-err")
    ElementTree.indent(root)
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{ElementTree.tostring(root, encoding='unicode')}"


def _suite(
    root: ElementTree.Element, number: int, file: str, grave: Sequence[Diagnostic], began: datetime
) -> ElementTree.Element:
    attributes = {
        "id": str(number),
        "package": "policy-engine",
        "name": _clean(file),
        "timestamp": began.strftime("%Y-%m-%dT%H:%M:%S"),
        "hostname": "localhost",
        "tests": str(max(1, len(grave))),
        "failures": str(len(grave)),
        "errors": "0",
        "time": "0.000",
    }
    suite = ElementTree.SubElement(root, "testsuite", attributes)
    ElementTree.SubElement(suite, "properties")
    return suite


def _failure(suite: ElementTree.Element, file: str, diagnostic: Diagnostic, sources: Mapping[str, str]) -> None:
    name = f"{diagnostic.code} {diagnostic.name}"
    where = f" at {diagnostic.span.line}:{diagnostic.span.column}" if diagnostic.span is not None else ""
    case = ElementTree.SubElement(suite, "testcase", _case(f"{name}{where}", file))
    told = ElementTree.SubElement(case, "failure", {"message": _clean(diagnostic.message), "type": name})
    told.text = _clean(as_text([diagnostic], sources))


def _case(name: str, file: str) -> dict[str, str]:
    return {"name": name, "classname": _clean(file), "time": "0.000"}


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
