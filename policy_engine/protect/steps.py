"""Generators behind a protection: a passage is opened with the first step and ended with the last.

Time counts while the generator runs, not while its consumer does something between the steps. A generator that is left
early says nothing of its target.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from typing import Any, Protocol


class Passage(Protocol):
    """One call under way; opening it may raise a refusal."""

    def resume(self) -> None:
        """The call's own code runs from now on."""

    def within(self, step: Awaitable[Any]) -> Awaitable[Any]:
        """Return what awaits ``step`` of an asynchronous generator, for as long as the call may still take."""

    def pause(self) -> None:
        """It does not any more, for a while."""

    def end(self, error: BaseException | None) -> None:
        """Tell how the call ended, instead of `pause`."""


Open = Callable[..., Passage]
"""Opens a passage for a call with these arguments."""


def guard_generator(function: Callable[..., Any], open_passage: Open) -> Callable[..., Any]:
    """Return a generator function that runs ``function`` in a passage."""

    def guarded(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        generator = function(*args, **kwargs)
        passage = open_passage(*args, **kwargs)
        resume, value = generator.send, None
        while True:
            passage.resume()
            try:
                item = resume(value)
            except StopIteration as stop:
                passage.end(value if isinstance(value, GeneratorExit) else None)
                return stop.value
            except BaseException as error:
                passage.end(error)
                raise
            passage.pause()
            try:
                value = yield item
                resume = generator.send
            except BaseException as thrown:  # noqa: BLE001  thrown into the generator, which raises it or not
                value, resume = thrown, generator.throw

    return guarded


def guard_async_generator(function: Callable[..., Any], open_passage: Open) -> Callable[..., Any]:
    """Return an asynchronous generator function that runs ``function`` in a passage."""

    async def guarded(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        generator = function(*args, **kwargs)
        passage = open_passage(*args, **kwargs)
        resume, value = generator.asend, None
        while True:
            passage.resume()
            try:
                step = resume(value)
                # One that is left early may tidy up, however late that is.
                item = await (step if isinstance(value, GeneratorExit) else passage.within(step))
            except StopAsyncIteration:
                passage.end(value if isinstance(value, GeneratorExit) else None)
                return
            except BaseException as error:
                passage.end(error)
                raise
            passage.pause()
            try:
                value = yield item
                resume = generator.asend
            except BaseException as thrown:  # noqa: BLE001  thrown into the generator, which raises it or not
                value, resume = thrown, generator.athrow

    return guarded
