"""The first lines of a page: what failed and since when, in words that are read in ten seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policy_engine.model import Severity
from policy_engine.reports.bursts import Burst
from policy_engine.reports.findings import Findings
from policy_engine.reports.scene import Scene
from policy_engine.reports.sections import level_times
from policy_engine.reports.timeline import Span
from policy_engine.reports.words import clock, date, duration, line, listed, many, until, when

_ENOUGH = 0.75
_MAX_NAMED = 3
_MAX_NAME = 40
_MAX_MESSAGE = 140
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Headline:
    """What failed and since when; the lines after it say how much, what most often, and what else."""

    title: str
    lines: tuple[str, ...]


def headline(findings: Findings, scene: Scene | None) -> Headline:
    """Return the headline; without a scene, no error had a time."""
    if not findings.errors:
        lines = sum(each.lines for each in findings.inputs)
        return Headline(f"No error in {many(lines, 'line')}", ())
    if scene is None:
        title = f"{_named(_counts(findings))} failed: {many(findings.errors, 'error')}"
        return Headline(title, ("None of them says when it happened, so there is no timeline.", *_critical(findings)))
    if not scene.bursts:
        return Headline(_steady_title(findings, scene.span), tuple(_steady(findings, scene.span)))
    return Headline(_title(scene.bursts[0], scene.span), tuple(_lines(findings, scene.span, scene.bursts)))


def _title(burst: Burst, span: Span) -> str:
    several_days = date(span.start) != date(span.end - 1)
    since = when(burst.start) if several_days else clock(burst.start)
    if burst.ongoing:
        return f"{_named(burst.by_category)} failing since {since} UTC"
    return f"{_named(burst.by_category)} failed from {since} to {until(burst.end, burst.start)} UTC"


def _lines(findings: Findings, span: Span, found: Sequence[Burst]) -> Iterator[str]:
    burst = found[0]
    seconds = burst.end - burst.start
    told = f"{burst.count:,} of {many(findings.errors, 'error')} in {duration(seconds)}"
    if seconds > _MINUTE:
        told += f": {_MINUTE * burst.count / seconds:,.0f} a minute"
    elsewhere = span.seconds - seconds
    inside = findings.timeline.by_category.total() - findings.timeline.untimed - span.before - span.after
    if elsewhere > _MINUTE:
        told += f", and {_MINUTE * (inside - burst.count) / elsewhere:,.2g} a minute otherwise"
    yield f"{told}."
    yield from _most_often(burst.by_type)
    yield from _in_the_midst(findings, burst)
    yield from _critical(findings)
    yield from _levels(findings, span)
    for other in found[1:]:
        stretch = f"{when(other.start)} to {until(other.end, other.start)}"
        yield f"Another burst, {stretch}: {many(other.count, 'error')}, {_named(other.by_category)}."


def _steady_title(findings: Findings, span: Span) -> str:
    since = f"from {when(span.start)} to {until(span.end, span.start)} UTC"
    return f"{_named(_counts(findings))} failed now and then {since}"


def _steady(findings: Findings, span: Span) -> Iterator[str]:
    yield f"{many(findings.errors, 'error')} in {duration(span.seconds)}, without a burst."
    types: dict[str, int] = {}
    for _, counts in findings.timeline.errors:
        for key, count in counts.items():
            if key.type:
                types[key.type] = types.get(key.type, 0) + count
    yield from _most_often(sorted(types.items(), key=lambda item: -item[1]))
    yield from _critical(findings)


def _most_often(types: Sequence[tuple[str, int]]) -> Iterator[str]:
    if types:
        named = [f"{line(name, _MAX_NAME)} ({count:,})" for name, count in types[:_MAX_NAMED]]
        yield f"Most often {listed(named)}."


def _in_the_midst(findings: Findings, burst: Burst) -> Iterator[str]:
    """The most frequent message of the burst's time."""
    for kind in findings.kinds:
        if kind.first is not None and kind.last is not None and kind.first < burst.end and kind.last >= burst.start:
            if kind.example.message:
                yield f"{kind.count:,} times: {line(kind.example.message, _MAX_MESSAGE)}"
            return


def _levels(findings: Findings, span: Span) -> Iterator[str]:
    best = findings.degradation.levels[0]
    fallen = [each for each in level_times(findings, span) if not each.name and each.state != best]
    if fallen:
        spent = [f"{line(each.state, _MAX_NAME)} for {duration(each.seconds)}" for each in fallen]
        yield f"The service's level fell to {listed(spent)}."


def _critical(findings: Findings) -> Iterator[str]:
    critical = findings.by_severity[Severity.CRITICAL]
    if critical:
        names = sorted(name for name, by in findings.by_category.items() if by.get(Severity.CRITICAL))
        shown = [line(name, _MAX_NAME) for name in names[:_MAX_NAMED]]
        yield f"{many(critical, 'CRITICAL error')}: {listed(shown)}."


def _counts(findings: Findings) -> list[tuple[str, int]]:
    totals = {name: sum(by.values()) for name, by in findings.by_category.items()}
    return sorted(totals.items(), key=lambda item: -item[1])


def _named(counts: Sequence[tuple[str, int]]) -> str:
    """The categories that make up most of the errors, at most three."""
    total, told = sum(count for _, count in counts), 0
    names: list[str] = []
    for name, count in counts[:_MAX_NAMED]:
        names.append(line(name, _MAX_NAME))
        told += count
        if told >= _ENOUGH * total:
            break
    return listed(names)
