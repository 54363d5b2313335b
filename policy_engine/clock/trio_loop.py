"""Waiting under trio. Imported where trio runs already, by nobody else."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from types import TracebackType

import trio

sleep = trio.sleep


class OpenTimeout:
    """A cancel scope that ends in `TimeoutError`, after ``seconds`` or when `end_soon` says that its time ran out."""

    def __init__(self, seconds: float = math.inf) -> None:
        self._seconds = seconds
        self._scope = trio.CancelScope()

    async def __aenter__(self) -> object:
        self._token = trio.lowlevel.current_trio_token()
        self._scope.deadline = trio.current_time() + self._seconds
        return self._scope.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        swallowed = self._scope.__exit__(kind, error, traceback)
        if swallowed and self._scope.cancelled_caught:
            raise TimeoutError
        return swallowed

    def end_soon(self) -> None:
        """End the block, from any thread; harmless once it was left."""
        self._token.run_sync_soon(self._scope.cancel)

    def expired(self) -> bool:
        """Whether its time ran out."""
        return self._scope.cancelled_caught


timeout = OpenTimeout


def signal() -> tuple[Callable[[], Awaitable[object]], Callable[[], None]]:
    """Return what waits for a signal, and what gives it, from any thread."""
    token, given = trio.lowlevel.current_trio_token(), trio.Event()
    return given.wait, lambda: token.run_sync_soon(given.set)
