"""syslog lines: RFC 3164 and 5424, what rsyslog and `journalctl` write to files, with or without a priority.

::

    <11>May  1 12:00:00 web1 shop[4711]: cannot reach the database
    <11>1 2024-05-01T12:00:00.123Z web1 shop 4711 ID47 - cannot reach the database
    May  1 12:00:00 web1 shop[4711]: ERROR:shop.db:cannot reach the database
    2024-05-01T12:00:00.123456+00:00 app[web.1]: ERROR:shop.db:cannot reach the database

Most files have no priority: then the level is what a process writes itself. Line feeds that rsyslog escaped are put
back, and what Swift puts before lines that it caught on their way to standard error is left out.
"""

from __future__ import annotations

import re
from string import digits

from policy_engine.simulate.formats.line_format import LineFormat, Match, Parts, Wraps

NAME = "syslog"

SERIOUS_PRIORITIES = frozenset(str(priority) for priority in range(192) if priority & 7 <= 3)
"""Priorities (RFC 5424, 6.2.1) whose severity is error or worse."""

_PRIORITY = r"(?:<(?P<level>\d{1,3})>)?"
_CLOCK = r"\d\d:\d\d:\d\d(?:\.\d+)?"
_OLD_TIME = rf"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d(?: \d{{4}})? {_CLOCK}"
_NEW_TIME = rf"\d{{4}}-\d\d-\d\dT{_CLOCK}(?:Z|[+-]\d\d:?\d\d)"
_TAG_AND_PROCESS = r"(?P<logger>[^\s:\[]{1,128})\[(?P<process>[\w.-]+)\]: ?"
_TAG = (
    r"(?:(?P<logger>[^\s:\[]{1,128}(?: [\d.]+)?)(?:\[(?P<process>\d+)\])?"
    r"(?: \([^)]{0,200}\)(?:\[\d+\])?)?: ?(?:STDERR: )?)"
)
_DATA = r"(?:-|(?:\[(?:[^\]\\]|\\.)*\])+)"


def _split(match: Match) -> Parts:
    return Parts(
        message=(match["message"] or "").lstrip("\ufeff").replace("#012", "\n").replace("#011", "\t"),
        time=match["time"] or "",
        level=match["level"] or "",
        logger=_given(match["logger"]),
        host=_given(match["host"]),
        process=_given(match["process"]),
    )


def _given(text: str | None) -> str:
    """RFC 5424 writes "-" for what is not known."""
    return "" if text is None or text == "-" else text


FORMATS = (
    LineFormat(
        NAME,
        re.compile(
            r"(?:\d+ )?<(?P<level>\d{1,3})>\d{1,2} (?P<time>\S+) (?P<host>\S+) (?P<logger>\S+) (?P<process>\S+) \S+ "
            rf"{_DATA}(?: (?P<message>.*)|\Z)"
        ),
        _split,
        Wraps.RECORDS,
        SERIOUS_PRIORITIES,
        "<" + digits,
    ),
    *(
        LineFormat(NAME, re.compile(_PRIORITY + rest), _split, Wraps.RECORDS, SERIOUS_PRIORITIES, "<JFMASOND" + digits)
        for rest in (
            # Without a host.
            rf"(?P<time>{_OLD_TIME}|{_NEW_TIME}) (?P<host>){_TAG_AND_PROCESS}(?P<message>.*)",
            rf"(?P<time>{_OLD_TIME}) (?P<host>\S+) {_TAG}?(?P<message>.*)",
            # A time of this form begins so many other logs that a host alone is too little.
            rf"(?P<time>{_NEW_TIME}) (?P<host>\S*[^\s:]) {_TAG}(?P<message>.*)",
        )
    ),
)
