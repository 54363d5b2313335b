"""Free expressions (``expr``), which this version does not evaluate: refused, where they would silently never match."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policy_engine.lint.parts import Part
from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.diagnostics import finding


def expressions(document: Document, tables: Iterable[Part]) -> Iterator[Diagnostic]:
    """Yield a finding for each expression in the match tables and conditions of a document."""
    for table in tables:
        if "expr" in table.value:
            span = document.locate((*table.path, "expr"), key=True)
            message = "expressions are not evaluated by this version"
            advice = "say it with the keys of a match table, or with a metric"
            yield finding("PE304", message, span=span, file=document.files[0].name, help=advice)
