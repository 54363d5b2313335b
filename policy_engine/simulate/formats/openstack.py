"""OpenStack's services (oslo.log): the prefix on every line of a traceback, mostly without the request of its record.

::

    2018-09-13 11:57:59.033 6368 ERROR neutron.agent.l3.router_info [-] Exit code: 2; Stdin: ; Stdout:
    2018-09-13 11:57:59.033 6368 ERROR neutron.agent.l3.router_info Traceback (most recent call last):

Logs that were put together have the name of each line's file before it.
"""

from __future__ import annotations

import re
from string import digits

from policy_engine.simulate.formats.levels import UPPER_LEVELS
from policy_engine.simulate.formats.line_format import LineFormat

NAME = "openstack"

_LINE = (
    r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) (?P<process>\d+) "
    rf"(?P<level>{UPPER_LEVELS}) (?P<logger>[\w.-]+)(?: (?P<begins>\[(?P<request>(?:None )?req-[^\]]*|-)\]))?"
    r"(?: \[instance: [^\]]*\])?(?: (?P<message>.*)|\Z)"
)

FORMATS = (
    LineFormat(NAME, re.compile(_LINE), starts=digits),
    LineFormat(NAME, re.compile(r"\S{1,200}\.log\S{0,100} " + _LINE)),
)
