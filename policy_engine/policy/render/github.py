"""Findings as GitHub's workflow commands, which a run shows beside the lines of a pull request.

A command ends with its line, and a comma or a colon ends one of its properties, so all three are escaped. GitHub
refuses columns where a finding is of several lines.
"""

from __future__ import annotations

from collections.abc import Iterable

from policy_engine.policy.diagnostics import Diagnostic

_IN_TEXT = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def as_github(diagnostics: Iterable[Diagnostic]) -> str:
    """Return a command a line, one for each finding; an empty text where there are none."""
    return "\n".join(map(_command, diagnostics))


def _command(diagnostic: Diagnostic) -> str:
    properties = {
        "file": diagnostic.file,
        **_place(diagnostic),
        "title": f"{diagnostic.code} {diagnostic.name}",
    }
    told = ",".join(f"{name}={value.translate(_IN_PROPERTY)}" for name, value in properties.items() if value)
    return f"::{diagnostic.severity} {told}::{_text(diagnostic).translate(_IN_TEXT)}"


def _place(diagnostic: Diagnostic) -> dict[str, str]:
    span = diagnostic.span
    if span is None:
        return {}
    if span.line != span.end_line:
        return {"line": str(span.line), "endLine": str(span.end_line)}
    return {
        "line": str(span.line),
        "endLine": str(span.end_line),
        "col": str(span.column),
        "endColumn": str(span.end_column),
    }


def _text(diagnostic: Diagnostic) -> str:
    lines = [diagnostic.message]
    lines += [f"{place.span}: {place.message}" for place in diagnostic.places]
    if diagnostic.help is not None:
        lines.append(f"help: {diagnostic.help}")
    return "\n".join(lines)
