"""How each call of a target ended, told to one listener: the metrics of calls feed on it.

A call counts once, whatever its retries did; refused, cancelled and interrupted ones are no outcomes. A failure that a
fallback then answers is one.
"""

from __future__ import annotations

from typing import Any, Protocol

from policy_engine.clock import Clock
from policy_engine.errors import CallRefusedError
from policy_engine.protect.invocation import AsyncCall, Call, Fault, Invocation


class OutcomeListener(Protocol):
    """Who wants to know."""

    def __call__(self, call: str, seconds: float, *, failed: bool, slow: bool) -> object:
        """``call`` ended after ``seconds``."""


class OutcomeLayer:
    """Tells ``listener`` of each call; one that raises is isolated."""

    __slots__ = ("_clock", "_fault", "_listener", "_name", "_slow_after")

    def __init__(self, name: str, listener: OutcomeListener, *, clock: Clock, slow_after: float, fault: Fault) -> None:
        self._name = name
        self._listener = listener
        self._clock = clock
        self._slow_after = slow_after
        self._fault = fault

    def around(self, inner: Call) -> Call:
        """Return ``inner``, its outcome told."""
        monotonic = self._clock.monotonic

        def with_outcome(call: Invocation) -> Any:
            started = monotonic()
            try:
                result = inner(call)
            except BaseException as error:
                self.tell(monotonic() - started, error, overran=False)
                raise
            self.tell(monotonic() - started, None, overran=call.overran)
            return result

        return with_outcome

    def around_async(self, inner: AsyncCall) -> AsyncCall:
        """Return ``inner``, its outcome told."""
        monotonic = self._clock.monotonic

        async def with_outcome(call: Invocation) -> Any:
            started = monotonic()
            try:
                result = await inner(call)
            except BaseException as error:
                self.tell(monotonic() - started, error, overran=False)
                raise
            self.tell(monotonic() - started, None, overran=False)
            return result

        return with_outcome

    def tell(self, seconds: float, error: BaseException | None, *, overran: bool) -> None:
        """Tell of one call, unless its error is none of the target's."""
        if error is not None and (not isinstance(error, Exception) or isinstance(error, CallRefusedError)):
            return
        slow = overran or seconds > self._slow_after
        try:
            self._listener(self._name, seconds, failed=error is not None or overran, slow=slow)
        except Exception as fault:  # noqa: BLE001  a listener must not cost the caller its result
            self._fault(f'the listener of call "{self._name}"', fault)
