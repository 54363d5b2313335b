"""A budget of retries for one target: when most of its calls fail, retrying them all would be a storm.

Every retry takes a token, at the moment it is decided and so before it waits; every call that succeeds gives a part of
one back (as gRPC's retry throttling does). Without a whole token there is no retry.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from policy_engine.forks import survives_fork


@dataclass(frozen=True, slots=True)
class BudgetOptions:
    """``tokens`` at the most, which is what a target starts with; a success gives ``per_success`` of one back."""

    tokens: int = 10
    per_success: float = 0.1

    def __post_init__(self) -> None:
        if self.tokens < 1:
            raise ValueError(f"budget.tokens is {self.tokens!r}: it must be 1 or more")
        if not 0 <= self.per_success <= self.tokens:
            raise ValueError(f"budget.per_success is {self.per_success!r}: it must be from 0 to tokens")


_WHOLE = 1_000_000_000
"""A token, in whole parts, so that ten tenths are exactly one and what a success is worth is never rounded away."""


class Budget:
    """The tokens of one target."""

    __slots__ = ("__weakref__", "_full", "_left", "_lock", "_per_success")

    def __init__(self, options: BudgetOptions) -> None:
        self._full = self._left = options.tokens * _WHOLE
        self._per_success = round(options.per_success * _WHOLE)
        self._lock = threading.Lock()
        survives_fork(self)

    @property
    def tokens(self) -> float:
        """What is left."""
        return self._left / _WHOLE

    def take(self) -> bool:
        """Take a token for a retry, if there is one."""
        with self._lock:
            if self._left < _WHOLE:
                return False
            self._left -= _WHOLE
            return True

    def succeeded(self) -> None:
        """Give back what a success is worth; a full budget, the ordinary case, is only looked at."""
        if self._left < self._full:
            with self._lock:
                self._left = min(self._full, self._left + self._per_success)

    def after_fork(self) -> None:
        """Make the lock anew in a child."""
        self._lock = threading.Lock()
