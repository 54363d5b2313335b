"""Timeout as a layer: how long one attempt may take.

An asynchronous call is cancelled at its end and raises `TimeoutError`. A plain one cannot be stopped: its result is
returned however late it comes, the call counts as failed, and the function may ask `time_left` on its way. With
``threads`` it runs on one of them, and is left behind at its end.
"""

from __future__ import annotations

from typing import Any

from policy_engine.clock import Clock
from policy_engine.protect.invocation import AsyncCall, Call, Invocation
from policy_engine.protect.timeout.deadline import deadline, no_later_than
from policy_engine.protect.timeout.threads import CallThreads


class TimeoutLayer:
    """Bounds each call further in by ``seconds``, and by what an outer deadline leaves of them."""

    __slots__ = ("_clock", "_name", "_seconds", "_threads")

    def __init__(self, name: str, seconds: float, *, clock: Clock, threads: CallThreads | None = None) -> None:
        self._name = name
        self._seconds = seconds
        self._clock = clock
        self._threads = threads

    def around(self, inner: Call) -> Call:
        """Return ``inner`` with its deadline passed down."""
        if self._threads is not None:
            return self._on_threads(inner, self._threads)
        monotonic, seconds = self._clock.monotonic, self._seconds

        def with_deadline(call: Invocation) -> Any:
            until = no_later_than(monotonic() + seconds)
            token = deadline.set(until)
            try:
                result = inner(call)
            finally:
                deadline.reset(token)
            call.overran = monotonic() > until
            return result

        return with_deadline

    def _on_threads(self, inner: Call, threads: CallThreads) -> Call:
        monotonic, seconds = self._clock.monotonic, self._seconds

        def on_a_thread(call: Invocation) -> Any:
            now = monotonic()
            until = no_later_than(now + seconds)
            token = deadline.set(until)
            try:
                return threads.run(inner, call, max(0.0, until - now))
            finally:
                deadline.reset(token)

        return on_a_thread

    def around_async(self, inner: AsyncCall) -> AsyncCall:
        """Return ``inner``, cancelled when its time is over."""
        clock, seconds, name = self._clock, self._seconds, self._name

        async def with_timeout(call: Invocation) -> Any:
            now = clock.monotonic()
            until = no_later_than(now + seconds)
            token = deadline.set(until)
            scope = clock.timeout(max(0.0, until - now))
            try:
                async with scope:
                    return await inner(call)
            except TimeoutError as error:
                if scope.expired():
                    raise TimeoutError(f'call "{name}" took longer than {until - now:.3g} s') from error.__cause__
                raise
            finally:
                deadline.reset(token)

        return with_timeout
