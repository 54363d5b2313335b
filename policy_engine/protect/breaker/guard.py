"""How a breaker stands around each kind of function; the wrapper keeps name, signature and kind.

Knows the breaker's three moves alone: enter, succeed, fail. A generator's call begins with its first step and its
time is what it spends inside, not what its consumer does between the steps. A plain function that returns a coroutine
or a generator (a lambda, an old decorator around an ``async def``) is guarded until that one ends.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from functools import update_wrapper
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import TYPE_CHECKING, Any

from policy_engine.callables import Kind, kind_of

if TYPE_CHECKING:
    from policy_engine.protect.breaker.breaker import CircuitBreaker
    from policy_engine.protect.breaker.machine import Permit

UNFINISHED = frozenset({CoroutineType, GeneratorType, AsyncGeneratorType})
"""Results that are calls yet to run."""

Function = Callable[..., Any]
Enter = Callable[[], "Permit"]


def guard(breaker: CircuitBreaker, function: Function) -> Function:
    """Wrap ``function``.

    Raises:
        TypeError: it is a ``classmethod`` or another thing that cannot be called.
    """
    if not callable(function):
        raise TypeError(f"{function!r} cannot be called: put the breaker under @classmethod or @property, not above")
    return update_wrapper(_GUARDS[kind_of(function)](breaker, function, breaker.enter), function)


def finish(breaker: CircuitBreaker, permit: Permit, unfinished: Any) -> Any:
    """Return what runs the coroutine or generator ``unfinished`` and tells the breaker how it ended."""
    kind = _KINDS[type(unfinished)]
    return _GUARDS[kind](breaker, lambda: unfinished, lambda: permit)()


def _plain(breaker: CircuitBreaker, function: Function, enter: Enter) -> Function:
    machine, monotonic, succeed, fail = breaker.machine, breaker.monotonic, breaker.succeed, breaker.fail

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
        succeed(permit, started)
        return result

    return guarded


def _coroutine(breaker: CircuitBreaker, function: Function, enter: Enter) -> Function:
    monotonic, succeed, fail = breaker.monotonic, breaker.succeed, breaker.fail

    async def guarded(*args: Any, **kwargs: Any) -> Any:
        permit = enter()
        started = monotonic()
        try:
            result = await function(*args, **kwargs)
        except BaseException as error:
            fail(permit, started, error)
            raise
        succeed(permit, started)
        return result

    return guarded


def _generator(breaker: CircuitBreaker, function: Function, enter: Enter) -> Function:
    monotonic, succeed, fail, release = breaker.monotonic, breaker.succeed, breaker.fail, breaker.release

    def guarded(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        generator = function(*args, **kwargs)
        permit = enter()
        spent = 0.0
        resume, value = generator.send, None
        while True:
            started = monotonic() - spent
            try:
                item = resume(value)
            except StopIteration as stop:
                if isinstance(value, GeneratorExit):
                    release(permit)
                else:
                    succeed(permit, started)
                return stop.value
            except BaseException as error:
                fail(permit, started, error)
                raise
            spent = monotonic() - started
            try:
                value = yield item
                resume = generator.send
            except BaseException as thrown:  # noqa: BLE001  thrown into the generator, which raises it or not
                value, resume = thrown, generator.throw

    return guarded


def _async_generator(breaker: CircuitBreaker, function: Function, enter: Enter) -> Function:
    monotonic, succeed, fail, release = breaker.monotonic, breaker.succeed, breaker.fail, breaker.release

    async def guarded(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        generator = function(*args, **kwargs)
        permit = enter()
        spent = 0.0
        resume, value = generator.asend, None
        while True:
            started = monotonic() - spent
            try:
                item = await resume(value)
            except StopAsyncIteration:
                if isinstance(value, GeneratorExit):
                    release(permit)
                else:
                    succeed(permit, started)
                return
            except BaseException as error:
                fail(permit, started, error)
                raise
            spent = monotonic() - started
            try:
                value = yield item
                resume = generator.asend
            except BaseException as thrown:  # noqa: BLE001  thrown into the generator, which raises it or not
                value, resume = thrown, generator.athrow

    return guarded


_GUARDS: dict[Kind, Callable[[CircuitBreaker, Function, Enter], Function]] = {
    Kind.PLAIN: _plain,
    Kind.COROUTINE: _coroutine,
    Kind.GENERATOR: _generator,
    Kind.ASYNC_GENERATOR: _async_generator,
}

_KINDS = {
    CoroutineType: Kind.COROUTINE,
    GeneratorType: Kind.GENERATOR,
    AsyncGeneratorType: Kind.ASYNC_GENERATOR,
}
