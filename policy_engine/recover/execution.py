"""Calling an action: foreign code that may raise, be asynchronous, or cause errors of its own.

Whatever it does comes out as a `Result`. While it runs, a context variable names the recovery, so that an error handled
inside it, in its thread or its tasks, is known for what it is.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Awaitable, Callable
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, NamedTuple

from policy_engine.recover.actions import Again, Delay

if TYPE_CHECKING:
    import asyncio
    from concurrent.futures import Future

_LOOK_AGAIN = 0.2
"""Seconds after which a worker that waits for an event loop looks whether that is still there."""

class Inside:
    """What code runs inside of: an action of a recovery, or, once that is ``over``, something that it left behind."""

    __slots__ = ("over", "recovery_id")

    def __init__(self, recovery_id: str) -> None:
        self.recovery_id = recovery_id
        self.over = False


_inside: ContextVar[Inside | None] = ContextVar("policy_engine_recovery", default=None)

Describe = Callable[[BaseException], str]
"""How an exception is told to whoever looks at a recovery, without secrets."""


class Result(NamedTuple):
    """How a step went, and the seconds it asks to wait before it counts as done."""

    succeeded: bool
    detail: str = ""
    delay: float | None = None
    again: bool = False
    """Whether the action is to be called again after the delay, and the step is not done before."""


def inside() -> Inside | None:
    """Return the action that the running code is part of, or that started it (a task keeps its maker's context)."""
    return _inside.get()


def type_name(error: BaseException) -> str:
    """The exception's class alone: its message may hold a secret."""
    return type(error).__qualname__


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop that the calling thread runs, without importing asyncio where nobody did."""
    if "asyncio" not in sys.modules:
        return None
    import asyncio  # imported already

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def perform(
    recovery_id: str,
    call: Callable[[], object],
    *,
    seconds: float,
    describe: Describe,
    loop: asyncio.AbstractEventLoop | None = None,
) -> Result:
    """Call an action and tell how it went.

    An asynchronous one runs on ``loop``, that of the code that failed, or else on one of its own; it is cancelled
    after ``seconds``.

    Raises:
        KeyboardInterrupt: the only exception that is no failure of the action.
    """
    here = Inside(recovery_id)
    token = _inside.set(here)
    try:
        outcome = call()
        if inspect.isawaitable(outcome):
            outcome = _await(_marked(outcome, here), seconds, loop)
        return _result(outcome)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  an exit or a cancellation in an action must not end the worker
        return Result(succeeded=False, detail=describe(error))
    finally:
        here.over = True
        _inside.reset(token)


async def _marked(awaitable: Awaitable[object], here: Inside) -> object:
    try:
        return await awaitable
    finally:
        # On the loop itself: the next thing to run there may be a task that the action left behind.
        here.over = True


def _await(awaitable: Awaitable[object], seconds: float, loop: asyncio.AbstractEventLoop | None) -> object:
    import asyncio  # costs 30 ms, and most policies have no asynchronous action

    async def bounded() -> object:
        return await asyncio.wait_for(awaitable, seconds)

    here = running_loop()
    if loop is not None and loop is not here and loop.is_running():
        return _result_of(asyncio.run_coroutine_threadsafe(bounded(), loop), loop)
    if here is None:
        return asyncio.run(bounded())
    return _run_beside(lambda: asyncio.run(bounded()))


def _result_of(future: Future[object], loop: asyncio.AbstractEventLoop) -> object:
    """Wait for what runs on a loop; one that is closed before it came to that would never tell.

    Raises:
        RuntimeError: the loop was closed.
    """
    while True:
        try:
            return future.result(_LOOK_AGAIN)
        except TimeoutError:
            if future.done():
                return future.result()
            if loop.is_closed():
                raise RuntimeError("the event loop was closed before the action ran") from None


def _run_beside(call: Callable[[], object]) -> object:
    """Call on a thread of its own: this one runs an event loop already, as when a test moves a virtual clock in it."""
    from concurrent.futures import ThreadPoolExecutor  # not worth its import where nobody is asynchronous

    with ThreadPoolExecutor(max_workers=1) as executor:
        return executor.submit(copy_context().run, call).result()


def _result(outcome: object) -> Result:
    if isinstance(outcome, Delay):
        return Result(succeeded=True, detail=f"waited {outcome.seconds:.3g} s", delay=max(0.0, outcome.seconds))
    if isinstance(outcome, Again):
        return Result(succeeded=False, detail=outcome.reason, delay=max(0.0, outcome.seconds), again=True)
    if outcome is None or outcome:
        return Result(succeeded=True)
    return Result(succeeded=False, detail="the action said no")
