"""The border of protection: what leaves the outermost protection as an exception is reported once.

Attempts inside a retry and failures that a fallback absorbs never cross it. Cancellation, exits and interrupts cross it
unreported: callers catch `Exception` alone.
"""

from __future__ import annotations

from contextvars import ContextVar

_inside: ContextVar[bool] = ContextVar("policy_engine_inside", default=False)


class Border:
    """Marks the code inside one protection: ``outermost`` is true where no other protection is around it.

    Used as a context manager around the protected call, in threads and tasks alike.
    """

    __slots__ = ("_token", "outermost")

    def __enter__(self) -> Border:
        self.outermost = not _inside.get()
        self._token = _inside.set(True)
        return self

    def __exit__(self, *exception: object) -> None:
        _inside.reset(self._token)
