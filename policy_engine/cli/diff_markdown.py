"""A comparison of two policies as a comment on a pull request: Markdown, with nothing in it that could be markup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from policy_engine.cli.diff_text import judged
from policy_engine.cli.words import many, when
from policy_engine.reports.code_span import code
from policy_engine.simulate.diff import Behaviour, Change
from policy_engine.simulate.diff.behaviour import Happened

if TYPE_CHECKING:
    from policy_engine.cli.diff import Comparison


def as_markdown(comparison: Comparison) -> str:
    """Return the comparison as Markdown."""
    parts = [f"### Policy: {code(comparison.old)} to {code(comparison.new)}", "\n".join(_changes(comparison.changes))]
    if comparison.behaviour is not None:
        parts += [
            "\n".join(lines) for part in _behaviour(comparison.behaviour, comparison.top) if (lines := list(part))
        ]
    return "\n\n".join(parts)


def _changes(changes: Sequence[Change]) -> Iterator[str]:
    if not changes:
        yield "Nothing changed in meaning."
        return
    yield f"**{many(len(changes), 'change')} in meaning**"
    yield ""
    yield "| what | name | change | before | after |"
    yield "|---|---|---|---|---|"
    for change in changes:
        what = f"| {change.what} | {code(change.name)} |"
        if not change.details:
            yield f"{what} {change.kind}{f', {code(change.note)}' if change.note else ''} | | |"
        for detail in change.details:
            key = f" {code(detail.key)}" if detail.key else ""
            yield f"{what} {change.kind}{key} | {_value(detail.before)} | {_value(detail.after)} |"


def _value(text: str) -> str:
    return code(text) if text else "not set"


def _behaviour(behaviour: Behaviour, top: int) -> Iterator[Iterator[str]]:
    yield _errors(behaviour, top)
    yield _happened("Levels", behaviour.levels, top)
    yield _happened("Circuit breakers", behaviour.breakers, top)
    yield _numbers("recoveries", behaviour.recoveries)
    yield _numbers("alerts", behaviour.alerts)
    yield _numbers("not enforced", behaviour.shadow)


def _errors(behaviour: Behaviour, top: int) -> Iterator[str]:
    differing = sum(group.count for group in behaviour.groups) + behaviour.more
    if not behaviour.differs:
        yield f"Both policies behave alike on {many(behaviour.errors, 'recorded error')}."
        return
    parts = ", ".join(f"{part} {count:,}" for part, count in behaviour.by_part.items())
    yield f"**{differing:,} of {many(behaviour.errors, 'recorded error')} judged differently**" + (
        f" ({parts})" if parts else ""
    )
    if not behaviour.groups:
        return
    yield ""
    yield "| errors | difference | example |"
    yield "|---:|---|---|"
    for group in behaviour.groups[:top]:
        example = f"{group.example.type}: {group.example.message}"
        yield f"| {group.count:,} | {code(judged(group))} | {code(example)} |"
    if len(behaviour.groups) > top:
        yield f"| | and {len(behaviour.groups) - top:,} more kinds of difference | |"


def _happened(title: str, sides: tuple[Sequence[Happened], Sequence[Happened]], top: int) -> Iterator[str]:
    if not any(sides):
        return
    yield f"**{title}**"
    yield ""
    yield "| | time (UTC) | of | change | why |"
    yield "|---|---|---|---|---|"
    for side, events in zip(("only before", "only now"), sides, strict=True):
        for each in events[:top]:
            of = code(each.of) if each.of else "the service"
            change = code(f"{each.before} -> {each.after}")
            yield f"| {side} | {when(each.time)} | {of} | {change} | {code(each.reason)} |"
        if len(events) > top:
            yield f"| {side} | and {len(events) - top:,} more | | | |"


def _numbers(title: str, numbers: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    if numbers:
        yield f"| {title} | before | now |"
        yield "|---|---:|---:|"
        for name, (old, new) in numbers.items():
            yield f"| {code(name)} | {old:,} | {new:,} |"
