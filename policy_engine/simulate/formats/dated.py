"""Any line that begins with a time: what no other format knows better, with the level where one follows the time.

::

    2016-09-28 04:30:30, Error                 CBS    Failed to open package
    [10.30 16:49:06] chrome.exe - proxy.example.com:5070 close, 403 bytes sent
    20171223-22:15:29:606|Step_LSC|30002312|onStandStepChanged 3579
"""

from __future__ import annotations

import re
from string import digits

from policy_engine.simulate.formats.levels import ANY_LEVELS
from policy_engine.simulate.formats.line_format import LineFormat
from policy_engine.simulate.formats.times import HALF, ZONE

NAME = "dated"

_CLOCK = r"\d\d?:\d\d:\d\d(?:[.,]\d{1,9})?" + HALF
_TIME = (
    rf"(?P<time>\d{{4}}[-/.]\d\d[-/.]\d\d[T _-]\d\d?[:.]\d\d[:.]\d\d(?:[.,]\d{{1,9}})?{HALF}{ZONE}"
    r"|\d{8}-\d\d?:\d\d?:\d\d?:\d{1,3}"
    rf"|\d\d?[-/.]\d\d?(?:[-/.]\d\d(?:\d\d)?)?[ T]{_CLOCK}{ZONE}"
    r"|\d{6} +\d?\d:\d\d:\d\d"
    rf"|(?:[A-Z][a-z]{{2}}, )?\d\d?[-/ ][A-Z][a-z]{{2}}[-/ ]\d{{4}}[: ]{_CLOCK}{ZONE}"
    rf"|(?:[A-Z][a-z]{{2}} )?[A-Z][a-z]{{2}} [ \d]\d {_CLOCK}(?:{ZONE} \d{{4}})?)"
)

FORMATS = (
    LineFormat(
        NAME,
        re.compile(
            rf"[\[(<]?{_TIME}[\])>]?(?:[\s,|:;-]*[\[(<]?(?P<level>{ANY_LEVELS})(?:[\])>]|(?![\w.-]))[\s,|:-]*"
            # One blank, no more: where a traceback repeats the time, its indentation must stay.
            rf"|\s*[,|:;-]+\s?|\s)?(?P<message>.*)"
        ),
        starts="[(<JFMASONDWT" + digits,
    ),
)
