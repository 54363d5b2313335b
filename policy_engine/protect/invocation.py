"""One protected call on its way through the layers, and what a layer is.

Each strategy makes a layer: given the call further in, it returns the call further out. So the composition reads in the
order in which a call passes it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any

from policy_engine.errors import UnknownNameError

UNFINISHED = frozenset({CoroutineType, GeneratorType, AsyncGeneratorType})
"""Results that are calls yet to run."""


class Invocation:
    """The user's function and its arguments.

    ``key`` tells targets of one name apart. ``overran``: it returned, but after its time was over. ``retries``: how
    often it was tried again.
    """

    __slots__ = ("args", "function", "key", "kwargs", "overran", "prepared", "retries")

    def __init__(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], key: object = None
    ) -> None:
        self.function = function
        self.args = args
        self.kwargs = kwargs
        self.key = key
        self.overran = False
        self.retries = 0
        self.prepared: Any = None
        """A coroutine that a plain function returned already: the first attempt awaits it."""


Call = Callable[[Invocation], Any]
AsyncCall = Callable[[Invocation], Awaitable[Any]]
Fault = Callable[[str, BaseException], None]
Registered = Callable[[str], Callable[..., Any]]
"""Finds the function that the program registered under a name."""


class UnfinishedResult(BaseException):
    """A plain function returned a coroutine or a generator: its call has not happened yet.

    Passes the layers as an interrupt would and never reaches the user; those that counted the call take it back.
    """

    def __init__(self, result: Any) -> None:
        self.result = result


def invoke(call: Invocation) -> Any:
    """Call the user's function: the innermost call."""
    result = call.function(*call.args, **call.kwargs)
    if type(result) in UNFINISHED:
        raise UnfinishedResult(result)
    return result


def invoke_async(call: Invocation) -> Awaitable[Any]:
    """Return what the user's function returns, to be awaited: the innermost call, without a coroutine of its own."""
    if call.prepared is not None:
        prepared: Awaitable[Any] = call.prepared
        call.prepared = None
        return prepared
    awaitable: Awaitable[Any] = call.function(*call.args, **call.kwargs)
    return awaitable


def nothing_registered(name: str) -> Callable[..., Any]:
    """Where no engine stands behind a protection, no function is registered.

    Raises:
        UnknownNameError: always.
    """
    raise UnknownNameError(f'no function is registered as "{name}"')


def tell_nobody(where: str, error: BaseException) -> None:
    """Until somebody says where faults go, there is nobody to tell."""
