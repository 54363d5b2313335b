"""Which text format a line has: the one that knew the line before it first, since most logs have one format."""

from __future__ import annotations

from collections.abc import Sequence
from string import printable

from policy_engine.simulate.formats.line_format import LineFormat, Match

_STARTS = printable
_FIRST_LINES = 64
_LOOK_AFRESH = 0xFF


class Recogniser:
    """Finds the format of lines that begin a record; the first lines, and some later ones, are looked at afresh."""

    def __init__(self, formats: Sequence[LineFormat]) -> None:
        self._by_start = {
            start: tuple(each for each in formats if not each.starts or start in each.starts) for start in _STARTS
        }
        self._rest = tuple(each for each in formats if not each.starts)
        self._last: LineFormat | None = None
        self._asked = 0

    def find(self, line: str) -> tuple[LineFormat, Match] | None:
        """Return the format and its match; ``None`` where the line begins no record."""
        self._asked = asked = self._asked + 1
        last = self._last
        if last is not None and asked > _FIRST_LINES and asked & _LOOK_AFRESH:
            match = last.pattern.match(line)
            if match is not None:
                return last, match
        if not line or line[0] in " \t":
            return None
        for each in self._by_start.get(line[0], self._rest):
            match = each.pattern.match(line)
            if match is not None:
                self._last = each
                return each, match
        return None
