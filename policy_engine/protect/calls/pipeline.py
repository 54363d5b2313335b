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
from policy_engine.protect.breaker import CircuitBreaker, KeyedBreakers
from policy_engine.protect.breaker.layer import BreakerLayer
from policy_engine.protect.calls.options import CallOptions
from policy_engine.protect.calls.outcome import OutcomeLayer, OutcomeListener
from policy_engine.protect.fallback import FallbackLayer, Registered
from policy_engine.protect.invocation import AsyncCall, Call, Fault, invoke, invoke_async
from policy_engine.protect.retry import Retryable, RetryLayer
from policy_engine.protect.timeout import TimeoutLayer


class Layer(Protocol):
    """A strategy at its place around a call."""

    def around(self, inner: Call) -> Call:
        """Return the call further out."""

    def around_async(self, inner: AsyncCall) -> AsyncCall:
        """Return the call further out."""


class Pipeline:
    """All that stands before the calls of one target: ``run`` and ``run_async`` make a call through it."""

    __slots__ = ("choose", "clock", "key", "name", "options", "outcome", "run", "run_async")

    def __init__(
        self,
        name: str,
        options: CallOptions,
        *,
        clock: Clock,
        random: Random,
        breaker: CircuitBreaker | KeyedBreakers | None = None,
        retryable: Retryable | None = None,
        registered: Registered | None = None,
        on_outcome: OutcomeListener | None = None,
        fault: Fault | None = None,
    ) -> None:
        """Compose ``options``.

        ``breaker`` is what ``options.breaker`` names: one, or one for each key. ``retryable`` says which errors may
        pass by themselves (all, where nobody says), ``registered`` finds a fallback function, ``on_outcome`` is told
        how each call ended, ``fault`` what went wrong in any of them.
        """
        self.name = name
        self.options = options
        self.clock = clock
        self.key = None if breaker is None else breaker.options.key
        fault = fault or _nobody
        layers: list[Layer] = []
        if options.fallback is not None:
            layers.append(FallbackLayer(options.fallback, clock=clock, registered=registered or _nothing))
        self.outcome: OutcomeLayer | None = None
        if on_outcome is not None:
            slow_after = math.inf if breaker is None else breaker.options.patience
            self.outcome = OutcomeLayer(name, on_outcome, clock=clock, slow_after=slow_after, fault=fault)
            layers.append(self.outcome)
        self.choose: Callable[[object], CircuitBreaker] | None = None
        if isinstance(breaker, CircuitBreaker):
            self.choose = lambda _: breaker
        elif breaker is not None:
            self.choose = breaker.get
        if self.choose is not None:
            layers.append(BreakerLayer(self.choose))
        if options.retry is not None:
            layers.append(
                RetryLayer(options.retry, clock=clock, random=random, retryable=retryable or _always, fault=fault)
            )
        if options.timeout is not None:
            layers.append(TimeoutLayer(name, options.timeout, clock=clock))
        self.run: Call = invoke
        self.run_async: AsyncCall = invoke_async
        for layer in reversed(layers):
            self.run = layer.around(self.run)
            self.run_async = layer.around_async(self.run_async)


def _always(error: Exception) -> bool:  # noqa: ARG001  the form of the predicate
    return True


def _nobody(where: str, error: BaseException) -> None:
    """Until somebody says where faults go, there is nobody to tell."""


def _nothing(name: str) -> Callable[..., Any]:
    raise UnknownNameError(f'no function is registered as "{name}"')
