"""How long to wait before connecting again, and when to stop trying.

Knows no sockets and no clock: callers bring the time. The delay grows from one failure to the next, and starts over
only after a connection that lasted: a server that accepts and hangs up at once looks like success to a handshake.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Pacing:
    """Seconds, and the number of failures in a row after which the client gives up."""

    initial: float = 0.5
    maximum: float = 30.0
    limit: int = 20
    stable_after: float = 60.0


class Reconnects:
    """Counts failures in a row, and says how long to wait after each."""

    def __init__(self, pacing: Pacing, random: Random) -> None:
        self._pacing = pacing
        self._random = random
        self._connected_at: float | None = None
        self.failures = 0

    def connected(self, now: float) -> None:
        """A handshake succeeded at ``now``."""
        self._connected_at = now

    def lost(self, now: float) -> None:
        """An attempt failed, or a connection ended, at ``now``."""
        if self._connected_at is not None and now - self._connected_at >= self._pacing.stable_after:
            self.failures = 0
        self._connected_at = None
        self.failures += 1

    @property
    def exhausted(self) -> bool:
        """Whether it is time to give up."""
        return self.failures >= self._pacing.limit

    def delay(self) -> float:
        """Seconds to wait now: ``min(maximum, initial * 2 ** (failures - 1))``, half of it drawn at random.

        The random half keeps many clients of one server from coming back in the same instant.
        """
        grown = min(self._pacing.maximum, self._pacing.initial * 2.0 ** min(self.failures - 1, 60))
        return self._random.uniform(grown / 2.0, grown)
