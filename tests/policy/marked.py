"""Policies whose expected finding is marked in their text: ``failure_threshold = «"5"»``."""

from __future__ import annotations

from pathlib import Path

from policy_engine.compile import check_layers
from policy_engine.policy import Diagnostic, Span


def unmarked(marked: str, file: str) -> tuple[str, Span]:
    """Return the text without marks, and the span that they mark."""
    before, rest = marked.split("«")
    inside, after = rest.split("»")
    line, column = _end(before)
    end_line, end_column = _end(before + inside)
    return before + inside + after, Span(file, line, column, end_line, end_column)


def findings(text: str | bytes, folder: Path, *, advice: bool = False, resolve: bool = False) -> tuple[Diagnostic, ...]:
    """Return everything that is found in a policy of one file; with ``advice`` as validate does."""
    file = folder / "policy.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return check_layers([[file]], advice=advice, resolve=resolve).diagnostics


def the_finding(marked: str, folder: Path, *, advice: bool = False, resolve: bool = False) -> Diagnostic:
    """Check a marked policy: there must be one finding, and it must be at the mark."""
    text, span = unmarked(marked, str(folder / "policy.toml"))
    found = findings(text, folder, advice=advice, resolve=resolve)
    assert [str(each) for each in found][1:] == []
    assert found
    assert found[0].span == span
    return found[0]


def _end(text: str) -> tuple[int, int]:
    lines = text.split("\n")
    return len(lines), len(lines[-1]) + 1
