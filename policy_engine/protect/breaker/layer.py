"""The breaker as a layer: one permit for the whole call further in, retries and all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from policy_engine.protect.breaker.breaker import CircuitBreaker
from policy_engine.protect.invocation import AsyncCall, Call, Invocation, UnfinishedResult


class BreakerLayer:
    """Lets a call go further in only by leave of the breaker that ``choose`` names, and tells it how it ended."""

    __slots__ = ("_choose",)

    def __init__(self, choose: Callable[[object], CircuitBreaker]) -> None:
        self._choose = choose

    def around(self, inner: Call) -> Call:
        """Return ``inner`` behind the breaker."""
        choose = self._choose

        def through_breaker(call: Invocation) -> Any:
            breaker = choose(call.key)
            permit = breaker.machine.door or breaker.enter()
            started = breaker.monotonic()
            try:
                result = inner(call)
            except UnfinishedResult:
                breaker.give_back(permit)
                raise
            except BaseException as error:
                breaker.fail(permit, started, error)
                raise
            if call.overran:
                breaker.count_failure(permit, started)
            else:
                breaker.end(permit, started, result)
            return result

        return through_breaker

    def around_async(self, inner: AsyncCall) -> AsyncCall:
        """Return ``inner`` behind the breaker."""
        choose = self._choose

        async def through_breaker(call: Invocation) -> Any:
            breaker = choose(call.key)
            permit = breaker.machine.door or breaker.enter()
            started = breaker.monotonic()
            try:
                result = await inner(call)
            except BaseException as error:
                breaker.fail(permit, started, error)
                raise
            breaker.end(permit, started, result)
            return result

        return through_breaker
