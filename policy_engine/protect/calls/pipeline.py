"""The strategies of one target put around each other, in the order in which a call passes them.

``fallback - outcome - limiter - bulkhead - breaker - retry - timeout - the user's function``

Immutable once made; a reload makes another one, and calls under way end in the old one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from random import Random
from typing import Protocol

from policy_engine.clock import Clock
from policy_engine.protect.breaker import CircuitBreaker, KeyedBreakers
from policy_engine.protect.breaker.layer import BreakerLayer
from policy_engine.protect.calls.memory import Memory, remember
from policy_engine.protect.calls.options import CallOptions
from policy_engine.protect.calls.outcome import OutcomeLayer, OutcomeListener
from policy_engine.protect.fallback import FallbackLayer
from policy_engine.protect.invocation import (
    AsyncCall,
    Call,
    Fault,
    Registered,
    invoke,
    invoke_async,
    nothing_registered,
    tell_nobody,
)
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

    __slots__ = ("choose", "clock", "key", "memory", "name", "options", "outcome", "run", "run_async")

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
        previous: Pipeline | None = None,
        abandoned: int = 32,
    ) -> None:
        """Compose ``options``.

        ``breaker`` is what ``options.breaker`` names: one, or one for each key. ``retryable`` says which errors may
        pass by themselves (all, where nobody says), ``registered`` finds a fallback function, ``on_outcome`` is told
        how each call ended, ``fault`` what went wrong in any of them. ``previous`` is the pipeline that this one
        replaces: what it remembers goes on where its definition did not change. ``abandoned`` is how many calls may go
        on alone after their time, on threads.
        """
        self.name = name
        self.options = options
        self.clock = clock
        self.key = None if breaker is None else breaker.options.key
        before = None if previous is None else previous.memory
        self.memory: Memory = remember(name, options, clock, before, abandoned=abandoned)
        self.choose = _choice(breaker)
        self.outcome: OutcomeLayer | None = None
        fault = fault or tell_nobody
        if on_outcome is not None:
            slow_after = math.inf if breaker is None else breaker.options.patience
            self.outcome = OutcomeLayer(name, on_outcome, clock=clock, slow_after=slow_after, fault=fault)
        self.run: Call = invoke
        self.run_async: AsyncCall = invoke_async
        layers = list(self._layers(random, retryable or _always, registered or nothing_registered, fault))
        for layer in reversed(layers):
            self.run = layer.around(self.run)
            self.run_async = layer.around_async(self.run_async)

    def _layers(self, random: Random, retryable: Retryable, registered: Registered, fault: Fault) -> Iterator[Layer]:
        """The layers, outermost first."""
        options, clock, memory = self.options, self.clock, self.memory
        if options.fallback is not None:
            yield FallbackLayer(options.fallback, clock=clock, registered=registered, results=memory.results)
        if self.outcome is not None:
            yield self.outcome
        if memory.limiter is not None:
            yield memory.limiter
        if memory.bulkhead is not None:
            yield memory.bulkhead
        if self.choose is not None:
            yield BreakerLayer(self.choose)
        if options.retry is not None:
            yield RetryLayer(
                options.retry, clock=clock, random=random, retryable=retryable, fault=fault, budget=memory.budget
            )
        if options.timeout is not None:
            threads = memory.threads if options.on_thread else None
            yield TimeoutLayer(self.name, options.timeout, clock=clock, threads=threads)


def _choice(breaker: CircuitBreaker | KeyedBreakers | None) -> Callable[[object], CircuitBreaker] | None:
    if isinstance(breaker, CircuitBreaker):
        return lambda _: breaker
    return None if breaker is None else breaker.get


def _always(error: Exception) -> bool:  # noqa: ARG001  the form of the predicate
    return True
