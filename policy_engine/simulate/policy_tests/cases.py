"""A test file as values: cases, their steps, and what happens in each. Knows the form, not how a case is run.

Times are seconds of virtual time from the beginning of the case. What is expected stays the table that it is in the
file: `expectations` reads it, and its keys are where findings point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policy_engine.policy import Document
from policy_engine.policy.durations import seconds
from policy_engine.simulate.policy_tests.faults import Fault, fault_of


@dataclass(frozen=True, slots=True)
class Error:
    """An error is handed to the engine."""

    fault: Fault
    module: str = ""
    function: str = ""
    context: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A protected call is made: through one ``breaker``, or through all that protects a ``target``."""

    breaker: str | None
    target: str | None
    fault: Fault | None = None
    every_nth: int = 1
    attempts: tuple[bool, ...] = (False,)
    """Whether each attempt of a call that is meant to fail returns; the last one holds from then on."""
    takes: float = 0.0
    module: str = ""
    function: str = ""
    context: Mapping[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The breaker's or the target's."""
        return self.breaker or self.target or ""


@dataclass(frozen=True, slots=True)
class CaseStep:
    """Something happens ``times`` times from ``start`` on; after ``end``, what is expected is looked at."""

    index: int
    start: float
    end: float
    times: int = 1
    every: float = 0.0
    event: Error | Call | None = None
    waits: bool = False
    """Whether it says that time passes."""
    expect: Mapping[str, Any] = field(default_factory=dict)

    @property
    def last_event(self) -> float | None:
        """When something last happens in it; ``None`` where nothing does."""
        return None if self.event is None else self.start + (self.times - 1) * self.every


@dataclass(frozen=True, slots=True)
class Case:
    """One test."""

    name: str
    index: int
    steps: tuple[CaseStep, ...]
    actions: Mapping[str, tuple[bool, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """The tests of one file, and the policy that they are about."""

    document: Document
    policy: tuple[Path, ...]
    cases: tuple[Case, ...]

    @property
    def name(self) -> str:
        """The file's name, as it was given."""
        return self.document.files[0].name


def cases_of(data: Mapping[str, Any]) -> tuple[Case, ...]:
    """Return the tests of a schema-valid file."""
    return tuple(
        Case(table["name"], index, tuple(_steps(table["steps"])), _scripts(table.get("actions", {})))
        for index, table in enumerate(data["tests"])
    )


def _scripts(table: Mapping[str, Any]) -> dict[str, tuple[bool, ...]]:
    return {name: _outcomes(outcomes) for name, outcomes in table.items()}


def _outcomes(outcomes: str | list[str]) -> tuple[bool, ...]:
    return tuple(each == "ok" for each in ([outcomes] if isinstance(outcomes, str) else outcomes))


def _steps(tables: list[Mapping[str, Any]]) -> list[CaseStep]:
    steps: list[CaseStep] = []
    end = 0.0
    for index, table in enumerate(tables):
        start = seconds(table["at"]) if "at" in table else end
        repeat = table.get("repeat", {})
        times, every = repeat.get("times", 1), seconds(repeat.get("every", "0s"))
        advance = seconds(table.get("advance", "0s"))
        end = start + (times - 1) * every + advance
        steps.append(
            CaseStep(index, start, end, times, every, _event(table), "advance" in table, table.get("expect", {}))
        )
    return steps


def _event(table: Mapping[str, Any]) -> Error | Call | None:
    if "error" in table:
        error = table["error"]
        return Error(fault_of(error), *_place(error))
    return _call(table["call"]) if "call" in table else None


def _call(table: Mapping[str, Any]) -> Call:
    return Call(
        table.get("breaker"),
        table.get("target"),
        fault_of(table["fails_with"]) if "fails_with" in table else None,
        table.get("every_nth", 1),
        _outcomes(table.get("attempts", "fail")),
        seconds(table.get("takes", "0s")),
        *_place(table),
    )


def _place(table: Mapping[str, Any]) -> tuple[str, str, Mapping[str, object]]:
    return table.get("module", ""), table.get("function", ""), table.get("context", {})
