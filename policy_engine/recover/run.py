"""The machine of one recovery: waiting, running, verifying, and how it ended; its steps in order, attempt by attempt.

Owns neither thread nor timer: it runs on the worker that calls it, and where it has to wait it leaves that worker and
is continued by the clock. A result that comes after its step's time was up is dropped, for another step is current by
then. Its state is read and written under the lock of whoever started it, which is never held while an action or a
callback runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from policy_engine.clock import Clock, Timer
from policy_engine.model import ErrorInfo, Occurrence, Ports, RecoveryStatus, RecoveryStep
from policy_engine.recover.actions import ActionContext
from policy_engine.recover.execution import Result
from policy_engine.recover.options import DEFAULT_STEP_TIMEOUT, Step, Strategy
from policy_engine.recover.supervision import Target

if TYPE_CHECKING:
    import asyncio

QUEUE_FULL_PAUSE = 1.0
"""Seconds until a recovery asks again for a worker, when so much work waits that none was taken."""

_NO_WORKER = Result(succeeded=False, detail="not run: hung actions hold the workers")


@dataclass(frozen=True, slots=True)
class Tools:
    """What every recovery of one owner works with. The callables are never called under the lock."""

    lock: Callable[[], Lock]
    """Asked each time, for a fork leaves the child with another one."""
    clock: Clock
    random: Random
    ports: Ports
    perform: Callable[[Run, Step, ActionContext], Result]
    """Run a step's action."""
    may_run: Callable[[], bool]
    """Whether there is a worker to lose to another action."""
    changed: Callable[[Run], None]
    """The recovery started, verifies, or waits to make another attempt."""
    ended: Callable[[Run], None]
    """The recovery reached its last status."""
    hangs: Callable[[int], None]
    """An action's time was up before it returned (1), or it returned after all (-1)."""


class FollowUp(NamedTuple):
    """An error of something that a recovery made, which came before the recovery ended and is planned for after it."""

    occurrence: Occurrence
    info: ErrorInfo
    loop: asyncio.AbstractEventLoop | None


class _Current:
    """The step under way: the one that a result must belong to, to count."""

    __slots__ = ("began", "deadline", "hangs", "overrun", "reason", "resting", "step")

    def __init__(self, step: Step, began: float) -> None:
        self.step = step
        self.began = began
        self.deadline = began + self.seconds
        self.overrun: Timer | None = None
        self.reason = ""
        """Why the action asked to be called again, last."""
        self.resting = False
        """Whether it waits for a delay that its action asked for, and holds no worker."""
        self.hangs = False
        """Whether its time was up while its action ran, and the action has not returned."""

    @property
    def seconds(self) -> float:
        return DEFAULT_STEP_TIMEOUT if self.step.timeout is None else self.step.timeout

    @property
    def late(self) -> Result:
        reason = f": {self.reason}" if self.reason else ""
        return Result(succeeded=False, detail=f"its time of {self.seconds:.3g} s was up{reason}")

    def forget_deadline(self) -> None:
        if self.overrun is not None:
            self.overrun.cancel()


class Run:
    """One recovery under way. Read its fields under the owner's lock."""

    def __init__(self, recovery_id: str, strategy: Strategy, target: Target, tools: Tools) -> None:
        self.id = recovery_id
        self.strategy = strategy
        self.target = target
        self.info: ErrorInfo | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        """The event loop of the code that failed, where it ran in one."""
        self.follow_up: FollowUp | None = None
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
        self._current: _Current | None = None
        self._healthy = True
        self._pause: float | None = None

    def begin(self) -> None:
        """Run on this worker until there is something to wait for."""
        with self._tools.lock():
            if self.status is not RecoveryStatus.WAITING:
                return
            self.status = RecoveryStatus.RUNNING
        self._tools.changed(self)
        self._continue()

    def end(self, status: RecoveryStatus, reason: str = "", *, abandon: bool = False) -> None:
        """Finish with a last status, once; results that come later are dropped.

        With ``abandon`` an action may be running: it counts as hung until it returns.
        """
        with self._tools.lock():
            if self.status.finished:
                return
            current = self._current
            hangs = abandon and current is not None and not current.resting
            if current is not None:
                current.hangs = hangs
            self.conclude(status, reason)
        if hangs:
            self._tools.hangs(1)
        self._tools.ended(self)

    def conclude(self, status: RecoveryStatus, reason: str) -> None:
        """Set the last status, under the lock, and tell nobody."""
        self.status, self.reason = status, reason
        self._current = None
        self.ended = self._tools.clock.time()
        self.ended_at = self._tools.clock.monotonic()

    def _continue(self, again: _Current | None = None) -> None:
        try:
            if again is not None and not self._call(again):
                return
            while (current := self._take_step()) is not None:
                if not self._run_step(current):
                    return
            self._finish_attempt()
        except BaseException:
            # An interrupt, or a fault of ours: the target must not stay in recovery for ever.
            self.end(RecoveryStatus.FAILED, "interrupted")
            raise

    def _take_step(self) -> _Current | None:
        """Make the next step whose ``on`` fits the current one; at the end of a good attempt, what verifies it."""
        with self._tools.lock():
            steps = self.strategy.steps
            now = self._tools.clock.monotonic()
            while self._position < len(steps) and not self.status.finished:
                step = steps[self._position]
                self._position += 1
                if step.on.fits(healthy=self._healthy):
                    self._current = _Current(step, now)
                    return self._current
            verify = self.strategy.verify
            if verify is not None and self._healthy and self.status is RecoveryStatus.RUNNING:
                self.status = RecoveryStatus.VERIFYING
                self._current = _Current(verify, now)
                return self._current
        return None

    def _run_step(self, current: _Current) -> bool:
        """Whether the step is over and this worker goes on."""
        if current.step is self.strategy.verify:
            self._tools.changed(self)
        if not self._tools.may_run():
            return self._settle(current, _NO_WORKER)
        current.overrun = self._tools.clock.call_at(current.deadline, lambda: self._overrun(current))
        return self._call(current)

    def _call(self, current: _Current) -> bool:
        """Call the step's action, the first time or again; whether the step is over and this worker goes on."""
        result = self._tools.perform(self, current.step, self._context(current))
        if result.delay is None or not self._rest(current):
            current.forget_deadline()
            return self._settle(current, result)
        if result.again:
            current.reason = result.detail
        elif current.step.timeout is None:
            current.forget_deadline()
        clock = self._tools.clock
        clock.call_at(clock.monotonic() + result.delay, lambda: self._rested(current, result))
        return False

    def _context(self, current: _Current) -> ActionContext:
        assert self.info is not None  # noqa: S101  begin() comes after the error is known
        tools = self._tools
        parameters = current.step.parameters
        return ActionContext(
            self.info, parameters, tools.ports, tools.clock, tools.random, self.attempt, current.deadline
        )

    def _rest(self, current: _Current) -> bool:
        """Whether the step is still the current one and may wait, without a worker."""
        with self._tools.lock():
            current.resting = self._current is current
            return current.resting

    def _rested(self, current: _Current, result: Result) -> None:
        if result.again:
            self._resume(lambda: self._call_again(current))
            return
        current.forget_deadline()
        if self._settle(current, result):
            self._resume()

    def _call_again(self, current: _Current) -> None:
        with self._tools.lock():
            if self._current is not current:
                return
            current.resting = False
        self._continue(current)

    def _overrun(self, current: _Current) -> None:
        with self._tools.lock():
            if self._current is not current:
                return
            current.hangs = not current.resting
            self._note(current, current.late)
        if current.hangs:
            self._tools.hangs(1)
        self._resume()

    def _settle(self, current: _Current, result: Result) -> bool:
        """Note how a step went; false where it comes too late to matter."""
        with self._tools.lock():
            if self._current is current:
                self._note(current, result)
                return True
        if current.hangs:
            self._tools.hangs(-1)
        return False

    def _note(self, current: _Current, result: Result) -> None:
        seconds = self._tools.clock.monotonic() - current.began
        self._current = None
        self._healthy = self._healthy and result.succeeded
        self.steps.append(RecoveryStep(current.step.action.name, result.succeeded, result.detail, seconds))

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
        with self._tools.lock():
            if self.status.finished:
                return
            self.status = RecoveryStatus.WAITING
        self._tools.changed(self)
        clock.call_at(clock.monotonic() + self._pause, self._next_attempt)

    def _next_attempt(self) -> None:
        with self._tools.lock():
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
