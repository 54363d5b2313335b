"""Findings as SARIF 2.1.0 (OASIS, 2023), which code scanners and editors read.

Columns count characters, which SARIF has to be told. Only the rules that were broken are described.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from policy_engine.policy.diagnostics import Diagnostic, Span

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_sarif(diagnostics: Iterable[Diagnostic], *, version: str) -> str:
    """Return findings as a SARIF log of one run; ``version`` is that of the program that found them."""
    found = list(diagnostics)
    kinds = {each.code: each for each in found}
    codes = sorted(kinds)
    driver = {"name": "policy-engine", "version": version, "rules": [_rule(kinds[code]) for code in codes]}
    results = [_result(each, codes.index(each.code)) for each in found]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _rule(one: Diagnostic) -> dict[str, Any]:
    """Describe the rule that a finding is of."""
    shown = f"{one.docs} shows a wrong policy and a right one." if one.docs else "It is a plugin's."
    return {
        "id": one.code,
        "name": "".join(word.capitalize() for word in one.name.split("-")),
        "shortDescription": {"text": one.name.replace("-", " ")},
        "help": {"text": shown},
        "defaultConfiguration": {"level": one.severity},
    }


def _result(diagnostic: Diagnostic, index: int) -> dict[str, Any]:
    text = diagnostic.message if diagnostic.help is None else f"{diagnostic.message}\n{diagnostic.help}"
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": index,
        "level": diagnostic.severity,
        "message": {"text": text},
    }
    if diagnostic.file:
        result["locations"] = [_location(diagnostic.file, diagnostic.span)]
    if diagnostic.places:
        result["relatedLocations"] = [
            {"id": number, **_location(place.span.file, place.span), "message": {"text": place.message}}
            for number, place in enumerate(diagnostic.places, 1)
        ]
    return result


def _location(file: str, span: Span | None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(file)}}
    if span is not None:
        physical["region"] = {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        }
    return {"physicalLocation": physical}


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
