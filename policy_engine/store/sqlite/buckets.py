"""How a stretch of time is made of few buckets of several widths, each of which is stored added up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from policy_engine.metrics.rollup import Window, widened
from policy_engine.store.backend import WIDTHS


class Piece(NamedTuple):
    """Neighbouring buckets of one width: from the start of the first to the end of the last."""

    width: int
    start: int
    end: int


def pieces(window: Window, *, widest: int = WIDTHS[-1]) -> Iterator[Piece]:
    """Yield the fewest buckets, at most ``widest`` seconds wide, that make up a window's whole minutes."""
    widths = [width for width in WIDTHS if width <= widest]
    start, until = map(int, widened(window))
    while start < until:
        fitting = [n for n, width in enumerate(widths) if start % width == 0 and start + width <= until]
        width = widths[fitting[-1]]
        end = start + (until - start) // width * width
        if fitting[-1] + 1 < len(widths):
            wider = widths[fitting[-1] + 1]
            end = min(end, -(-start // wider) * wider if start % wider else end)
        yield Piece(width, start, end)
        start = end
