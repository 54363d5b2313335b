"""The timeline alone, as the bytes of an SVG or a PNG file."""

from __future__ import annotations

from typing import Literal

from policy_engine.degrade import DegradationOptions
from policy_engine.reports.drawing import NARROW, draw
from policy_engine.reports.png import png
from policy_engine.reports.scene import scene_of
from policy_engine.reports.shapes import Picture, Text
from policy_engine.reports.svg import svg_file
from policy_engine.reports.timeline import Timeline

_NOTHING = "No error that has a time."


def plot(timeline: Timeline, degradation: DegradationOptions, form: Literal["svg", "png"]) -> bytes:
    """Return the picture's file; one that says so where there is nothing to draw.

    Raises:
        PlotExtraMissingError: a PNG is wanted, and the extra that paints it is not installed.
    """
    scene = scene_of(timeline, degradation)
    picture = _empty() if scene is None else draw(scene)
    return png(picture) if form == "png" else svg_file(picture).encode()


def _empty() -> Picture:
    return Picture(NARROW, 60, "Errors over time", _NOTHING, [Text(NARROW / 2, 34, _NOTHING, anchor="middle")])
