"""A comparison of two policies as people read it on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from policy_engine.cli.words import line, many, when
from policy_engine.simulate.diff import Behaviour, Change
from policy_engine.simulate.diff.behaviour import Group, Happened, Verdict

if TYPE_CHECKING:
    from policy_engine.cli.diff import Comparison

_MARKS = {"added": "+", "removed": "-", "changed": "~", "moved": ">", "renamed": "="}
_SIDES = ("only before", "only now")


def as_text(comparison: Comparison) -> str:
    """Return the comparison's text, in paragraphs."""
    paragraphs = [_changes(comparison.changes)]
    if comparison.behaviour is not None:
        paragraphs += _behaviour(comparison.behaviour, comparison.top)
    return "\n\n".join("\n".join(lines) for paragraph in paragraphs if (lines := list(paragraph)))


def judged(group: Group) -> str:
    """What differs in a group, from and to; the rest of the verdict where that is all the same."""
    return ", ".join(f"{name} {_part(group.before, name)} -> {_part(group.after, name)}" for name in group.differs_in)


def _part(verdict: Verdict, name: str) -> str:
    value = getattr(verdict, name)
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _changes(changes: Sequence[Change]) -> Iterator[str]:
    if not changes:
        yield "nothing changed in meaning"
        return
    yield f"{many(len(changes), 'change')} in meaning:"
    for change in changes:
        note = f": {change.note}" if change.note else ""
        yield f"{_MARKS[change.kind]} {change.what} {line(change.name)} {change.kind}{note}  ({change.origin})"
        for detail in change.details:
            key = f"{detail.key}: " if detail.key else ""
            yield f"    {key}{line(detail.before) or 'not set'} -> {line(detail.after) or 'not set'}"


def _behaviour(behaviour: Behaviour, top: int) -> list[Iterator[str]]:
    return [
        _errors(behaviour, top),
        _happened("levels", behaviour.levels, top),
        _happened("circuit breakers", behaviour.breakers, top),
        _numbers("recoveries", behaviour.recoveries),
        _numbers("alerts", behaviour.alerts),
        _numbers("not enforced, but would have done something", behaviour.shadow),
        _verdict(behaviour),
    ]


def _errors(behaviour: Behaviour, top: int) -> Iterator[str]:
    differing = sum(group.count for group in behaviour.groups) + behaviour.more
    yield f"of {many(behaviour.errors, 'error')}, {differing:,} judged differently"
    for part, count in behaviour.by_part.items():
        yield f"{count:>8,}  {part}"
    for group in behaviour.groups[:top]:
        yield f"{group.count:>8,}  {judged(group)}"
        message = f": {line(group.example.message)}" if group.example.message else ""
        yield f"          such as {line(group.example.type)}{message}"
    if len(behaviour.groups) > top:
        yield f"          and {len(behaviour.groups) - top:,} more kinds of difference"


def _happened(title: str, sides: tuple[Sequence[Happened], Sequence[Happened]], top: int) -> Iterator[str]:
    if not any(sides):
        return
    yield f"{title}:"
    for side, events in zip(_SIDES, sides, strict=True):
        for each in events[:top]:
            of = f"{each.of} " if each.of else ""
            yield f"  {side:<11}  {when(each.time)}  {of}{each.before} -> {each.after}  ({line(each.reason)})"
        if len(events) > top:
            yield f"  {side:<11}  and {len(events) - top:,} more"


def _numbers(title: str, numbers: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    if numbers:
        yield f"{title}:"
        for name, (old, new) in numbers.items():
            yield f"  {line(name)}: {old:,} -> {new:,}"


def _verdict(behaviour: Behaviour) -> Iterator[str]:
    if not behaviour.differs:
        yield "both policies behave alike on this input"
