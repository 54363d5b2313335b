"""A period as Markdown, for a ticket, a chat or a terminal: what failed, how it changed, what was tried, what it cost.

All text that came with errors stands in code spans, so nothing in it becomes markup.
"""

from __future__ import annotations

from collections.abc import Iterator

from policy_engine.metrics.costs import CallCounts
from policy_engine.model import Severity
from policy_engine.reports.code_span import code
from policy_engine.reports.done import breakers_moved, compared, cost_in_words, costly, levels_moved, tried
from policy_engine.reports.findings import Findings, KindFound
from policy_engine.reports.headline import headline
from policy_engine.reports.period import Period
from policy_engine.reports.scene import scene_of
from policy_engine.reports.words import duration, many, when


def markdown(findings: Findings, period: Period) -> str:
    """Return the text."""
    failed = (_head(findings, period), _failed(findings, period), _kinds(findings))
    parts = (*failed, _done(period), _costs(period), _calls(period))
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part)))


def _head(findings: Findings, period: Period) -> Iterator[str]:
    told = headline(findings, scene_of(findings.timeline, findings.degradation))
    yield f"# {told.title}"
    yield ""
    yield f"{when(period.window.since)} to {when(period.window.until)} UTC."
    for each in told.lines:
        yield f"- {code(each, 240)}"


def _failed(findings: Findings, period: Period) -> Iterator[str]:
    if not period.categories:
        return
    severities = sorted(Severity, reverse=True)
    yield "## What failed"
    yield ""
    yield f"| category | errors | before | {' | '.join(each.value for each in severities)} |"
    yield f"|---|---:|---:|{'---:|' * len(severities)}"
    for name, (now, before) in period.categories.items():
        counts = findings.by_category.get(name, {})
        cells = " | ".join(f"{counts.get(each, 0):,}" for each in severities)
        yield f"| {code(name)} | {now:,} | {before:,} | {cells} |"


def _kinds(findings: Findings) -> Iterator[str]:
    if not findings.kinds:
        return
    yield f"## Most frequent kinds of error, {len(findings.kinds)} of {findings.kind_count:,}"
    for found in findings.kinds:
        yield ""
        yield from _kind(found)


def _kind(found: KindFound) -> Iterator[str]:
    example, kind = found.example, found.kind
    yield f"**{found.count:,} x** {code(example.type or '(no type)')} {code(example.category)} {example.severity.value}"
    yield ""
    if example.message:
        yield f"- {code(example.message, 200)}"
    yield f"- rule {code(example.rule)}" if example.rule else "- no rule claimed it"
    if kind is not None:
        news = " It is new." if kind.is_new else " It is back." if kind.is_returning else ""
        yield f"- {compared(kind.errors, kind.before)}.{news}"
    if found.first is not None and found.last is not None:
        yield f"- first seen {when(found.first)}, last {when(found.last)}"
    yield f"- fingerprint {code(example.fingerprint)}"


def _done(period: Period) -> Iterator[str]:
    attempts, levels, breakers = tried(period), levels_moved(period), breakers_moved(period)
    alerts = [change for change in period.changes if change.what == "alert"]
    yield "## What was done"
    yield ""
    if not attempts and not levels and not breakers and not alerts:
        yield "Nothing: no recovery ran, no level and no circuit breaker moved, no alert went out."
    for each in attempts:
        median = "" if each.median is None else f"; p50 {duration(each.median)} until it was good again"
        statuses = ", ".join(f"{count:,} {status}" for status, count in each.by_status)
        yield f"- recovery {code(each.strategy)}: {statuses}{median}"
    for change in levels:
        of = f" of {code(change.name)}" if change.name else ""
        yield f"- {when(change.time)} level{of}: {code(change.before)} to {code(change.after)}, {code(change.reason)}"
    for moved in breakers:
        opened = f"opened {many(moved.opened, 'time')}, first at {when(moved.first.time)} ({code(moved.first.reason)})"
        yield f"- circuit breaker {code(moved.name)}: {opened}; {moved.last.after} since {when(moved.last.time)}"
    if alerts:
        yield f"- {many(len(alerts), 'alert')}, the first at {when(alerts[0].time)}: {code(alerts[0].reason, 200)}"


def _costs(period: Period) -> Iterator[str]:
    words = list(cost_in_words(period.cost))
    if not words:
        return
    yield "## What it cost"
    yield ""
    yield f"{', '.join(words)}."
    kinds = costly(period)
    if not kinds:
        return
    yield ""
    yield "| kind | degraded | refused calls | retries | in failed calls | in recoveries |"
    yield "|---|---:|---:|---:|---:|---:|"
    for kind in kinds:
        cost = kind.cost
        name = kind.fingerprint if kind.example is None else kind.example.type
        times = (cost.degraded_seconds, cost.call_seconds, cost.recovery_seconds)
        degraded, calls, recoveries = (duration(each) if each else "-" for each in times)
        yield f"| {code(name, 60)} | {degraded} | {cost.refused_calls:,} | {cost.retries:,} | {calls} | {recoveries} |"


def _calls(period: Period) -> Iterator[str]:
    if not period.calls:
        return
    yield "## Protected calls"
    yield ""
    yield "| call | made | failed | refused | p50 | p99 |"
    yield "|---|---:|---:|---:|---:|---:|"
    for name, counts in period.calls.items():
        p50, p99 = _times(counts)
        failed = f"{counts.failed:,}" + (f" ({counts.failed / counts.calls:.0%})" if counts.calls else "")
        yield f"| {code(name)} | {counts.calls:,} | {failed} | {counts.refused:,} | {p50} | {p99} |"


def _times(counts: CallCounts) -> tuple[str, str]:
    quantiles = counts.seconds.quantiles()
    if quantiles is None:
        return "-", "-"
    return f"{quantiles['p50']:.3g} s", f"{quantiles['p99']:.3g} s"
