"""What a breaker's machine answers: leave for a call, a refusal, a change of state. Plain values, without any rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from policy_engine.model import BreakerChanged, BreakerState, Event, ShadowDecision

if TYPE_CHECKING:
    from policy_engine.protect.breaker.machine import Machine


class Permit:
    """Leave for a call: shared by all calls of an era without bounds, one for each probe, whose lease ``expires``.

    ``twin`` is the leave that a machine would have given which is enforced, and that machine.
    """

    __slots__ = ("era", "expires", "twin")

    def __init__(self, era: int, expires: float, twin: tuple[Machine, Permit] | None = None) -> None:
        self.era = era
        self.expires = expires
        self.twin = twin


class Refusal(NamedTuple):
    """No leave; ask again in so many seconds, ``math.inf`` where only an order will change it."""

    retry_after: float


class Transition(NamedTuple):
    """One change of state, at a monotonic time."""

    at: float
    before: BreakerState
    after: BreakerState
    reason: str
    enforced: bool = True

    def event(self, breaker: str, time: float) -> Event:
        """Return it as listeners see it: as what would have been, where the breaker is not enforced."""
        if self.enforced:
            return BreakerChanged(time, breaker, self.before, self.after, self.reason)
        would = f"{self.before.value} -> {self.after.value} ({self.reason})"
        return ShadowDecision(time, "breaker", breaker, would)
