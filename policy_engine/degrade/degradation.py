"""The level of a running service: moved by triggers, set by hand, asked by code.

Holds the clock and the lock that the machines below do not have. Rules: metrics are read before the lock is taken and
events go out after it is released; a tick runs only while something can move without another error; reading
``current_level`` is reading an attribute; gates are pushed on each move, so that calls need not ask.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from weakref import WeakSet

from policy_engine.clock import Clock, Timer
from policy_engine.degrade.gates import OVERRIDE, Gate
from policy_engine.degrade.history import LevelEntry
from policy_engine.degrade.levels import Pin
from policy_engine.degrade.options import DegradationOptions
from policy_engine.degrade.service_levels import SERVICE, Moment, ServiceLevels
from policy_engine.errors import DegradedError, UnknownNameError
from policy_engine.forks import survives_fork
from policy_engine.metrics import Metric
from policy_engine.model import LevelChanged

TICK = 1.0
"""Seconds between two looks while something can move by itself."""

ReadAll = Callable[[Collection[Metric]], Mapping[Metric, float | None]]

class GracefulDegradation:
    """The levels of a service and its components.

    ``current_level`` is the service's level now. ``read_all`` returns the values of metrics at this moment; it is
    called without a lock. Events go to ``publish``. What people say about a level passes ``scrub`` before it is kept.
    """

    def __init__(
        self,
        options: DegradationOptions,
        *,
        clock: Clock,
        read_all: ReadAll,
        publish: Callable[[LevelChanged], object],
        history: int = 1000,
        scrub: Callable[[str], str] = str,
    ) -> None:
        self._options = options
        self._metrics = options.metrics()
        self._clock = clock
        self._read_all = read_all
        self._publish = publish
        self._scrub = scrub
        self._lock = threading.Lock()
        self._timer: Timer | None = None
        self._gates: WeakSet[Gate] = WeakSet()
        self._overridden = False
        self._standing = ServiceLevels(options, history=history)
        self.current_level = options.levels[0]
        survives_fork(self)
        with self._lock:
            self._settle(clock.monotonic(), moved=False)

    @property
    def levels(self) -> tuple[str, ...]:
        """All levels, best first."""
        return self._options.levels

    @property
    def history(self) -> tuple[LevelEntry, ...]:
        """The last changes, oldest first."""
        with self._lock:
            return self._standing.history

    def now(self) -> float:
        """Return the engine's monotonic seconds."""
        return self._clock.monotonic()

    def level(self, component: str = SERVICE) -> str:
        """Return the level that code here runs at: this request's override, else the component's or the service's."""
        override = self._overriding()
        with self._lock:
            return override if override in self.levels else self.levels[self._standing.position(component)]

    def position(self, component: str = SERVICE) -> int:
        """Return `level` as its place in `levels`: 0 is the best."""
        override = self._overriding()
        with self._lock:
            return self.levels.index(override) if override in self.levels else self._standing.position(component)

    def allows(self, lowest_level: str, component: str = SERVICE) -> bool:
        """Whether the level is ``lowest_level`` or better; raises `UnknownNameError` for no level of the policy."""
        return self.position(component) <= self._place_of(lowest_level)

    @contextmanager
    def require(self, lowest_level: str, component: str = SERVICE) -> Iterator[None]:
        """Run the block at ``lowest_level`` or better; raise `DegradedError` at any other."""
        if not self.allows(lowest_level, component):
            raise self.refusal(f"require {lowest_level}", component)
        yield

    @contextmanager
    def override(self, level: str) -> Iterator[None]:
        """Run the block, and the tasks it starts, as if the level were ``level``: for one request, say."""
        self._place_of(level)
        if not self._overridden:
            with self._lock:
                self._overridden = True
                self._set_gates()
        token = OVERRIDE.set((self, level))
        try:
            yield
        finally:
            OVERRIDE.reset(token)

    def refusal(self, function: str, component: str = SERVICE) -> DegradedError:
        """Return the error for a call of ``function`` that the level refuses now."""
        level = self.level(component)
        if level == self._overriding():
            return DegradedError(function, level=level, reason="this request overrides the level")
        with self._lock:
            now = self._clock.monotonic()
            until = self._standing.earliest_rise(component, now)
            reason = self._standing.reason(component)
        retry_after = None if until is None else max(0.0, until - now)
        return DegradedError(function, level=level, reason=reason, retry_after=retry_after)

    def set_level(
        self, level: str, reason: str, *, author: str = "", expires: float | None = None, component: str = SERVICE
    ) -> None:
        """Pin a level until `release_pin`, or for ``expires`` seconds.

        Raises:
            UnknownNameError: the policy has no such level or component.
            ValueError: ``expires`` is not a number of seconds above 0.
        """
        self._place_of(level)
        if expires is not None and not 0 < expires < math.inf:
            raise ValueError(f"a pin expires after seconds above 0, not {expires:g}; without it, it does not expire")
        until = None if expires is None else self._clock.monotonic() + expires
        reason = self._scrub(reason)
        self._pin(component, Pin(level, reason, author, until), reason, author)

    def release_pin(self, reason: str = "pin released", *, author: str = "", component: str = SERVICE) -> None:
        """Let the triggers decide again; harmless where nothing is pinned."""
        if self.pin_of(component) is not None:
            self._pin(component, None, self._scrub(reason), author)

    def pin_of(self, component: str = SERVICE) -> Pin | None:
        """Return what was set by hand, if anything; raises `UnknownNameError` for no component of the policy."""
        if not self._standing.knows(component):
            raise UnknownNameError(f'unknown component "{component}": the policy defines none of that name')
        return self._standing.pin_of(component)

    def measure(self) -> Mapping[Metric, float | None]:
        """Return what every metric that a trigger reads is now; ``None`` where there is no data."""
        return self._read_all(self._metrics)

    def evaluate(self, touched: Collection[Metric] | None = None) -> None:
        """Look at the triggers: after an error with the metrics that it ``touched``, else at all of them.

        After a change of a breaker or a failed recovery, ``()`` is enough: what those can move is always looked at.
        """
        if self._metrics:
            self._look(touched)

    def adopt(self, options: DegradationOptions) -> None:
        """Follow another policy: triggers that did not change keep their state, levels and pins by their names."""
        with self._lock:
            now = self._clock.monotonic()
            self._options, self._metrics = options, options.metrics()
            events = self._standing.adopt(Moment(now, self._clock.time()), options)
            for gate in self._gates:
                gate.adopt(options.functions, options.levels)
            self._settle(now, moved=True)
        self._announce(events)
        self.evaluate()

    def attach(self, gate: Gate) -> None:
        """Keep ``gate`` up to date from now on."""
        with self._lock:
            gate.degradation = self
            gate.adopt(self._options.functions, self.levels)
            self._gates.add(gate)
            self._set_gates()

    def close(self) -> None:
        """Stop ticking and let go of the gates: their next call finds the engine that is live then."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            for gate in self._gates:
                gate.plain = gate.plain_without_override = False
                gate.degradation = None
            self._gates.clear()

    def after_fork(self) -> None:
        """Make the lock anew in a child, and the timer, which the clock has forgotten with the parent's other work."""
        self._lock = threading.Lock()
        self._timer = None
        self._wake_up(self.now())

    def _overriding(self) -> str:
        """The level that this request runs at whatever the service's is; empty for none. A reload may have ended it."""
        override = OVERRIDE.get()
        return override[1] if override is not None and override[0] is self else ""

    def _pin(self, component: str, pin: Pin | None, reason: str, author: str) -> None:
        self.pin_of(component)
        with self._lock:
            now = self._clock.monotonic()
            moment = Moment(now, self._clock.time())
            events = self._standing.pin(moment, component, pin, cause="manual", reason=reason, author=author)
            self._settle(now, moved=bool(events))
        self._announce(events)

    def _look(self, touched: Collection[Metric] | None) -> None:
        values = self._read_all(self._metrics if touched is None else self._standing.metrics_to_read(touched))
        with self._lock:
            now = self._clock.monotonic()
            moment = Moment(now, self._clock.time())
            events = self._standing.observe(moment, values.get, touched)
            self._settle(now, moved=bool(events))
        self._announce(events)

    def _tick(self) -> None:
        self._timer = None
        self._look(())

    def _settle(self, now: float, *, moved: bool) -> None:
        """Show the level that is now, and wake up when it may change; the lock is held."""
        if moved:
            self.current_level = self.levels[self._standing.position(SERVICE)]
            self._set_gates()
        self._wake_up(now)

    def _wake_up(self, now: float) -> None:
        due = self._standing.next_look(now, TICK)
        timer = self._timer
        # A timer in the past was lost in a fork; one that comes early looks once more, which is cheaper than a new one.
        if due is None or (timer is not None and now <= timer.when <= due):
            return
        if timer is not None:
            timer.cancel()
        self._timer = self._clock.call_at(due, self._tick)

    def _set_gates(self) -> None:
        for gate in self._gates:
            runs = self._standing.position(gate.component) in gate.runs_at
            gate.plain_without_override = runs and not gate.keeps_results
            gate.plain = gate.plain_without_override and not self._overridden

    def _announce(self, events: Sequence[LevelChanged]) -> None:
        for event in events:
            self._publish(event)

    def _place_of(self, level: str) -> int:
        if level in self.levels:
            return self.levels.index(level)
        from difflib import get_close_matches  # only a mistake pays for the import

        close = get_close_matches(level, self.levels, 1)
        hint = f'did you mean "{close[0]}"?' if close else f"the policy has {', '.join(self.levels)}"
        raise UnknownNameError(f'unknown level "{level}": {hint}')
