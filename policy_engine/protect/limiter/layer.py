"""The rate limit as a layer: calls go on at its pace, or are refused where they would have to wait too long.

A caller that is cancelled while it waits has used its turn up. Generators and blocks go at once or are refused.
"""

from __future__ import annotations

import threading
from typing import Any

from policy_engine.clock import Clock
from policy_engine.errors import CallRefusedError
from policy_engine.forks import survives_fork
from policy_engine.protect.invocation import AsyncCall, Call, Invocation, UnfinishedResult
from policy_engine.protect.limiter.machine import TokenBucket
from policy_engine.protect.limiter.options import LimiterOptions


class LimiterLayer:
    """Keeps the calls of one target to a rate."""

    __slots__ = ("__weakref__", "_bucket", "_clock", "_lock", "_name", "_patience")

    def __init__(self, name: str, options: LimiterOptions, *, clock: Clock) -> None:
        self._name = name
        self._clock = clock
        self._patience = options.wait
        self._bucket = TokenBucket(options)
        self._lock = threading.Lock()
        survives_fork(self)

    def around(self, inner: Call) -> Call:
        """Return ``inner`` at the rate."""

        def at_a_rate(call: Invocation) -> Any:
            wait = self._take(self._patience)
            if wait:
                self._clock.sleep(wait)
            try:
                return inner(call)
            except UnfinishedResult:
                with self._lock:
                    self._bucket.give_back()
                raise

        return at_a_rate

    def around_async(self, inner: AsyncCall) -> AsyncCall:
        """Return ``inner`` at the rate."""

        async def at_a_rate(call: Invocation) -> Any:
            wait = self._take(self._patience)
            if wait:
                await self._clock.asleep(wait)
            return await inner(call)

        return at_a_rate

    def enter(self) -> None:
        """Take a turn that comes at once.

        Raises:
            CallRefusedError: there is none.
        """
        self._take(0.0)

    def after_fork(self) -> None:
        """Make the lock anew in a child."""
        self._lock = threading.Lock()

    def _take(self, patience: float) -> float:
        with self._lock:
            turn = self._bucket.take(self._clock.monotonic(), patience)
        if not turn.granted:
            message = f'the rate limit of call "{self._name}" is reached: try again in {turn.wait:.3g} s'
            raise CallRefusedError(message, retry_after=turn.wait)
        return turn.wait
