"""Metrics that look like a plugin's and that no plugin brings.

A program may supply metrics of its own, which cannot be known here. So only those are told that stand under the name of
a loaded plugin, or are nearly the name of a metric that one brings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from policy_engine.lint.parts import Part
from policy_engine.policy import Diagnostic, Document
from policy_engine.policy.diagnostics import finding
from policy_engine.policy.schema.wording import nearest, quoted, suggestion

_NEARLY = 0.85


def unknown_metrics(document: Document, tables: Iterable[Part], brought: Collection[str]) -> Iterator[Diagnostic]:
    """Yield a finding for each metric in the conditions among ``tables`` that some plugin was meant to bring."""
    owners = {name.partition(".")[0] for name in brought}
    for table in tables:
        name = table.value.get("metric")
        if not isinstance(name, str) or "." not in name or name in brought:
            continue
        if name.partition(".")[0] in owners or nearest(name, brought, alike=_NEARLY) is not None:
            yield finding(
                "PE210",
                f"no plugin brings the metric {quoted(name)}",
                span=document.locate((*table.path, "metric")),
                file=document.files[0].name,
                help=suggestion(name, sorted(brought), otherwise="the plugins bring"),
            )
