"""Paths into a document or findings: read, merge, hold against the schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from policy_engine.policy.diagnostics import Diagnostic, ordered
from policy_engine.policy.document import Document
from policy_engine.policy.files import read
from policy_engine.policy.merge import merged


@dataclass(frozen=True, slots=True)
class LoadResult:
    """A policy or ``None``, every finding, and the text of the files, by name, that findings point into."""

    document: Document | None
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str] = field(default_factory=dict)


def load(paths: Sequence[Path | str]) -> LoadResult:
    """Read a policy from files and folders; without a finding, the document is valid."""
    reading = read(paths)
    if reading.diagnostics:
        return LoadResult(None, ordered(reading.diagnostics), reading.sources)
    return LoadResult(Document(merged(reading.files), reading.files), (), reading.sources)
