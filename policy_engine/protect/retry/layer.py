"""Retry as a layer: calls further in again, as long as the error is one that may pass and the deadline is ahead.

Cancellation and interrupts are no errors to retry: they pass. A deadline further out, of another protection or a
timeout, bounds every wait as its own does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Any

from policy_engine.clock import Clock
from policy_engine.protect.invocation import AsyncCall, Call, Fault, Invocation
from policy_engine.protect.retry.budget import Budget
from policy_engine.protect.retry.machine import Attempts
from policy_engine.protect.retry.options import RetryOptions
from policy_engine.protect.retry.retry_after import retry_after
from policy_engine.protect.timeout.deadline import deadline, no_later_than

Retryable = Callable[[Exception], bool]


class RetryLayer:
    """Retries what ``retryable`` says may succeed next time."""

    __slots__ = ("_budget", "_clock", "_fault", "_options", "_random", "_retryable")

    def __init__(
        self,
        options: RetryOptions,
        *,
        clock: Clock,
        random: Random,
        retryable: Retryable,
        fault: Fault,
        budget: Budget | None = None,
    ) -> None:
        self._options = options
        self._clock = clock
        self._random = random
        self._retryable = retryable
        self._fault = fault
        self._budget = budget

    def around(self, inner: Call) -> Call:
        """Return ``inner`` with further attempts; it waits on the clock between them."""
        monotonic, sleep, allowed = self._clock.monotonic, self._clock.sleep, self._options.deadline or math.inf
        budget = self._budget

        def with_retries(call: Invocation) -> Any:
            attempts: Attempts | None = None
            while True:
                try:
                    result = inner(call)
                except Exception as error:
                    attempts = attempts or Attempts(self._options, self._random)
                    delay = self._delay(attempts, error)
                    if delay is None:
                        raise
                else:
                    if budget is not None:
                        budget.succeeded()
                    return result
                call.retries += 1
                sleep(delay)

        def before_deadline(call: Invocation) -> Any:
            token = deadline.set(no_later_than(monotonic() + allowed))
            try:
                return with_retries(call)
            finally:
                deadline.reset(token)

        return with_retries if allowed == math.inf else before_deadline

    def around_async(self, inner: AsyncCall) -> AsyncCall:
        """Return ``inner`` with further attempts; others run while it waits."""
        monotonic, sleep, allowed = self._clock.monotonic, self._clock.asleep, self._options.deadline or math.inf
        budget = self._budget

        async def with_retries(call: Invocation) -> Any:
            attempts: Attempts | None = None
            while True:
                try:
                    result = await inner(call)
                except Exception as error:
                    attempts = attempts or Attempts(self._options, self._random)
                    delay = self._delay(attempts, error)
                    if delay is None:
                        raise
                else:
                    if budget is not None:
                        budget.succeeded()
                    return result
                call.retries += 1
                await sleep(delay)

        async def before_deadline(call: Invocation) -> Any:
            token = deadline.set(no_later_than(monotonic() + allowed))
            try:
                return await with_retries(call)
            finally:
                deadline.reset(token)

        return with_retries if allowed == math.inf else before_deadline

    def _delay(self, attempts: Attempts, error: Exception) -> float | None:
        try:
            if not self._retryable(error):
                return None
        except Exception as fault:  # noqa: BLE001  a broken predicate must not hide the caller's error
            self._fault("whether an error is retryable", fault)
            return None
        delay = attempts.next_delay(self._clock.monotonic(), deadline.get(), self._asked(error))
        if delay is None or (self._budget is not None and not self._budget.take()):
            return None
        return delay

    def _asked(self, error: Exception) -> float | None:
        try:
            return retry_after(error, self._clock.time())
        except Exception as fault:  # noqa: BLE001  a client's property may raise whatever it likes
            self._fault("what an error says of its Retry-After", fault)
            return None
