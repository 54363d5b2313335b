"""The tally of a breaker that was ordered not to open: it counts on, or not at all, and never has a reason to open."""

from __future__ import annotations

from policy_engine.protect.breaker.tally import Reading, Tally


class Overruled:
    """Keeps ``tally`` from opening, as long as the order holds."""

    __slots__ = ("_counts", "_tally", "_until")

    def __init__(self, tally: Tally, *, until: float, counts: bool) -> None:
        self._tally = tally
        self._until = until
        self._counts = counts

    @property
    def quiet_until(self) -> float:
        """The end of the order; where it counts, what the tally itself says may come before."""
        return min(self._until, self._tally.quiet_until) if self._counts else self._until

    def add_good(self, count: int) -> None:
        """Count good calls."""
        if self._counts:
            self._tally.add_good(count)

    def add(self, outcome: int, now: float) -> str | None:
        """Count one outcome; there is no reason to open."""
        if self._counts:
            self._tally.add(outcome, now)
        return None

    def reading(self, now: float) -> Reading:
        """Return what counts now."""
        return self._tally.reading(now)
