"""The border of protection: what leaves the outermost protection as an exception is reported once.

Attempts inside a retry and failures that a fallback absorbs never cross it. Cancellation, exits and interrupts cross it
unreported: callers catch `Exception` alone.

There are two ways to stand at the border. A `Border` marks the context before each call. A wrapper that must cost next
to nothing is marked once, by `marks_border`; when its call has failed, `is_outermost` looks for marked wrappers up the
stack. Each sees the other: a border inside a marked wrapper is not outermost, nor is a marked wrapper inside a border.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import ContextVar
from types import CodeType, FrameType, FunctionType
from typing import TypeVar, cast

_Wrapper = TypeVar("_Wrapper", bound=Callable[..., object])

_marked: set[CodeType] = set()


class Border:
    """Marks the code inside one protection: ``outermost`` is true where no other protection is around it.

    Used as a context manager around the protected call, in threads and tasks alike. A task inherits the border in
    which it was started; once that call has ended, the task stands outside again.
    """

    __slots__ = ("_active", "_alone", "_around", "_token")

    def __enter__(self) -> Border:
        self._around = _nearest(_border.get())
        self._alone = self._around is None
        self._active = True
        self._token = _border.set(self)
        return self

    def __exit__(self, *exception: object) -> None:
        self._active = False
        _border.reset(self._token)

    @property
    def outermost(self) -> bool:
        """Asked once the call has failed, on the stack of the protection."""
        return self._alone and not _is_marked_above(sys._getframe(1))  # noqa: SLF001  the documented way to the stack


_border: ContextVar[Border | None] = ContextVar("policy_engine_border", default=None)


def _nearest(border: Border | None) -> Border | None:
    """The innermost border whose call has not ended: a task that outlives its starter must not keep a chain of them."""
    while border is not None and not border._active:  # noqa: SLF001  the same module
        border = border._around  # noqa: SLF001
    return border


def marks_border(wrapper: _Wrapper) -> _Wrapper:
    """Let ``wrapper``, and all functions made by the same ``def``, stand at the border without a `Border`."""
    _marked.add(cast("FunctionType", wrapper).__code__)
    return wrapper


def is_outermost(frame: FrameType) -> bool:
    """Whether no protection is around the marked wrapper that runs in ``frame``.

    Exact while the frames of callers are on the stack, which holds for calls, ``await``, ``yield from`` and
    iteration; a task of its own is only seen from outside through a `Border`, which its context inherits.
    """
    return _nearest(_border.get()) is None and not _is_marked_above(frame.f_back)


def _is_marked_above(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code in _marked:
            return True
        frame = frame.f_back
    return False
