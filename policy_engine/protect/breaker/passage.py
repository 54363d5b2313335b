"""A breaker's passage: a call whose begin and end lie apart, as of a generator or a ``with`` block."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policy_engine.protect.breaker.breaker import CircuitBreaker
    from policy_engine.protect.breaker.permit import Permit


class BreakerPassage:
    """One call by leave of ``breaker``, which may refuse it here. ``permit`` is a leave that was taken already."""

    __slots__ = ("_breaker", "_permit", "_spent", "_started")

    def __init__(self, breaker: CircuitBreaker, permit: Permit | None = None) -> None:
        self._breaker = breaker
        self._permit = permit or breaker.enter()
        self._spent = 0.0
        self._started = 0.0

    def resume(self) -> None:
        """The call's own code runs from now on."""
        self._started = self._breaker.monotonic() - self._spent

    def within(self, step: Awaitable[Any]) -> Awaitable[Any]:
        """Return ``step`` itself: a breaker counts what takes too long, and stops nothing."""
        return step

    def pause(self) -> None:
        """It does not any more, for a while."""
        self._spent = self._breaker.monotonic() - self._started

    def end(self, error: BaseException | None, *, overran: bool = False) -> None:
        """Tell the breaker how the call ended."""
        if error is not None:
            self._breaker.fail(self._permit, self._started, error)
        elif overran:
            self._breaker.count_failure(self._permit, self._started)
        else:
            self._breaker.succeed(self._permit, self._started)
