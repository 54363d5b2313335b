"""The timeline as a picture: errors by category over time, and below them, on the same axis, what the engine did.

Knows what lies where, and neither SVG nor pixels. A wide picture and a narrow one, for phones, come from the same code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from policy_engine.model import BreakerState
from policy_engine.reports.axis import bar_width, count_ticks, time_ticks
from policy_engine.reports.bands import Lanes
from policy_engine.reports.buckets import Buckets
from policy_engine.reports.palette import CATEGORIES, state_class
from policy_engine.reports.panels import Panels
from policy_engine.reports.scene import Scene
from policy_engine.reports.shapes import FONT_SIZE, Line, Mark, Picture, Rect, Shape, Text, text_width
from policy_engine.reports.thresholds import Threshold
from policy_engine.reports.timeline import ErrorKey, Timeline
from policy_engine.reports.words import clock, date, duration, line, many, when

WIDE, NARROW = 960, 360
OTHERS = "all others"
_LEFT, _RIGHT = 44, 10
_CHART, _NO_CHART = 230, 24
_ROW = 20
_LANE, _LANE_GAP = 18, 26
_BAR = 6
_TICK = 92
_MAX_LANES = 12
_MAX_NAME = 28
_DAY, _SHORT = 86400, 600
_BREAKER_RANKS = {
    BreakerState.CLOSED.value: 0,
    BreakerState.HALF_OPEN.value: 1,
    BreakerState.OPEN.value: 3,
    BreakerState.FORCED_OPEN.value: 3,
}


def draw(scene: Scene, *, width: int = WIDE, title: str = "Errors over time") -> Picture:
    """Return the picture, ``width`` wide and as high as it needs."""
    return _Drawing(scene, width).picture(line(title, 200))


def ranked(timeline: Timeline) -> list[str]:
    """All categories, the most frequent first: the order of their colours."""
    return [name for name, _ in sorted(timeline.by_category.items(), key=lambda item: (-item[1], item[0]))]


def category_class(rank: int) -> str:
    """The class of the category at a rank, from 0."""
    return f"c{rank}" if rank < CATEGORIES else "other"


def _limit_label(threshold: Threshold) -> str:
    return f"{line(threshold.trigger, _MAX_NAME)}: above {threshold.per_minute:,.3g} a minute"


class _Drawing:
    def __init__(self, scene: Scene, width: int) -> None:
        self._scene = scene
        self._width = width
        self._plot = width - _LEFT - _RIGHT
        timeline, span = scene.timeline, scene.span
        self._bar = bar_width(span.seconds, self._plot // _BAR, timeline.errors.width)
        self._start = span.start // self._bar * self._bar
        bars = max(-(-(span.end - self._start) // self._bar), 12)
        self._end = self._start + bars * self._bar
        self._bars = timeline.errors.at_width(self._bar)
        self._chart_height = _CHART if self._bars else _NO_CHART
        self._ranks = {name: rank for rank, name in enumerate(ranked(timeline))}
        self._limits = [(each, each.per_minute * self._bar / 60) for each in scene.thresholds]
        self._free = [self._free_place(limit, text_width(_limit_label(each))) for each, limit in self._limits]

    def picture(self, title: str) -> Picture:
        shapes: list[Shape] = []
        y = self._legend(shapes)
        top = y + 28
        bottom = top + self._chart_height
        foot = bottom + 2 * _ROW
        height = self._lanes(shapes, self._panels(shapes, foot))
        grid_end = height - 8 if height > foot + 8 else bottom
        ticks = list(time_ticks(self._start, self._end, self._plot // _TICK))
        ground: list[Shape] = [*self._shade(top, grid_end), *self._time_axis(ticks, top, bottom, grid_end)]
        ground += self._chart(top, bottom)
        description = self._description()
        return Picture(self._width, height, title, description, [*ground, *shapes])

    def _x(self, time: float) -> float:
        share = (time - self._start) / (self._end - self._start)
        return _LEFT + self._plot * min(max(share, 0.0), 1.0)

    def _when(self, time: float) -> str:
        return when(time) if self._scene.span.dated else f"after {duration(time)}"

    # The legend

    def _legend(self, shapes: list[Shape]) -> int:
        x, y = float(_LEFT), _ROW
        for style, label in self._entries():
            wide = 18 + text_width(label) + 14
            if x > _LEFT and x + wide > self._width - _RIGHT:
                x, y = float(_LEFT), y + _ROW
            shapes += [Rect(x, y - 10, 11, 11, style), Text(x + 17, y, label)]
            x += wide
        for (threshold, _), free in zip(self._limits, self._free, strict=True):
            if free is None:
                y += _ROW
                shapes.append(Text(_LEFT, y, _limit_label(threshold), "limit"))
        return y

    def _entries(self) -> Iterator[tuple[str, str]]:
        counts = self._scene.timeline.by_category
        names = list(self._ranks)
        for rank, name in enumerate(names[:CATEGORIES]):
            yield category_class(rank), f"{line(name, _MAX_NAME)} {counts[name]:,}"
        if len(names) > CATEGORIES:
            yield "other", f"{OTHERS} {sum(counts[name] for name in names[CATEGORIES:]):,}"

    # The chart

    def _chart(self, top: float, bottom: float) -> Iterator[Shape]:
        if not self._bars:
            yield Line(_LEFT, bottom, self._width - _RIGHT, bottom, "rule")
            yield Text(_LEFT, bottom - 6, "no errors", "faint")
            return
        highest = max((counts.total() for counts in self._bars.values()), default=1)
        near = [limit for _, limit in self._limits if highest < limit <= 1.4 * highest]
        ticks = count_ticks(max([highest, *near]))
        scale = (bottom - top) / ticks[-1]
        for tick in ticks:
            y = bottom - tick * scale
            yield Line(_LEFT, y, self._width - _RIGHT, y, "rule")
            yield Text(_LEFT - 6, y + 4, f"{tick:,}", "faint", "end")
        yield Text(self._width - _RIGHT, top - 6, f"errors in {duration(self._bar)}", "faint", "end")
        for start, counts in self._bars.items():
            if self._start <= start < self._end:
                yield from self._stack(start, counts, bottom, scale)
        yield from self._threshold_lines(bottom, scale, ticks[-1])

    def _stack(self, start: int, counts: Counter[ErrorKey], bottom: float, scale: float) -> Iterator[Shape]:
        by_category: Counter[str] = Counter()
        for key, count in counts.items():
            by_category[key.category] += count
        x = self._x(start)
        wide = max(self._x(start + self._bar) - x - 1, 1)
        y = bottom
        for style, count in self._layers(by_category):
            high = count * scale
            y -= high
            yield Rect(x, y, wide, max(high - (0.75 if high > 3 else 0), 0.5), style)
        yield Rect(x, bottom - _CHART, wide + 1, _CHART, "hover", self._tip(start, by_category))

    def _layers(self, by_category: Mapping[str, int]) -> Iterator[tuple[str, int]]:
        """Each colour's errors, from the bottom up; what has no colour of its own together on top."""
        others = 0
        for name, count in sorted(by_category.items(), key=lambda item: self._ranks[item[0]]):
            if self._ranks[name] < CATEGORIES:
                yield category_class(self._ranks[name]), count
            else:
                others += count
        if others:
            yield "other", others

    def _tip(self, start: int, by_category: Counter[str]) -> str:
        head = f"{self._when(start)}, {duration(self._bar)}: {many(by_category.total(), 'error')}"
        return "\n".join([head, *(f"{line(name, 40)} {count:,}" for name, count in by_category.most_common(10))])

    def _threshold_lines(self, bottom: float, scale: float, highest: float) -> Iterator[Shape]:
        for (threshold, limit), free in zip(self._limits, self._free, strict=True):
            if limit <= highest:
                y = bottom - limit * scale
                yield Line(_LEFT, y, self._width - _RIGHT, y, "limit", dashed=True)
                if free is not None:
                    yield Text(free, y - 4, _limit_label(threshold), "limit", halo=True)

    def _free_place(self, limit: float, wide: float) -> float | None:
        """Where the label of a limit lies on no bar; ``None`` where there is no such place."""
        free = _LEFT + 4.0
        for start, counts in self._bars.items():
            if counts.total() >= limit:
                if self._x(start) - free >= wide:
                    return free
                free = max(free, self._x(start + self._bar) + 4)
        return free if self._width - _RIGHT - free >= wide else None

    # Time

    def _shade(self, top: float, bottom: float) -> Iterator[Shape]:
        for burst in self._scene.bursts[:1]:
            x = self._x(burst.start)
            yield Rect(x, top, max(self._x(burst.end) - x, 2), bottom - top, "shade")

    def _time_axis(self, ticks: list[tuple[int, str]], top: float, bottom: float, end: float) -> Iterator[Shape]:
        for tick, label in ticks:
            x = self._x(tick)
            if not self._scene.span.dated:
                days = f"{tick // _DAY} d " if tick >= _DAY else ""
                label = days + clock(tick, seconds=self._end - self._start < _SHORT)
            yield Line(x, top, x, end, "rule")
            half = text_width(label) / 2
            yield Text(min(max(x, half), self._width - half), bottom + 16, label, "faint", "middle")
        if not self._scene.span.dated:
            yield Text(self._width - _RIGHT, bottom + 32, "time since the beginning", "faint", "end")
            return
        first, last = date(self._scene.span.start), date(self._scene.span.end - 1)
        days = f"{first} UTC" if first == last else f"{first} to {last} UTC"
        yield Text(self._width - _RIGHT, bottom + 32, days, "faint", "end")

    # What the engine did, and why

    def _panels(self, shapes: list[Shape], y: float) -> float:
        timeline = self._scene.timeline
        if timeline.curves is None:
            return y
        panels = Panels(
            timeline.curves, timeline.moves, left=_LEFT, right=self._width - _RIGHT, x=self._x, when=self._when
        )
        for watched in panels.shown:
            shapes += panels.shapes(watched, y)
            y += panels.height(watched)
        return y

    def _lanes(self, shapes: list[Shape], y: float) -> int:
        timeline = self._scene.timeline
        worst = len(self._scene.levels) - 1
        level_ranks = {name: (rank, worst) for rank, name in enumerate(self._scene.levels)}
        breaker_ranks = {name: (rank, 3) for name, rank in _BREAKER_RANKS.items()}
        y = self._states(shapes, y, timeline.levels, "level", level_ranks)
        y = self._states(shapes, y, timeline.breakers, "breaker", breaker_ranks)
        y = self._marks(shapes, y, timeline.recoveries, "recoveries started")
        y = self._marks(shapes, y, timeline.alerts, "alerts")
        return int(y) + 8

    def _states(
        self, shapes: list[Shape], y: float, lanes: Lanes, what: str, ranks: Mapping[str, tuple[int, int]]
    ) -> float:
        for name in lanes.names[:_MAX_LANES]:
            shapes.append(Text(_LEFT, y + FONT_SIZE, f"{what} {line(name, _MAX_NAME)}".strip(), "faint"))
            y += _ROW - 3
            end = self._end if lanes.dropped_from is None else min(self._end, lanes.dropped_from)
            for start, stop, state in lanes.bands(name, self._start, end):
                style = state_class(*ranks[state]) if state in ranks else "other"
                shapes += self._band(y, start, stop, line(state, _MAX_NAME), style)
            y += _LANE_GAP
        notes = []
        if len(lanes.names) > _MAX_LANES:
            notes.append(f"{len(lanes.names) - _MAX_LANES:,} more {what}s changed")
        if lanes.dropped:
            notes.append(f"{many(lanes.dropped, 'later change')} not drawn")
        for note in notes:
            shapes.append(Text(_LEFT, y + FONT_SIZE, note, "faint"))
            y += _ROW
        return y

    def _band(self, y: float, start: float, stop: float, state: str, style: str) -> Iterator[Shape]:
        x = self._x(start)
        wide = max(self._x(stop) - x, 1)
        yield Rect(
            x, y, wide, _LANE, style, f"{state}: {self._when(start)} to {self._when(stop)}, {duration(stop - start)}"
        )
        if wide > text_width(state) + 10:
            yield Text(x + 5, y + 13, state, f"s-text{style[1:]}" if style.startswith("s") else "ink")

    def _marks(self, shapes: list[Shape], y: float, buckets: Buckets[str], what: str) -> float:
        if not len(buckets):
            return y
        bar = bar_width(self._end - self._start, self._plot // (2 * _BAR), buckets.width)
        columns = buckets.at_width(bar)
        total = sum(counts.total() for counts in columns.values())
        shapes.append(Text(_LEFT, y + FONT_SIZE, f"{what} {total:,}", "faint"))
        y += _ROW - 3
        for start, counts in columns.items():
            names = "\n".join(f"{line(name, 40) or 'by a recovery'} {count:,}" for name, count in counts.most_common(8))
            if self._start <= start < self._end:
                shapes.append(
                    Mark(self._x(start + bar / 2), y + 12, "ink", f"{self._when(start)}, {duration(bar)}\n{names}")
                )
        return y + _LANE_GAP

    # In words

    def _description(self) -> str:
        timeline, span = self._scene.timeline, self._scene.span
        counts = timeline.by_category
        named = ", ".join(f"{line(name, _MAX_NAME)} {counts[name]:,}" for name in list(self._ranks)[:CATEGORIES])
        ends = f"{when(span.start)} to {when(span.end)} UTC" if span.dated else f"0 s to {duration(span.seconds)}"
        told = f"{many(counts.total(), 'error')} from {ends}{f': {named}' if named else ''}."
        for burst in self._scene.bursts[:1]:
            told += f" Most between {clock(burst.start)} and {clock(burst.end)}: {many(burst.count, 'error')}."
        return told
