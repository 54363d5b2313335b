"""Access logs of web servers: no errors in themselves, but they stand between the records of a service.

::

    192.0.2.7 - - [01/May/2024:12:00:00 +0000] "GET /cart HTTP/1.1" 500 145
    [01/May/2024 12:00:00] "GET /cart HTTP/1.1" 500 145
    [pid: 7|app: 0|req: 1/1] 192.0.2.7 () {40 vars in 600 bytes} [Wed May  1 12:00:00 2024] GET /cart => generated ...
"""

from __future__ import annotations

import re
from string import ascii_letters, digits

from policy_engine.simulate.formats.line_format import LineFormat

NAME = "access-log"

_TIME = r"\[(?P<time>\d\d/[A-Z][a-z]{2}/\d{4}[: ]\d\d:\d\d:\d\d(?:\.\d+)?(?: [+-]\d{4})?)\]"

FORMATS = (
    LineFormat(
        NAME,
        re.compile(rf'(?P<host>[\w.:%-]{{1,255}}+) (?:\S{{1,128}}+ ){{1,3}}{_TIME} (?P<level>)(?P<message>".*)'),
        starts=ascii_letters + digits + ":-",
        alone=True,
    ),
    LineFormat(NAME, re.compile(rf'{_TIME} (?P<level>)(?P<message>"[A-Z]{{3,8}} .*)'), starts="[", alone=True),
    LineFormat(
        NAME,
        re.compile(r"\[pid: (?P<process>\d+)\|app: [^|]{0,40}\|req: [^\]]{0,40}\] (?P<level>)(?P<message>.*)"),
        starts="[",
        alone=True,
    ),
)
