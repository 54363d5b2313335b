"""What a recovery is made of: an action, what it is given, and what it may answer.

Knows neither policies nor the machine that runs actions. An action does its work and says how it went; it never
sleeps: it answers `Delay`, and no worker waits.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from policy_engine.clock import Clock
from policy_engine.model import ErrorInfo, Ports


@dataclass(frozen=True, slots=True)
class Delay:
    """The action's answer "go on in this many seconds"."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Again:
    """The action's answer "not yet: call me again in this many seconds", until the step's time is up."""

    seconds: float
    reason: str = ""
    """Why not yet; shown when the time is up. No secrets: it is kept as it is."""


Outcome = bool | Delay | Again | None
"""``None`` or true: it worked. False: it did not, as when the action raises. `Delay`: it works, later."""


@dataclass(frozen=True, slots=True)
class ActionContext:
    """What an action is given."""

    info: ErrorInfo
    """The error that started the recovery, scrubbed."""
    parameters: Mapping[str, object]
    """The step's own keys in the policy, which hold to the action's schema."""
    ports: Ports
    """What it may do to the engine."""
    clock: Clock
    random: Random
    attempt: int
    """Which attempt of the recovery this is, from 1."""
    deadline: float
    """When the step's time is up, in seconds of ``clock.monotonic``."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a recovery may do, under the name that steps use for it."""

    name: str
    """Lower case, with the plugin's name before a dot: ``"sqlalchemy.dispose_pool"``."""
    run: Callable[[ActionContext], Outcome | Awaitable[Outcome]]
    """May be asynchronous. What it raises is a failure, told by the exception's type."""
    schema: Mapping[str, object] = field(default_factory=lambda: {"type": "object", "additionalProperties": False})
    """JSON Schema (draft 2020-12) of its parameters: the step's keys other than ``action``, ``timeout`` and ``on``."""
    description: str = ""
    harmless: bool = False
    """Whether it touches nothing outside the engine, so that a replay may run it."""
