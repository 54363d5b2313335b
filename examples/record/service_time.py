"""The time that the recorded log shows: an hour of service in the half minute that recording takes.

Only what is written down follows this clock; timeouts and sockets run in real time.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

START = datetime(2026, 3, 3, 13, 0, tzinfo=UTC)


class ServiceTime:
    """Seconds since the recorded hour began; moves only forward, and a little with every line logged."""

    def __init__(self) -> None:
        self.elapsed = 0.0

    def reach(self, elapsed: float) -> None:
        """Go to ``elapsed`` seconds, unless it is later already."""
        self.elapsed = max(self.elapsed, elapsed)

    def filter(self, record: logging.LogRecord) -> bool:
        """Stamp ``record`` with this clock: a `logging` filter that lets everything pass."""
        self.elapsed += 0.003
        record.created = START.timestamp() + self.elapsed
        record.msecs = int(record.created * 1000) % 1000
        return True
