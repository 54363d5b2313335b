"""What the protected call cost that an exception left, noted on the exception, so that its `ErrorInfo` can tell.

The outermost protection writes last: its call is the one that the caller waited for. Retries add up.
"""

from __future__ import annotations

from typing import NamedTuple

_NOTE = "_policy_engine_call"


class FailedCall(NamedTuple):
    """A protected call that ended in an exception."""

    name: str
    seconds: float
    retries: int


def note(error: BaseException, call: FailedCall) -> None:
    """Note on ``error`` which call it left."""
    inner = noted(error)
    error.__dict__[_NOTE] = call if inner is None else call._replace(retries=call.retries + inner.retries)


def noted(error: BaseException) -> FailedCall | None:
    """The call that ``error`` left; ``None`` where it left none."""
    call: FailedCall | None = error.__dict__.get(_NOTE)
    return call
