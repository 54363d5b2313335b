"""A picture as PNG, painted with Pillow, an extra; its font comes with it, so a picture looks the same on all machines.

A renderer of SVG would take its fonts from the system: in a container without any it leaves all texts out, silently.
"""

from __future__ import annotations

import io
from importlib.util import find_spec
from typing import TYPE_CHECKING

from policy_engine.reports.palette import LIGHT
from policy_engine.reports.shapes import FONT_SIZE, Line, Mark, Picture, Rect, Text

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

_SCALE = 2
_DASH, _GAP = 5 * _SCALE, 4 * _SCALE
_ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


class PlotExtraMissingError(Exception):
    """Pillow is not installed; the text says how to get it."""


def require_png() -> None:
    """See that a PNG can be written.

    Raises:
        PlotExtraMissingError: Pillow is not installed.
    """
    if find_spec("PIL") is None:
        raise PlotExtraMissingError("PNG needs an extra: pip install 'policy-engine[plot]'; or name a file .svg")


def png(picture: Picture) -> bytes:
    """Return the picture, two pixels a unit.

    Raises:
        PlotExtraMissingError: Pillow is not installed.
    """
    require_png()
    from PIL import Image, ImageDraw, ImageFont  # an extra, and large

    image = Image.new("RGB", (picture.width * _SCALE, picture.height * _SCALE), LIGHT["ground"])
    painter = _Painter(ImageDraw.Draw(image), ImageFont.load_default(FONT_SIZE * _SCALE))
    for shape in picture.shapes:
        painter.paint(shape)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


class _Painter:
    def __init__(self, draw: ImageDraw, font: FreeTypeFont | ImageFont) -> None:
        self._draw = draw
        self._font = font

    def paint(self, shape: Rect | Line | Text | Mark) -> None:
        colour = LIGHT.get(shape.style)
        if colour is None:
            return
        if isinstance(shape, Rect):
            self._draw.rectangle(_box(shape), fill=colour)
        elif isinstance(shape, Line):
            self._line(shape, colour)
        elif isinstance(shape, Mark):
            x, y = shape.x * _SCALE, shape.y * _SCALE
            self._draw.polygon([(x, y - 10 * _SCALE), (x - 5 * _SCALE, y), (x + 5 * _SCALE, y)], fill=colour)
        else:
            at = shape.x * _SCALE, shape.y * _SCALE
            self._draw.text(
                at,
                shape.text,
                fill=colour,
                font=self._font,
                anchor=_ANCHORS[shape.anchor],
                stroke_width=2 if shape.halo else 0,
                stroke_fill=LIGHT["ground"],
            )

    def _line(self, line: Line, colour: str) -> None:
        x, end, y = line.x1 * _SCALE, line.x2 * _SCALE, line.y1 * _SCALE
        if not line.dashed:
            self._draw.line([(x, y), (end, line.y2 * _SCALE)], fill=colour, width=_SCALE)
            return
        while x < end:
            self._draw.line([(x, y), (min(x + _DASH, end), y)], fill=colour, width=_SCALE)
            x += _DASH + _GAP


def _box(rect: Rect) -> tuple[float, float, float, float]:
    """Corners in pixels, both inside; a rectangle is never thinner than one."""
    left, top = rect.x * _SCALE, rect.y * _SCALE
    return left, top, max(left, left + rect.width * _SCALE - 1), max(top, top + rect.height * _SCALE - 1)
