"""What became of the level: each change with its cause, the values at the time, and how long it lasted.

Bounded: the oldest entries go first, and how many went is counted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from policy_engine.instants import iso


@dataclass(frozen=True, slots=True)
class LevelEntry:
    """One change of a level. ``seconds`` is how long ``after`` lasted; ``None`` while it does."""

    time: float
    """Seconds since 1970."""
    before: str
    after: str
    cause: str
    """A trigger's name, ``"manual"``, ``"pin expired"`` or ``"reload"``."""
    reason: str
    values: Mapping[str, float]
    component: str = ""
    author: str = ""
    seconds: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready data."""
        return {**asdict(self), "time": iso(self.time)}


class History:
    """The last ``limit`` changes, of the service and of its components."""

    def __init__(self, limit: int) -> None:
        self._entries: deque[tuple[float, LevelEntry]] = deque(maxlen=limit)
        self.dropped = 0

    def add(self, now: float, entry: LevelEntry) -> None:
        """Keep ``entry``, which happened at ``now`` (monotonic)."""
        self.dropped += len(self._entries) == self._entries.maxlen
        self._entries.append((now, entry))

    def entries(self) -> tuple[LevelEntry, ...]:
        """Return the entries, oldest first, each with how long its level lasted."""
        ended: dict[str, float] = {}
        entries = []
        for began, entry in reversed(self._entries):
            lasted = ended[entry.component] - began if entry.component in ended else None
            ended[entry.component] = began
            entries.append(replace(entry, seconds=lasted))
        return tuple(reversed(entries))
