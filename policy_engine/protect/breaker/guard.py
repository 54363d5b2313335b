"""How a breaker stands around each kind of function; the wrapper keeps name, signature and kind.

Knows the breaker's moves alone: enter, succeed, fail. A plain function that returns a coroutine or a generator (a
lambda, an old decorator around an ``async def``) is guarded until that one ends.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import TYPE_CHECKING, Any

from policy_engine.callables import Kind, kind_of
from policy_engine.protect.breaker.passage import BreakerPassage
from policy_engine.protect.invocation import UNFINISHED
from policy_engine.protect.steps import guard_async_generator, guard_generator

if TYPE_CHECKING:
    from policy_engine.protect.breaker.breaker import CircuitBreaker
    from policy_engine.protect.breaker.permit import Permit

Function = Callable[..., Any]


def guard(breaker: CircuitBreaker, function: Function) -> Function:
    """Wrap ``function``.

    Raises:
        TypeError: it is a ``classmethod`` or another thing that cannot be called.
    """
    if not callable(function):
        raise TypeError(f"{function!r} cannot be called: put the breaker under @classmethod or @property, not above")
    return update_wrapper(_guarded(breaker, function, kind_of(function), None), function)


def finish(breaker: CircuitBreaker, permit: Permit, unfinished: Any) -> Any:
    """Return what runs the coroutine or generator ``unfinished`` and tells the breaker how it ended."""
    return _guarded(breaker, lambda: unfinished, _KINDS[type(unfinished)], permit)()


def _guarded(breaker: CircuitBreaker, function: Function, kind: Kind, permit: Permit | None) -> Function:
    if kind is Kind.PLAIN:
        return _plain(breaker, function)
    if kind is Kind.COROUTINE:
        return _coroutine(breaker, function, permit)
    guard_steps = guard_generator if kind is Kind.GENERATOR else guard_async_generator
    return guard_steps(function, lambda *_, **__: BreakerPassage(breaker, permit))


def _plain(breaker: CircuitBreaker, function: Function) -> Function:
    machine, monotonic, enter = breaker.machine, breaker.monotonic, breaker.enter
    succeed, fail, end = breaker.succeed, breaker.fail, breaker.end

    def guarded(*args: Any, **kwargs: Any) -> Any:
        permit = machine.door or enter()
        started = monotonic()
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            fail(permit, started, error)
            raise
        if type(result) in UNFINISHED:
            return finish(breaker, permit, result)
        if breaker.judges_results:  # which a reload may change
            end(permit, started, result)
        else:
            succeed(permit, started)
        return result

    return guarded


def _coroutine(breaker: CircuitBreaker, function: Function, given: Permit | None) -> Function:
    machine, monotonic, enter = breaker.machine, breaker.monotonic, breaker.enter
    succeed, fail, end = breaker.succeed, breaker.fail, breaker.end

    async def guarded(*args: Any, **kwargs: Any) -> Any:
        permit = given or machine.door or enter()
        started = monotonic()
        try:
            result = await function(*args, **kwargs)
        except BaseException as error:
            fail(permit, started, error)
            raise
        if breaker.judges_results:  # which a reload may change
            end(permit, started, result)
        else:
            succeed(permit, started)
        return result

    return guarded


_KINDS = {
    CoroutineType: Kind.COROUTINE,
    GeneratorType: Kind.GENERATOR,
    AsyncGeneratorType: Kind.ASYNC_GENERATOR,
}
