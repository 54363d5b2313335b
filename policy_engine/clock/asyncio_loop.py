"""Waiting under asyncio. Imported by the first coroutine that waits: a program without a loop should not pay for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType

sleep = asyncio.sleep
timeout = asyncio.timeout


class OpenTimeout:
    """An ``asyncio.timeout`` without a deadline, until `end_soon` says that its time ran out."""

    def __init__(self) -> None:
        self._scope = asyncio.timeout(None)
        self._left = False

    async def __aenter__(self) -> object:
        self._loop = asyncio.get_running_loop()
        return await self._scope.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._left = True
        await self._scope.__aexit__(kind, error, traceback)

    def end_soon(self) -> None:
        """End the block, from any thread; harmless once it was left."""
        self._loop.call_soon_threadsafe(self._expire)

    def _expire(self) -> None:
        if not self._left:
            self._scope.reschedule(self._loop.time())

    def expired(self) -> bool:
        """Whether its time ran out."""
        return self._scope.expired()


def signal() -> tuple[Callable[[], Awaitable[object]], Callable[[], None]]:
    """Return what waits for a signal, and what gives it, from any thread."""
    loop, given = asyncio.get_running_loop(), asyncio.Event()

    def give() -> None:
        loop.call_soon_threadsafe(given.set)

    return given.wait, give
