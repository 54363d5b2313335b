"""Logs whose level is one letter: Android's logcat, glog as Kubernetes and C++ services write it, Tornado and Jupyter.

::

    03-17 16:13:38.811  1702  2395 E WindowManager: cannot draw
    E0501 12:00:00.123456    4711 cart.go:31] cannot load
    [E 240501 12:00:00 web:1875] Uncaught exception GET /cart
"""

from __future__ import annotations

import re
from string import digits

from policy_engine.simulate.formats.line_format import LineFormat, Match, Parts

LOGCAT = "logcat"
GLOG = "glog"
TORNADO = "tornado"

_SERIOUS = frozenset("EF")
_ANDROID_TIME = r"(?P<time>(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d{3,6})"


def _logcat_parts(match: Match) -> Parts:
    """A crash takes many lines, of which the first has a text of its own."""
    message, logger = match["message"] or "", match["logger"] or ""
    return Parts(
        message=message,
        time=match["time"] or "",
        level=match["level"] or "",
        logger=logger,
        process=match["process"] or "",
        thread=match["thread"] or "",
        begins=message.startswith("FATAL EXCEPTION") if logger == "AndroidRuntime" else None,
    )


FORMATS = (
    LineFormat(
        LOGCAT,
        re.compile(
            rf"{_ANDROID_TIME} +(?P<process>\d+) +(?P<thread>\d+) "
            r"(?P<level>[VDIWEFS]) (?P<logger>[^:]{0,100}?) *: ?(?P<message>.*)"
        ),
        _logcat_parts,
        serious=_SERIOUS,
        starts=digits,
    ),
    LineFormat(
        LOGCAT,
        re.compile(
            rf"(?:{_ANDROID_TIME} )?(?P<level>[VDIWEFS])/(?P<logger>[^(:]{{0,100}}?) *\( *(?P<process>\d+)\): ?"
            r"(?P<message>.*)"
        ),
        serious=_SERIOUS,
        starts=digits + "VDIWEFS",
    ),
    LineFormat(
        GLOG,
        re.compile(
            r"(?P<level>[IWEF])(?P<time>\d{4} \d\d:\d\d:\d\d\.\d{6}) +(?P<process>\d+) "
            r"(?P<logger>[\w./-]+:\d+)\] ?(?P<message>.*)"
        ),
        serious=_SERIOUS,
        starts="IWEF",
    ),
    LineFormat(
        TORNADO,
        re.compile(
            r"\[(?P<level>[DIWEC]) (?P<time>(?:\d{6} |\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d(?:\.\d{3})?)"
            r" (?P<logger>[\w.:-]{1,100})\] ?(?P<message>.*)"
        ),
        serious=frozenset("EC"),
        starts="[",
    ),
)
