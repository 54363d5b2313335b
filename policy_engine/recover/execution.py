"""Calling an action: foreign code that may raise, be asynchronous, or cause errors of its own.

Whatever it does comes out as a `Result`. While it runs, a context variable names the recovery, so that an error handled
inside it, in its thread or its tasks, is known for what it is.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import NamedTuple

from policy_engine.recover.actions import Delay

_inside: ContextVar[str | None] = ContextVar("policy_engine_recovery", default=None)

Describe = Callable[[BaseException], str]
"""How an exception is told to whoever looks at a recovery, without secrets."""


class Result(NamedTuple):
    """How a step went, and the seconds it asks to wait before it counts as done."""

    succeeded: bool
    detail: str = ""
    delay: float | None = None


def recovery_inside() -> str | None:
    """Id of the recovery that the running code is part of."""
    return _inside.get()


def type_name(error: BaseException) -> str:
    """The exception's class alone: its message may hold a secret."""
    return type(error).__qualname__


def perform(recovery_id: str, call: Callable[[], object], *, seconds: float, describe: Describe) -> Result:
    """Call an action and tell how it went.

    An asynchronous one runs on an event loop of its own, and is cancelled after ``seconds``.

    Raises:
        KeyboardInterrupt: the only exception that is no failure of the action.
    """
    token = _inside.set(recovery_id)
    try:
        outcome = call()
        if inspect.isawaitable(outcome):
            outcome = _await(outcome, seconds)
        return _result(outcome)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  an exit or a cancellation in an action must not end the worker
        return Result(succeeded=False, detail=describe(error))
    finally:
        _inside.reset(token)


def _await(awaitable: Awaitable[object], seconds: float) -> object:
    import asyncio  # costs 30 ms, and most policies have no asynchronous action

    async def bounded() -> object:
        return await asyncio.wait_for(awaitable, seconds)

    return asyncio.run(bounded())


def _result(outcome: object) -> Result:
    if isinstance(outcome, Delay):
        return Result(succeeded=True, detail=f"waited {outcome.seconds:.3g} s", delay=max(0.0, outcome.seconds))
    if outcome is None or outcome:
        return Result(succeeded=True)
    return Result(succeeded=False, detail="the action said no")
