"""Ranges of numbers that match tables ask for, found by a number that lies in them, without looking at each."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from math import inf
from typing import Any

Range = tuple[str, float, float]
"""Where the number stands, the lowest and the highest that will do."""


class Ranges:
    """Some ranges, sorted by where they begin."""

    def __init__(self, ranges: Iterable[Range]) -> None:
        self._at: dict[str, list[Range]] = {}
        for each in sorted(ranges):
            self._at.setdefault(each[0], []).append(each)
        self._furthest = {place: list(accumulate((high for _, _, high in at), max)) for place, at in self._at.items()}

    def around(self, place: str, number: float) -> Iterator[Range]:
        """Yield the ranges of a place in which ``number`` lies: back from it, until all end before it."""
        at = self._at.get(place, [])
        furthest = self._furthest.get(place, [])
        for position in range(bisect_right(at, (place, number, inf)) - 1, -1, -1):
            if furthest[position] < number:
                return
            if at[position][2] >= number:
                yield at[position]


def asked_ranges(table: Mapping[str, Any]) -> Iterator[Range]:
    """Yield the range of each attribute and context value that must lie in one."""
    for place, spec in _specs(table):
        if isinstance(spec, Mapping) and any(_is_number(spec.get(key)) for key in ("from", "to")):
            yield place, spec.get("from", -inf), spec.get("to", inf)


def held_numbers(table: Mapping[str, Any]) -> Iterator[list[tuple[str, float]]]:
    """Yield for each value that is a number what it may be: each that is listed, one of a range."""
    for place, low, high in asked_ranges(table):
        yield [(place, high if low == -inf else low)]
    for place, spec in _specs(table):
        listed = spec if isinstance(spec, list) else [spec]
        if all(map(_is_number, listed)):
            yield [(place, number) for number in listed]


def _specs(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key in ("attributes", "context"):
        yield from ((f"{key}.{name}", spec) for name, spec in table.get(key, {}).items())


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
