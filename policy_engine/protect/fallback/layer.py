"""Fallback as a layer, the outermost: what to answer when everything further in has failed or was refused.

An error that a fallback answers is absorbed: it is no error of the service. Where the fallback has nothing, the error
passes on; where a fallback function raises, its own does. Cancellation and interrupts are never answered.
"""

from __future__ import annotations

import inspect
from copy import deepcopy
from typing import Any

from policy_engine.clock import Clock
from policy_engine.protect.fallback.last_good import LastGoodResults
from policy_engine.protect.fallback.options import FallbackFunction, FallbackOptions, FallbackValue
from policy_engine.protect.invocation import AsyncCall, Call, Invocation, Registered


class FallbackLayer:
    """Answers in place of a call that fails. ``registered`` finds what the program registered under a name.

    ``results`` are the last good ones, where those are to answer.
    """

    __slots__ = ("_clock", "_options", "_registered", "_results")

    def __init__(
        self,
        options: FallbackOptions,
        *,
        clock: Clock,
        registered: Registered,
        results: LastGoodResults | None = None,
    ) -> None:
        self._options = options
        self._clock = clock
        self._registered = registered
        self._results = results

    def around(self, inner: Call) -> Call:
        """Return ``inner``, its failures answered."""
        results, monotonic = self._results, self._clock.monotonic

        def with_fallback(call: Invocation) -> Any:
            try:
                result = inner(call)
            except Exception as error:  # noqa: BLE001  answering errors is what it is for
                return self._answer(call, error)
            if results is not None:
                results.keep(call, result, monotonic())
            return result

        return with_fallback

    def around_async(self, inner: AsyncCall) -> AsyncCall:
        """Return ``inner``, its failures answered; the registered function may be a coroutine function."""
        results, monotonic = self._results, self._clock.monotonic

        async def with_fallback(call: Invocation) -> Any:
            try:
                result = await inner(call)
            except Exception as error:  # noqa: BLE001  answering errors is what it is for
                answer = self._answer(call, error)
                return await answer if inspect.isawaitable(answer) else answer
            if results is not None:
                results.keep(call, result, monotonic())
            return result

        return with_fallback

    def _answer(self, call: Invocation, error: Exception) -> Any:
        if isinstance(self._options, FallbackValue):
            return deepcopy(self._options.value)  # the caller may change what it gets
        if isinstance(self._options, FallbackFunction):
            return self._registered(self._options.name)(*call.args, **call.kwargs)
        kept = self._results and self._results.find(call, self._clock.monotonic())
        if not kept:
            raise error
        return kept[0]
