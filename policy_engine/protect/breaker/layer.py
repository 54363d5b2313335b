"""The breaker as a layer: one permit for the whole call further in, retries and all."""

from __future__ import annotations

from typing import Any

from policy_engine.protect.breaker.breaker import CircuitBreaker
from policy_engine.protect.invocation import AsyncCall, Call, Invocation


class BreakerLayer:
    """Lets a call go further in only by leave of ``breaker``, and tells it how the call ended."""

    __slots__ = ("_breaker",)

    def __init__(self, breaker: CircuitBreaker) -> None:
        self._breaker = breaker

    def around(self, inner: Call) -> Call:
        """Return ``inner`` behind the breaker."""
        breaker, machine, monotonic = self._breaker, self._breaker.machine, self._breaker.monotonic

        def through_breaker(call: Invocation) -> Any:
            permit = machine.door or breaker.enter()
            started = monotonic()
            try:
                result = inner(call)
            except BaseException as error:
                breaker.fail(permit, started, error)
                raise
            (breaker.overrun if call.overran else breaker.succeed)(permit, started)
            return result

        return through_breaker

    def around_async(self, inner: AsyncCall) -> AsyncCall:
        """Return ``inner`` behind the breaker."""
        breaker, machine, monotonic = self._breaker, self._breaker.machine, self._breaker.monotonic

        async def through_breaker(call: Invocation) -> Any:
            permit = machine.door or breaker.enter()
            started = monotonic()
            try:
                result = await inner(call)
            except BaseException as error:
                breaker.fail(permit, started, error)
                raise
            breaker.succeed(permit, started)
            return result

        return through_breaker
