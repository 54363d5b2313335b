"""The time by which a protected call should be done, for all code further in.

A protection cannot stop a plain function; a function that takes long can ask `time_left` and hand it to its client.
Nested deadlines only shorten each other.
"""

from __future__ import annotations

from contextvars import ContextVar, Token

from policy_engine.clock import Clock

_deadline: ContextVar[float | None] = ContextVar("policy_engine_deadline", default=None)


class Deadline:
    """Sets the deadline for the code inside: ``until`` in monotonic seconds; ``None`` leaves it as it is."""

    __slots__ = ("_token", "until")

    def __init__(self, until: float | None) -> None:
        self.until = until
        self._token: Token[float | None] | None = None

    def __enter__(self) -> Deadline:
        if self.until is not None:
            outer = _deadline.get()
            if outer is not None and outer < self.until:
                self.until = outer
            self._token = _deadline.set(self.until)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._token is not None:
            _deadline.reset(self._token)


def time_left(clock: Clock) -> float | None:
    """Seconds until the innermost deadline, never below 0; ``None`` where there is none."""
    until = _deadline.get()
    return None if until is None else max(0.0, until - clock.monotonic())
