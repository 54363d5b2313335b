"""Protected calls made for a case: the function that is called succeeds, fails and takes its time as a step says.

There is one function for each breaker or target, so that what a protection remembers of a function holds over steps.
"""

from __future__ import annotations

from collections.abc import Callable

from policy_engine.clock import VirtualClock
from policy_engine.engine import Engine
from policy_engine.errors import CallRefusedError
from policy_engine.simulate.policy_tests.cases import Call
from policy_engine.simulate.policy_tests.coverage import Coverage
from policy_engine.simulate.policy_tests.faults import exception_of
from policy_engine.simulate.policy_tests.observed import StepRecord


class Caller:
    """Makes the calls of one case."""

    def __init__(self, engine: Engine, clock: VirtualClock, coverage: Coverage) -> None:
        self._engine = engine
        self._clock = clock
        self._coverage = coverage
        self._functions: dict[tuple[str, str], _Function] = {}

    def make(self, call: Call, number: int, record: StepRecord) -> None:
        """Make the ``number``-th call of a step and take note of how it went."""
        function = self._function(call)
        function.begin(call, fails=call.fault is not None and number % call.every_nth == 0)
        try:
            function.protected(call)
        except CallRefusedError:
            record.refused += 1
        except BaseException as error:
            if error is not function.raised and not isinstance(error, Exception):
                raise
            record.failed += 1
            if call.breaker is not None and isinstance(error, Exception):
                self._hand_over(call, error)
        else:
            record.succeeded += 1
        record.allowed += function.attempts > 0
        record.retries += max(0, function.attempts - 1)
        record.delays = function.delays

    def _hand_over(self, call: Call, error: Exception) -> None:
        """Report a failure as the code around a breaker does; without a traceback, which would show this module."""
        self._engine.handle(
            error.with_traceback(None),
            module=call.module or call.name,
            function=call.function,
            context=call.context or None,
        )

    def _function(self, call: Call) -> _Function:
        key = ("breaker" if call.breaker is not None else "target", call.name)
        function = self._functions.get(key)
        if function is None:
            function = self._functions[key] = _Function(self._engine, self._clock, call)
            name = call.breaker if call.target is None else self._engine.policy.calls[call.target].breaker
            if name is not None:
                self._coverage.breaker_called(name)
        return function


class _Function:
    """What is called, behind its protection."""

    def __init__(self, engine: Engine, clock: VirtualClock, call: Call) -> None:
        self._clock = clock
        self._call = call
        self._fails = False
        self._ended = 0.0
        self.attempts = 0
        self.delays: list[float] = []
        self.raised: BaseException | None = None

        def function() -> None:
            self._attempt()

        self._inner = function
        self.protected = self._through_breaker(engine) if call.breaker is not None else self._through_target(engine)

    def begin(self, call: Call, *, fails: bool) -> None:
        """Be what the next call needs."""
        self._call, self._fails = call, fails
        self.attempts = 0
        self.delays = []
        self.raised = None

    def _through_breaker(self, engine: Engine) -> Callable[[Call], None]:
        guarded = engine.breaker(self._call.name)(self._inner)
        return lambda _: guarded()

    def _through_target(self, engine: Engine) -> Callable[[Call], None]:
        protection = engine.protect(self._call.name)

        def protected(call: Call) -> None:
            # The protection reports an error under the function's own name.
            self._inner.__module__, self._inner.__qualname__ = call.module or call.name, call.function
            (protection.given(**call.context) if call.context else protection).call(self._inner)

        return protected

    def _attempt(self) -> None:
        now = self._clock.monotonic()
        if self.attempts:
            self.delays.append(now - self._ended)
        self.attempts += 1
        if self._call.takes:
            self._clock.advance(self._call.takes)
        self._ended = self._clock.monotonic()
        outcomes = self._call.attempts
        fault = self._call.fault
        if self._fails and fault is not None and not outcomes[min(self.attempts, len(outcomes)) - 1]:
            self.raised = exception_of(fault)
            raise self.raised
