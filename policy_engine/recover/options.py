"""The ``[recovery]`` table compiled: strategies as frozen values, with the defaults that a policy leaves out.

Knows the words of the policy, not how a recovery runs. What it is given is schema-valid, and names no unknown action.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from policy_engine.backoff import Backoff, Growth, Jitter
from policy_engine.match import compile_matcher
from policy_engine.match.matcher import Predicate
from policy_engine.policy.durations import seconds
from policy_engine.recover.actions import Action

STEP_KEYS = frozenset({"action", "timeout", "on"})
"""The keys of a step that are not the action's own."""

DEFAULT_STEP_TIMEOUT = 30.0
DEFAULT_CONCURRENCY = 4
DEFAULT_BACKOFF = Backoff(jitter=Jitter.FULL)


class On(StrEnum):
    """When a step runs, by how the earlier steps of its attempt went."""

    SUCCESS = "success"
    FAILURE = "failure"
    ALWAYS = "always"

    def fits(self, *, healthy: bool) -> bool:
        """Whether a step runs after steps that all worked (``healthy``), or of which one failed."""
        return self is On.ALWAYS or (self is On.SUCCESS) is healthy


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a strategy with its parameters."""

    action: Action
    parameters: Mapping[str, object]
    on: On = On.SUCCESS
    timeout: float | None = None
    """Seconds for the whole step, waiting included; ``None`` bounds the action's work alone, by the default."""


@dataclass(frozen=True, slots=True)
class Intensity:
    """At most ``at_most`` recoveries within any ``within`` seconds."""

    at_most: int
    within: float


DEFAULT_INTENSITY = Intensity(5, 600.0)


@dataclass(frozen=True, slots=True)
class Strategy:
    """What to do about the errors that it matches."""

    name: str
    steps: tuple[Step, ...]
    may_hold: Predicate | None = None
    """Whether it can match errors of this type, category and severity at all; ``None`` where it always can."""
    holds: Predicate | None = None
    """Whether it matches an error, as far as ``may_hold`` does not say; ``None`` where that says all."""
    attempts: int = 1
    backoff: Backoff = DEFAULT_BACKOFF
    """How long to wait before another attempt."""
    intensity: Intensity | None = None
    target: str | None = None
    """The context key whose values are recovered one at a time; ``None``: the strategy itself runs one at a time."""
    cooldown: float = 0.0
    verify: Step | None = None
    """What must work after all steps of an attempt did."""
    escalation: Strategy | None = None
    """What happens, once, when the intensity is used up."""


@dataclass(frozen=True, slots=True)
class RecoveryOptions:
    """Everything that ``[recovery]`` says."""

    strategies: tuple[Strategy, ...] = ()
    concurrency: int = DEFAULT_CONCURRENCY


def compile_recovery(section: Mapping[str, Any], actions: Mapping[str, Action]) -> RecoveryOptions:
    """Compile the ``[recovery]`` table; ``actions`` are all that plugins bring, by name.

    Raises:
        KeyError: a step names an action that is not there.
        re2.error: a pattern that RE2 refuses.
    """
    return RecoveryOptions(
        strategies=tuple(_strategy(table, actions) for table in section.get("strategies", ())),
        concurrency=section.get("concurrency", DEFAULT_CONCURRENCY),
    )


def compile_backoff(table: Mapping[str, Any]) -> Backoff:
    """Compile a ``backoff`` table; keys that are not there have the defaults of `Backoff`."""
    default = Backoff()
    return Backoff(
        kind=Growth(table.get("kind", default.kind)),
        initial=seconds(table["initial"]) if "initial" in table else default.initial,
        maximum=seconds(table["max"]) if "max" in table else default.maximum,
        factor=float(table.get("factor", default.factor)),
        jitter=Jitter(table.get("jitter", default.jitter)),
    )


def _strategy(table: Mapping[str, Any], actions: Mapping[str, Action]) -> Strategy:
    may_hold, holds = _split_match(table.get("match", {}))
    return Strategy(
        name=table["name"],
        steps=tuple(_step(step, actions) for step in table["steps"]),
        may_hold=may_hold,
        holds=holds,
        attempts=table.get("attempts", 1),
        backoff=compile_backoff(table["backoff"]) if "backoff" in table else DEFAULT_BACKOFF,
        intensity=_intensity(table["intensity"]) if "intensity" in table else DEFAULT_INTENSITY,
        target=table.get("target"),
        cooldown=seconds(table["cooldown"]) if "cooldown" in table else 0.0,
        verify=_step(table["verify"], actions) if "verify" in table else None,
        escalation=_escalation(table, actions) if "escalate" in table else None,
    )


def _escalation(table: Mapping[str, Any], actions: Mapping[str, Action]) -> Strategy:
    steps = tuple(_step(step, actions) for step in table["escalate"])
    return Strategy(f"{table['name']} (escalation)", steps)


def _step(table: Mapping[str, Any], actions: Mapping[str, Action]) -> Step:
    return Step(
        action=actions[table["action"]],
        parameters={key: value for key, value in table.items() if key not in STEP_KEYS},
        on=On(table.get("on", On.SUCCESS)),
        timeout=seconds(table["timeout"]) if "timeout" in table else None,
    )


def _intensity(table: Mapping[str, Any]) -> Intensity:
    return Intensity(table["at_most"], seconds(table["within"]))


_OF_THE_KIND = frozenset({"exception", "category", "severity", "rule"})
"""Keys of a match table that all errors of one kind answer alike: a selection asks them once a kind."""


def _split_match(table: Mapping[str, Any]) -> tuple[Predicate | None, Predicate | None]:
    of_kind = {key: value for key, value in table.items() if key in _OF_THE_KIND}
    of_error = {key: value for key, value in table.items() if key not in _OF_THE_KIND}
    return (
        compile_matcher(of_kind).holds if of_kind else None,
        compile_matcher(of_error).holds if of_error else None,
    )
