"""Who may run, who waits and who is turned away. Knows no threads and no loops: callers hold a lock and do the waiting.

A place that becomes free is handed to the one who waited longest, so no newcomer can overtake; one who has given up
is passed over.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from policy_engine.protect.bulkhead.options import BulkheadOptions

Wake = Callable[[], object]


class Seat:
    """One call's place: it runs, or it waits and ``wake`` is called once it may run."""

    __slots__ = ("places", "running", "wake")

    def __init__(self, places: Places, wake: Wake | None) -> None:
        self.places = places
        self.running = wake is None
        self.wake = wake


class Places:
    """The places of one target."""

    __slots__ = ("_options", "_waiting", "running")

    def __init__(self, options: BulkheadOptions) -> None:
        self._options = options
        self.running = 0
        self._waiting: OrderedDict[Seat, None] = OrderedDict()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def enter(self, wake: Wake | None) -> Seat | None:
        """Take a place, or one in the queue where there is ``wake`` to be called; ``None`` where both are full."""
        if self.running < self._options.concurrent:
            self.running += 1
            return Seat(self, None)
        if wake is None or len(self._waiting) >= self._options.queued:
            return None
        seat = Seat(self, wake)
        self._waiting[seat] = None
        return seat

    def leave(self, seat: Seat) -> Wake | None:
        """Give a place back, running or waiting; return whom to wake, outside of the lock."""
        if not seat.running:
            self._waiting.pop(seat, None)
            return None
        if not self._waiting:
            self.running -= 1
            return None
        following, _ = self._waiting.popitem(last=False)
        following.running = True
        return following.wake
