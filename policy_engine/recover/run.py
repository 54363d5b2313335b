"""The machine of one recovery: waiting, running, and how it ended; its steps in order, attempt by attempt.

Owns neither thread nor timer: it runs on the worker that calls it, and where it has to wait it leaves that worker and
is continued by the clock. Every step has a number; a result that comes under a number of the past (after the step's
time was up) is dropped. Its state is read and written under the lock of whoever started it, which is never held while
an action or a callback runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from threading import Lock

from policy_engine.clock import Clock, Timer
from policy_engine.model import ErrorInfo, Ports, RecoveryStatus, RecoveryStep
from policy_engine.recover.actions import ActionContext
from policy_engine.recover.execution import Result
from policy_engine.recover.options import DEFAULT_STEP_TIMEOUT, Step, Strategy
from policy_engine.recover.supervision import Target

QUEUE_FULL_PAUSE = 1.0
"""Seconds until a recovery asks again for a worker, when so much work waits that none was taken."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What every recovery of one owner works with. The callables are never called under the lock."""

    lock: Lock
    clock: Clock
    random: Random
    ports: Ports
    perform: Callable[[Run, Step, ActionContext, float], Result]
    """Run a step's action, for so many seconds at the most where they can be enforced."""
    may_run: Callable[[], bool]
    """Whether there is a worker to lose to another action."""
    changed: Callable[[Run], None]
    """The recovery started, or waits to make another attempt."""
    ended: Callable[[Run], None]
    """The recovery reached its last status."""
    hangs: Callable[[int], None]
    """An action's time was up before it returned (1), or it returned after all (-1)."""


class Run:
    """One recovery under way. Read its fields under the owner's lock."""

    def __init__(self, recovery_id: str, strategy: Strategy, target: Target, tools: Tools) -> None:
        self.id = recovery_id
        self.strategy = strategy
        self.target = target
        self.info: ErrorInfo | None = None
        self.status = RecoveryStatus.WAITING
        self.reason = ""
        self.attempt = 1
        self.steps: list[RecoveryStep] = []
        """Of the attempt under way, or of the last one."""
        self.started = tools.clock.time()
        self.started_at = tools.clock.monotonic()
        self.ended: float | None = None
        self.ended_at: float | None = None
        self._tools = tools
        self._position = 0
        self._number = 0
        self._step_began = 0.0
        self._resting = False
        self._healthy = True
        self._pause: float | None = None
        self._hung: set[int] = set()

    def begin(self) -> None:
        """Run on this worker until there is something to wait for."""
        with self._tools.lock:
            if self.status is not RecoveryStatus.WAITING:
                return
            self.status = RecoveryStatus.RUNNING
        self._tools.changed(self)
        self._continue()

    def end(self, status: RecoveryStatus, reason: str = "") -> None:
        """Finish with a last status, once; results that come later are dropped."""
        with self._tools.lock:
            if self.status.finished:
                return
            self.status, self.reason = status, reason
            self._number += 1
            self.ended = self._tools.clock.time()
            self.ended_at = self._tools.clock.monotonic()
        self._tools.ended(self)

    def _continue(self) -> None:
        try:
            while (taken := self._take_step()) is not None:
                if not self._run_step(*taken):
                    return
            self._finish_attempt()
        except BaseException:
            # An interrupt, or a fault of ours: the target must not stay in recovery for ever.
            self.end(RecoveryStatus.FAILED, "interrupted")
            raise

    def _take_step(self) -> tuple[Step, int] | None:
        """The next step whose ``on`` fits, with its number; ``None`` at the end of the attempt."""
        with self._tools.lock:
            steps = self.strategy.steps
            while self._position < len(steps) and not self.status.finished:
                step = steps[self._position]
                self._position += 1
                if step.on.fits(healthy=self._healthy):
                    self._number += 1
                    self._resting = False
                    self._step_began = self._tools.clock.monotonic()
                    return step, self._number
        return None

    def _run_step(self, step: Step, number: int) -> bool:
        """Whether the step is over and this worker goes on."""
        if not self._tools.may_run():
            return self._settle(step, number, Result(succeeded=False, detail="not run: hung actions hold the workers"))
        seconds = DEFAULT_STEP_TIMEOUT if step.timeout is None else step.timeout
        deadline = self._step_began + seconds
        timer = self._tools.clock.call_at(deadline, lambda: self._overrun(step, number, seconds))
        result = self._tools.perform(self, step, self._context(step, deadline), seconds)
        if result.delay is not None and self._rest(step, number, result, timer):
            return False
        timer.cancel()
        return self._settle(step, number, result)

    def _context(self, step: Step, deadline: float) -> ActionContext:
        assert self.info is not None  # noqa: S101  begin() comes after the error is known
        tools = self._tools
        return ActionContext(
            self.info, step.parameters, tools.ports, tools.clock, tools.random, self.attempt, deadline
        )

    def _rest(self, step: Step, number: int, result: Result, overrun: Timer) -> bool:
        """Wait for the seconds that the action asks for, without this worker; false where its time was up before."""
        with self._tools.lock:
            if number != self._number:
                return False
            self._resting = True
        if step.timeout is None:
            overrun.cancel()
        when = self._tools.clock.monotonic() + (result.delay or 0.0)
        self._tools.clock.call_at(when, lambda: self._rested(step, number, result, overrun))
        return True

    def _rested(self, step: Step, number: int, result: Result, overrun: Timer) -> None:
        overrun.cancel()
        if self._settle(step, number, result):
            self._resume()

    def _overrun(self, step: Step, number: int, seconds: float) -> None:
        with self._tools.lock:
            if number != self._number:
                return
            hangs = not self._resting
            if hangs:
                self._hung.add(number)
            self._note(step, Result(succeeded=False, detail=f"its time of {seconds:.3g} s was up"))
        if hangs:
            self._tools.hangs(1)
        self._resume()

    def _settle(self, step: Step, number: int, result: Result) -> bool:
        """Note how a step went; false where it comes too late to matter."""
        with self._tools.lock:
            if number == self._number:
                self._note(step, result)
                return True
            hung = number in self._hung
            self._hung.discard(number)
        if hung:
            self._tools.hangs(-1)
        return False

    def _note(self, step: Step, result: Result) -> None:
        seconds = self._tools.clock.monotonic() - self._step_began
        self._number += 1
        self._healthy = self._healthy and result.succeeded
        self.steps.append(RecoveryStep(step.action.name, result.succeeded, result.detail, seconds))

    def _finish_attempt(self) -> None:
        if self._healthy:
            self.end(RecoveryStatus.SUCCEEDED)
        elif self.attempt < self.strategy.attempts:
            self._try_again()
        else:
            self.end(RecoveryStatus.FAILED if self.strategy.attempts == 1 else RecoveryStatus.EXHAUSTED)

    def _try_again(self) -> None:
        clock, random = self._tools.clock, self._tools.random
        self._pause = self.strategy.backoff.delay(self.attempt, random, previous=self._pause)
        with self._tools.lock:
            if self.status.finished:
                return
            self.status = RecoveryStatus.WAITING
        self._tools.changed(self)
        clock.call_at(clock.monotonic() + self._pause, self._next_attempt)

    def _next_attempt(self) -> None:
        with self._tools.lock:
            if self.status.finished:
                return
            self.attempt += 1
            self.steps = []
            self._position = 0
            self._healthy = True
        self._resume(self.begin)

    def _resume(self, continuation: Callable[[], None] | None = None) -> None:
        """Go on upon a worker, as soon as there is one."""
        task = continuation or self._continue
        if not self._tools.clock.submit(task):
            self._tools.clock.call_at(self._tools.clock.monotonic() + QUEUE_FULL_PAUSE, lambda: self._resume(task))
