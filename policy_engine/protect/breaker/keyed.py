"""One breaker for each value of a key: a host that fails must not close the way to the others.

Calls without a value share one that is never forgotten. Bounded: past ``bound`` values the one that was asked for
longest ago is forgotten, state and all, and counted. To ask for a known value takes no lock: both steps on the ordered
dict are single ones.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from random import Random

from policy_engine.clock import Clock
from policy_engine.forks import survives_fork
from policy_engine.protect.breaker.breaker import CircuitBreaker, Publish
from policy_engine.protect.breaker.judge import Counts, CountsResult, Fault
from policy_engine.protect.breaker.options import BreakerOptions, CircuitBreakerConfig, options_of
from policy_engine.protect.invocation import Registered, nothing_registered


class KeyedBreakers:
    """The breakers of the name ``name``, each called ``name[value]``.

    ``find_shared`` gives the one that serves calls without a value, once there is such a call.
    """

    def __init__(
        self,
        name: str,
        config: CircuitBreakerConfig | BreakerOptions | None = None,
        *,
        bound: int = 10_000,
        clock: Clock | None = None,
        random: Random | None = None,
        publish: Publish | None = None,
        counts: Counts | None = None,
        counts_result: CountsResult | None = None,
        fault: Fault | None = None,
        registered: Registered = nothing_registered,
        find_shared: Callable[[], CircuitBreaker] | None = None,
    ) -> None:
        self.name = name
        self.options = options_of(config)
        self.forgotten = 0
        self._bound = bound
        self._clock = clock
        self._random = random
        self._publish = publish
        self._counts = counts
        self._counts_result = counts_result
        self._fault = fault
        self._registered = registered
        self._lock = threading.Lock()
        survives_fork(self)
        self._breakers: OrderedDict[str, CircuitBreaker] = OrderedDict()
        self._find_shared = find_shared or (lambda: self._new(name))
        self._shared: CircuitBreaker | None = None

    @property
    def shared(self) -> CircuitBreaker:
        """The breaker of calls without a value."""
        if self._shared is None:
            shared = self._find_shared()
            with self._lock:
                self._shared = self._shared or shared
        return self._shared

    def __len__(self) -> int:
        return len(self._breakers)

    def get(self, value: object) -> CircuitBreaker:
        """Return the breaker of ``value``, new where it is not known; `shared` for ``None`` and an empty text."""
        key = "" if value is None else str(value)
        if not key:
            return self.shared
        try:
            breaker = self._breakers[key]
            self._breakers.move_to_end(key)
        except KeyError:  # not known, or forgotten between the two steps
            return self._made(key)
        return breaker

    def snapshot(self) -> dict[str, CircuitBreaker]:
        """Return those of all known values, the one asked for longest ago first."""
        with self._lock:
            return dict(self._breakers)

    def adopt(self, options: BreakerOptions, *, bound: int | None = None) -> None:
        """Let all go on under another definition, their states kept."""
        with self._lock:
            self.options = options
            if bound is not None:
                self._bound = bound
            self._forget_beyond(self._bound)
            breakers = [*self._breakers.values(), *([] if self._shared is None else [self._shared])]
        for breaker in breakers:
            breaker.adopt(options)

    def after_fork(self) -> None:
        """Make the lock anew in a child."""
        self._lock = threading.Lock()

    def _made(self, key: str) -> CircuitBreaker:
        with self._lock:
            breaker = self._breakers.get(key)
            if breaker is None:
                self._forget_beyond(self._bound - 1)
                breaker = self._breakers[key] = self._new(f"{self.name}[{key}]")
        return breaker

    def _new(self, name: str) -> CircuitBreaker:
        return CircuitBreaker(
            name,
            self.options,
            clock=self._clock,
            random=self._random,
            publish=self._publish,
            counts=self._counts,
            counts_result=self._counts_result,
            fault=self._fault,
            registered=self._registered,
        )

    def _forget_beyond(self, bound: int) -> None:
        while len(self._breakers) > bound:
            self._breakers.popitem(last=False)
            self.forgotten += 1
