"""What is to be done about an error: which strategy, or why none; decided in one go under the ledger's lock.

A plan that is made has taken its target and counts as a start. Matchers run before the lock is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from policy_engine.clock import Clock
from policy_engine.model import Occurrence, RecoveryStatus
from policy_engine.recover.execution import inside
from policy_engine.recover.ledger import Ledger
from policy_engine.recover.options import Strategy
from policy_engine.recover.recovery import Plan
from policy_engine.recover.run import Run
from policy_engine.recover.selection import matching
from policy_engine.recover.supervision import Refusal, Target

_MAX_TARGET_LENGTH = 200


class Planner:
    """Makes plans from strategies that may match."""

    def __init__(self, ledger: Ledger, clock: Clock, new_run: Callable[[Strategy, Target], Run]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._new_run = new_run

    def plan(self, candidates: Sequence[Strategy], occurrence: Occurrence) -> Plan | None:
        """Return the plan of the first strategy that matches.

        One that ran too often escalates, once, and then lets the next one try.
        """
        refused = None
        for strategy in matching(candidates, occurrence):
            plan = self._plan_strategy(strategy, occurrence)
            if plan.refusal is not Refusal.INTENSITY:
                return plan
            refused = refused or plan
        return refused

    def _plan_strategy(self, strategy: Strategy, occurrence: Occurrence) -> Plan:
        target = _target(strategy, occurrence)
        now = self._clock.monotonic()
        here = inside()
        with self._ledger.lock:
            if here is not None and not here.over:
                self._ledger.tallies.skipped(strategy, target, Refusal.RECURSION)
                return Plan(strategy.name, RecoveryStatus.SKIPPED, here.recovery_id, Refusal.RECURSION)
            supervision = self._ledger.supervision
            target = supervision.bounded(strategy, target, now)
            refusal = supervision.refusal(strategy, target, now)
            if refusal is None:
                return self._admit(strategy, target, now)
            under_way = supervision.under_way(target) if refusal is Refusal.TARGET else None
            if here is not None and here.recovery_id == under_way:
                return Plan(strategy.name, RecoveryStatus.SKIPPED, under_way, refusal, follows=occurrence)
            self._ledger.tallies.skipped(strategy, target, refusal)
            escalation = self._escalate(strategy, target, now) if refusal is Refusal.INTENSITY else None
        return escalation or Plan(strategy.name, RecoveryStatus.SKIPPED, under_way, refusal)

    def _escalate(self, strategy: Strategy, target: Target, now: float) -> Plan | None:
        """Plan the escalation for the first error after the intensity was used up; further ones have none."""
        escalation, supervision = strategy.escalation, self._ledger.supervision
        above = f"escalation of {strategy.name}", target[1]
        if escalation is None or supervision.refusal(escalation, above, now) is not None:
            return None
        return self._admit(escalation, above, now) if supervision.escalates(strategy, target) else None

    def _admit(self, strategy: Strategy, target: Target, now: float) -> Plan:
        run = self._new_run(strategy, target)
        self._ledger.supervision.admit(run.id, strategy, target, now)
        self._ledger.runs[run.id] = run
        self._ledger.tallies.started(strategy, target)
        return Plan(strategy.name, RecoveryStatus.WAITING, run.id)


def _target(strategy: Strategy, occurrence: Occurrence) -> Target:
    if strategy.target is None:
        return "", strategy.name
    return strategy.target, str(occurrence.context.get(strategy.target, ""))[:_MAX_TARGET_LENGTH]
