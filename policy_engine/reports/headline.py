"""The first lines of a page: what failed and since when, in words that are read in ten seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policy_engine.model import Severity
from policy_engine.reports.bursts import Burst
from policy_engine.reports.done import cost_in_words, tried
from policy_engine.reports.findings import Findings, KindFound
from policy_engine.reports.scene import Scene
from policy_engine.reports.sections import level_times
from policy_engine.reports.timeline import Span
from policy_engine.reports.words import clock, duration, line, listed, many, rate, stretch, when

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
    if not findings.errors and findings.period is not None:
        window = findings.period.window
        return Headline(f"No error from {stretch(window.since, window.until, dated=True)} UTC", tuple(_then(findings)))
    if not findings.errors:
        lines = sum(each.lines for each in findings.inputs)
        return Headline(f"No error in {many(lines, 'line')}", ())
    if scene is None:
        title = f"{many(findings.errors, 'error')}: {_named(_counts(findings))}"
        return Headline(title, ("None of them says when it happened, so there is no timeline.", *_critical(findings)))
    if not scene.bursts:
        told = (*_steady(findings, scene.span), *_then(findings))
        return Headline(_steady_title(findings, scene.span), told)
    told = (*_lines(findings, scene.span, scene.bursts), *_then(findings))
    return Headline(_title(scene.bursts[0], scene.span), told)


def _then(findings: Findings) -> Iterator[str]:
    """Of a period: how it compares with the one before, what was done, what it cost."""
    period = findings.period
    if period is None:
        return
    length = duration(period.window.until - period.window.since)
    news = [f"{count:,} {word}" for count, word in ((period.new, "new"), (period.returning, "back")) if count]
    kinds = f"; of {many(period.kind_count, 'kind')}, {listed(news)}" if news else ""
    yield f"In the {length} before: {many(period.before, 'error')}{kinds}."
    done = [
        f"{each.strategy}: {listed([f'{count:,} {status}' for status, count in each.by_status])}"
        for each in tried(period)
    ]
    if done:
        yield f"{'Recovery' if len(done) == 1 else 'Recoveries'} {line('; '.join(done), _MAX_MESSAGE)}."
    cost = list(cost_in_words(period.cost))
    if cost:
        yield f"It cost {listed(cost)}."


def _title(burst: Burst, span: Span) -> str:
    named = f"{_named(burst.by_category)} errors"
    if burst.ongoing:
        return f"{named} since {clock(burst.start) if span.days == 1 else when(burst.start)} UTC, until the end"
    return f"{named} from {stretch(burst.start, burst.end, dated=span.days > 1)} UTC"


def _lines(findings: Findings, span: Span, found: Sequence[Burst]) -> Iterator[str]:
    burst = found[0]
    seconds = burst.end - burst.start
    told = f"{burst.count:,} of {many(findings.errors, 'error')} in {duration(seconds)}"
    if seconds > _MINUTE:
        told += f": {rate(burst.count / seconds)}"
    elsewhere = span.seconds - seconds
    inside = findings.timeline.by_category.total() - findings.timeline.untimed - span.before - span.after
    if elsewhere > _MINUTE:
        told += f", and {rate((inside - burst.count) / elsewhere)} otherwise"
    yield f"{told}."
    yield from _most_often(burst.by_type)
    yield from _in_the_midst(findings, burst)
    yield from _critical(findings)
    yield from _levels(findings, span)
    for other in found[1:]:
        when_it_was = stretch(other.start, other.end, dated=span.days > 1)
        yield f"Another burst, {when_it_was}: {many(other.count, 'error')}, {_named(other.by_category)}."


def _steady_title(findings: Findings, span: Span) -> str:
    named = f"{_named(_counts(findings))} errors"
    if findings.errors == 1:
        return f"One {_named(_counts(findings))} error, at {when(span.start)} UTC"
    return f"{named} throughout, from {stretch(span.start, span.end, dated=span.days > 1)} UTC"


def _steady(findings: Findings, span: Span) -> Iterator[str]:
    if findings.errors > 1:
        yield f"{many(findings.errors, 'error')} in {duration(span.seconds)}, and no burst among them."
    types: Counter[str] = Counter()
    for _, counts in findings.timeline.errors:
        for key, count in counts.items():
            types[key.type] += count
    del types[""]
    yield from _most_often(types.most_common())
    yield from (
        f"{each.count:,} times: {line(each.example.message, _MAX_MESSAGE)}"
        for each in findings.kinds[:1]
        if each.example.message
    )
    yield from _critical(findings)
    yield from _levels(findings, span)


def _most_often(types: Sequence[tuple[str, int]]) -> Iterator[str]:
    if types:
        named = [f"{line(name, _MAX_NAME)} ({count:,})" for name, count in types[:_MAX_NAMED]]
        yield f"Most often {listed(named)}."


def _in_the_midst(findings: Findings, burst: Burst) -> Iterator[str]:
    """The most frequent message of the burst's time, of the type that it is made of."""
    for kind in findings.kinds:
        if burst.by_type and kind.example.type != burst.by_type[0][0]:
            continue
        if kind.first is not None and kind.last is not None and kind.first < burst.end and kind.last >= burst.start:
            if kind.example.message:
                yield _repeated(kind)
            return


def _repeated(kind: KindFound) -> str:
    often = "Once" if kind.count == 1 else f"{kind.count:,} times"
    return f"{often}: {line(kind.example.message, _MAX_MESSAGE)}"


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
    """The categories that make up most of the errors, at most three, and whether there are others."""
    total, told = sum(count for _, count in counts), 0
    names: list[str] = []
    for name, count in counts[:_MAX_NAMED]:
        names.append(line(name, _MAX_NAME))
        told += count
        if told >= _ENOUGH * total:
            break
    return listed(names if told >= _ENOUGH * total else [*names, "other"])
