"""OpenStack's services (oslo.log): the prefix on every line of a traceback, mostly without the request of its record.

::

    2018-09-13 11:57:59.033 6368 ERROR neutron.agent.l3.router_info [-] Exit code: 2; Stdin: ; Stdout:
    2018-09-13 11:57:59.033 6368 ERROR neutron.agent.l3.router_info Traceback (most recent call last):

Logs that were put together have the name of each line's file before it. Under systemd the time and the process are left
to the journal.
"""

from __future__ import annotations

import re
from string import digits

from policy_engine.simulate.formats.levels import UPPER_LEVELS
from policy_engine.simulate.formats.line_format import LineFormat

NAME = "openstack"

_BEGINS = r"(?P<begins>\[(?P<request>(?:None )?req-[^\]]*|-)\])"
_TEXT = r"(?: \[instance: [^\]]*\])?(?: (?P<message>.*)|\Z)"
_LINE = (
    r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) (?P<process>\d+) "
    rf"(?P<level>{UPPER_LEVELS}) (?P<logger>[\w.-]+)(?: {_BEGINS})?{_TEXT}"
)
_INITIALS = "".join(sorted({level[0] for level in UPPER_LEVELS.split("|")}))
# Without a request it takes what a line of a traceback has, to tell such a line from any text.
_UNDATED = (
    rf"(?P<level>{UPPER_LEVELS}) (?P<logger>[a-z_][\w-]*+(?P<dotted>\.[\w.-]++)?)"
    rf"(?: {_BEGINS}|(?= (?:\[instance: |Traceback \(most |  |[\w.]*[A-Z]\w*(?:: |\Z)|\Z))|(?(dotted)(?=\Z)|(?!)))"
    rf"{_TEXT}"
)

FORMATS = (
    LineFormat(NAME, re.compile(_LINE), starts=digits),
    LineFormat(NAME, re.compile(r"\S{1,200}\.log\S{0,100} " + _LINE)),
    LineFormat(NAME, re.compile(_UNDATED), starts=_INITIALS),
)
