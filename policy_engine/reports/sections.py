"""The rows of a page's tables and lists, made of findings: what the templates need, and nothing that they could do."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from policy_engine.match.explanation import KeyFinding
from policy_engine.model import ErrorInfo, Severity
from policy_engine.reports.axis import bar_width
from policy_engine.reports.because import Part, held, marked
from policy_engine.reports.bursts import Burst, bursts
from policy_engine.reports.drawing import category_class, ranked
from policy_engine.reports.findings import Findings, KindFound
from policy_engine.reports.timeline import Span

_MAX_ROWS = 60
_SHORT, _FEW_LINES = 400, 6


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """One category: how often, how bad, and when most."""

    name: str
    style: str
    by_severity: Mapping[Severity, int]
    total: int
    retryable: int
    burst: Burst | None


@dataclass(frozen=True, slots=True)
class KindShown:
    """One kind of error with its example."""

    found: KindFound
    style: str
    message: Sequence[Part]
    """In pieces, cut where it is long."""
    cut: bool
    held: Sequence[KeyFinding]
    details: Mapping[str, str]
    """What the example carries: attributes and context."""


@dataclass(frozen=True, slots=True)
class StateTime:
    """How long something was in a state, in seconds."""

    name: str
    state: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Row:
    """The errors of one stretch of time, in figures."""

    start: int
    total: int
    by_category: Sequence[tuple[str, int]]


def category_rows(findings: Findings, span: Span | None) -> Iterator[CategoryRow]:
    """Yield the categories, the most frequent first."""
    for rank, name in enumerate(ranked(findings.timeline)):
        by = findings.by_category.get(name, {})
        found = bursts(findings.timeline, span, category=name, most=1) if span is not None else []
        yield CategoryRow(
            name=name,
            style=category_class(rank),
            by_severity=by,
            total=sum(by.values()),
            retryable=findings.timeline.retryable[name],
            burst=found[0] if found else None,
        )


def kinds_shown(kinds: Sequence[KindFound], styles: Mapping[str, str]) -> list[KindShown]:
    """Return the kinds with what a page shows of each; ``styles`` are the categories' classes."""
    return [_kind(kind, styles.get(kind.example.category, "other")) for kind in kinds]


def _kind(kind: KindFound, style: str) -> KindShown:
    example, explanation = kind.example, kind.explanation
    short = "\n".join(example.message[:_SHORT].split("\n")[:_FEW_LINES])
    return KindShown(
        found=kind,
        style=style,
        message=marked(short, explanation),
        cut=len(example.message) > len(short),
        held=held(explanation),
        details=dict(_details(example)),
    )


def _details(example: ErrorInfo) -> Iterator[tuple[str, str]]:
    plain = example.to_dict()
    for name in ("attributes", "context"):
        for key, value in plain[name].items():
            yield str(key), value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def level_times(findings: Findings, span: Span | None) -> list[StateTime]:
    """How long the service, and each component, was at each level."""
    lanes = findings.timeline.levels
    return [] if span is None else [each for name in lanes.names for each in _times(findings, name, span)]


def _times(findings: Findings, name: str, span: Span) -> Iterator[StateTime]:
    spent: Counter[str] = Counter()
    for start, end, state in findings.timeline.levels.bands(name, span.start, span.end):
        spent[state] += round(end - start)
    for state, seconds in spent.most_common():
        yield StateTime(name, state, seconds)


def idle_functions(findings: Findings, span: Span | None) -> Iterator[StateTime]:
    """Yield the functions that a level would have kept from running, and for how long."""
    spent = [each for each in level_times(findings, span) if not each.name]
    for name, options in findings.degradation.functions.items():
        if options.runs_at is not None:
            seconds = sum(each.seconds for each in spent if each.state not in options.runs_at)
            if seconds:
                yield StateTime(name, "", seconds)


def rows(findings: Findings, span: Span) -> Iterator[Row]:
    """Yield the timeline in figures, in order of time; stretches without an error are left out."""
    buckets = findings.timeline.errors
    for start, counts in buckets.at_width(bar_width(span.seconds, _MAX_ROWS, buckets.width)).items():
        by_category: Counter[str] = Counter()
        for key, count in counts.items():
            by_category[key.category] += count
        yield Row(start, by_category.total(), by_category.most_common())
