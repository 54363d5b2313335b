"""What a store tells, as people read it in a terminal: every text that came with an error on one safe line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policy_engine.classify.explanation import Explanation
from policy_engine.privacy.terminal import safe
from policy_engine.reports.done import compared, cost_in_words
from policy_engine.reports.period import Period, PeriodKind
from policy_engine.reports.stored_kind import StoredKindShown
from policy_engine.reports.words import duration, line, many, when
from policy_engine.store import StoredError

_WIDTH = 100


def list_text(period: Period) -> str:
    """Return the kinds of error of a period."""
    return _safe(_listed(period))


def _listed(period: Period) -> Iterator[str]:
    window = period.window
    counts = f"{many(period.errors, 'error')} of {many(period.kind_count, 'kind')}"
    yield f"{counts} from {when(window.since)} to {when(window.until)} UTC"
    yield f"the same time before: {period.before:,}; kinds that are new: {period.new:,}, back: {period.returning:,}"
    for kind in period.kinds:
        yield ""
        yield from _kind(kind)
    if period.kind_count > len(period.kinds):
        yield ""
        yield f"and {many(period.kind_count - len(period.kinds), 'more kind')}: --top shows more"


def _kind(kind: PeriodKind) -> Iterator[str]:
    example = kind.example
    if example is None:
        yield f"{kind.errors:>8,}  fingerprint {kind.fingerprint}, of which no example is kept"
        return
    news = ", new" if kind.is_new else ", back" if kind.is_returning else ""
    judged = f"{line(example.category, 40)} {example.severity.value}"
    yield f"{kind.errors:>8,}  {judged}  {line(example.type, _WIDTH) or '(no type)'}"
    if example.message:
        yield f"          {line(example.message, _WIDTH)}"
    rule = "no rule" if example.rule is None else f"rule {line(example.rule, 60)}"
    yield f"          {rule}, fingerprint {kind.fingerprint}, {compared(kind.errors, kind.before)}{news}"
    if kind.first is not None and kind.last is not None:
        yield f"          first seen {when(kind.first)}, last {when(kind.last)}"
    cost = list(cost_in_words(kind.cost))
    if cost:
        yield f"          cost {', '.join(cost)}"


def show_text(found: StoredKindShown, explanation: Explanation) -> str:
    """Return everything about one kind of error."""
    return _safe(_shown(found, explanation))


def _shown(found: StoredKindShown, explanation: Explanation) -> Iterator[str]:
    example, window = found.example, found.window
    yield f"{line(example.type, _WIDTH) or '(no type)'}: {line(example.message, 400)}"
    counts = f"fingerprint {found.fingerprint}, {many(found.errors, 'error')}"
    yield f"{counts} from {when(found.first)} to {when(found.last)} UTC"
    yield f"since {when(window.since)}: {found.in_window.errors:,}"
    cost = list(cost_in_words(found.in_window))
    if cost:
        yield f"cost {', '.join(cost)}"
    if found.asked_for is not None:
        yield f"the one asked for: {_error(found.asked_for)}"
    yield ""
    yield str(explanation)
    yield ""
    yield from _example(found)
    if found.per_hour:
        yield ""
        yield "by the hour:"
        for start, count in found.per_hour.items():
            yield f"  {when(start)}  {count:>8,}"
    if found.newest:
        yield ""
        yield "newest:"
        yield from (f"  {_error(error)}" for error in found.newest)
    if found.recoveries:
        yield ""
        yield "recoveries:"
        for each in found.recoveries:
            yield f"  {when(each.time)}  {line(each.strategy, 60)} {each.status} after {duration(each.seconds)}"


def _example(found: StoredKindShown) -> Iterator[str]:
    example = found.example
    yield f"example {example.id}:"
    if example.module or example.function:
        yield f"  in {line(example.module, 80)}.{line(example.function, 80)}"
    for frame in example.stack:
        yield f"  {line(frame.file, 200)}:{frame.line} in {line(frame.function, 80)}"
    for number, variables in enumerate(example.variables, len(example.stack) - len(example.variables)):
        of = example.stack[number].function if 0 <= number < len(example.stack) else "?"
        for name, value in variables.items():
            yield f"  variable of {line(of, 80)}: {line(name, 60)} = {line(str(value), 200)}"
    for cause in example.causes:
        yield f"  {cause.relation}: {line(cause.type, 80)}: {line(cause.message, 200)}"
    for name, value in (*example.attributes.items(), *example.context.items()):
        yield f"  {line(name, 60)} = {line(str(value), 200)}"


def _error(error: StoredError) -> str:
    parts = [f"{when(error.time)}  {error.id}  {error.severity}"]
    if error.call_seconds is not None:
        parts.append(f"its call took {error.call_seconds:.3g} s")
    if error.retries:
        parts.append(many(error.retries, "retry", "retries"))
    if error.recovery_id:
        parts.append(f"recovery {error.recovery_id}")
    return ", ".join(parts)


def stats_text(found: Mapping[str, Any]) -> str:
    """Return the counts of a stretch of time as tables."""
    return _safe(_counted(found))


def _counted(found: Mapping[str, Any]) -> Iterator[str]:
    where = "".join(f", {label} {line(value, 60)}" for label, value in found["where"].items())
    yield f"{many(found['errors'], 'error')} from {_time(found['since'])} to {_time(found['until'])} UTC{where}"
    new, back = len(found["new_fingerprints"]), len(found["returning_fingerprints"])
    yield f"{found['per_minute']:.3g} a minute; kinds that are new: {new:,}, back: {back:,}"
    yield from _groups(found)
    yield from _calls(found["calls"])
    yield from _recoveries(found["recovery_seconds"])


def _groups(found: Mapping[str, Any]) -> Iterator[str]:
    by = found["by"]
    if found["groups"]:
        names = [line(group[by] or "none", 60) for group in found["groups"]]
        width = max(len(by), *map(len, names))
        yield ""
        yield f"{by:<{width}}{'errors':>10}{'a minute':>10}{'refused':>10}{'retries':>10}{'degraded':>14}"
        for name, group in zip(names, found["groups"], strict=True):
            cost = group["impact"]
            degraded = duration(cost["degraded_seconds"]) if cost["degraded_seconds"] else "."
            yield (
                f"{name:<{width}}{group['errors']:>10,}{group['per_minute']:>10.3g}{cost['refused_calls'] or '.':>10}"
                f"{cost['retries'] or '.':>10}{degraded:>14}"
            )
            for start, count in group.get("over_time", {}).items():
                yield f"  {_time(start)}  {count:>10,}"


def _calls(calls: Mapping[str, Any]) -> Iterator[str]:
    if not calls:
        return
    names = [line(name, 60) for name in calls]
    width = max(len("call"), *map(len, names))
    yield ""
    yield f"{'call':<{width}}{'made':>10}{'failed':>10}{'refused':>10}{'p50 s':>10}{'p99 s':>10}"
    for name, counts in zip(names, calls.values(), strict=True):
        times = counts["seconds"] or {}
        p50, p99 = (f"{times[each]:.3g}" if each in times else "." for each in ("p50", "p99"))
        made = f"{counts['calls']:>10,}{counts['failed']:>10,}{counts['refused']:>10,}"
        yield f"{name:<{width}}{made}{p50:>10}{p99:>10}"


def _recoveries(seconds: Mapping[str, Any]) -> Iterator[str]:
    known = {name: times for name, times in seconds.items() if times}
    if known:
        yield ""
    for name, times in known.items():
        half, most = duration(times["p50"]), duration(times["p99"])
        yield f"recovery {line(name, 60)}: p50 {half}, p99 {most}"


def _safe(lines: Iterator[str]) -> str:
    """The whole text: a name, an id or a fingerprint is what the store's file says, whoever wrote it."""
    return safe("\n".join(lines))


def _time(text: str) -> str:
    """A time of an answer as people read it."""
    return text.replace("T", " ").partition("+")[0].partition(".")[0]
