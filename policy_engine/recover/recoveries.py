"""All recoveries of one engine: plans them for errors, starts them within their limits, and knows how they stand.

`plan` decides and takes the target, `start` hands the work to the clock's workers: neither ever waits. All state lies
behind one lock, held for a few dictionary operations; actions, matchers, callbacks and events run outside it.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from policy_engine.clock import Clock
from policy_engine.model import ErrorInfo, Event, Occurrence, Ports, RecoveryStatus
from policy_engine.recover.actions import ActionContext
from policy_engine.recover.execution import Describe, Result, inside, perform, running_loop, type_name
from policy_engine.recover.options import RecoveryOptions, Step, Strategy
from policy_engine.recover.recovery import Plan, Recovery, event_of, view_of
from policy_engine.recover.registration import RecoveryFunction, strategy_of, type_key
from policy_engine.recover.run import QUEUE_FULL_PAUSE, FollowUp, Run, Tools
from policy_engine.recover.selection import Selection, matching
from policy_engine.recover.supervision import Refusal, Supervision, Target
from policy_engine.recover.tally import Tallies

if TYPE_CHECKING:
    import asyncio

Script = Callable[[str, str], bool]
"""What a dry run pretends: from a strategy's and an action's name, whether the action worked."""

_MAX_TARGET_LENGTH = 200


class RecoveryManager:
    """Plans, starts and remembers recoveries."""

    def __init__(
        self,
        options: RecoveryOptions,
        *,
        clock: Clock,
        random: Random,
        ports: Ports,
        publish: Callable[[Event], None],
        fault: Callable[[str, BaseException], None],
        describe: Describe = type_name,
        dry: bool = False,
        script: Script = lambda strategy, action: True,  # noqa: ARG005  the form of a script
        max_history: int = 1000,
        max_waiting: int = 10_000,
        max_targets: int = 1000,
    ) -> None:
        self._clock = clock
        self._random = random
        self._publish = publish
        self._fault = fault
        self._describe = describe
        self._dry = dry
        self._script = script
        self._max_history = max_history
        self._lock = threading.Lock()
        self._options = options
        self._registered: dict[str, Strategy] = {}
        self._selection = Selection(options.strategies, {})
        self._supervision = Supervision(
            concurrency=options.concurrency, max_waiting=max_waiting, max_targets=max_targets
        )
        self._runs: dict[str, Run] = {}
        self._history: OrderedDict[str, Recovery] = OrderedDict()
        self._waiters: dict[str, list[Callable[[Recovery], None]]] = {}
        self._tallies = Tallies()
        self._tools = Tools(
            self._lock, clock, random, ports, self._perform, self._may_run, self._changed, self._ended, self._hangs
        )
        _alive.add(self)

    def register_strategy(
        self, exception_type: type[BaseException], function: RecoveryFunction, *, name: str | None = None
    ) -> None:
        """Call ``function(error_info)`` for errors of a type that no strategy of the policy matches.

        The type nearest to the error's own wins; a second function for one type replaces the first. One call at a
        time: while it runs, further errors of its types start none.

        Raises:
            TypeError: ``exception_type`` is no exception class.
        """
        key = type_key(exception_type)
        strategy = strategy_of(exception_type, function, name)
        with self._lock:
            self._registered[key] = strategy
            self._selection = Selection(self._options.strategies, self._registered)

    def adopt(self, options: RecoveryOptions) -> None:
        """Go by another policy from here on: recoveries under way end as they began, and limits keep their counts."""
        with self._lock:
            self._options = options
            self._selection = Selection(options.strategies, self._registered)
            self._supervision.concurrency = options.concurrency
            strategies = (*options.strategies, *self._registered.values())
            self._supervision.keep_only({strategy.name for strategy in strategies})
        self._start_waiting()

    def plan(self, occurrence: Occurrence) -> Plan | None:
        """Decide what to do about an error; ``None`` where no strategy matches.

        A plan that is WAITING has taken its target: `start` must follow.
        """
        candidates = self._selection.of_kind(occurrence)
        if not candidates:
            return None
        return self._plan(candidates, occurrence)

    def start(self, plan: Plan, info: ErrorInfo) -> None:
        """Let a planned recovery run, once its turn comes; a plan that is SKIPPED changes nothing."""
        self._start(plan, info, running_loop())

    def recovery(self, recovery_id: str) -> Recovery | None:
        """How a recovery stands; ``None`` where it is unknown, or so old that the history dropped it."""
        with self._lock:
            run = self._runs.get(recovery_id)
            return self._history.get(recovery_id) if run is None else view_of(run, dry=self._dry)

    def when_ended(self, recovery_id: str, callback: Callable[[Recovery], None]) -> bool:
        """Call back, on a worker, when a recovery ends; false where it is not under way."""
        with self._lock:
            if recovery_id not in self._runs:
                return False
            self._waiters.setdefault(recovery_id, []).append(callback)
            return True

    def cancel(self, recovery_id: str, reason: str) -> bool:
        """End a recovery where it stands: no further step runs, and what a running action answers is dropped.

        False where it is not under way.
        """
        with self._lock:
            run = self._runs.get(recovery_id)
        if run is not None:
            run.end(RecoveryStatus.CANCELLED, reason, abandon=True)
        return run is not None

    @property
    def active(self) -> tuple[Recovery, ...]:
        """Recoveries that have not ended, oldest first."""
        with self._lock:
            return tuple(view_of(run, dry=self._dry) for run in self._runs.values())

    @property
    def history(self) -> tuple[Recovery, ...]:
        """Recoveries that ended, oldest first, as many as ``[bounds] history`` allows."""
        with self._lock:
            return tuple(self._history.values())

    def statistics(self) -> dict[str, Any]:
        """Plain JSON-ready counts since the start or `reset_statistics`."""
        with self._lock:
            return {**self._tallies.to_dict(), "active": len(self._runs), "hung_actions": self._supervision.hung}

    def reset_statistics(self) -> None:
        """Count from zero; recoveries under way, limits and history stay."""
        with self._lock:
            self._tallies = Tallies()

    def _plan(self, candidates: Sequence[Strategy], occurrence: Occurrence) -> Plan | None:
        """The plan of the first strategy that matches; one that ran too often escalates, then lets the next one try."""
        refused = None
        for strategy in matching(candidates, occurrence):
            plan = self._plan_strategy(strategy, occurrence)
            if plan.refusal is not Refusal.INTENSITY:
                return plan
            refused = refused or plan
        return refused

    def _plan_strategy(self, strategy: Strategy, occurrence: Occurrence) -> Plan:
        here = inside()
        target = _target(strategy, occurrence)
        now = self._clock.monotonic()
        with self._lock:
            target = self._supervision.bounded(strategy, target, now)
            recursion = here is not None and not here.over
            refusal = Refusal.RECURSION if recursion else self._supervision.refusal(strategy, target, now)
            if refusal is None:
                return self._admit(strategy, target, now)
            if refusal is Refusal.INTENSITY and (escalation := self._escalate(strategy, target, now)) is not None:
                self._tallies.skipped(strategy.name, refusal)
                return escalation
            under_way = self._supervision.under_way(target) if refusal is Refusal.TARGET else None
            left_behind = here is not None and here.over and here.recovery_id == under_way
            if not left_behind:
                self._tallies.skipped(strategy.name, refusal)
        by = here.recovery_id if recursion and here is not None else under_way
        return Plan(strategy.name, RecoveryStatus.SKIPPED, by, refusal, occurrence if left_behind else None)

    def _escalate(self, strategy: Strategy, target: Target, now: float) -> Plan | None:
        """The plan for the first error after the intensity was used up; further ones have none."""
        escalation = strategy.escalation
        above = f"escalation of {strategy.name}", target[1]
        if escalation is None or self._supervision.refusal(escalation, above, now) is not None:
            return None
        if not self._supervision.escalates(strategy, target):
            return None
        return self._admit(escalation, above, now)

    def _admit(self, strategy: Strategy, target: Target, now: float) -> Plan:
        recovery_id = f"{self._random.getrandbits(64):016x}"
        self._supervision.admit(recovery_id, strategy, target, now)
        self._runs[recovery_id] = Run(recovery_id, strategy, target, self._tools)
        self._tallies.started(strategy.name)
        return Plan(strategy.name, RecoveryStatus.WAITING, recovery_id)

    def _start(self, plan: Plan, info: ErrorInfo, loop: asyncio.AbstractEventLoop | None) -> None:
        if plan.follows is not None:
            self._follow_up(plan.recovery_id or "", FollowUp(plan.follows, info, loop))
        if plan.refusal is not None or plan.recovery_id is None:
            return
        with self._lock:
            run = self._runs[plan.recovery_id]
            run.info, run.loop = info, loop
        self._tell(run)
        with self._lock:
            self._supervision.enqueue(run.id)
        self._start_waiting()

    def _follow_up(self, recovery_id: str, follow_up: FollowUp) -> None:
        """Plan anew for an error once a recovery ended; at once, where it just did."""
        with self._lock:
            run = self._runs.get(recovery_id)
            if run is not None:
                run.follow_up = follow_up
                return
        self._plan_anew(follow_up)

    def _plan_anew(self, follow_up: FollowUp) -> None:
        plan = self.plan(follow_up.occurrence)
        if plan is not None:
            self._start(plan, follow_up.info, follow_up.loop)

    def _start_waiting(self) -> None:
        while (run := self._next_run()) is not None:
            if not self._clock.submit(run.begin):
                with self._lock:
                    self._supervision.put_back(run.id)
                self._clock.call_at(self._clock.monotonic() + QUEUE_FULL_PAUSE, self._start_waiting)
                return

    def _next_run(self) -> Run | None:
        with self._lock:
            while (recovery_id := self._supervision.next_turn()) is not None:
                if recovery_id in self._runs:
                    return self._runs[recovery_id]
                self._supervision.end_turn(recovery_id)  # it was cancelled while it waited
        return None

    def _perform(self, run: Run, step: Step, context: ActionContext) -> Result:
        if self._dry and not step.action.harmless:
            return Result(self._script(run.strategy.name, step.action.name), "would have run")
        seconds = context.deadline - self._clock.monotonic()
        return perform(
            run.id, lambda: step.action.run(context), seconds=seconds, describe=self._describe, loop=run.loop
        )

    def _may_run(self) -> bool:
        return not self._supervision.workers_lost

    def _hangs(self, change: int) -> None:
        with self._lock:
            self._supervision.hung += change
        self._start_waiting()

    def _changed(self, run: Run) -> None:
        with self._lock:
            if run.status is RecoveryStatus.WAITING:
                self._tallies.stepped(run.steps)
        self._tell(run)

    def _ended(self, run: Run) -> None:
        with self._lock:
            del self._runs[run.id]
            self._supervision.release(run.strategy, run.target, self._clock.monotonic())
            self._supervision.end_turn(run.id)
            recovery = self._remember(run)
            self._tallies.stepped(run.steps)
            self._tallies.ended(run.strategy.name, run.status, recovery.seconds or 0.0)
            waiters = self._waiters.pop(run.id, [])
        self._tell(run)
        self._inform(waiters, recovery)
        if run.follow_up is not None:
            self._plan_anew(run.follow_up)
        self._start_waiting()

    def _inform(self, waiters: Iterable[Callable[[Recovery], None]], recovery: Recovery) -> None:
        for callback in waiters:
            try:
                callback(recovery)
            except Exception as error:  # noqa: BLE001  one waiter must not cost the others their answer
                self._fault("a callback that waits for a recovery", error)

    def _tell(self, run: Run) -> None:
        with self._lock:
            event = event_of(run, self._clock.time())
        try:
            self._publish(event)
        except Exception as error:  # noqa: BLE001  whoever listens must not cost a target its recovery
            self._fault("publishing a recovery's status", error)

    def _remember(self, run: Run) -> Recovery:
        recovery = self._history[run.id] = view_of(run, dry=self._dry)
        while len(self._history) > self._max_history:
            self._history.popitem(last=False)
        return recovery

    def _start_over(self) -> None:
        """Begin anew in the child of a fork: no worker of the parent's goes on here, and a lock may have been held."""
        self._lock = threading.Lock()
        self._tools = replace(self._tools, lock=self._lock)
        self._supervision = self._supervision.anew()
        self._waiters = {}
        runs, self._runs = self._runs, {}
        for run in runs.values():
            run.conclude(RecoveryStatus.INTERRUPTED, "the process forked")
            self._remember(run)


def _target(strategy: Strategy, occurrence: Occurrence) -> Target:
    if strategy.target is None:
        return "", strategy.name
    return strategy.target, str(occurrence.context.get(strategy.target, ""))[:_MAX_TARGET_LENGTH]


_alive: WeakSet[RecoveryManager] = WeakSet()


def _after_fork() -> None:
    for manager in list(_alive):
        manager._start_over()  # noqa: SLF001  the same module


os.register_at_fork(after_in_child=_after_fork)
