"""What a picture is made of: rectangles, lines, texts and marks, each with a class that gives it its colour.

A picture knows neither SVG nor pixels; `svg` and `png` write it as the one or the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Anchor = Literal["start", "middle", "end"]

FONT_SIZE = 12
_CAPITAL, _CHARACTER = 0.74, 0.62
"""About how wide characters are, as shares of the font's size, on the safe side."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A filled rectangle; ``tip`` is shown where a pointer rests on it."""

    x: float
    y: float
    width: float
    height: float
    style: str
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    style: str
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A text whose baseline begins, ends or has its middle at (x, y)."""

    x: float
    y: float
    text: str
    style: str = "ink"
    anchor: Anchor = "start"
    halo: bool = False
    """Whether it is set off from what lies behind it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A small triangle that stands on (x, y)."""

    x: float
    y: float
    style: str
    tip: str = ""


Shape = Rect | Line | Text | Mark


@dataclass(slots=True)
class Picture:
    """Shapes in the order in which they are painted, and the picture in words."""

    width: int
    height: int
    title: str
    description: str
    shapes: list[Shape] = field(default_factory=list)


def text_width(text: str) -> float:
    """About how wide a text will be."""
    capitals = sum(map(str.isupper, text))
    return FONT_SIZE * (capitals * _CAPITAL + (len(text) - capitals) * _CHARACTER)
