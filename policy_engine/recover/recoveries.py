"""All recoveries of one engine: plans them for errors, starts them within their limits, and knows how they stand.

`plan` decides and takes the target, `start` hands the work to the clock's workers: neither ever waits. All state lies
behind one lock, held for a few dictionary operations; actions, matchers, callbacks and events run outside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import TYPE_CHECKING, Any

from policy_engine.clock import Clock
from policy_engine.model import ErrorInfo, Event, Occurrence, Ports, RecoveryStatus
from policy_engine.recover.actions import ActionContext
from policy_engine.recover.execution import Describe, Result, perform, running_loop, type_name
from policy_engine.recover.ledger import Ledger
from policy_engine.recover.options import RecoveryOptions, Step, Strategy
from policy_engine.recover.planning import Planner
from policy_engine.recover.recovery import Plan, Recovery, event_of
from policy_engine.recover.registration import RecoveryFunction, strategy_of, type_key
from policy_engine.recover.run import QUEUE_FULL_PAUSE, FollowUp, Run, Tools
from policy_engine.recover.selection import Selection
from policy_engine.recover.supervision import Supervision, Target
from policy_engine.recover.tally import Tallies

if TYPE_CHECKING:
    import asyncio

Script = Callable[[str, str], bool]
"""What a dry run pretends: from a strategy's and an action's name, whether the action worked."""


def all_succeed(strategy: str, action: str) -> bool:  # noqa: ARG001  the form of a script
    """Pretend that every action works."""
    return True


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
        script: Script = all_succeed,
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
        self._options = options
        self._registered: dict[str, Strategy] = {}
        self._selection = Selection(options.strategies, {})
        supervision = Supervision(concurrency=options.concurrency, max_waiting=max_waiting, max_targets=max_targets)
        self._ledger = Ledger(supervision, dry=dry, max_history=max_history)
        self._planner = Planner(self._ledger, clock, self._new_run)
        self._tools = Tools(
            lambda: self._ledger.lock,
            clock,
            random,
            ports,
            self._perform,
            self._may_run,
            self._changed,
            self._ended,
            self._hangs,
        )

    def register_strategy(
        self, exception_type: type[BaseException], function: RecoveryFunction, *, name: str | None = None
    ) -> None:
        """Call ``function(error_info)`` for errors of a type that no strategy of the policy matches.

        The type nearest to the error's own wins; a second function for one type replaces the first. One call at a
        time: while it runs, further errors of its types start none; and at most 60 within a minute.

        Raises:
            TypeError: ``exception_type`` is no exception class.
        """
        key = type_key(exception_type)
        strategy = strategy_of(exception_type, function, name)
        with self._ledger.lock:
            self._registered[key] = strategy
            self._selection = Selection(self._options.strategies, self._registered)

    def adopt(self, options: RecoveryOptions) -> None:
        """Go by another policy from here on: recoveries under way end as they began, and limits keep their counts."""
        with self._ledger.lock:
            self._options = options
            self._selection = Selection(options.strategies, self._registered)
            self._ledger.supervision.concurrency = options.concurrency
            strategies = (*options.strategies, *self._registered.values())
            self._ledger.supervision.keep_only({strategy.name for strategy in strategies})
        self._start_waiting()

    def plan(self, occurrence: Occurrence, options: RecoveryOptions | None = None) -> Plan | None:
        """Decide what to do about an error; ``None`` where no strategy matches.

        ``options`` are those under which the error was classified: a reload in between changes nothing for it.

        A plan that is WAITING has taken its target: `start` must follow.
        """
        if options is None or options is self._options:
            selection = self._selection
        else:
            selection = Selection(options.strategies, self._registered)
        candidates = selection.of_kind(occurrence)
        if not candidates:
            return None
        return self._planner.plan(candidates, occurrence)

    def start(self, plan: Plan, info: ErrorInfo) -> None:
        """Let a planned recovery run, once its turn comes; a plan that is SKIPPED changes nothing."""
        self._start(plan, info, running_loop())

    def recovery(self, recovery_id: str) -> Recovery | None:
        """How a recovery stands; ``None`` where it is unknown, or so old that the history dropped it."""
        with self._ledger.lock:
            return self._ledger.view(recovery_id)

    def when_ended(self, recovery_id: str, callback: Callable[[Recovery], None]) -> bool:
        """Call back, on a worker, when a recovery ends; false where it is not under way."""
        with self._ledger.lock:
            return self._ledger.add_waiter(recovery_id, callback)

    def cancel(self, recovery_id: str, reason: str) -> bool:
        """End a recovery where it stands: no further step runs, and what a running action answers is dropped.

        False where it is not under way.
        """
        with self._ledger.lock:
            run = self._ledger.runs.get(recovery_id)
        if run is not None:
            run.end(RecoveryStatus.CANCELLED, reason, abandon=True)
        return run is not None

    @property
    def active(self) -> tuple[Recovery, ...]:
        """Recoveries that have not ended, oldest first."""
        with self._ledger.lock:
            return self._ledger.active()

    @property
    def history(self) -> tuple[Recovery, ...]:
        """Recoveries that ended, oldest first, as many as ``[bounds] history`` allows."""
        with self._ledger.lock:
            return tuple(self._ledger.history.values())

    def statistics(self) -> dict[str, Any]:
        """Plain JSON-ready counts since the start or `reset_statistics`."""
        with self._ledger.lock:
            return self._ledger.statistics()

    def reset_statistics(self) -> None:
        """Count from zero; recoveries under way, limits and history stay."""
        with self._ledger.lock:
            self._ledger.tallies = Tallies()

    def _new_run(self, strategy: Strategy, target: Target) -> Run:
        return Run(f"{self._random.getrandbits(64):016x}", strategy, target, self._tools)

    def _start(self, plan: Plan, info: ErrorInfo, loop: asyncio.AbstractEventLoop | None) -> None:
        if plan.follows is not None:
            self._follow_up(plan.recovery_id or "", FollowUp(plan.follows, info, loop))
        if plan.refusal is not None or plan.recovery_id is None:
            return
        with self._ledger.lock:
            run = self._ledger.runs[plan.recovery_id]
            run.info, run.loop = info, loop
        self._tell(run)
        with self._ledger.lock:
            self._ledger.supervision.enqueue(run.id)
        self._start_waiting()

    def _follow_up(self, recovery_id: str, follow_up: FollowUp) -> None:
        """Plan anew for an error once a recovery ended; at once, where it just did."""
        with self._ledger.lock:
            run = self._ledger.runs.get(recovery_id)
            if run is not None:
                run.follow_up = follow_up
                return
        self._plan_anew(follow_up)

    def _plan_anew(self, follow_up: FollowUp) -> None:
        plan = self.plan(follow_up.occurrence)
        if plan is not None:
            self._start(plan, follow_up.info, follow_up.loop)

    def _start_waiting(self) -> None:
        while True:
            with self._ledger.lock:
                run = self._ledger.next_run()
            if run is None:
                return
            if not self._clock.submit(run.begin):
                with self._ledger.lock:
                    self._ledger.supervision.put_back(run.id)
                self._clock.call_at(self._clock.monotonic() + QUEUE_FULL_PAUSE, self._start_waiting)
                return

    def _perform(self, run: Run, step: Step, context: ActionContext) -> Result:
        if self._dry and not step.action.harmless:
            return Result(self._script(run.strategy.name, step.action.name), "would have run")
        seconds = context.deadline - self._clock.monotonic()
        return perform(
            run.id, lambda: step.action.run(context), seconds=seconds, describe=self._describe, loop=run.loop
        )

    def _may_run(self) -> bool:
        return not self._ledger.supervision.workers_lost

    def _hangs(self, change: int) -> None:
        with self._ledger.lock:
            self._ledger.supervision.hung += change
        self._start_waiting()

    def _changed(self, run: Run) -> None:
        with self._ledger.lock:
            if run.status is RecoveryStatus.WAITING:
                self._ledger.tallies.stepped(run.steps)
        self._tell(run)

    def _ended(self, run: Run) -> None:
        with self._ledger.lock:
            recovery, waiters = self._ledger.close(run, self._clock.monotonic())
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
        with self._ledger.lock:
            event = event_of(run, self._clock.time())
        try:
            self._publish(event)
        except Exception as error:  # noqa: BLE001  whoever listens must not cost a target its recovery
            self._fault("publishing a recovery's status", error)
