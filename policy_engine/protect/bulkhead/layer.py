"""The bulkhead as a layer: a slow target takes a few threads or tasks, not all of them.

Cancellation gives the place back, waiting or running. Generators and blocks take a free place or are refused: they do
not queue.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from policy_engine.clock import Clock, running_loop
from policy_engine.errors import CallRefusedError
from policy_engine.forks import survives_fork
from policy_engine.protect.bulkhead.machine import Places, Seat, Wake
from policy_engine.protect.bulkhead.options import BulkheadOptions
from policy_engine.protect.invocation import AsyncCall, Call, Invocation


class BulkheadLayer:
    """Bounds how many calls of one target run, and how many wait."""

    __slots__ = ("__weakref__", "_clock", "_lock", "_name", "_options", "places")

    def __init__(self, name: str, options: BulkheadOptions, *, clock: Clock) -> None:
        self._name = name
        self._options = options
        self._clock = clock
        self._lock = threading.Lock()
        self.places = Places(options)
        survives_fork(self)

    def around(self, inner: Call) -> Call:
        """Return ``inner``, entered by so many threads at once."""

        def in_a_place(call: Invocation) -> Any:
            woken = threading.Event()
            seat = self._take(woken.set)
            try:
                if not seat.running:
                    with self._alarm(woken.set):
                        woken.wait()
                    self._check(seat)
                return inner(call)
            finally:
                self.leave(seat)

        return in_a_place

    def around_async(self, inner: AsyncCall) -> AsyncCall:
        """Return ``inner``, entered by so many tasks at once."""

        async def in_a_place(call: Invocation) -> Any:
            woken, wake = running_loop().signal()
            seat = self._take(wake)
            try:
                if not seat.running:
                    with self._alarm(wake):
                        await woken()
                    self._check(seat)
                return await inner(call)
            finally:
                self.leave(seat)

        return in_a_place

    def enter(self) -> Seat:
        """Take a free place, to be given back by `leave`.

        Raises:
            CallRefusedError: there is none.
        """
        return self._take(None)

    def leave(self, seat: Seat) -> None:
        """Give a place back to the one who waited longest."""
        with self._lock:
            wake = seat.places.leave(seat)
        if wake is not None:
            wake()

    def after_fork(self) -> None:
        """Make the lock anew in a child, where none of the parent's calls run."""
        self._lock = threading.Lock()
        self.places = Places(self._options)

    def _take(self, wake: Wake | None) -> Seat:
        with self._lock:
            seat = self.places.enter(wake)
        if seat is None:
            raise self._refusal(f"{self._options.concurrent} run and {self.places.waiting} wait")
        return seat

    def _check(self, seat: Seat) -> None:
        if not seat.running:
            raise self._refusal(f"no place became free in {self._options.wait:.3g} s")

    @contextmanager
    def _alarm(self, wake: Wake) -> Iterator[None]:
        """Wake whoever waits inside when it has waited long enough."""
        if self._options.wait == math.inf:
            yield
            return
        timer = self._clock.call_at(self._clock.monotonic() + self._options.wait, wake)
        try:
            yield
        finally:
            timer.cancel()

    def _refusal(self, why: str) -> CallRefusedError:
        return CallRefusedError(f'the bulkhead of call "{self._name}" is full: {why}')
