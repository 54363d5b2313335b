"""Findings as one JSON object, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from policy_engine.policy.diagnostics import Diagnostic


def as_json(diagnostics: Iterable[Diagnostic]) -> str:
    """Return findings as one JSON object; places are from 1, in characters, and null where a finding has none."""
    return json.dumps({"diagnostics": [as_dict(each) for each in diagnostics]}, ensure_ascii=False, indent=2)


def as_dict(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return a finding as plain JSON-ready data."""
    span = diagnostic.span
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "file": diagnostic.file,
        "line": span and span.line,
        "column": span and span.column,
        "end_line": span and span.end_line,
        "end_column": span and span.end_column,
        "help": diagnostic.help,
    }
