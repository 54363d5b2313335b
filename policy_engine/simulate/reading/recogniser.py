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
        self._leaves_out: Match | None = None

    def find(self, line: str) -> tuple[LineFormat, Match] | None:
        """Return the format and its match; ``None`` where the line begins no record."""
        self._asked = asked = self._asked + 1
        last = self._last
        if last is not None and asked > _FIRST_LINES and asked & _LOOK_AFRESH:
            match = last.pattern.match(line)
            if match is not None:
                return last, match
        if not line or (line[0] in " \t" and self._leaves_out is None):
            return None
        for each in self._by_start.get(line[0], self._rest):
            match = each.pattern.match(line)
            if match is not None:
                if each.indented:
                    return each, self._completed(match)
                self._last, self._leaves_out = each, None
                return each, match
        return None

    def _completed(self, match: Match) -> Match:
        """Put back what a record has in common with those before it."""
        self._last = None
        if match["time"] or self._leaves_out is None:
            self._leaves_out = match
            return match
        return _LikeBefore(match, self._leaves_out["time"])


class _LikeBefore:
    """A match of a record that was written at the time of the one before it."""

    __slots__ = ("_match", "_time")

    def __init__(self, match: Match, time: str | None) -> None:
        self._match = match
        self._time = time

    def __getitem__(self, group: str) -> str | None:
        return self._time if group == "time" else self._match[group]

    def groups(self, default: str) -> Sequence[str]:
        return self._match.groups(default)
