"""One small chart for each metric that moved a level: its values, the limits it is held against, what it moved.

Shares the time axis of the picture that it is part of: `x` says where a moment lies, `when` how it is told. Knows
neither SVG nor pixels.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from policy_engine.model import LevelChanged
from policy_engine.reports.curves import Curves, Limit, Watched
from policy_engine.reports.shapes import FONT_SIZE, Line, Rect, Shape, Text, text_width
from policy_engine.reports.words import duration, line, number

MOST = 4
"""How many are drawn: those that moved a level first."""
_NAME_ROW = 16
_MARKS_ROW = 16
_CHART = 60
_GAP = 12
_LABEL = 60
_WORDS = {">": "above", ">=": "at least", "<": "below", "<=": "at most"}


class Panels:
    """The charts of one picture, between ``left`` and ``right``."""

    def __init__(
        self,
        curves: Curves,
        changes: Sequence[LevelChanged],
        *,
        left: float,
        right: float,
        x: Callable[[float], float],
        when: Callable[[float], str],
    ) -> None:
        self._curves = curves
        self._changes = changes
        self._left, self._right = left, right
        self._x = x
        self._when = when
        self.shown = self._chosen()

    def height(self, watched: Watched) -> float:
        """How high the chart of one metric is, with the rows that name it and the gap below."""
        return len(self._name(watched)) * _NAME_ROW + _MARKS_ROW + _CHART + _GAP

    def shapes(self, watched: Watched, y: float) -> Iterator[Shape]:
        """Yield the chart of one metric, from ``y`` down."""
        name = self._name(watched)
        top = y + len(name) * _NAME_ROW + _MARKS_ROW
        readings = self._curves.of(watched.metric)
        limits = [*watched.fires, *watched.releases]
        numbers = [0.0, *(reading.value for reading in readings), *(limit.number for limit in limits)]
        scale = _CHART / (1.05 * max(max(numbers) - min(numbers), 1e-9))
        # Where 0 lies: at the bottom, unless something is below it.
        zero = top + _CHART + min(numbers) * scale

        for row, words in enumerate(name):
            yield Text(self._left, y + FONT_SIZE + row * _NAME_ROW, words, "faint")
        yield Line(self._left, zero, self._right, zero, "rule")
        yield from self._limits(watched, zero, scale)
        for earlier, later in pairwise(readings):
            ends = self._x(earlier.time), zero - earlier.value * scale, self._x(later.time)
            yield Line(*ends, zero - later.value * scale, "c0")
        yield from self._moves(watched, top, top + _CHART)

    def _limits(self, watched: Watched, zero: float, scale: float) -> Iterator[Shape]:
        """The lines of all limits; a number without room beside its line is left out, and stands in the name anyway."""
        taken: list[float] = []
        for limits, style in ((watched.fires, "limit"), (watched.releases, "faint"), ((Limit("", 0.0),), "faint")):
            for limit in limits:
                at = zero - limit.number * scale
                if limit.sign:
                    yield Line(self._left, at, self._right, at, style, dashed=True)
                label = number(limit.number)
                fits = text_width(label) <= self._left - 6
                if fits and all(abs(at - other) >= FONT_SIZE for other in taken):
                    taken.append(at)
                    yield Text(self._left - 6, at + 4, label, style, "end")

    def _chosen(self) -> list[Watched]:
        """Those of the triggers that moved a level; where none did, those that came near."""
        movers = {(change.component, change.cause) for change in self._changes}
        known = [each for each in self._curves.watched if self._curves.of(each.metric)]
        moved = [each for each in known if (each.component, each.trigger) in movers]
        return (moved or [each for each in known if self._curves.came_near(each)])[:MOST]

    def _name(self, watched: Watched) -> list[str]:
        """What is drawn, in as many rows as it takes."""
        words = [f"{line(watched.component, 20)} {line(watched.trigger, 28)}".strip() + ":"]
        words += [line(watched.metric.label, 60), _in_words(watched.fires, watched.dwell)]
        name = " ".join(words)
        if watched.releases:
            name += f"; released {_in_words(watched.releases, watched.release_dwell)}"
        return textwrap.wrap(name, max(20, int((self._right - self._left) / text_width("n"))))

    def _moves(self, watched: Watched, top: float, bottom: float) -> Iterator[Shape]:
        """Where the trigger moved the level, and what the metric was then; labels give way where they would overlap."""
        free_from = self._left
        for change in self._changes:
            if (change.component, change.cause) != (watched.component, watched.trigger):
                continue
            x = self._x(change.time)
            value = change.values.get(watched.metric.name, change.values.get(watched.metric.label))
            label = change.after if value is None else f"{change.after} at {number(value)}"
            told = f"{change.before} to {change.after}, {self._when(change.time)}\n{line(change.reason, 120)}"
            yield Line(x, top, x, bottom, "ink")
            yield Rect(x - 4, top, 8, bottom - top, "hover", told)
            wide = text_width(label)
            if x >= free_from and x + wide + 4 <= self._right:
                yield Text(x, top - 4, label, "ink", halo=True)
                free_from = x + max(wide + 8, _LABEL)
            elif x - wide - 4 >= free_from:
                yield Text(x, top - 4, label, "ink", "end", halo=True)
                free_from = x


def _in_words(limits: Sequence[Limit], dwell: float) -> str:
    words = " and ".join(f"{_WORDS[sign]} {number(limit)}" for sign, limit in limits)
    return f"{words} for {duration(dwell)}" if dwell else words
