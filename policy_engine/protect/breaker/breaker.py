"""The circuit breaker as code meets it: decorator, context manager, call; threads and asyncio alike.

A thin shell: it brings the time and the lock to the `Machine`, which decides. No lock is held while foreign code runs.
Breakers report no error to anybody; what a call raises passes on as it is. ``KeyboardInterrupt``, ``SystemExit``,
``GeneratorExit`` and cancellation count as nothing. A predicate or listener that raises is told to ``fault`` and
changes nothing else.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from random import Random
from typing import ParamSpec, TypeVar, cast

from policy_engine.clock import Clock, SystemClock
from policy_engine.errors import CircuitOpenError
from policy_engine.forks import survives_fork
from policy_engine.model import BreakerState, Event
from policy_engine.protect.breaker import entered
from policy_engine.protect.breaker.guard import finish, guard
from policy_engine.protect.breaker.judge import Counts, CountsResult, Fault, Judge
from policy_engine.protect.breaker.machine import Machine
from policy_engine.protect.breaker.open_time import ProcessRandom
from policy_engine.protect.breaker.options import BreakerOptions, CircuitBreakerConfig, options_of
from policy_engine.protect.breaker.passage import BreakerPassage
from policy_engine.protect.breaker.permit import Permit, Refusal
from policy_engine.protect.breaker.statistics import BreakerStatistics, statistics_of
from policy_engine.protect.invocation import UNFINISHED, Registered, nothing_registered, tell_nobody

P = ParamSpec("P")
R = TypeVar("R")
Publish = Callable[[Event], None]

_system_clock = SystemClock()
_random = ProcessRandom()


class CircuitBreaker:
    """Stops calling what keeps failing, and probes it before trusting it again.

    ``@breaker`` on functions of every kind, ``with breaker:``, ``async with breaker:``, ``breaker.call(f, ...)``.
    ``counts`` says which exceptions are failures of the target (all by default); the others are neutral, and so is a
    refusal by another protection. ``counts_result`` says which results are failures (none by default); ``registered``
    finds the function that a policy's ``failed_result`` names.
    """

    __slots__ = (
        "__weakref__",
        "_clock",
        "_delivers",
        "_fault",
        "_judge",
        "_lock",
        "_publish",
        "judges_results",
        "machine",
        "monotonic",
        "name",
    )

    def __init__(
        self,
        name: str = "default",
        config: CircuitBreakerConfig | BreakerOptions | None = None,
        *,
        clock: Clock | None = None,
        random: Random | None = None,
        publish: Publish | None = None,
        counts: Counts | None = None,
        counts_result: CountsResult | None = None,
        fault: Fault | None = None,
        registered: Registered = nothing_registered,
    ) -> None:
        self.name = name
        self._clock = clock or _system_clock
        self._publish = publish
        self._fault = fault or tell_nobody
        self._judge = Judge(name, counts, counts_result, self._fault, registered)
        self._delivers = False
        self._lock = threading.Lock()
        self.monotonic = self._clock.monotonic
        self.machine = Machine(options_of(config), self.monotonic(), random or _random)
        self.judges_results = self._judge.looks_at_results(self.options)
        survives_fork(self)

    def __repr__(self) -> str:
        return f"<CircuitBreaker {self.name!r} {self.state}>"

    @property
    def state(self) -> BreakerState:
        """What a call now would meet: an open breaker whose time is over shows HALF_OPEN."""
        with self._lock:
            return self.machine.shown(self.monotonic())[0]

    @property
    def options(self) -> BreakerOptions:
        """What it goes by."""
        return self.machine.options

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Protect ``function``: plain, coroutine, generator or asynchronous generator, method, partial or object."""
        return guard(self, function)

    def call(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return ``function(*args, **kwargs)``; a coroutine or a generator among them is protected until it ends.

        Raises:
            CircuitOpenError: the breaker refuses.
        """
        permit = self.machine.door or self.enter()
        started = self.monotonic()
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            self.fail(permit, started, error)
            raise
        if type(result) in UNFINISHED:
            return cast(R, finish(self, permit, result))
        self.end(permit, started, result)
        return result

    def __enter__(self) -> CircuitBreaker:
        passage = BreakerPassage(self)
        passage.resume()
        entered.push(self, passage)
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        passage = entered.pop(self)
        if passage is not None:  # else left in another context than entered: the permit's lease ends by itself
            passage.end(error)

    async def __aenter__(self) -> CircuitBreaker:
        return self.__enter__()

    async def __aexit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        self.__exit__(kind, error, traceback)

    def statistics(self) -> BreakerStatistics:
        """Return its numbers at this moment."""
        with self._lock:
            now = self.monotonic()
            return statistics_of(self.name, self.machine, now, self._clock.time())

    def reset(self, reason: str = "reset") -> None:
        """Go back to the ordinary state, and forget what led away from it; the totals stay."""
        with self._lock:
            self.machine.reset(self.monotonic(), reason)
        self._deliver()

    def force_open(self, seconds: float | None = None, reason: str = "forced open") -> None:
        """Refuse every call for ``seconds`` (by default the recovery timeout, ``math.inf`` for good), then probe."""
        self._order(BreakerState.FORCED_OPEN, self.options.recovery_timeout if seconds is None else seconds, reason)

    def disable(self, seconds: float = math.inf, reason: str = "disabled") -> None:
        """Let every call pass and count none towards opening, for ``seconds`` or until `reset`."""
        self._order(BreakerState.DISABLED, seconds, reason)

    def metrics_only(self, seconds: float = math.inf, reason: str = "metrics only") -> None:
        """Let every call pass and count, but do not open, for ``seconds`` or until `reset`."""
        self._order(BreakerState.METRICS_ONLY, seconds, reason)

    def adopt(self, options: BreakerOptions) -> None:
        """Go on under another definition, the state kept; an unchanged one changes nothing."""
        with self._lock:
            self.machine.adopt(options, self.monotonic())
        self.judges_results = self._judge.looks_at_results(options)
        self._deliver()

    def enter(self) -> Permit:
        """Take leave for one call, to be ended by `end`, `fail` or `give_back`.

        Raises:
            CircuitOpenError: the breaker refuses.
        """
        machine = self.machine
        if machine.door is None:
            wait = machine.refuses_until - self.monotonic()
            if wait > 0:
                machine.refusals.tick()
                raise CircuitOpenError(self.name, retry_after=wait)
        answer = self.ask()
        if isinstance(answer, Refusal):
            raise CircuitOpenError(self.name, retry_after=answer.retry_after)
        return answer

    def ask(self) -> Permit | Refusal:
        """Take leave as `enter` does, with a refusal as an answer instead of an exception."""
        machine = self.machine
        permit = machine.door
        if permit is not None:
            return permit
        now = self.monotonic()
        wait = machine.refuses_until - now
        if wait > 0:
            machine.refusals.tick()
            return Refusal(wait)
        with self._lock:
            answer = machine.admit(now)
        if machine.news:
            self._deliver()
        return answer

    def succeed(self, permit: Permit, started: float) -> None:
        """End a call that returned."""
        machine, now = self.machine, self.monotonic()
        elapsed = now - started
        if permit is machine.door and elapsed <= machine.patience and now < machine.tally.quiet_until:
            machine.good.tick()
            return
        with self._lock:
            machine.succeed(permit, elapsed, now)
        self._deliver()

    def end(self, permit: Permit, started: float, result: object) -> None:
        """End a call that returned ``result``, which may be a failure."""
        if self.judges_results and self._judge.counts_result(result, self.options):
            self.count_failure(permit, started)
        else:
            self.succeed(permit, started)

    def count_failure(self, permit: Permit, started: float) -> None:
        """End a call that returned, and failed none the less."""
        now = self.monotonic()
        with self._lock:
            self.machine.fail(permit, now - started, now)
        self._deliver()

    def fail(self, permit: Permit, started: float, error: BaseException) -> None:
        """End a call that raised."""
        now = self.monotonic()
        counted = False
        try:
            counted = self._judge.counts(error)
        finally:
            with self._lock:
                if counted:
                    self.machine.fail(permit, now - started, now)
                else:
                    self.machine.release(permit)
        self._deliver()

    def give_back(self, permit: Permit) -> None:
        """Take leave back for which there was no call in the end."""
        with self._lock:
            self.machine.give_back(permit)

    def _order(self, state: BreakerState, seconds: float, reason: str) -> None:
        if not seconds >= 0:
            raise ValueError(f"seconds is {seconds!r}: it must be 0 or more")
        with self._lock:
            self.machine.order(state, self.monotonic(), seconds, reason)
        self._deliver()

    def _deliver(self) -> None:
        # One thread at a time, so that listeners see transitions in order; what a listener causes comes after it.
        while self.machine.news:
            with self._lock:
                if self._delivers or not self.machine.news:
                    return
                self._delivers = True
                change, now = self.machine.news.pop(0), self.monotonic()
            try:
                event = change.event(self.name, self._clock.time() - (now - change.at))
                if self._publish is not None:
                    self._publish(event)
            except Exception as fault:  # noqa: BLE001  a listener must not keep a breaker from opening
                self._fault(f'a listener of breaker "{self.name}"', fault)
            finally:
                self._delivers = False

    def after_fork(self) -> None:
        """Make the lock anew in a child."""
        self._lock = threading.Lock()
        self._delivers = False
