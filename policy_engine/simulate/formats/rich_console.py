"""What Rich's handler prints: a time where it changed, a padded level, the text, on the right the place in the code.

::

    [05/01/24 12:00:00] INFO     started                                        shop.py:3
                        ERROR    it failed                                      shop.py:9
"""

from __future__ import annotations

import re

from policy_engine.simulate.formats.levels import UPPER_LEVELS
from policy_engine.simulate.formats.line_format import LineFormat, Match, Parts

NAME = "rich"

_WIDTH = 9  # of the level and the blanks after it
_LEVEL = "|".join(
    rf"{level}(?= {{{_WIDTH - len(level)}}}\S)" for level in UPPER_LEVELS.split("|") if len(level) < _WIDTH
)
_PLACE = re.compile(r" {2,}[\w./<>-]+:\d+\s*\Z|\s+\Z")
_AMERICAN = re.compile(r"(\d\d)/(\d\d)/(\d\d) ")


def _split(match: Match) -> Parts:
    # The month comes first, as in the locale that Rich's own format is written for.
    time = _AMERICAN.sub(r"20\3-\1-\2 ", match["time"] or "")
    return Parts(message=_PLACE.sub("", match["message"] or ""), time=time, level=match["level"] or "")


FORMATS = (
    LineFormat(
        NAME,
        re.compile(
            r"(?:\[(?P<time>(?:\d\d/\d\d/\d\d |\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d)\]| {10}(?: {9}| {11})?)"
            rf" (?P<level>{_LEVEL}) +(?P<message>.*)"
        ),
        _split,
        starts="[ ",
        indented=True,
    ),
)
