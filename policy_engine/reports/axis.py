"""Round numbers for axes: widths of bars, ticks of time, ticks of counts."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, log10

from policy_engine.reports.words import clock, date

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_STEPS = (
    *(1, 2, 5, 10, 15, 20, 30),
    *(_MINUTE * number for number in (1, 2, 5, 10, 15, 20, 30)),
    *(_HOUR * number for number in (1, 2, 3, 6, 12)),
    *(_DAY * number for number in (1, 2, 7, 14, 28, 91, 182, 364)),
)


def bar_width(seconds: int, most: int, kept: int) -> int:
    """Seconds a bar: the roundest width that makes at most ``most`` bars and is a multiple of the width ``kept``."""
    least = seconds / most
    fitting = (step for step in _STEPS if step >= least and step % kept == 0)
    return next(fitting, kept * max(1, ceil(least / kept)))


def time_ticks(start: float, end: float, most: int) -> Iterator[tuple[int, str]]:
    """Yield at most ``most`` round moments with their labels; a date stands where a day begins."""
    seconds = end - start
    step = next((each for each in _STEPS if seconds / each <= most), _STEPS[-1] * ceil(seconds / _STEPS[-1] / most))
    tick = ceil(start / step) * step
    while tick <= end:
        yield tick, _label(tick, step)
        tick += step


def count_ticks(top: float) -> list[int]:
    """Return up to five whole numbers from 0 on, the last at or above ``top``."""
    raw = max(top, 1) / 4
    magnitude = 10 ** int(log10(raw)) if raw >= 1 else 1
    step = int(next(factor * magnitude for factor in (1, 2, 5, 10) if factor * magnitude >= raw))
    return list(range(0, step * ceil(max(top, 1) / step) + 1, step))


def _label(tick: int, step: int) -> str:
    if step >= _DAY or tick % _DAY == 0:
        return date(tick) if step >= 91 * _DAY else date(tick)[5:]
    return clock(tick, seconds=step < _MINUTE)
