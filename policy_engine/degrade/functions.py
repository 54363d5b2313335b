"""The decorators: ``@critical_function``, ``@emergency_function``, ``@degradable("name")``.

A call at its level looks at one attribute of its gate and runs. What leaves the outermost protection as an exception is
reported once and raised unchanged. No `Border` is entered, which would cost more than all the rest: whether a wrapper
is outermost is found out on the stack when a call has failed (see `policy_engine.boundary`). A generator is refused at
its first item, as a generator function does nothing before; its fallback is the items. A plain function that returns
a coroutine or a generator (a lambda, another decorator's wrapper) is guarded until that ends.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Mapping, Sequence
from functools import partial, update_wrapper
from inspect import isawaitable
from types import AsyncGeneratorType, CoroutineType, FrameType, GeneratorType
from typing import Any, ParamSpec, Protocol, TypeVar, cast

from policy_engine.boundary import marks_border
from policy_engine.callables import Kind, kind_of
from policy_engine.degrade.gates import OVERRIDE, Gate, Host, Tier
from policy_engine.degrade.recorded import Recorded, RecordedAsync
from policy_engine.errors import DegradedError

P = ParamSpec("P")
R = TypeVar("R")

_overriding = OVERRIDE.get
_Function = Callable[..., Any]
_Args = Sequence[Any]
_Kwargs = Mapping[str, Any]


class FunctionDecorators:
    """The decorators of one program; ``host`` returns the engine that is live when a function is called."""

    def __init__(self, host: Callable[[], Host]) -> None:
        self._host = host

    def critical_function(self, function: Callable[P, R]) -> Callable[P, R]:
        """Let a function run at every level but the worst; there it raises `DegradedError`."""
        return self._guard(function, Tier.CRITICAL)

    def emergency_function(self, function: Callable[P, R]) -> Callable[P, R]:
        """Let a function run at every level."""
        return self._guard(function, Tier.EMERGENCY)

    def degradable(self, name: str, *, component: str = "") -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Let a function run where ``[degradation.functions.NAME]`` says, and everywhere if nothing does.

        With ``component``, that component's level counts.
        """

        def decorate(function: Callable[P, R]) -> Callable[P, R]:
            return self._guard(function, Tier.DEGRADABLE, name=name, component=component)

        return decorate

    def _guard(self, function: Callable[P, R], tier: Tier, *, name: str = "", component: str = "") -> Callable[P, R]:
        if isinstance(function, staticmethod | classmethod):
            inner = self._guard(function.__func__, tier, name=name, component=component)
            return cast("Callable[P, R]", type(function)(inner))
        gate = Gate(function, self._host, tier, name=name, component=component)
        wrapper = _WRAPPERS[kind_of(function)](function, gate)
        return cast("Callable[P, R]", update_wrapper(marks_border(wrapper), function))


class _Guard(Protocol):
    """What a wrapper asks, as a `Gate` answers it."""

    plain: bool
    plain_without_override: bool

    @property
    def keeps_results(self) -> bool: ...

    def admit(self, args: _Args, kwargs: _Kwargs) -> DegradedError | None: ...

    def fallback(self, refusal: DegradedError, args: _Args, kwargs: _Kwargs) -> Any: ...

    def keep(self, args: _Args, kwargs: _Kwargs, result: object) -> None: ...

    def failed(self, error: Exception, wrapper: FrameType) -> None: ...


class _Admitted:
    """The guard of a call that its gate let in already, and that goes on in what it returned."""

    plain = False
    plain_without_override = False

    def __init__(self, gate: _Guard, args: _Args, kwargs: _Kwargs) -> None:
        self._gate = gate
        self._args = args
        self._kwargs = kwargs

    @property
    def keeps_results(self) -> bool:
        return self._gate.keeps_results

    def admit(self, args: _Args, kwargs: _Kwargs) -> None:  # noqa: ARG002  the call's own were asked about
        return None

    def fallback(self, refusal: DegradedError, args: _Args, kwargs: _Kwargs) -> Any:
        return self._gate.fallback(refusal, args, kwargs)

    def keep(self, args: _Args, kwargs: _Kwargs, result: object) -> None:  # noqa: ARG002  likewise
        self._gate.keep(self._args, self._kwargs, result)

    def failed(self, error: Exception, wrapper: FrameType) -> None:
        self._gate.failed(error, wrapper)


def _wrap_plain(function: _Function, gate: _Guard) -> _Function:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            if gate.plain or (gate.plain_without_override and _overriding() is None):
                result = function(*args, **kwargs)
                return _finish(gate, result, args, kwargs) if type(result) in _UNFINISHED else result
            return _call(function, gate, args, kwargs)
        except Exception as error:
            gate.failed(error, sys._getframe())  # noqa: SLF001  the documented way to the stack
            raise

    return wrapper


def _call(function: _Function, gate: _Guard, args: _Args, kwargs: _Kwargs) -> Any:
    refusal = gate.admit(args, kwargs)
    if refusal is not None:
        return gate.fallback(refusal, args, kwargs)
    result = function(*args, **kwargs)
    if type(result) in _UNFINISHED:
        return _finish(gate, result, args, kwargs)
    gate.keep(args, kwargs, result)
    return result


def _finish(gate: _Guard, unfinished: Any, args: _Args, kwargs: _Kwargs) -> Any:
    """Return what runs the coroutine or generator ``unfinished`` to its end, guarded."""
    wrap = _WRAPPERS[_UNFINISHED[type(unfinished)]]
    return marks_border(wrap(lambda: unfinished, _Admitted(gate, args, kwargs)))()


def _wrap_coroutine(function: _Function, gate: _Guard) -> _Function:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            if gate.plain or (gate.plain_without_override and _overriding() is None):
                return await function(*args, **kwargs)
            return await _await(function, gate, args, kwargs)
        except Exception as error:
            gate.failed(error, sys._getframe())  # noqa: SLF001  the documented way to the stack
            raise

    return wrapper


async def _await(function: _Function, gate: _Guard, args: _Args, kwargs: _Kwargs) -> Any:
    refusal = gate.admit(args, kwargs)
    if refusal is not None:
        result = gate.fallback(refusal, args, kwargs)
        return await result if isawaitable(result) else result
    result = await function(*args, **kwargs)
    gate.keep(args, kwargs, result)
    return result


def _wrap_generator(function: _Function, gate: _Guard) -> _Function:
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        try:
            return (yield from function(*args, **kwargs) if gate.plain else _iterate(function, gate, args, kwargs))
        except Exception as error:
            gate.failed(error, sys._getframe())  # noqa: SLF001  the documented way to the stack
            raise

    return wrapper


def _iterate(function: _Function, gate: _Guard, args: _Args, kwargs: _Kwargs) -> Generator[Any, Any, Any]:
    refusal = gate.admit(args, kwargs)
    if refusal is not None:
        return (yield from gate.fallback(refusal, args, kwargs))
    stream = function(*args, **kwargs)
    return (yield from Recorded(stream, partial(gate.keep, args, kwargs)) if gate.keeps_results else stream)


def _wrap_async_generator(function: _Function, gate: _Guard) -> _Function:
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        try:
            stream = function(*args, **kwargs) if gate.plain else await _open(function, gate, args, kwargs)
            try:
                item = await stream.asend(None)
                while True:
                    try:
                        sent = yield item
                    except GeneratorExit:
                        raise
                    except BaseException as thrown:  # noqa: BLE001  what is thrown in belongs to the stream
                        item = await stream.athrow(thrown)
                    else:
                        item = await stream.asend(sent)
            except StopAsyncIteration:
                return
            finally:
                await stream.aclose()
        except Exception as error:
            gate.failed(error, sys._getframe())  # noqa: SLF001  the documented way to the stack
            raise

    return wrapper


async def _open(function: _Function, gate: _Guard, args: _Args, kwargs: _Kwargs) -> AsyncGenerator[Any, Any]:
    refusal = gate.admit(args, kwargs)
    if refusal is not None:
        return _items(gate.fallback(refusal, args, kwargs))
    stream: AsyncGenerator[Any, Any] = function(*args, **kwargs)
    return RecordedAsync(stream, partial(gate.keep, args, kwargs)) if gate.keeps_results else stream


async def _items(items: Any) -> AsyncGenerator[Any, Any]:
    items = await items if isawaitable(items) else items
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item


_UNFINISHED: Mapping[type, Kind] = {
    CoroutineType: Kind.COROUTINE,
    GeneratorType: Kind.GENERATOR,
    AsyncGeneratorType: Kind.ASYNC_GENERATOR,
}
"""Results that are calls yet to run."""
_WRAPPERS: Mapping[Kind, Callable[[_Function, _Guard], _Function]] = {
    Kind.PLAIN: _wrap_plain,
    Kind.COROUTINE: _wrap_coroutine,
    Kind.GENERATOR: _wrap_generator,
    Kind.ASYNC_GENERATOR: _wrap_async_generator,
}
