"""Logs of supercomputers as they were published: Blue Gene/L, and clusters whose syslog was collected (Thunderbird).

::

    APPREAD 1117869876 2005.06.04 R27-M1-N4 2005-06-04-00.24.36.222560 R27-M1-N4 RAS APP FATAL ciod: failed to read
    - 1131566461 2005.11.09 dn228 Nov 9 12:01:01 dn228/dn228 crond(pam_unix)[2915]: session closed for user root
"""

from __future__ import annotations

import re

from policy_engine.simulate.formats.line_format import LineFormat

NAME = "cluster"

_COLLECTED = r"\S+ (?P<time>\d{10}) \d{4}\.\d\d\.\d\d (?P<host>\S+) "

FORMATS = (
    LineFormat(
        NAME,
        re.compile(
            rf"{_COLLECTED}\d{{4}}-\d\d-\d\d-\d\d\.\d\d\.\d\d\.\d+ \S+ \S+ "
            r"(?P<logger>\S+) (?P<level>[A-Z]+) ?(?P<message>.*)"
        ),
    ),
    LineFormat(
        NAME,
        re.compile(
            rf"{_COLLECTED}[A-Z][a-z]{{2}} +\d+ \d\d:\d\d:\d\d \S+ (?P<level>)"
            r"(?:(?P<logger>[^\s\[:]+)(?:\[(?P<process>\d+)\])?: ?)?(?P<message>.*)"
        ),
    ),
    LineFormat(
        NAME,
        re.compile(r"\d+ (?P<host>\S+) (?P<logger>\S+) \S+ (?P<time>\d{10}) \d+ (?P<level>)(?P<message>.*)"),
    ),
)
