"""Error logs of web servers: Apache httpd 1.3 to 2.4, and nginx.

::

    [Wed May 01 12:00:00.123456 2024] [wsgi:error] [pid 12:tid 34] [client 192.0.2.7:1234] Timeout when reading
    2024/05/01 12:00:00 [error] 12#34: *90 connect() failed (111: Connection refused) while connecting to upstream

mod_wsgi calls all that an application writes an error: there the level that the application wrote counts.
"""

from __future__ import annotations

import re
from string import digits

from policy_engine.simulate.formats.levels import LOWER_LEVELS
from policy_engine.simulate.formats.line_format import LineFormat, Wraps

APACHE = "apache"
NGINX = "nginx"

_TIME = r"\[(?P<time>[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)? \d{4})\] "
_REST = (
    r"(?: \[pid (?P<process>\d+)(?::tid (?P<thread>\d+))?\])?"
    r"(?: (?P<peer>\[(?:client|remote) [^\]]*\]))? ?(?P<message>.*)"
)

FORMATS = (
    LineFormat(
        APACHE,
        re.compile(rf"{_TIME}\[(?P<logger>wsgi):(?P<level>{LOWER_LEVELS})\]{_REST}"),
        wraps=Wraps.RECORDS,
        starts="[",
    ),
    LineFormat(
        APACHE,
        re.compile(rf"{_TIME}\[(?:(?!wsgi:)(?P<logger>[\w-]*):)?(?P<level>{LOWER_LEVELS}|trace\d)\]{_REST}"),
        starts="[",
    ),
    LineFormat(
        NGINX,
        re.compile(
            r"(?P<time>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) "
            rf"\[(?P<level>{LOWER_LEVELS})\] (?P<process>\d+)#(?P<thread>\d+): (?:\*\d+ )?(?P<message>.*)"
        ),
        starts=digits,
    ),
)
