"""Paths into a document or findings: read, merge, lay layers over each other, hold against the schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from policy_engine.policy.diagnostics import Diagnostic, Span, failed, finding, ordered
from policy_engine.policy.document import Document
from policy_engine.policy.files import read
from policy_engine.policy.layers import read_layers
from policy_engine.policy.merge import merge
from policy_engine.policy.overlay import overlay


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
    paths: tuple[Path | str, ...] = ()
    """Every file and folder that was read, those that others extend too."""


def load(paths: Sequence[Path | str]) -> LoadResult:
    """Read a policy of one layer from files and folders; a document that comes back is valid against the schema."""
    return load_layers([paths])


def load_layers(layers: Sequence[Sequence[Path | str]]) -> LoadResult:
    """Read a policy of several layers, each of files and folders, the lowest first; with what they extend."""
    reading = read_layers(layers)
    merged = [merge(layer.files) for layer in reading.layers]
    laid = overlay([document for document, _ in merged] or [Document({}, ())])
    findings = [*reading.diagnostics, *laid.diagnostics, *(found for _, twice in merged for found in twice)]
    doubtful: frozenset[str] = frozenset()
    if laid.whole.data:
        # Loaded here, with jsonschema, because importing the package must stay quick.
        from policy_engine.policy.schema import check_document

        checked, doubtful = check_document(laid.whole)
        told = [found.span for found in reading.diagnostics if found.span is not None]
        # A value whose variable is not there has been spoken of.
        findings.extend(found for found in checked if not any(_holds(found.span, span) for span in told))
    elif not findings:
        findings.append(finding("PE106", "no file says anything: the policy is empty", file=laid.whole.files[0].name))
    diagnostics = ordered(findings)
    return LoadResult(
        None if failed(diagnostics) else laid.effective,
        diagnostics,
        reading.sources,
        None if reading.diagnostics else laid.effective,
        doubtful,
        tuple(path for layer in reading.layers for path in layer.paths),
    )


def _holds(outer: Span | None, inner: Span) -> bool:
    if outer is None or outer.file != inner.file:
        return False
    begins = (outer.line, outer.column) <= (inner.line, inner.column)
    return begins and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)


def read_trusted(paths: Sequence[Path | str]) -> Document:
    """Read a policy of one layer that was checked before it shipped, without holding it against the schema again.

    Holding it costs more than half of a service's first error. Only for files that come with the package.
    """
    document, _ = merge(read(paths).files)
    return document
