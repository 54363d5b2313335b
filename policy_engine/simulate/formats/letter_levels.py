"""Logs whose level is one letter: Android's logcat, and glog as Kubernetes and many C++ services write it.

::

    03-17 16:13:38.811  1702  2395 E WindowManager: cannot draw
    E0501 12:00:00.123456    4711 cart.go:31] cannot load
"""

from __future__ import annotations

import re
from string import digits

from policy_engine.simulate.formats.line_format import LineFormat

LOGCAT = "logcat"
GLOG = "glog"

_SERIOUS = frozenset("EF")

FORMATS = (
    LineFormat(
        LOGCAT,
        re.compile(
            r"(?P<time>(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d{3,6}) +(?P<process>\d+) +(?P<thread>\d+) "
            r"(?P<level>[VDIWEFS]) (?P<logger>[^:]{0,100}?) *: ?(?P<message>.*)"
        ),
        serious=_SERIOUS,
        starts=digits,
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
)
