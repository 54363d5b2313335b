"""A target's protection as code meets it: decorator, block, call, in threads and in asyncio.

``resolve`` is asked at each call, so a reload is followed by functions that were wrapped before it. What leaves the
outermost protection as an exception is reported once, with the wrapped function's module and name; refusals, failures
that a fallback answers, cancellation and interrupts are not. Generators and blocks pass what guards the target and
are neither retried nor answered.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from functools import update_wrapper
from types import AsyncGeneratorType, CoroutineType, TracebackType
from typing import Any, ParamSpec, TypeVar, cast

from policy_engine.boundary import Border, is_outermost, marks_border
from policy_engine.callables import Kind, kind_of, name_of
from policy_engine.errors import CallRefusedError
from policy_engine.protect.calls.passage import PipelinePassage, Report
from policy_engine.protect.calls.pipeline import Pipeline
from policy_engine.protect.invocation import Fault, Invocation, UnfinishedResult, tell_nobody
from policy_engine.protect.steps import guard_async_generator, guard_generator

P = ParamSpec("P")
R = TypeVar("R")

Resolve = Callable[[], Pipeline]
KeyOf = Callable[..., object]
Function = Callable[..., Any]

_NOT_PLAIN = inspect.CO_COROUTINE | inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR | inspect.CO_ITERABLE_COROUTINE


class Protection:
    """What a policy says for one target: ``@protection``, ``protection.call(f, ...)``, ``with protection.block():``."""

    __slots__ = ("_fault", "_key_of", "_report", "_resolve", "name")

    def __init__(
        self,
        name: str,
        resolve: Resolve,
        report: Report,
        key_of: KeyOf | None = None,
        *,
        fault: Fault = tell_nobody,
    ) -> None:
        self.name = name
        self._resolve = resolve
        self._report = report
        self._key_of = key_of
        self._fault = fault

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Protect ``function``: plain, coroutine, generator or asynchronous generator, method, partial or object.

        Raises:
            TypeError: it is a ``classmethod`` or another thing that cannot be called.
        """
        if not callable(function):
            raise TypeError(f"{function!r} cannot be called: put the protection under @classmethod, not above")
        return update_wrapper(self._wrapped(function, kind_of(function)), function)

    def call(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return ``function(*args, **kwargs)`` under protection; ``await`` it where it is a coroutine."""
        code = getattr(function, "__code__", None)
        if code is not None and not code.co_flags & _NOT_PLAIN:
            return cast(R, self._run(function, args, kwargs))
        return cast(R, self._wrapped(function, kind_of(function))(*args, **kwargs))

    def block(self) -> ProtectedBlock:
        """Return a new ``with`` or ``async with`` block under protection."""
        pipeline = self._resolve()
        return ProtectedBlock(pipeline, self._report, self._key(pipeline))

    def given(self, **context: object) -> Protection:
        """Return the same protection for calls with this context: its breaker's ``key`` is looked up there."""
        return self._with(lambda key, *_, **__: context.get(key))

    def keyed_by(self, find: Callable[..., object]) -> Protection:
        """Return the same protection; what ``find`` makes of a call's arguments is the value of its breaker's key.

        Where ``find`` raises, that is told, and the call is one without a value.
        """

        def key_of(_: object, *args: Any, **kwargs: Any) -> object:
            try:
                return find(*args, **kwargs)
            except Exception as fault:  # noqa: BLE001  a broken callback must not cost the caller its call
                self._fault(f'what the key of call "{self.name}" is', fault)
                return None

        return self._with(key_of)

    def _with(self, key_of: KeyOf) -> Protection:
        return Protection(self.name, self._resolve, self._report, key_of, fault=self._fault)

    def _wrapped(self, function: Function, kind: Kind) -> Function:
        if kind is Kind.COROUTINE:
            return self._coroutine(function)
        if kind is Kind.PLAIN:
            return self._plain(function)
        return self._stepped(function, kind, function)

    def _plain(self, function: Function) -> Function:
        run = self._run

        def protected(*args: Any, **kwargs: Any) -> Any:
            return run(function, args, kwargs)

        return protected

    def _coroutine(self, function: Function, prepared: Any = None) -> Function:
        resolve, report, key_of = self._resolve, self._report, self._key_of

        async def protected(*args: Any, **kwargs: Any) -> Any:
            try:
                with Border() as border:
                    pipeline = resolve()
                    key = None if key_of is None else key_of(pipeline.key, *args, **kwargs)
                    call = Invocation(function, args, kwargs, key)
                    call.prepared = prepared
                    return await pipeline.run_async(call)
            except CallRefusedError:
                raise
            except Exception as error:
                if border.outermost:
                    report(error, *name_of(function))
                raise

        return protected

    def _stepped(self, source: Function, kind: Kind, function: Function) -> Function:
        guard = guard_generator if kind is Kind.GENERATOR else guard_async_generator

        def open_passage(*args: Any, **kwargs: Any) -> PipelinePassage:
            pipeline = self._resolve()
            return PipelinePassage(pipeline, self._report, function, self._key(pipeline, *args, **kwargs))

        return guard(source, open_passage)

    def _key(self, pipeline: Pipeline, *args: Any, **kwargs: Any) -> object:
        return None if self._key_of is None else self._key_of(pipeline.key, *args, **kwargs)

    @marks_border
    def _run(self, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            pipeline = self._resolve()
            key = None if self._key_of is None else self._key_of(pipeline.key, *args, **kwargs)
            return pipeline.run(Invocation(function, args, kwargs, key))
        except CallRefusedError:
            raise
        except Exception as error:
            if is_outermost(sys._getframe()):  # noqa: SLF001  the documented way to the stack
                self._report(error, *name_of(function))
            raise
        except UnfinishedResult as unfinished:
            result = unfinished.result
        return self._finished(function, result)(*args, **kwargs)

    def _finished(self, function: Function, unfinished: Any) -> Function:
        """Return what runs a coroutine or a generator that the plain ``function`` returned."""
        if isinstance(unfinished, CoroutineType):
            return self._coroutine(function, unfinished)
        kind = Kind.ASYNC_GENERATOR if isinstance(unfinished, AsyncGeneratorType) else Kind.GENERATOR
        return self._stepped(lambda *_, **__: unfinished, kind, function)


class ProtectedBlock:
    """One ``with`` or ``async with`` block under protection, to be used once."""

    __slots__ = ("_key", "_passage", "_pipeline", "_report", "_scope")

    def __init__(self, pipeline: Pipeline, report: Report, key: object) -> None:
        self._pipeline = pipeline
        self._report = report
        self._key = key

    def __enter__(self) -> ProtectedBlock:
        self._passage = PipelinePassage(self._pipeline, self._report, None, self._key)
        self._passage.resume()
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        self._passage.end(error)

    async def __aenter__(self) -> ProtectedBlock:
        self.__enter__()
        timeout = self._pipeline.options.timeout
        self._scope = None if timeout is None else self._pipeline.clock.timeout(timeout)
        if self._scope is not None:
            try:
                await self._scope.__aenter__()
            except BaseException as error:
                self._passage.end(error)
                raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if self._scope is not None:
                await self._scope.__aexit__(kind, error, traceback)
        except TimeoutError as late:
            self._passage.end(late)
            raise
        self._passage.end(error)
