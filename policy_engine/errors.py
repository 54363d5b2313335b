"""The exceptions this package raises.

::

    PolicyEngineError
    ├── PolicyError            a policy that does not load; .diagnostics says what and where
    ├── UnknownNameError       code asks for a call, level or function that no policy defines
    └── CallRefusedError       a protection refused a call; .retry_after says when to try again
        ├── CircuitOpenError   by an open circuit breaker
        └── DegradedError      by the service's level; .level and .reason
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any, Protocol


class DiagnosticLike(Protocol):
    """What an exception or an event may know of a finding: its code, and that it prints itself."""

    @property
    def code(self) -> str:
        """For example ``"PE203"``."""

    def __str__(self) -> str: ...


class PolicyEngineError(Exception):
    """Any error of this package."""


class PolicyError(PolicyEngineError):
    """A policy does not load.

    ``diagnostics`` holds every finding, not the first alone.
    """

    def __init__(self, diagnostics: Sequence[DiagnosticLike]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(str(diagnostic) for diagnostic in self.diagnostics))


class UnknownNameError(PolicyEngineError, LookupError):
    """Code asks for a name that no policy defines and no program registered."""


class CallRefusedError(PolicyEngineError):
    """A protection refused a call: an outcome of the call, not an error of the service.

    ``retry_after`` is in seconds; ``None`` where nobody can say.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[Any, ...]:
        # The way of `Exception` would call the class without its named arguments.
        return _restored, (type(self), self.args, self.__dict__.copy())


class CircuitOpenError(CallRefusedError):
    """The circuit breaker named ``breaker`` refused a call."""

    def __init__(self, breaker: str, *, retry_after: float) -> None:
        self.breaker = breaker
        self.retry_after = None if retry_after == inf else retry_after

    def __str__(self) -> str:
        # Put into words when somebody reads it: an open breaker may refuse a thousand calls for each that is looked at.
        if self.retry_after is None:
            return f'circuit breaker "{self.breaker}" is held open until it is told otherwise'
        return f'circuit breaker "{self.breaker}" is open: try again in {self.retry_after:.3g} s'


class DegradedError(CallRefusedError):
    """The service's level is too low for a function. ``level`` is the level it was at, ``reason`` why it fell."""

    def __init__(self, function: str, *, level: str, reason: str, retry_after: float | None = None) -> None:
        super().__init__(f'"{function}" does not run at level "{level}": {reason}', retry_after=retry_after)
        self.function = function
        self.level = level
        self.reason = reason


def _restored(kind: type[CallRefusedError], args: tuple[object, ...], state: dict[str, Any]) -> CallRefusedError:
    """Rebuild a copied or unpickled refusal."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error
