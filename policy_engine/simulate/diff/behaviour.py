"""Two policies run side by side over one reading of recorded errors, and what became of them differently.

Each error goes through both engines, in its own time. A breaker is told of a recorded error as a failed call where the
error's context names it (``breaker``, or ``call``), or the caller says that all are its own: a log has failures only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from policy_engine.compile import Policy
from policy_engine.degrade.degradation import TICK
from policy_engine.instants import iso
from policy_engine.model import BreakerChanged, ErrorInfo, Event, LevelChanged, Occurrence
from policy_engine.protect.breaker import Refusal
from policy_engine.simulate.inputs import Input
from policy_engine.simulate.reading import Found
from policy_engine.simulate.replay import OpenReader, Replay, reading
from policy_engine.simulate.summary import InputRead, ReplaySummary

_MAX_GROUPS = 1000


class Verdict(NamedTuple):
    """What a policy makes of an error."""

    category: str
    severity: str
    retryable: bool
    rule: str | None


@dataclass(slots=True)
class Group:
    """Errors that both policies judge alike among each other, and differently: how many, and the first of them."""

    before: Verdict
    after: Verdict
    example: ErrorInfo
    count: int = 0

    @property
    def differs_in(self) -> tuple[str, ...]:
        """The parts of the verdict that differ."""
        return tuple(name for name in Verdict._fields if getattr(self.before, name) != getattr(self.after, name))


class Happened(NamedTuple):
    """A change of a level or a breaker: when, of what, from where to where, and why."""

    time: float
    of: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How two policies behaved over the same errors."""

    inputs: tuple[InputRead, ...]
    errors: int
    timed: int
    """Errors that have a time; the others neither feed nor read windows, and move no level."""
    groups: tuple[Group, ...]
    """Errors that are judged differently, the most frequent first."""
    by_part: Mapping[str, int]
    """Errors whose category, severity, retryable or rule differs."""
    more: int
    """Errors that differ in ways too rare to be kept apart."""
    levels: tuple[tuple[Happened, ...], tuple[Happened, ...]]
    """Changes of a level that only the old, and only the new policy makes."""
    breakers: tuple[tuple[Happened, ...], tuple[Happened, ...]]
    alerts: Mapping[str, tuple[int, int]]
    """By route, where the numbers differ: alerts under the old policy, and under the new one."""
    recoveries: Mapping[str, tuple[int, int]]
    shadow: Mapping[str, tuple[int, int]]
    """What entries that are not enforced would have done."""

    @property
    def differs(self) -> bool:
        """Whether anything that has an effect is otherwise than it was."""
        return bool(self.by_part or any(self.levels) or any(self.breakers) or self.alerts or self.recoveries)


@dataclass(slots=True)
class _Side:
    """One of the two engines, and what it does."""

    policy: Policy
    replay: Replay = field(init=False)
    levels: list[Happened] = field(default_factory=list)
    breakers: list[Happened] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.replay = Replay(self.policy)
        self.replay.engine.subscribe(self._event)

    def send(self, found: Found, breakers: Collection[str]) -> ErrorInfo:
        """Judge one error, a copy of it, and tell the breakers that it is about."""
        occurrence = copy(found.occurrence)
        info = self.replay.send(found._replace(occurrence=occurrence))
        if occurrence.time is not None:
            for name in self._concerned(occurrence, breakers):
                self._fail(name, occurrence)
        return info

    def _concerned(self, occurrence: Occurrence, given: Collection[str]) -> list[str]:
        named = str(occurrence.context.get("breaker", ""))
        call = self.policy.calls.get(str(occurrence.context.get("call", "")))
        names = [*given, named, "" if call is None else call.breaker or ""]
        return [name for name in dict.fromkeys(names) if name in self.policy.breakers]

    def _fail(self, name: str, occurrence: Occurrence) -> None:
        counts = self.policy.breaker_counts.get(name)
        if occurrence.refusal or (counts is not None and not counts(occurrence)):
            return
        engine = self.replay.engine
        permit = engine.breaker(name).ask()
        if not isinstance(permit, Refusal):
            engine.breaker(name).count_failure(permit, engine.clock.monotonic())

    def _event(self, event: Event) -> None:
        if isinstance(event, LevelChanged) and len(self.levels) < self.policy.bounds.history:
            self.levels.append(Happened(event.time, event.component, event.before, event.after, event.cause))
        elif isinstance(event, BreakerChanged) and len(self.breakers) < self.policy.bounds.history:
            states = event.before.value, event.after.value
            self.breakers.append(Happened(event.time, event.breaker, *states, event.reason))


def compare_behaviour(
    old: Policy,
    new: Policy,
    inputs: Iterable[Input],
    *,
    reader: OpenReader | None = None,
    breakers: Collection[str] = (),
    renamed: Mapping[str, str] | None = None,
) -> Behaviour:
    """Send every error of the inputs through both policies.

    ``breakers`` are those that all errors are failures of; ``renamed`` has, by their old name, the new names of rules
    that are otherwise the same, and so no difference.

    Raises:
        OSError: an input is not there, or cannot be opened.
    """
    before, after = _Side(old), _Side(new)
    differences = _Differences(renamed or {})
    with reading(inputs, reader) as (errors, inputs_read):
        for found in errors:
            differences.add(before.send(found, breakers), after.send(found, breakers))
        read = inputs_read()
    one, other = before.replay.summary(read, 0), after.replay.summary(read, 0)
    return Behaviour(
        inputs=tuple(read),
        errors=one.counts.errors,
        timed=one.timed,
        groups=tuple(sorted(differences.groups.values(), key=lambda group: -group.count)),
        by_part=dict(differences.by_part),
        more=differences.more,
        levels=_apart(before.levels, after.levels),
        breakers=_apart(before.breakers, after.breakers),
        alerts=_numbers(one.alerts, other.alerts),
        recoveries=_numbers(one.recoveries, other.recoveries),
        shadow=_numbers(_flat(one), _flat(other)),
    )


class _Differences:
    """Errors on which the policies differ, kept in groups of the same difference."""

    def __init__(self, renamed: Mapping[str, str]) -> None:
        self._renamed = renamed
        self.groups: dict[tuple[Verdict, Verdict], Group] = {}
        self.by_part: Counter[str] = Counter()
        self.more = 0

    def add(self, before: ErrorInfo, after: ErrorInfo) -> None:
        """Take note of one error, as each policy sees it."""
        one, other = _verdict(before), _verdict(after)
        key = one._replace(rule=self._renamed.get(one.rule or "", one.rule)), other
        if key[0] == key[1]:
            return
        group = self.groups.get(key)
        if group is None:
            group = Group(*key, after)
            if len(self.groups) < _MAX_GROUPS:
                self.groups[key] = group
            else:
                self.more += 1
        group.count += 1
        self.by_part.update(group.differs_in)


def _verdict(info: ErrorInfo) -> Verdict:
    return Verdict(info.category, info.severity.value, info.retryable, info.rule)


def _apart(old: list[Happened], new: list[Happened]) -> tuple[tuple[Happened, ...], tuple[Happened, ...]]:
    """What only one of the two did: the same change at about the same time is no difference, whatever the reason."""
    left = list(new)
    only_old = []
    for each in old:
        same = next((number for number, other in enumerate(left) if _is_same(each, other)), None)
        if same is None:
            only_old.append(each)
        else:
            del left[same]
    return tuple(only_old), tuple(left)


def _is_same(one: Happened, other: Happened) -> bool:
    return one[1:4] == other[1:4] and abs(one.time - other.time) <= TICK


def _numbers(old: Mapping[str, int], new: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    names = dict.fromkeys([*old, *new])
    return {name: (old.get(name, 0), new.get(name, 0)) for name in names if old.get(name, 0) != new.get(name, 0)}


def _flat(summary: ReplaySummary) -> dict[str, int]:
    return {f"{kind} {name}": count for kind, by in summary.shadow.items() for name, count in by.items()}


def behaviour_as_data(behaviour: Behaviour, most: int) -> dict[str, Any]:
    """Plain JSON-ready data; at most so many groups of errors."""
    return {
        "errors": behaviour.errors,
        "differs": behaviour.differs,
        "errors_that_differ": dict(behaviour.by_part),
        "groups": [
            {
                "count": group.count,
                "before": group.before._asdict(),
                "after": group.after._asdict(),
                "example": {
                    "type": group.example.type,
                    "message": group.example.message,
                    "time": iso(group.example.time),
                    "fingerprint": group.example.fingerprint,
                },
            }
            for group in behaviour.groups[:most]
        ],
        "groups_not_shown": max(0, len(behaviour.groups) - most),
        "levels": _sides(behaviour.levels),
        "breakers": _sides(behaviour.breakers),
        "alerts": _pairs(behaviour.alerts),
        "recoveries": _pairs(behaviour.recoveries),
        "shadow": _pairs(behaviour.shadow),
    }


def _sides(sides: tuple[tuple[Happened, ...], tuple[Happened, ...]]) -> dict[str, Any]:
    only = [[{**each._asdict(), "time": iso(each.time)} for each in side] for side in sides]
    return {"only_old": only[0], "only_new": only[1]}


def _pairs(numbers: Mapping[str, tuple[int, int]]) -> dict[str, Any]:
    return {name: {"old": old, "new": new} for name, (old, new) in numbers.items()}
