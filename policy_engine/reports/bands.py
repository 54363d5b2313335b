"""States over time, such as a level or a circuit breaker, kept as the moments at which they changed, up to a bound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Band(NamedTuple):
    """A state and how long it lasted; times in seconds."""

    start: float
    end: float
    state: str


class _Change(NamedTuple):
    time: float
    before: str
    after: str


class Lanes:
    """The states of several things, by name. Past ``most`` changes, later ones are counted alone."""

    def __init__(self, most: int) -> None:
        self._room = most
        self._changes: dict[str, list[_Change]] = {}
        self.dropped = 0
        self.dropped_from: float | None = None
        """When the first change lay that was not kept."""

    def change(self, name: str, time: float, before: str, after: str) -> None:
        """Take note that something changed its state."""
        if self._room <= 0:
            self.dropped += 1
            self.dropped_from = time if self.dropped_from is None else self.dropped_from
            return
        self._room -= 1
        self._changes.setdefault(name, []).append(_Change(time, before, after))

    @property
    def names(self) -> list[str]:
        """All names, those with the most changes first."""
        return sorted(self._changes, key=lambda name: -len(self._changes[name]))

    def bands(self, name: str, start: float, end: float) -> Iterator[Band]:
        """Yield the states between two times, in order."""
        changes = self._changes[name]
        since, state = start, changes[0].before
        for change in changes:
            if since < (until := min(change.time, end)):
                yield Band(since, until, state)
            since, state = max(since, change.time), change.after
        if since < end:
            yield Band(since, end, state)
