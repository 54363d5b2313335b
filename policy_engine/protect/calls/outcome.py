"""How each call of a target ended, told to one listener: the metrics of calls feed on it.

A call counts once, whatever its retries did; refused ones are told apart, cancelled and interrupted ones are no
outcomes. A failure that a fallback then answers is one.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from policy_engine.clock import Clock
from policy_engine.errors import CallRefusedError
from policy_engine.protect.invocation import AsyncCall, Call, Fault, Invocation


class Outcome(NamedTuple):
    """How a call ended."""

    call: str
    seconds: float
    """Retries and the waits before them included."""
    failed: bool
    slow: bool
    retries: int
    error: Exception | None
    """What it ended in; ``None`` where it returned, be it too late."""


class OutcomeListener(Protocol):
    """Who wants to know."""

    def finished(self, outcome: Outcome) -> object:
        """A call ended."""

    def refused(self, call: str) -> object:
        """A protection refused ``call``."""


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
                self.tell(monotonic() - started, error, retries=call.retries)
                raise
            self.tell(monotonic() - started, None, overran=call.overran, retries=call.retries)
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
                self.tell(monotonic() - started, error, retries=call.retries)
                raise
            self.tell(monotonic() - started, None, retries=call.retries)
            return result

        return with_outcome

    def tell(self, seconds: float, error: BaseException | None, *, overran: bool = False, retries: int = 0) -> None:
        """Tell of one call, unless its error is none of the target's."""
        if error is None:
            slow = overran or seconds > self._slow_after
        elif not isinstance(error, Exception):
            return
        elif isinstance(error, CallRefusedError):
            self.tell_refused()
            return
        else:
            slow = seconds > self._slow_after
        try:
            # The tuple's own way: a named tuple's goes through a function more, on every call.
            self._listener.finished(
                tuple.__new__(Outcome, (self._name, seconds, error is not None or overran, slow, retries, error))
            )
        except Exception as fault:  # noqa: BLE001  a listener must not cost the caller its result
            self._listener_failed(fault)

    def tell_refused(self) -> None:
        """Tell of a call that a protection refused."""
        try:
            self._listener.refused(self._name)
        except Exception as fault:  # noqa: BLE001  as above
            self._listener_failed(fault)

    def _listener_failed(self, fault: Exception) -> None:
        self._fault(f'the listener of call "{self._name}"', fault)
