"""What the recoveries of one engine are: under way, ended, waited for, counted; all behind one short lock.

Its methods are called with the lock held, and call nobody: no clock, no event, no action.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from policy_engine.forks import survives_fork
from policy_engine.model import RecoveryStatus
from policy_engine.recover.recovery import Recovery, view_of
from policy_engine.recover.run import Run
from policy_engine.recover.supervision import Supervision
from policy_engine.recover.tally import Tallies

Waiter = Callable[[Recovery], None]


class Ledger:
    """The state that planning and running share."""

    def __init__(self, supervision: Supervision, *, dry: bool, max_history: int) -> None:
        self.lock = threading.Lock()
        self.supervision = supervision
        self.tallies = Tallies()
        self.runs: dict[str, Run] = {}
        self.history: OrderedDict[str, Recovery] = OrderedDict()
        self._waiters: dict[str, list[Waiter]] = {}
        self._dry = dry
        self._max_history = max_history
        survives_fork(self)

    def view(self, recovery_id: str) -> Recovery | None:
        """Return how a recovery stands, or stood when it ended."""
        run = self.runs.get(recovery_id)
        return self.history.get(recovery_id) if run is None else view_of(run, dry=self._dry)

    def active(self) -> tuple[Recovery, ...]:
        """Return those that have not ended, oldest first."""
        return tuple(view_of(run, dry=self._dry) for run in self.runs.values())

    def add_waiter(self, recovery_id: str, waiter: Waiter) -> bool:
        """Note who is to be told; false where the recovery is not under way."""
        if recovery_id not in self.runs:
            return False
        self._waiters.setdefault(recovery_id, []).append(waiter)
        return True

    def next_run(self) -> Run | None:
        """Return the recovery whose turn has come."""
        while (recovery_id := self.supervision.next_turn()) is not None:
            if recovery_id in self.runs:
                return self.runs[recovery_id]
            self.supervision.end_turn(recovery_id)  # it was cancelled while it waited
        return None

    def close(self, run: Run, now: float) -> tuple[Recovery, list[Waiter]]:
        """Count a recovery that ended, free what it held, and return who is to be told."""
        del self.runs[run.id]
        self.supervision.release(run.strategy, run.target, now)
        self.supervision.end_turn(run.id)
        recovery = self._remember(run)
        self.tallies.stepped(run.steps)
        self.tallies.ended(run.strategy, run.target, run.status, recovery.seconds or 0.0)
        return recovery, self._waiters.pop(run.id, [])

    def statistics(self) -> dict[str, Any]:
        """Return plain JSON-ready counts."""
        return {**self.tallies.to_dict(), "active": len(self.runs), "hung_actions": self.supervision.hung}

    def after_fork(self) -> None:
        """Begin anew in the child of a fork: no worker goes on here, and the lock may have been held."""
        self.lock = threading.Lock()
        self.supervision = self.supervision.anew()
        self._waiters = {}
        runs, self.runs = self.runs, {}
        for run in runs.values():
            run.conclude(RecoveryStatus.INTERRUPTED, "the process forked")
            self._remember(run)

    def _remember(self, run: Run) -> Recovery:
        recovery = self.history[run.id] = view_of(run, dry=self._dry)
        while len(self.history) > self._max_history:
            self.history.popitem(last=False)
        return recovery
