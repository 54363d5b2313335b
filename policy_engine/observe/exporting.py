"""Exporters: who gets the engine's events off the failing thread, a few at a time, in order.

Knows no plugins: an exporter is a name and a function. Each has a bounded queue and a thread of its own, so one that is
slow, or hangs, holds up nobody but itself. What a full queue refuses is counted, and so are the events
that the exporter failed on: nobody tries again. No exporter hears of faults of exporters, or each fault would bring the
next.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from policy_engine.forks import survives_fork
from policy_engine.model import EngineFault, Event

if TYPE_CHECKING:
    from policy_engine.clock import Clock

BATCH = 100
"""Events that an exporter gets at once, at the most."""

_WHERE = "an exporter"

Export = Callable[[Sequence[Event]], object]


class Exports(Protocol):
    """Something that takes events, as a plugin brings it."""

    @property
    def export(self) -> Export:
        """What takes a few events at a time; it fails by raising."""


@dataclass(slots=True)
class Counts:
    """What became of the events for one exporter."""

    exported: int = 0
    failed: int = 0
    dropped: int = 0

    def to_dict(self) -> dict[str, int]:
        """Plain JSON-ready data."""
        return {"exported": self.exported, "failed": self.failed, "dropped": self.dropped}


class Exporters:
    """All exporters of one engine. `take` is a subscriber of its events; `adopt` gives it other exporters."""

    def __init__(self, *, clock: Clock, fault: Callable[[str, BaseException], None]) -> None:
        self._clock = clock
        self._fault = fault
        self._queues: Mapping[str, _Queue] = {}

    def adopt(self, exporters: Mapping[str, Exports], bound: int) -> None:
        """Export to these from now on; one that keeps its name keeps its queue. ``bound``: events that may wait."""
        self._queues = {name: self._queue(name, each.export, bound) for name, each in exporters.items()}

    def take(self, event: Event) -> None:
        """Put an event into every queue; never blocks on an exporter."""
        if isinstance(event, EngineFault) and event.where.startswith(_WHERE):
            return
        for queue in self._queues.values():
            queue.put(event)

    def statistics(self) -> dict[str, Any]:
        """Return what became of the events, by exporter, as plain JSON-ready data."""
        return {name: queue.counts.to_dict() for name, queue in sorted(self._queues.items())}

    def _queue(self, name: str, export: Export, bound: int) -> _Queue:
        queue = self._queues.get(name) or _Queue(name, self._clock, self._fault)
        queue.export, queue.bound = export, bound
        return queue


class _Queue:
    """The events that wait for one exporter."""

    export: Export
    bound: int

    def __init__(self, name: str, clock: Clock, fault: Callable[[str, BaseException], None]) -> None:
        self._where = f'{_WHERE}, "{name}"'
        self._lane = clock.lane(name, queue=1)
        self._fault = fault
        self.counts = Counts()
        self.after_fork()
        survives_fork(self)

    def after_fork(self) -> None:
        """Wait for nothing: what was in the queue is the parent's to export."""
        self._lock = threading.Lock()
        self._events: deque[Event] = deque()
        self._is_emptied = False

    def put(self, event: Event) -> None:
        """Let an event wait, and the exporter's thread come for it."""
        with self._lock:
            if len(self._events) >= self.bound:
                self.counts.dropped += 1
                return
            self._events.append(event)
            if self._is_emptied:
                return
            self._is_emptied = True
        self._call_thread()

    def _call_thread(self) -> None:
        if not self._lane.submit(self._empty):
            # The machine has no thread left: the next event asks again.
            with self._lock:
                self._is_emptied = False

    def _empty(self) -> None:
        """Export one batch, and come again for the rest."""
        with self._lock:
            batch = [self._events.popleft() for _ in range(min(BATCH, len(self._events)))]
        try:
            self.export(batch)
            self.counts.exported += len(batch)
        except Exception as error:  # noqa: BLE001  an exporter that is down must not take its thread along
            self.counts.failed += len(batch)
            self._fault(self._where, error)
        with self._lock:
            self._is_emptied = bool(self._events)
            more = self._is_emptied
        if more:
            self._call_thread()
