"""A call through a pipeline whose begin and end lie apart: a generator, a ``with`` block.

It passes what guards the target (limiter, bulkhead, breaker, outcome, deadline) and not what would have to run it again
or answer for it: a block cannot be retried, and has no result that a fallback could replace.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from policy_engine.boundary import Border
from policy_engine.callables import name_of
from policy_engine.errors import CallRefusedError
from policy_engine.protect.breaker.passage import BreakerPassage
from policy_engine.protect.calls.pipeline import Pipeline
from policy_engine.protect.timeout import deadline, no_later_than

Report = Callable[[BaseException, str, str], object]


class PipelinePassage:
    """One call through ``pipeline``; opening it may raise a refusal. The report names ``function``, if there is one."""

    __slots__ = (
        "_border",
        "_breaker",
        "_function",
        "_monotonic",
        "_pipeline",
        "_report",
        "_seat",
        "_spent",
        "_started",
        "_token",
    )

    def __init__(self, pipeline: Pipeline, report: Report, function: Callable[..., Any] | None, key: object) -> None:
        self._pipeline = pipeline
        self._report = report
        self._function = function
        self._monotonic = pipeline.clock.monotonic
        self._spent = 0.0
        try:
            self._enter(key)
        except CallRefusedError:
            if pipeline.outcome is not None:
                pipeline.outcome.tell_refused()
            raise

    def _enter(self, key: object) -> None:
        memory = self._pipeline.memory
        if memory.limiter is not None:
            memory.limiter.enter()
        self._seat = None if memory.bulkhead is None else memory.bulkhead.enter()
        try:
            self._breaker = None if self._pipeline.choose is None else BreakerPassage(self._pipeline.choose(key))
        except BaseException:
            self._leave_seat()
            raise

    def resume(self) -> None:
        """The call's own code runs from now on."""
        self._started = self._monotonic() - self._spent
        timeout = self._pipeline.options.timeout
        until = math.inf if timeout is None else self._started + timeout
        self._token = deadline.set(no_later_than(until))
        self._border = Border()
        self._border.__enter__()
        if self._breaker is not None:
            self._breaker.resume()

    def within(self, step: Awaitable[Any]) -> Awaitable[Any]:
        """Return what awaits ``step``, and cancels it when the time of the whole call is over."""
        return step if self._pipeline.options.timeout is None else self._in_time(step)

    async def _in_time(self, step: Awaitable[Any]) -> Any:
        until = deadline.get()
        scope = self._pipeline.clock.timeout(max(0.0, until - self._monotonic()))
        try:
            async with scope:
                return await step
        except TimeoutError as error:
            if scope.expired():
                allowed = f"{until - self._started:.3g} s"
                raise TimeoutError(f'call "{self._pipeline.name}" took longer than {allowed}') from error.__cause__
            raise

    def pause(self) -> None:
        """It does not any more, for a while."""
        self._spent = self._monotonic() - self._started
        if self._breaker is not None:
            self._breaker.pause()
        self._leave_context()

    def end(self, error: BaseException | None) -> None:
        """Tell breaker, listener and, where no protection is around this one, the engine."""
        self._leave_context()
        self._leave_seat()
        spent = self._monotonic() - self._started
        timeout = self._pipeline.options.timeout
        overran = timeout is not None and spent > timeout
        if self._breaker is not None:
            self._breaker.end(error, overran=overran)
        if self._pipeline.outcome is not None:
            self._pipeline.outcome.tell(spent, error, overran=overran and error is None)
        if isinstance(error, Exception) and not isinstance(error, CallRefusedError) and self._border.outermost:
            self._report(error, *(("", "") if self._function is None else name_of(self._function)))

    def _leave_context(self) -> None:
        # A block may be left in another context than it was entered in, as a fixture is: there is nothing to take back.
        with suppress(ValueError):
            self._border.__exit__()
        with suppress(ValueError):
            deadline.reset(self._token)

    def _leave_seat(self) -> None:
        if self._pipeline.memory.bulkhead is not None and self._seat is not None:
            self._pipeline.memory.bulkhead.leave(self._seat)
