"""The lines of one error, in bounded memory: the first ones and the last ones, since both ends of a traceback tell."""

from __future__ import annotations

from collections import deque

_FIRST = 1000
_LAST = 400
_LINE = 16_384
_CHARACTERS = 1 << 20
_SHORT_LINE = 256


class BoundedLines:
    """Lines with a bound on their number and size; what lies between the first and the last ones is counted."""

    __slots__ = ("_characters", "_first", "_last", "cut")

    def __init__(self) -> None:
        self._first: list[str] = []
        self._last: deque[str] = deque(maxlen=_LAST)
        self._characters = 0
        self.cut = 0

    @property
    def count(self) -> int:
        """How many lines are kept."""
        return len(self._first) + len(self._last)

    def add(self, line: str) -> None:
        """Keep a line, as far as the bounds allow."""
        limit = _LINE if self._characters < _CHARACTERS else _SHORT_LINE
        if len(line) > limit:
            line = line[:limit]
            self.cut += 1
        self._characters += len(line)
        if len(self._first) < _FIRST:
            self._first.append(line)
            return
        self.cut += len(self._last) == _LAST
        self._last.append(line)

    def drop_last(self) -> None:
        """Give up the line that was kept last."""
        (self._last or self._first).pop()

    def lines(self) -> list[str]:
        """Return what was kept, in order."""
        return [*self._first, *self._last]
