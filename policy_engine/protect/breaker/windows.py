"""Windows over which a breaker takes its rates: the last so many calls, or the calls of the last so many seconds.

Counting a call costs the same whatever the size. A good call cannot raise a rate: so a window is quiet when it holds
nothing bad, or when it holds enough calls and is still closed. It is not when a good call could complete the minimum.
"""

from __future__ import annotations

import math

from policy_engine.protect.breaker.options import BreakerOptions, WindowKind
from policy_engine.protect.breaker.tally import FAILED, SLOW, ConsecutiveFailures, Rates, Reading, Tally

STEPS = 20
"""A time window slides in steps of a twentieth of its size, and never holds what is older than its size."""


class CountWindow:
    """The last ``size`` calls, one byte each."""

    __slots__ = ("_calls", "_failed", "_next", "_outcomes", "_rates", "_size", "_slow", "quiet_until")

    def __init__(self, size: int, rates: Rates) -> None:
        self._size = size
        self._rates = rates
        self._outcomes = bytearray(size)
        self._next = self._calls = self._failed = self._slow = 0
        self.quiet_until = math.inf

    def add_good(self, count: int) -> None:
        """Count good calls."""
        count = min(count, self._size)
        up_to_the_end = min(count, self._size - self._next)
        self._clear(self._next, self._next + up_to_the_end)
        self._clear(0, count - up_to_the_end)
        self._next = (self._next + count) % self._size
        self._calls = min(self._size, self._calls + count)

    def add(self, outcome: int, now: float) -> str | None:  # noqa: ARG002  calls here have an order and no age
        """Count one outcome."""
        gone = self._outcomes[self._next]
        self._outcomes[self._next] = outcome
        self._next = (self._next + 1) % self._size
        self._calls = min(self._size, self._calls + 1)
        self._failed += (outcome & FAILED) - (gone & FAILED)
        self._slow += (outcome & SLOW) // SLOW - (gone & SLOW) // SLOW
        bad = self._failed or self._slow
        self.quiet_until = -math.inf if bad and self._calls < self._rates.minimum else math.inf
        return self._rates.verdict(self._calls, self._failed, self._slow)

    def reading(self, now: float) -> Reading:  # noqa: ARG002  calls here have an order and no age
        """Return what the window holds."""
        return Reading(self._calls, self._failed, self._slow)

    def go_by(self, options: BreakerOptions) -> None:
        """Open at other rates; even a good call may now complete the minimum."""
        self._rates = _rates_of_last(options, self._size)
        self.quiet_until = -math.inf

    def _clear(self, start: int, stop: int) -> None:
        gone = self._outcomes[start:stop]
        both = gone.count(FAILED | SLOW)
        self._failed -= gone.count(FAILED) + both
        self._slow -= gone.count(SLOW) + both
        self._outcomes[start:stop] = bytes(stop - start)


class TimeWindow:
    """The calls of the last ``size`` seconds, counted in `STEPS` slots."""

    __slots__ = ("_calls", "_failed", "_rates", "_slots", "_slow", "_step", "_steps_done", "quiet_until")

    def __init__(self, size: float, rates: Rates, now: float) -> None:
        self._rates = rates
        self._step = size / STEPS
        self._steps_done = math.floor(now / self._step)
        self._slots = ([0] * STEPS, [0] * STEPS, [0] * STEPS)
        self._calls = self._failed = self._slow = 0
        self.quiet_until = self._end_of_step()

    def add_good(self, count: int) -> None:
        """Count good calls, in the step in which it was quiet."""
        self._slots[0][self._steps_done % STEPS] += count
        self._calls += count

    def add(self, outcome: int, now: float) -> str | None:
        """Count one outcome; a time that runs backwards counts as the present step."""
        self._slide(now)
        failed, slow = outcome & FAILED, (outcome & SLOW) // SLOW
        slot = self._steps_done % STEPS
        self._slots[0][slot] += 1
        self._slots[1][slot] += failed
        self._slots[2][slot] += slow
        self._calls += 1
        self._failed += failed
        self._slow += slow
        bad = self._failed or self._slow
        self.quiet_until = -math.inf if bad and self._calls < self._rates.minimum else self._end_of_step()
        return self._rates.verdict(self._calls, self._failed, self._slow)

    def reading(self, now: float) -> Reading:
        """Return what the window holds at ``now``."""
        self._slide(now)
        return Reading(self._calls, self._failed, self._slow)

    def go_by(self, options: BreakerOptions) -> None:
        """Open at other rates; even a good call may now complete the minimum."""
        self._rates = _rates(options, options.minimum_calls)
        self.quiet_until = -math.inf

    def _slide(self, now: float) -> None:
        step = math.floor(now / self._step)
        for past in range(max(self._steps_done, step - STEPS) + 1, step + 1):
            slot = past % STEPS
            self._calls -= self._slots[0][slot]
            self._failed -= self._slots[1][slot]
            self._slow -= self._slots[2][slot]
            for counts in self._slots:
                counts[slot] = 0
        self._steps_done = max(self._steps_done, step)

    def _end_of_step(self) -> float:
        return (self._steps_done + 1) * self._step


def make_tally(options: BreakerOptions, now: float) -> Tally:
    """Return the tally that ``options`` ask for, empty."""
    window = options.window
    if window is None:
        return ConsecutiveFailures(options.failure_threshold)
    if window.kind is WindowKind.TIME:
        return TimeWindow(window.size, _rates(options, options.minimum_calls), now)
    size = int(window.size)
    return CountWindow(size, _rates_of_last(options, size))


def _rates_of_last(options: BreakerOptions, size: int) -> Rates:
    # A minimum above what the window holds could never be reached: then a full window is enough.
    return _rates(options, min(options.minimum_calls, size))


def _rates(options: BreakerOptions, minimum: int) -> Rates:
    return Rates(options.failure_rate, math.inf if options.slow_call is None else options.slow_call.rate, minimum)
