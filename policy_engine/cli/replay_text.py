"""What a replay found, as people read it: what failed, how much, since when, and what the policy did about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policy_engine.cli.words import line, many, when
from policy_engine.model import Severity
from policy_engine.simulate import ReplaySummary
from policy_engine.simulate.heaviest import Kind

_SEVERITIES = sorted(Severity)
_MAX_LISTED = 12


def report(summary: ReplaySummary) -> str:
    """Return the summary's text, in paragraphs."""
    paragraphs = (
        _totals(summary),
        _table(summary.by_category),
        _most_frequent(summary),
        _rules(summary),
        _unclaimed(summary),
        _levels(summary),
        _breakers(summary),
        _actions(summary),
        _shadow(summary),
        _unparsed(summary),
    )
    return "\n\n".join("\n".join(lines) for paragraph in paragraphs if (lines := list(paragraph)))


def _totals(summary: ReplaySummary) -> Iterator[str]:
    counts, rate = summary.counts, summary.rate
    yield f"{many(counts.errors, 'error')} in {many(counts.lines, 'line')}, {counts.tracebacks:,} with a traceback"
    if len(summary.inputs) > 1:
        width = max(len(each.name) for each in summary.inputs)
        for each in summary.inputs:
            formats = ", ".join(each.counts.formats) or "no known format"
            lines, errors = many(each.counts.lines, "line"), many(each.counts.errors, "error")
            yield f"  {each.name:<{width}}  {lines:>15}  {errors:>14}  {formats}"
    elif counts.formats:
        yield f"format: {', '.join(counts.formats)}"
    yield f"lines: {counts.error_lines:,} of errors, {counts.other:,} no error, {counts.unparsed:,} not parsed"
    if rate.first is not None and rate.per_minute is not None:
        yield (
            f"from {when(rate.first)} to {when(rate.last)} UTC: {rate.per_minute:,.1f} errors a minute, "
            f"{rate.peak:,} in the busiest one ({when(rate.peak_minute)})"
        )
    untimed = counts.errors - summary.timed
    if untimed:
        yield f"judged alone, without a time: {untimed:,}"
    if counts.unread_times:
        yield f'times that could not be read: {counts.unread_times:,}, such as "{line(counts.unread_time)}"'
    if summary.late:
        yield f"out of order in time: {summary.late:,}"
    if counts.cut:
        yield f"lines shortened or left out of an error: {counts.cut:,}"
    if summary.faults:
        yield f"errors inside error handling: {summary.faults:,}"


def _table(by_category: Mapping[str, Mapping[Severity, int]]) -> Iterator[str]:
    if not by_category:
        return
    width = max(len("category"), *(len(name) for name in by_category))
    yield f"{'category':<{width}}" + "".join(f"{severity.value:>10}" for severity in _SEVERITIES) + f"{'total':>10}"
    for name, by in sorted(by_category.items(), key=lambda item: -sum(item[1].values())):
        yield _row(name, by, width)
    if len(by_category) > 1:
        total = {severity: sum(by.get(severity, 0) for by in by_category.values()) for severity in _SEVERITIES}
        yield _row("total", total, width)


def _row(name: str, by: Mapping[Severity, int], width: int) -> str:
    cells = "".join(f"{by.get(severity, 0) or '.':>10}" for severity in _SEVERITIES)
    return f"{name:<{width}}{cells}{sum(by.values()):>10}"


def _most_frequent(summary: ReplaySummary) -> Iterator[str]:
    if not summary.most_frequent:
        return
    yield f"most frequent, of {many(summary.kinds, 'kind')} of error:"
    for kind in summary.most_frequent:
        yield from _kind(kind)
    if summary.forgotten:
        yield f"  errors of kinds too rare to be kept apart: {summary.forgotten:,}"


def _kind(kind: Kind) -> Iterator[str]:
    info = kind.example
    severity = kind.mildest.value if kind.mildest is kind.worst else f"{kind.mildest.value} to {kind.worst.value}"
    yield f"{kind.count:>8,}  {info.category} {severity}  {line(info.type) or '(no type)'}"
    if info.message:
        yield f"          {line(info.message)}"
    rule = "no rule" if info.rule is None else f"rule {info.rule}"
    since = "" if kind.first is None else f", {when(kind.first)} to {when(kind.last)}"
    yield f"          {rule}, fingerprint {info.fingerprint}{since}"


def _rules(summary: ReplaySummary) -> Iterator[str]:
    if not summary.counts.errors:
        return
    fired, silent = summary.rules_fired, len(summary.rules_silent)
    yield f"rules that claimed errors: {len(fired) or 'none'}; that never did: {silent or 'none'}"
    yield from _counted(fired)


def _unclaimed(summary: ReplaySummary) -> Iterator[str]:
    if not summary.counts.errors:
        return
    if not summary.unclaimed:
        yield "errors that no rule claimed: none"
        return
    yield f"errors that no rule claimed: {summary.unclaimed:,}, of {many(summary.unclaimed_kinds, 'kind')}"
    for kind in summary.most_frequent_unclaimed:
        info = kind.example
        yield f"{kind.count:>8,}  {line(': '.join(filter(None, (info.type, info.message)))) or '(no text)'}"
    yield from _more(summary.unclaimed_kinds, shown=len(summary.most_frequent_unclaimed))


def _levels(summary: ReplaySummary) -> Iterator[str]:
    if not summary.counts.errors:
        return
    if not summary.level_changes:
        yield f'level: "{summary.level}" throughout'
        return
    yield f'level: {many(summary.level_changes, "change")}, "{summary.level}" at the end'
    for change in summary.levels[:_MAX_LISTED]:
        yield f"  {when(change.time)}  {change.before} -> {change.after}  ({change.cause})"
    yield from _more(summary.level_changes)


def _breakers(summary: ReplaySummary) -> Iterator[str]:
    if not summary.counts.errors:
        return
    if not summary.breaker_changes:
        yield "circuit breakers: no changes"
        return
    yield f"circuit breakers: {many(summary.breaker_changes, 'change')}"
    for change in summary.breakers[:_MAX_LISTED]:
        states = f"{change.before.value} -> {change.after.value}"
        yield f"  {when(change.time)}  {change.breaker}  {states}  ({change.reason})"
    yield from _more(summary.breaker_changes)


def _actions(summary: ReplaySummary) -> Iterator[str]:
    if not summary.counts.errors:
        return
    yield f"recoveries that would have run: {sum(summary.recoveries.values()) or 'none'}"
    yield from _counted(summary.recoveries)
    yield f"alerts that would have been sent: {sum(summary.alerts.values()) or 'none'}"
    yield from _counted(summary.alerts)


def _shadow(summary: ReplaySummary) -> Iterator[str]:
    if summary.shadow:
        yield "not enforced, but these would have done something:"
        counts = {f"{kind} {name}": count for kind, by in summary.shadow.items() for name, count in by.items()}
        yield from _counted(counts)


def _unparsed(summary: ReplaySummary) -> Iterator[str]:
    for each in summary.inputs:
        if each.counts.unparsed:
            yield f"not parsed in {each.name}: {many(each.counts.unparsed, 'line')}"
            for number, text in each.counts.samples:
                yield f"{number:>8,}  {line(text)}"
            yield from _more(each.counts.unparsed, shown=len(each.counts.samples))


def _counted(counts: Mapping[str, int]) -> Iterator[str]:
    for name, count in sorted(counts.items(), key=lambda item: -item[1])[:_MAX_LISTED]:
        yield f"{count:>8,}  {name}"
    yield from _more(len(counts))


def _more(count: int, *, shown: int = _MAX_LISTED) -> Iterator[str]:
    if count > shown:
        yield f"          and {count - shown:,} more"
