"""Paths into a document or findings: read, merge, hold against the schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from policy_engine.policy.diagnostics import Diagnostic, failed, finding, ordered
from policy_engine.policy.document import Document
from policy_engine.policy.files import read
from policy_engine.policy.merge import merge


@dataclass(frozen=True, slots=True)
class LoadResult:
    """A policy or ``None``, every finding, and the text of the files, by name, that findings point into."""

    document: Document | None
    """Valid against the schema, or not there."""
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str] = field(default_factory=dict)
    draft: Document | None = None
    """The policy as it was written, valid or not; ``None`` where a file could not be read."""
    doubtful: frozenset[str] = frozenset()
    """Names that may be defined once the findings are put right: nothing more should be said of their uses."""


def load(paths: Sequence[Path | str]) -> LoadResult:
    """Read a policy from files and folders; a document that comes back is valid against the schema."""
    reading = read(paths)
    document, twice = merge(reading.files)
    findings = [*reading.diagnostics, *twice]
    doubtful: frozenset[str] = frozenset()
    if document.data:
        # Loaded here, with jsonschema, because importing the package must stay quick.
        from policy_engine.policy.schema import check_document

        checked, doubtful = check_document(document)
        findings.extend(checked)
    elif not findings:
        findings.append(finding("PE106", "no file says anything: the policy is empty", file=reading.files[0].name))
    diagnostics = ordered(findings)
    draft = None if reading.diagnostics else document
    return LoadResult(None if failed(diagnostics) else document, diagnostics, reading.sources, draft, doubtful)


def read_trusted(paths: Sequence[Path | str]) -> Document:
    """Read a policy that was checked before it shipped, without holding it against the schema again.

    Holding it costs more than half of a service's first error. Only for files that come with the package.
    """
    document, _ = merge(read(paths).files)
    return document
