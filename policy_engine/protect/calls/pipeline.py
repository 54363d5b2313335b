"""The strategies of one target put around each other, in the order in which a call passes them.

``fallback - outcome - limiter - bulkhead - breaker - retry - timeout - the user's function``

Immutable once made; a reload makes another one, and calls under way end in the old one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Any, Protocol

from policy_engine.clock import Clock
from policy_engine.errors import UnknownNameError
from policy_engine.protect.breaker import CircuitBreaker
from policy_engine.protect.breaker.layer import BreakerLayer
from policy_engine.protect.calls.options import CallOptions
from policy_engine.protect.calls.outcome import OutcomeLayer, OutcomeListener
from policy_engine.protect.fallback import FallbackLayer, Registered
from policy_engine.protect.invocation import AsyncCall, Call, Fault, Invocation, invoke, invoke_async
from policy_engine.protect.retry import Retryable, RetryLayer
from policy_engine.protect.timeout import TimeoutLayer


class Layer(Protocol):
    """A strategy at its place around a call."""

    def around(self, inner: Call) -> Call:
        """Return the call further out."""

    def around_async(self, inner: AsyncCall) -> AsyncCall:
        """Return the call further out."""


class Pipeline:
    """All that stands before the calls of one target."""

    __slots__ = ("_run", "_run_async", "breaker", "clock", "name", "options", "outcome")

    def __init__(
        self,
        name: str,
        options: CallOptions,
        *,
        clock: Clock,
        random: Random,
        breaker: CircuitBreaker | None = None,
        retryable: Retryable | None = None,
        registered: Registered | None = None,
        on_outcome: OutcomeListener | None = None,
        fault: Fault | None = None,
    ) -> None:
        """Compose ``options``.

        ``breaker`` is the one that ``options.breaker`` names. ``retryable`` says which errors may pass by themselves
        (all, where nobody says), ``registered`` finds a fallback function, ``on_outcome`` is told how each call ended,
        ``fault`` what went wrong in any of them.
        """
        self.name = name
        self.options = options
        self.clock = clock
        self.breaker = breaker
        fault = fault or _nobody
        layers: list[Layer] = []
        if options.fallback is not None:
            layers.append(FallbackLayer(options.fallback, clock=clock, registered=registered or _nothing))
        self.outcome: OutcomeLayer | None = None
        if on_outcome is not None:
            slow_after = math.inf if breaker is None else breaker.machine.patience
            self.outcome = OutcomeLayer(name, on_outcome, clock=clock, slow_after=slow_after, fault=fault)
            layers.append(self.outcome)
        if breaker is not None:
            layers.append(BreakerLayer(breaker))
        if options.retry is not None:
            layers.append(
                RetryLayer(options.retry, clock=clock, random=random, retryable=retryable or _always, fault=fault)
            )
        if options.timeout is not None:
            layers.append(TimeoutLayer(name, options.timeout, clock=clock))
        self._run: Call = invoke
        self._run_async: AsyncCall = invoke_async
        for layer in reversed(layers):
            self._run = layer.around(self._run)
            self._run_async = layer.around_async(self._run_async)

    def run(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call ``function`` through all layers."""
        return self._run(Invocation(function, args, kwargs))

    async def run_async(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], prepared: Any = None
    ) -> Any:
        """Await ``function`` through all layers; ``prepared`` is a coroutine of it for the first attempt."""
        call = Invocation(function, args, kwargs)
        call.prepared = prepared
        return await self._run_async(call)


def _always(error: Exception) -> bool:  # noqa: ARG001  the form of the predicate
    return True


def _nobody(where: str, error: BaseException) -> None:
    """Until somebody says where faults go, there is nobody to tell."""


def _nothing(name: str) -> Callable[..., Any]:
    raise UnknownNameError(f'no function is registered as "{name}"')
