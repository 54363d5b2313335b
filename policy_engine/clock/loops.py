"""The loop that the calling coroutine runs in: asyncio's, or trio's in a program that runs trio."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Protocol

from policy_engine.clock.protocol import TimeoutScope


class OpenTimeout(TimeoutScope, Protocol):
    """A timeout that ends when it is told to."""

    def end_soon(self) -> None:
        """End the block, from any thread; harmless once it was left."""


class Loop(Protocol):
    """What a loop does for a coroutine that waits."""

    def sleep(self, delay: float, /) -> Awaitable[object]:
        """Let seconds pass, and others run."""

    def timeout(self, seconds: float, /) -> TimeoutScope:
        """Return an ``async with`` block that ends in `TimeoutError` after ``seconds``."""

    def OpenTimeout(self) -> OpenTimeout:  # noqa: N802  a class of the module that stands for a loop
        """Return an ``async with`` block that ends in `TimeoutError` when it is told to."""

    def signal(self) -> tuple[Callable[[], Awaitable[object]], Callable[[], None]]:
        """Return what waits for a signal, and what gives it, from any thread."""


def running_loop() -> Loop:
    """Return the loop of this thread: trio's where one runs, asyncio's otherwise."""
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        import policy_engine.clock.trio_loop  # here, because only a program that runs trio has it

        return policy_engine.clock.trio_loop
    import policy_engine.clock.asyncio_loop  # here, because only a program that runs a loop should pay for it

    return policy_engine.clock.asyncio_loop
