"""What kind of callable a wrapper has before it: plain, coroutine, generator or asynchronous generator.

Sees through partials, bound methods and objects with ``__call__``: taken for plain ones, they escape protection
(tenacity#224, #430).
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from enum import Enum
from typing import Any


class Kind(Enum):
    """How a callable is called, and where its exceptions come out."""

    PLAIN = "plain"
    COROUTINE = "coroutine"
    GENERATOR = "generator"
    ASYNC_GENERATOR = "async generator"


def kind_of(function: Callable[..., Any]) -> Kind:
    """Tell the kind of ``function``, looking through partials, methods and callable objects."""
    innermost = function
    while isinstance(innermost, functools.partial):
        innermost = innermost.func
    if not (inspect.isroutine(innermost) or inspect.isclass(innermost)):
        innermost = type(innermost).__call__
    if inspect.iscoroutinefunction(innermost):
        return Kind.COROUTINE
    if inspect.isasyncgenfunction(innermost):
        return Kind.ASYNC_GENERATOR
    if inspect.isgeneratorfunction(innermost):
        return Kind.GENERATOR
    return Kind.PLAIN


def name_of(function: Callable[..., Any]) -> tuple[str, str]:
    """Return the module and qualified name of ``function``, as an error report shows them."""
    innermost = function
    while isinstance(innermost, functools.partial):
        innermost = innermost.func
    described = innermost if hasattr(innermost, "__qualname__") else type(innermost)
    return getattr(described, "__module__", "") or "", getattr(described, "__qualname__", "")
