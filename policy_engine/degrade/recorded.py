"""Generators that pass everything through and keep their items, for whoever asks for the last good result.

Knows no gate: ``keep`` is called with the items of one that ran to its end. One that fails, is closed early or yields
more than `MOST_ITEMS` was no good result, or none that can be kept.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from typing import Any

MOST_ITEMS = 1000

Keep = Callable[[list[Any]], None]


class _Items:
    """What was yielded so far, until it is too much."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._items: list[Any] = []

    def add(self, item: object) -> None:
        if len(self._items) <= MOST_ITEMS:
            self._items.append(item)

    def end(self) -> None:
        if len(self._items) <= MOST_ITEMS:
            self._keep(self._items)


class Recorded(Generator[Any, Any, Any]):
    """A generator whose items are kept."""

    def __init__(self, stream: Generator[Any, Any, Any], keep: Keep) -> None:
        self._stream = stream
        self._items = _Items(keep)

    def send(self, value: Any) -> Any:
        """Pass ``value`` on."""
        return self._step(self._stream.send, value)

    def throw(self, *thrown: Any) -> Any:
        """Pass an exception on."""
        return self._step(self._stream.throw, *thrown)

    def close(self) -> None:
        """Pass the end on."""
        self._stream.close()

    def _step(self, step: Callable[..., Any], *values: object) -> Any:
        try:
            item = step(*values)
        except StopIteration:
            self._items.end()
            raise
        self._items.add(item)
        return item


class RecordedAsync(AsyncGenerator[Any, Any]):
    """An asynchronous generator whose items are kept."""

    def __init__(self, stream: AsyncGenerator[Any, Any], keep: Keep) -> None:
        self._stream = stream
        self._items = _Items(keep)

    async def asend(self, value: Any) -> Any:
        """Pass ``value`` on."""
        return await self._step(self._stream.asend, value)

    async def athrow(self, *thrown: Any) -> Any:
        """Pass an exception on."""
        return await self._step(self._stream.athrow, *thrown)

    async def aclose(self) -> None:
        """Pass the end on."""
        await self._stream.aclose()

    async def _step(self, step: Callable[..., Awaitable[Any]], *values: object) -> Any:
        try:
            item = await step(*values)
        except StopAsyncIteration:
            self._items.end()
            raise
        self._items.add(item)
        return item
