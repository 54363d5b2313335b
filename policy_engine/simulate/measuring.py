"""Reads what an engine's triggers compare while it runs in virtual time, for a picture of why its level moved.

Changes nothing: reading a metric has no effect. Looks when something happens and, as long as anything is not zero, in
between as well, because a rate falls by itself; never more often than a picture can show.
"""

from __future__ import annotations

from policy_engine.clock import Clock
from policy_engine.engine import Engine
from policy_engine.model import Event, LevelChanged
from policy_engine.reports.curves import Curves

_LOOKS_A_WINDOW = 30


class Measuring:
    """Follows one engine; `curves` holds what was read."""

    def __init__(self, engine: Engine, clock: Clock, curves: Curves) -> None:
        self._engine = engine
        self._clock = clock
        self._curves = curves
        windows = [each.metric.window for each in curves.watched if each.metric.window]
        self._step = max(1.0, min(windows, default=60.0) / _LOOKS_A_WINDOW)
        self._last: float | None = None
        self._waiting = False
        if curves.watched:
            engine.subscribe(self._event)

    def look(self) -> None:
        """Read the metrics, unless they were just now."""
        now = self._clock.monotonic()
        if self._curves.watched and (self._last is None or now - self._last >= self._step):
            self._read()

    def _event(self, event: Event) -> None:
        if isinstance(event, LevelChanged):
            self._read()
        else:
            self.look()

    def _read(self) -> None:
        self._last = self._clock.monotonic()
        values = self._engine.degradation.measure()
        self._curves.add(self._clock.time(), values)
        if not self._waiting and any(values.values()):
            self._waiting = True
            self._clock.call_at(self._last + self._step, self._look_again)

    def _look_again(self) -> None:
        self._waiting = False
        self._read()
