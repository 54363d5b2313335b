"""A picture as SVG: for a page, whose style sheet gives the colours, or as a file that stands alone."""

from __future__ import annotations

from markupsafe import Markup

from policy_engine.reports.palette import LIGHT
from policy_engine.reports.shapes import FONT_SIZE, Picture
from policy_engine.reports.templating import template


def inline_svg(picture: Picture, name: str) -> Markup:
    """Return an ``svg`` element; ``name`` makes its ids unique on the page."""
    return Markup(_rendered(picture, name, colours=None))  # noqa: S704  written by a template that escapes


def svg_file(picture: Picture) -> str:
    """Return an SVG document with the light colours on a ground of their own."""
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + _rendered(picture, "timeline", colours=dict(LIGHT))


def _rendered(picture: Picture, name: str, colours: dict[str, str] | None) -> str:
    return template("timeline.svg.j2").render(picture=picture, name=name, colours=colours, font_size=FONT_SIZE)
