"""The mark that a handled exception carries, so that whoever sees it again does not count it again.

A mark holds an `ErrorInfo` and the engine's number, never a frame. An exception that was never raised is not marked for
good: handing it over again is another error.
"""

from __future__ import annotations

from typing import NamedTuple

from policy_engine.model import ErrorInfo

_MARK = "_policy_engine_handled"


class _Handled(NamedTuple):
    engine: int
    info: ErrorInfo


def seen(exception: BaseException, engine: object) -> ErrorInfo | None:
    """What ``engine`` made of the exception already; ``None`` where it is new, or was never raised."""
    mark = exception.__dict__.get(_MARK)
    if mark is None or mark.engine != id(engine) or exception.__traceback__ is None:
        return None
    info: ErrorInfo = mark.info
    return info


def mark(exception: BaseException, engine: object, info: ErrorInfo) -> None:
    """Note on the exception that ``engine`` has handled it."""
    exception.__dict__[_MARK] = _Handled(id(engine), info)
